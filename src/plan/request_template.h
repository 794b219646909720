#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/profile.h"
#include "plan/program.h"

namespace gend::plan {

struct TemplateField {
  std::string name;
  Template value;
};

// A request whose parts may hold expressions.
struct RequestTemplate {
  std::string_view method;
  Template target;  // encoded
  std::string authority;
  std::vector<TemplateField> fields;
  std::optional<Template> body;
  bool keep_alive = true;
};

// Defaults, replaced by the step's headers of the same name, and the content type of JSON bodies.
std::vector<TemplateField> merged_fields(const std::vector<HeaderText>& defaults,
                                         const HttpText& step);

// Fills `wire` of a fixed request, else `head` and `body`, and `lifetime` and `has_body`. What is
// wrong, in plain words; empty when nothing is.
std::optional<std::string> render_parts(const RequestTemplate& parts, HttpRequest& request);

}  // namespace gend::plan
