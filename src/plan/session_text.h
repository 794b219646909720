#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/http_text.h"
#include "plan/session.h"
#include "plan/steps.h"

// What a plan's text says of the messages of a session. `session` is the one that a step belongs
// to: a place among those around it, the outermost first.
namespace gend::plan {

// What is asked of a message: of `receive`, of an acknowledgement.
struct AnswerText {
  std::vector<CaptureText> captures;
  std::vector<CheckText> checks, expects;
  bool has_expect = false;
};

struct ReplyText {
  Reply reply;
  std::string pattern;  // of `reply.key`: Part::kRegex
};

struct SendText {
  std::size_t session = 0;
  Message message;
  std::optional<ReplyText> reply;
};

struct AckText {
  Ack ack;
  AnswerText answer;
};

struct EmitText {
  std::size_t session = 0;
  Emit emit;  // but its ack
  std::optional<AckText> ack;
};

struct ReceiveText {
  std::size_t session = 0;
  std::optional<std::string> event;
  std::vector<CheckText> match;
  Duration timeout{std::chrono::seconds{10}};
  AnswerText answer;
};

struct ListenText {
  std::size_t session = 0;
  Place place;
  Listen listen;            // without a room: that of the session
  std::string room_source;  // as written
};

struct CloseText {
  std::size_t session = 0;
  Close close;
};

// `ping` and `echo`.
struct UseText {
  StepKind kind = StepKind::kPing;
  std::size_t session = 0;
};

}  // namespace gend::plan
