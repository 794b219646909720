#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "http/response_parser.h"
#include "plan/http_request.h"
#include "plan/values.h"

namespace gend::engine {

// What one request under way needs beyond its user: the bytes it sends, what is kept of its
// response, where a redirect has led it. Users that think or wait hold none.
struct Exchange {
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

// Exchanges are reused, so that a steady state allocates nothing. As many as requests were ever
// under way at once.
class Exchanges {
 public:
  Exchange* take() {
    if (free_.empty()) {
      all_.push_back(std::make_unique<Exchange>());
      free_.reserve(all_.size());
      free_.push_back(all_.back().get());
    }
    Exchange* exchange = free_.back();
    free_.pop_back();
    exchange->begin();
    return exchange;
  }
  void put(Exchange* exchange) { free_.push_back(exchange); }

 private:
  std::vector<std::unique_ptr<Exchange>> all_;
  std::vector<Exchange*> free_;
};

}  // namespace gend::engine
