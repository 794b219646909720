// WebSocket and Socket.IO sessions: how they came about, what was said in them, how they ended.
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "report/json_read.h"
#include "report/text_blocks.h"
#include "stats/words.h"

namespace gend::report {
namespace {

using stats::grouped;
using stats::milliseconds_text;

constexpr std::size_t kNumber = 8;
constexpr std::array<std::string_view, 8> kColumns{"opened", "failed", "early", "again",
                                                   "out",    "in",     "p(95)", "ping"};

// A sum over the steps.
std::uint64_t sum_of(const Json& sessions, std::string_view key) {
  std::uint64_t sum = 0;
  for (const auto& session : sessions) sum += count(at(session, key));
  return sum;
}

double rate_of(const Json& sessions, std::string_view key) {
  double sum = 0;
  for (const auto& session : sessions) sum += number(at(session, key));
  return sum;
}

void write_counts(Page& page, const Json& sessions) {
  std::string words = fmt::format("{} opened", grouped(sum_of(sessions, "opened")));
  if (const auto open = sum_of(sessions, "open"); open > 0)
    words += fmt::format(", {} open", grouped(open));
  const auto failed = sum_of(sessions, "connect_failed"), early = sum_of(sessions, "ended_early");
  words += fmt::format("; {} failed to connect, {} ended early, {} reconnected",
                       grouped(failed), grouped(early), grouped(sum_of(sessions, "reconnects")));
  if (failed + early > 0) page.prose(words, Paint::kBad);
  else page.prose(words);
  const auto also = [&](std::string_view key, std::string_view meaning) {
    if (const auto n = sum_of(sessions, key); n > 0)
      page.prose(fmt::format("{} {}", grouped(n), meaning), Paint::kWarning);
  };
  also("disconnected", "disconnected by the server (Socket.IO)");
  also("ping_missed", "pings of Socket.IO servers came too late");
  also("unasked", "acknowledgements or replies answer nothing, or came too late");
}

void write_messages(Page& page, const Json& sessions) {
  page.dotted("messages out", fmt::format("{}  {}",
                                          left(grouped(sum_of(sessions, "messages_sent")), 12),
                                          rate_text(rate_of(sessions, "sent_per_s"))));
  page.dotted("messages in", fmt::format("{}  {}",
                                         left(grouped(sum_of(sessions, "messages_received")), 12),
                                         rate_text(rate_of(sessions, "received_per_s"))));
}

// Of all steps together.
void write_all_times(Page& page, const Json& metrics) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kTimes{{
      {"ws_connecting", "connecting, WebSocket"},
      {"sio_connecting", "connecting, Socket.IO"},
      {"sio_upgrade", "upgrade to WebSocket"},
      {"ws_msg_duration", "answers to messages"},
      {"sio_ack", "acknowledgements"},
      {"ws_ping", "ping"},
      {"ws_session_duration", "lasted"},
  }};
  for (const auto& [metric, label] : kTimes)
    write_times(page, label, at(metrics, {metric, "values"}));
}

std::string cell_of(const Json& session, std::string_view column) {
  const auto counts = [&](std::string_view key) {
    const std::uint64_t n = count(at(session, key));
    return n < 1'000'000 ? grouped(n) : stats::count_text(static_cast<double>(n));
  };
  const auto p95 = [&](std::string_view key) -> std::string {
    const Json& trend = at(session, key);
    if (count(at(trend, "count")) == 0) return "-";
    return milliseconds_text(number(at(trend, "p(95)")));
  };
  if (column == "opened") return counts("opened");
  if (column == "failed") return counts("connect_failed");
  if (column == "early") return counts("ended_early");
  if (column == "again") return counts("reconnects");
  if (column == "out") return rate_text(number(at(session, "sent_per_s")));
  if (column == "in") return rate_text(number(at(session, "received_per_s")));
  return p95(column == "ping" ? "ping" : "connecting");
}

void write_row(Page& page, const Json& session, std::string_view label) {
  const std::size_t width = page.inner() - kNumber * kColumns.size();
  std::string line = left(shortened(label, width - 1), width);
  for (const auto column : kColumns) line += right(cell_of(session, column), kNumber);
  const bool bad =
      count(at(session, "connect_failed")) + count(at(session, "ended_early")) > 0;
  page.line(bad ? page.paint(line, Paint::kBad) : line);
}

// One row each, its scenario before the name when there are several.
void write_steps_of(Page& page, const Json& sessions) {
  std::set<std::string> scenarios;
  for (const auto& session : sessions) scenarios.insert(text(at(session, "scenario")));
  page.gap();
  std::string head(page.inner() - kNumber * kColumns.size(), ' ');
  for (const auto column : kColumns) head += right(column, kNumber);
  page.line(page.paint(head, Paint::kFaint));
  for (const auto& session : sessions) {
    std::string label = escaped(text(at(session, "name")));
    if (scenarios.size() > 1) label = escaped(text(at(session, "scenario"))) + " " + label;
    write_row(page, session, label);
  }
  page.line(page.paint("p(95) of connecting and of ping; failed to connect, ended early, "
                       "reconnected",
                       Paint::kFaint));
}

}  // namespace

void write_sessions(Page& page, const Json& summary) {
  const Json& sessions = at(summary, "sessions");
  if (!sessions.is_array() || sessions.empty()) return;
  std::set<std::string> protocols;
  for (const auto& session : sessions) protocols.insert(text(at(session, "protocol")));
  std::string kinds;
  for (const auto& [protocol, words] : {std::pair{"websocket", "WebSocket"},
                                        std::pair{"socket.io", "Socket.IO"}})
    if (protocols.contains(protocol))
      kinds.append(kinds.empty() ? "" : " and ").append(words);
  page.heading("SESSIONS", kinds);
  write_counts(page, sessions);
  write_messages(page, sessions);
  write_all_times(page, at(summary, "metrics"));
  if (sessions.size() > 1) write_steps_of(page, sessions);
}

}  // namespace gend::report
