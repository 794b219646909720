#pragma once

#include <string>
#include <vector>

#include "plan/profile.h"
#include "plan/program.h"
#include "plan/reporter.h"

namespace gend::plan {

// Where a request goes: an endpoint and what stands before its path.
struct Base {
  std::uint16_t endpoint = 0;
  std::string path;  // of the target's URL, without a slash at its end; "" for the root
};

// Turns requests as the plan says them into requests ready to send, and gathers their endpoints.
class RequestCompiler {
 public:
  RequestCompiler(const Profile& profile, Reporter& reporter);

  // Everything but the series. Complaints go to the reporter; the result is usable without any.
  HttpRequest compile(const HttpText& text);

  std::vector<Endpoint> take_endpoints() { return std::move(endpoints_); }

 private:
  void read_target();
  std::optional<std::uint16_t> endpoint_of(std::string_view url, Place place, std::string& path);
  bool place_request(const HttpText& text, Template& target, HttpRequest& request);
  bool place_absolute(const HttpText& text, Template& target, HttpRequest& request);
  void render(const HttpText& text, const Template& target, HttpRequest& request);

  const Profile& profile_;
  Reporter& reporter_;
  std::vector<Endpoint> endpoints_;
  std::optional<Base> base_;
  bool missing_target_complained_ = false;
};

Timeouts merged(const TimeoutText& step, const TimeoutText& defaults);

}  // namespace gend::plan
