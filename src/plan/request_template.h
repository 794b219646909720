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
  Template target;  // encoded; begins with / or with a value of the user's own
  std::string authority;
  std::vector<TemplateField> fields;
  std::optional<Template> body;
  bool keep_alive = true;
};

bool has_field(const std::vector<TemplateField>& fields, std::string_view lower_case_name);
// Appends, or replaces the one of the same name, whatever its capitals.
void put_field(std::vector<TemplateField>& fields, TemplateField field);

// Fills `wire` of a fixed request, else `head` and `body`, and `lifetime` and `has_body`. What is
// wrong, in plain words; empty when nothing is.
std::optional<std::string> render_parts(const RequestTemplate& parts, HttpRequest& request);

// Fills what a redirect composes the request from anew: `fields`, `credentials`, `body_fields` and
// `redirect_body`. For parts that render_parts() has found right.
void split_for_redirects(const RequestTemplate& parts, HttpRequest& request);

}  // namespace gend::plan
