#pragma once

#include <string>
#include <vector>

#include "plan/profile.h"
#include "plan/program.h"
#include "plan/reporter.h"
#include "plan/request_template.h"

namespace gend::plan {

// Where a request goes: an endpoint and what stands before its path.
struct Base {
  std::uint16_t endpoint = 0;
  std::string path;  // of the target's URL, without a slash at its end; "" for the root
};

// Turns requests as the plan says them into requests ready to send. Their endpoints, patterns,
// credentials and variables go into the program.
class RequestCompiler {
 public:
  RequestCompiler(const Profile& profile, Program& program, Reporter& reporter);

  // Everything but the series. Complaints go to the reporter; the result is usable without any.
  HttpRequest compile(const HttpText& text);

  // What belongs to no request: servers that only redirects lead to, and TLS. Comes last.
  void finish();

 private:
  void read_target();
  std::optional<std::uint16_t> endpoint_of(std::string_view url, Place place, std::string& path);
  bool place_request(const HttpText& text, Template& target, HttpRequest& request);
  bool place_absolute(const HttpText& text, Template& target, HttpRequest& request);
  bool place_at_target(const HttpText& text, HttpRequest& request);
  std::vector<TemplateField> fields_of(const HttpText& text);
  void add_auth(const HttpText& text, std::vector<TemplateField>& fields);
  void check_retry(const HttpText& text, const Retry& retry);
  void render(const HttpText& text, const Template& target, HttpRequest& request);

  const Profile& profile_;
  Program& program_;
  Reporter& reporter_;
  std::optional<Base> base_;
  bool missing_target_complained_ = false;
};

// Bytes that a piece becomes when it is rendered, about.
std::size_t expected_size(const Piece& piece);

Timeouts merged(const TimeoutText& step, const TimeoutText& defaults);
Retry merged(const RetryText& step, const RetryText& defaults);

// compile_inspect.cc: captures, checks and expectations, and what they need of a response.
void add_inspections(const HttpText& text, HttpRequest& request, Program& program);
Check check_of(const CheckText& text, Program& program);
Capture capture_of(const CaptureText& text, Program& program);
// With the pattern that a kRegex looks for.
Extraction extraction_of(Extraction from, const std::string& pattern, Program& program);
// The slot of a user's value; made when the program has none of that name.
std::uint32_t slot_of(const std::string& name, Program& program);

// compile_auth.cc: the value of the Authorization header.
Template authorization_of(const AuthText& auth, Program& program);

}  // namespace gend::plan
