#include <cstdio>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "cli/asking.h"
#include "cli/commands.h"
#include "cli/doctor_text.h"
#include "cli/messages.h"
#include "cli/screen.h"
#include "cli/session.h"

namespace gend::cli {

namespace {

// For the query of a URL (RFC 3986, 2.1).
std::string encoded(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    safe += plain ? std::string{c} : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return safe;
}

std::string path_of(const WishOptions& wish) {
  std::string path = "/v1/host";
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty())
      path += (path.find('?') == path.npos ? "?" : "&") + std::string{name} + "=" + encoded(value);
  };
  add("connections", wish.connections ? std::to_string(*wish.connections) : "");
  add("rate", wish.rate);
  add("target", wish.target);
  return path;
}

}  // namespace

int examine_host(const Options& options) {
  const auto session = Session::with_any(options, Session::Announce::kNo);
  if (!session) return complain(session.error());
  if (!session->is_private() && (options.shards || !options.uring_profile.empty()))
    return complain(Error{"--shards and --uring-profile are for a private gend",
                          "set them in the daemon's configuration", ExitCode::kUsage});
  const Answer answer = ask(session->client(), path_of(options.wish));
  if (!answer.json) return answer.code;
  const std::string state = text_of(*answer.json, "state");
  if (state.empty()) return complain(strange_answer("/v1/host"));
  const auto whose = session->is_private() ? Whose::kPrivate : Whose::kDaemon;
  const std::string shown =
      options.json ? answer.body : doctor_text(*answer.json, whose, screen_of_stdout().text);
  std::fputs(shown.c_str(), stdout);
  return std::to_underlying(state == "problem" ? ExitCode::kHostCannotCarry : ExitCode::kPass);
}

}  // namespace gend::cli
