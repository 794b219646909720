#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "plan/names.h"
#include "plan/program.h"

namespace gend::plan {

struct Filled {
  Template text;
  std::string secret{};   // the name of a secret variable in it; empty when there is none
  bool is_json = false;   // `${json(name)}`: a JSON value as it is, without quotes around it
};

struct ExpressionError {
  std::size_t offset = 0;  // of the `${` in the text
  std::string what, remedy;
};

// Fills declared variables into `text` and compiles the other expressions. `$${` stands for a
// literal "${". All errors of the text are given. Values of the user's own, columns and variables
// are escaped for where they stand.
std::expected<Filled, std::vector<ExpressionError>> fill(std::string_view text, const Scope& scope,
                                                         Escaping escaping);

// How often what `source` renders can change.
Lifetime lifetime_of(Source source);

// Appends, keeping at most one literal in a row, and the longer-lived class of both.
void append(Template& to, const Template& from);
void append(Template& to, std::string_view literal);

// The text of a template without expressions; a bug to ask for otherwise.
std::string fixed_text(const Template& text);

bool is_variable_name(std::string_view name);    // [A-Za-z_][A-Za-z0-9_]*
bool is_expression_name(std::string_view name);  // vu, uuid, …: no variable can have it

std::string json_string_content(std::string_view text);  // without the quotes around it

// Longest ${randomString(n)}.
inline constexpr std::int64_t kRandomStringMax = 65536;

}  // namespace gend::plan
