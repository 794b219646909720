#include "engine/sample.h"

#include <algorithm>
#include <string_view>

namespace gend::engine {
namespace {

Duration between(TimePoint from, TimePoint to) {
  if (from == kNever || to == kNever) return Duration::zero();
  return std::max(to - from, Duration::zero());
}

// "GET /path" of "GET /path HTTP/1.1".
std::string_view first_words(std::string_view bytes) {
  return bytes.substr(0, bytes.find(' ', bytes.find(' ') + 1));
}

// The value of a header line that gend itself wrote: lower case, one blank.
std::string_view sent_header(std::string_view bytes, std::string_view line_start) {
  const std::string_view head = bytes.substr(0, bytes.find("\r\n\r\n"));
  const std::size_t at = head.find(line_start);
  if (at == head.npos) return {};
  const std::string_view rest = head.substr(at + line_start.size());
  return rest.substr(0, rest.find("\r\n"));
}

}  // namespace

stats::Sample make_sample(const Vu& vu, const Vu& user, const plan::HttpRequest& request,
                          const Ending& ending) {
  const RequestTimes& t = vu.exchange->times;
  const Exchange& exchange = *vu.exchange;
  stats::Sample sample;
  sample.scenario = vu.scenario;
  sample.attempt = static_cast<std::uint16_t>(vu.attempt + 1);
  sample.user = static_cast<std::uint32_t>(user.number + 1);
  sample.iteration = user.iteration;
  sample.status = static_cast<std::uint16_t>(ending.status);
  sample.outcome = ending.outcome;
  const TimePoint tcp_connected = std::min(t.tcp_connected, t.connected);
  const TimePoint taken = std::min({t.taken, t.first_byte, t.done});
  const TimePoint first_byte = std::min(t.first_byte, t.done);
  sample.connecting = between(t.connect_submitted, tcp_connected);
  sample.tls = between(tcp_connected, t.connected);
  sample.blocked = between(t.begun, t.sent) - sample.connecting - sample.tls;
  sample.sending = between(t.sent, taken);
  if (t.sent != kNever) {
    sample.waiting = between(taken, first_byte);
    sample.receiving = between(first_byte, t.done);
  }
  sample.service = between(t.sent, t.done);
  sample.response = between(t.intended, t.done);
  const std::string_view sent =
      exchange.rendered.size() > 0 ? exchange.rendered.view() : std::string_view{request.wire};
  sample.target.append(first_words(sent));
  sample.traceparent.append(sent_header(sent, "\r\ntraceparent: "));
  sample.request_id.append(exchange.kept.request_id.empty()
                               ? sent_header(sent, "\r\nx-request-id: ")
                               : std::string_view{exchange.kept.request_id});
  sample.body.append(request.reads_body ? exchange.kept.body : exchange.kept.excerpt);
  return sample;
}

}  // namespace gend::engine
