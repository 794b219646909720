#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "http/response_parser.h"
#include "target/opening.h"

namespace gend::target {

// One whole request of the demo application, as it came; valid during the handler's call.
struct Request {
  std::string_view method{};
  std::string_view path{};   // as received: percent-encoded, without the query
  std::string_view query{};  // without '?'
  const http::Kept* kept = nullptr;
  TimePoint now{};           // when it was received
  std::int64_t unix_ms = 0;  // the same on the wall clock

  std::string_view header(std::string_view lower_case_name) const {
    return http::find_header(*kept, lower_case_name);
  }
  std::string_view body() const { return kept->body; }
};

// What happens to a request instead of an answer.
enum class Fault : std::uint8_t { kNone, kClose, kReset, kHang };

struct Response {
  int status = 200;
  std::string_view type = "application/json";
  std::string headers{};  // further lines: "Name: value\r\n"
  std::string body{};
  Duration delay{};
  Fault fault = Fault::kNone;
  Opening opening{};  // with status 101

  void clear() {
    status = 200;
    type = "application/json";
    headers.clear();
    body.clear();
    delay = {};
    fault = Fault::kNone;
    opening = {};
  }
  void add_header(std::string_view name, std::string_view value) {
    headers.append(name).append(": ").append(value).append("\r\n");
  }
};

}  // namespace gend::target
