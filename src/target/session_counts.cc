#include "target/session_counts.h"

#include <fmt/format.h>

namespace gend::target {
namespace {

struct Field {
  const char* name;
  SessionCounts::Number SessionCounts::* value;
};
constexpr Field kFields[] = {
    {"messages_in", &SessionCounts::messages_in},
    {"messages_out", &SessionCounts::messages_out},
    {"pings_in", &SessionCounts::pings_in},
    {"pings_out", &SessionCounts::pings_out},
    {"pongs_in", &SessionCounts::pongs_in},
    {"pongs_out", &SessionCounts::pongs_out},
    {"sio_pings", &SessionCounts::sio_pings},
    {"sio_pongs", &SessionCounts::sio_pongs},
    {"connects", &SessionCounts::connects},
    {"connect_errors", &SessionCounts::connect_errors},
    {"polls", &SessionCounts::polls},
    {"posts", &SessionCounts::posts},
    {"upgrades", &SessionCounts::upgrades},
    {"ping_timeouts", &SessionCounts::ping_timeouts},
    {"slow", &SessionCounts::slow},
};

}  // namespace

SessionTruth::SessionTruth(unsigned threads) {
  for (unsigned i = 0; i < threads; ++i) counts_.push_back(std::make_unique<SessionCounts>());
}

std::string SessionTruth::json() const {
  const auto sum = [&](SessionCounts::Number SessionCounts::* field) {
    std::uint64_t total = 0;
    for (const auto& each : counts_) total += (*each.*field).load(std::memory_order_relaxed);
    return total;
  };
  std::int64_t websockets = 0, socketio = 0;
  for (const auto& each : counts_) {
    websockets += each->websockets_open.load();
    socketio += each->socketio_open.load();
  }
  std::string text = fmt::format(
      R"(,"sessions":{{"websocket":{{"opened":{},"open":{}}},"socketio":{{"opened":{},"open":{}}})",
      sum(&SessionCounts::websockets), websockets, sum(&SessionCounts::socketio), socketio);
  for (const Field& field : kFields)
    text += fmt::format(",\"{}\":{}", field.name, sum(field.value));
  text += ",\"closed\":{";
  const char* separator = "";
  for (std::size_t code = 0; code < SessionCounts::kCodes; ++code) {
    std::uint64_t count = 0;
    for (const auto& each : counts_) count += each->closed[code].load(std::memory_order_relaxed);
    if (count == 0) continue;
    text += fmt::format("{}\"{}\":{}", separator, code, count);
    separator = ",";
  }
  return text + "}}";
}

void SessionTruth::clear_counts() {
  for (auto& each : counts_) {
    for (const Field& field : kFields) (*each.*field.value).store(0);
    each->websockets.store(0);
    each->socketio.store(0);
    for (auto& code : each->closed) code.store(0, std::memory_order_relaxed);
  }
}

}  // namespace gend::target
