#include <fmt/format.h>

#include "base/assert.h"
#include "plan/explain_parts.h"
#include "plan/join.h"
#include "plan/units.h"

namespace gend::plan {

namespace {

std::string number_of(double number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

// A message's length where it is fixed, else about what it becomes.
std::string show_payload(const Template& payload) {
  std::size_t literal = 0;
  bool stamped = false, others = false;
  for (const Piece& piece : payload.pieces) {
    literal += piece.text.size();
    stamped |= piece.source == Source::kStamp;
    others |= piece.source != Source::kLiteral && piece.source != Source::kStamp;
  }
  std::string out = show_bytes(static_cast<double>(literal));
  if (others) out += " + values";
  if (stamped) out += " + stamp";
  return out;
}

// Rooms as they were written: names of what is filled in, never its values.
std::string show_template(const Program& program, const Template& text) {
  std::string out;
  for (const Piece& piece : text.pieces) {
    const auto index = static_cast<std::size_t>(piece.a);
    switch (piece.source) {
      case Source::kLiteral: out += piece.text; break;
      case Source::kVariable: out += fmt::format("${{{}}}", program.values[index].name); break;
      case Source::kColumn: {
        const DataSet& set = program.data[index];
        const std::string& column = set.table->columns()[static_cast<std::size_t>(piece.b)];
        out += column.empty() ? fmt::format("${{{}}}", set.name)
                              : fmt::format("${{{}.{}}}", set.name, column);
        break;
      }
      case Source::kVu: out += "${vu}"; break;
      case Source::kIteration: out += "${iteration}"; break;
      case Source::kUuid:
      case Source::kRandomInt:
      case Source::kRandomString:
      case Source::kNow:
      case Source::kTimestamp:
      case Source::kCredential:
      case Source::kStamp:
      case Source::kTraceparent: out += "${…}"; break;
    }
  }
  return clean(out);
}

std::string_view show_transports(Transports transports) {
  switch (transports) {
    case Transports::kWebSocket: return "websocket";
    case Transports::kPolling: return "polling";
    case Transports::kUpgrade: return "polling, then websocket";
  }
  GEND_ASSERT(!"transports have words");
}

void add_inspections(const std::vector<Check>& checks, const std::vector<Check>& expects,
                     const std::vector<Capture>& captures, std::vector<std::string>& into) {
  for (const Check& check : checks) into.push_back("check " + clean(check.name));
  for (const Check& check : expects) into.push_back("expect " + clean(check.name));
  for (const Capture& capture : captures) into.push_back("capture " + clean(capture.name));
}

StepWords words_of(const Program& program, const Session& session) {
  StepWords words;
  const bool is_ws = session.kind == SessionKind::kWebSocket;
  words.title = fmt::format("{} {}", is_ws ? "websocket" : "socketio",
                            clean(session.request.name));
  if (program.endpoints.size() > 1)
    words.title += fmt::format("  at {}", program.endpoints[session.request.endpoint].authority);
  if (!is_ws) {
    words.title += fmt::format("  namespace {}  {}", clean(session.name_space),
                               show_transports(session.transports));
  }
  if (!session.subprotocols.empty())
    words.title += fmt::format("  subprotocols {}", joined(session.subprotocols));
  if (session.deflate) words.title += "  compressed";
  if (session.fixed_mask) words.title += "  one mask for all frames";
  if (!session.validates_utf8) words.title += "  UTF-8 is not looked at";
  if (session.reconnect.max > 0)
    words.title += fmt::format("  reconnect {}x", session.reconnect.max);
  if (session.inflight > 0) words.title += fmt::format("  {} in flight", session.inflight);
  if (session.ping_every > Duration{})
    words.title += fmt::format("  ping every {}", show_duration(session.ping_every));
  if (session.idle > Duration{})
    words.title += fmt::format("  idle at most {}", show_duration(session.idle));
  add_inspections(session.request.checks, session.request.expects, session.request.captures,
                  words.details);
  if (session.request.stops_on_failure)
    words.details.emplace_back("a handshake that fails ends the iteration");
  return words;
}

StepWords words_of(const Program& program, const Send& send) {
  StepWords words{fmt::format("send {} {}", send.message.binary ? "binary" : "text",
                              show_payload(send.message.payload)),
                  {}};
  if (send.message.room)
    words.title += fmt::format(" to room {}", show_template(program, *send.message.room));
  if (send.reply)
    words.title += fmt::format(", reply within {}", show_duration(send.reply->timeout));
  return words;
}

StepWords words_of(const Program& program, const Emit& emit) {
  StepWords words{fmt::format("emit {} {}", clean(emit.event), show_payload(emit.message.payload)),
                  {}};
  if (!emit.attachments.empty())
    words.title += fmt::format(" + {}", number_of(static_cast<double>(emit.attachments.size()),
                                                  "attachment"));
  if (emit.message.room)
    words.title += fmt::format(" to room {}", show_template(program, *emit.message.room));
  if (!emit.ack) return words;
  words.title += fmt::format(", ack within {}{}", show_duration(emit.ack->timeout),
                             emit.ack->waits ? "" : " (not waited for)");
  add_inspections(emit.ack->checks, emit.ack->expects, emit.ack->captures, words.details);
  if (emit.ack->stops_on_failure) words.details.emplace_back("a failure ends the iteration");
  return words;
}

StepWords words_of(const Receive& receive) {
  StepWords words{"receive", {}};
  if (receive.match.event) words.title += " " + clean(*receive.match.event);
  std::vector<std::string> names;
  for (const Check& check : receive.match.all) names.push_back(clean(check.name));
  if (!names.empty()) words.title += " " + joined(names, " and ");
  words.title += fmt::format(" within {}", show_duration(receive.timeout));
  add_inspections(receive.checks, receive.expects, receive.captures, words.details);
  if (receive.stops_on_failure) words.details.emplace_back("a failure ends the iteration");
  return words;
}

StepWords words_of(const Program& program, const Listen& listen) {
  StepWords words{"listen", {}};
  if (listen.event) words.title += " to " + clean(*listen.event);
  words.title += fmt::format(" in room {}", show_template(program, listen.room));
  if (listen.rooms.size() > 1) words.title += fmt::format(" ({} rooms)", listen.rooms.size());
  if (!listen.own) words.title += ", but for what it sends itself";
  words.details.push_back(
      fmt::format("late after {}, lost {} after the end{}", show_duration(listen.late),
                  show_duration(listen.drain),
                  listen.sequence ? ", numbered by the server" : ""));
  return words;
}

}  // namespace

StepWords session_words(const Program& program, const Step& step) {
  switch (step.kind) {
    case StepKind::kSessionOpen: return words_of(program, program.sessions[step.body]);
    case StepKind::kSend: return words_of(program, program.sends[step.body]);
    case StepKind::kEmit: return words_of(program, program.emits[step.body]);
    case StepKind::kReceive: return words_of(program.receives[step.body]);
    case StepKind::kListen: return words_of(program, program.listens[step.body]);
    case StepKind::kPing: return {"ping", {}};
    case StepKind::kEcho: return {"echo until the peer closes", {}};
    case StepKind::kClose: return {fmt::format("close {}", program.closes[step.body].code), {}};
    case StepKind::kSessionEnd:
    case StepKind::kHttp:
    case StepKind::kThink:
    case StepKind::kPace:
    case StepKind::kSpread:
    case StepKind::kBranch:
    case StepKind::kOnce:
    case StepKind::kLoopEnter:
    case StepKind::kLoopNext:
    case StepKind::kPick:
    case StepKind::kGroupEnter:
    case StepKind::kGroupLeave:
    case StepKind::kBurst:
    case StepKind::kBurstEnd:
    case StepKind::kSet:
    case StepKind::kMetric:
    case StepKind::kFail:
    case StepKind::kAbort:
    case StepKind::kEnd: break;
  }
  GEND_ASSERT(!"a step of a session");
}

}  // namespace gend::plan
