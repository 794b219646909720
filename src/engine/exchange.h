#pragma once

#include <cstdint>
#include <string>

#include "engine/record.h"
#include "http/response_parser.h"
#include "plan/http_request.h"
#include "plan/values.h"

namespace gend::engine {

// What one request under way needs beyond its user: its stamps, the bytes it sends, what is kept of
// its response, where a redirect has led it. Users that think or wait hold none.
struct Exchange {
  RequestTimes times;
  TimePoint total_deadline = kNever;
  http::ResponseParser parser;
  plan::TextBuffer rendered;  // lives until the send has ended
  http::Kept kept;
  std::string cookie;  // the value of the Cookie header, scratch
  std::string url;     // path and query of a redirected request
  plan::Method method = plan::Method::kGet;
  bool redirected = false;
  bool sends_body = true;         // of a redirected request
  bool sends_credentials = true;  // false for good once it has left its origin

  void begin() {
    rendered.clear();
    kept.clear();
    redirected = false;
    sends_body = sends_credentials = true;
  }
};

}  // namespace gend::engine
