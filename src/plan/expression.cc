#include "plan/expression.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/assert.h"
#include "http/url.h"
#include "plan/nearest.h"
#include "plan/reporter.h"
#include "plan/units.h"

namespace gend::plan {

namespace {

struct Builtin {
  std::string_view name;
  Source source;
  std::size_t arguments;
  std::string_view form;
};
constexpr std::array<Builtin, 7> kBuiltins{
    {{"vu", Source::kVu, 0, "${vu}"},
     {"iteration", Source::kIteration, 0, "${iteration}"},
     {"uuid", Source::kUuid, 0, "${uuid}"},
     {"random", Source::kRandomInt, 2, "${random(1,100)}"},
     {"randomString", Source::kRandomString, 1, "${randomString(12)}"},
     {"now", Source::kNow, 0, "${now}"},
     {"timestamp", Source::kTimestamp, 0, "${timestamp}"}}};
std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> split_arguments(std::string_view text) {
  std::vector<std::string_view> out;
  if (trim(text).empty()) return out;
  while (true) {
    const std::size_t comma = text.find(',');
    out.push_back(trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

std::string escape(std::string_view text, Escaping escaping) {
  switch (escaping) {
    case Escaping::kNone:
    case Escaping::kTarget:
    case Escaping::kFieldValue: return std::string{text};
    case Escaping::kJsonString: return json_string_content(text);
    case Escaping::kQueryValue:
    case Escaping::kPathSegment: return http::encode_query_component(text);
  }
  GEND_ASSERT(!"an escaping has a function");
}

class Filler {
 public:
  Filler(const Scope& scope, Escaping escaping) : scope_{scope}, escaping_{escaping} {}

  std::expected<Filled, std::vector<ExpressionError>> run(std::string_view text);

 private:
  void expression(std::string_view inside, std::size_t offset);
  // `${json(name)}`, which must be the whole text.
  void json(std::string_view inside, std::size_t offset, bool alone);
  // A name, as it is or with the column behind its dot; false when nothing is called so.
  bool named(std::string_view name, std::size_t offset, Escaping escaping);
  void column(const DataName& data, std::string_view name, std::size_t offset, Escaping escaping);
  void call(const Builtin& builtin, std::string_view inside, std::size_t offset);
  void unknown(std::string_view name, std::size_t offset);
  void dynamic(Piece piece, Lifetime lifetime);
  void error(std::size_t offset, std::string what, std::string remedy = {}) {
    errors_.push_back({offset, std::move(what), std::move(remedy)});
  }

  const Scope& scope_;
  Escaping escaping_;
  Filled out_;
  std::vector<ExpressionError> errors_;
};

std::expected<Filled, std::vector<ExpressionError>> Filler::run(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t dollar = text.find("${", at);
    const bool escaped = dollar != std::string_view::npos && dollar > at && text[dollar - 1] == '$';
    append(out_.text, escape(text.substr(at, dollar - at - (escaped ? 1 : 0)), escaping_));
    if (dollar == std::string_view::npos) break;
    at = dollar + 2;
    if (escaped) {
      append(out_.text, escape("${", escaping_));
      continue;
    }
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) {
      error(dollar, "`${` without its `}`", "write $${ for a literal ${");
      break;
    }
    const std::string_view inside = trim(text.substr(at, end - at));
    at = end + 1;
    if (inside.starts_with("json(") && inside.ends_with(')'))
      json(inside, dollar, dollar == 0 && at == text.size());
    else
      expression(inside, dollar);
  }
  if (!errors_.empty()) return std::unexpected{std::move(errors_)};
  return std::move(out_);
}

void Filler::expression(std::string_view inside, std::size_t offset) {
  const std::string_view name = trim(inside.substr(0, inside.find('(')));
  const auto builtin = std::ranges::find(kBuiltins, name, &Builtin::name);
  if (builtin != kBuiltins.end()) return call(*builtin, inside, offset);
  if (inside == "stamp" && scope_.stamps == Scope::Stamps::kAllowed)
    return dynamic({.source = Source::kStamp}, lifetime_of(Source::kStamp));
  if (!named(inside, offset, escaping_)) unknown(inside, offset);
}

void Filler::json(std::string_view inside, std::size_t offset, bool alone) {
  const std::string_view name = trim(inside.substr(5, inside.size() - 6));
  if (escaping_ != Escaping::kJsonString) {
    return error(offset, fmt::format("`${{{}}}` has a meaning in `json` only", inside),
                 fmt::format("write ${{{}}}", name));
  }
  if (!alone) {
    return error(offset, fmt::format("`${{{}}}` must be a whole value", inside),
                 "put nothing before and behind it");
  }
  out_.is_json = true;
  if (!named(name, offset, Escaping::kNone)) unknown(name, offset);
}

bool Filler::named(std::string_view name, std::size_t offset, Escaping escaping) {
  const auto variable = [&](std::uint32_t slot) {
    scope_.names->read(slot);
    dynamic({.source = Source::kVariable, .a = slot, .escaping = escaping},
            Lifetime::kPerIteration);
    return true;
  };
  const auto local = scope_.locals.find(name);
  if (local != scope_.locals.end()) return variable(local->second);
  const auto found = scope_.find(name);
  const Variable* declared = found == scope_.end() ? nullptr : &found->second;
  if (declared != nullptr && declared->secret) out_.secret = name;
  if (scope_.names != nullptr && scope_.names->is_given(name)) {
    return variable(scope_.names->slot_of(name, declared));
  }
  if (declared != nullptr) {
    append(out_.text, escape(declared->value, escaping));
    return true;
  }
  if (scope_.names == nullptr) return false;
  const std::size_t dot = name.find('.');
  const DataName* data = scope_.names->find_data(trim(name.substr(0, dot)));
  if (data == nullptr) return false;
  column(*data, dot == std::string_view::npos ? "" : trim(name.substr(dot + 1)), offset, escaping);
  return true;
}

void Filler::column(const DataName& data, std::string_view name, std::size_t offset,
                    Escaping escaping) {
  scope_.names->use(data);
  Piece piece{.source = Source::kColumn, .escaping = escaping};
  piece.a = &data - scope_.names->data.data();
  if (data.table != nullptr) {
    piece.b = data.table->column(name);
    const auto& columns = data.table->columns();
    if (piece.b < 0 && name.empty()) {
      return error(offset, fmt::format("data {} has columns: which one?", quote(data.name)),
                   fmt::format("write ${{{}.{}}}", data.name, columns.front()));
    }
    if (piece.b < 0 && columns.size() == 1 && columns.front().empty()) {
      return error(offset,
                   fmt::format("data {} holds plain values, without columns", quote(data.name)),
                   fmt::format("write ${{{}}}", data.name));
    }
    if (piece.b < 0) {
      return error(offset, fmt::format("data {} has no column {}", quote(data.name), quote(name)),
                   hint(name, {columns.begin(), columns.end()}));
    }
  }
  const bool unique = data.order == Order::kUnique;
  dynamic(std::move(piece), unique ? Lifetime::kPerUser : Lifetime::kPerIteration);
}

void Filler::unknown(std::string_view name, std::size_t offset) {
  if (name == "stamp") {
    return error(offset, "`${stamp}` has a meaning in the messages of a session only",
                 "use it in a `send` or an `emit`");
  }
  std::vector<std::string_view> names;
  for (const auto& [declared, value] : scope_) names.push_back(declared);
  for (const auto& [local, slot] : scope_.locals) names.push_back(local);
  if (scope_.names != nullptr) {
    for (const std::string_view given : scope_.names->given()) names.push_back(given);
    for (const DataName& data : scope_.names->data) names.push_back(data.name);
  }
  const std::size_t dot = name.find('.');
  if (dot != std::string_view::npos && is_variable_name(name.substr(0, dot))) {
    const std::string_view near = nearest(name.substr(0, dot), names);
    return error(offset, fmt::format("data {} is not declared", quote(name.substr(0, dot))),
                 near.empty() ? "declare it in `data`" : fmt::format("did you mean \"{}\"?", near));
  }
  if (!is_variable_name(name)) {
    return error(offset, fmt::format("{} is not an expression", quote(name)),
                 "write a declared variable, a column of data, vu, iteration, uuid, random(1,100), "
                 "randomString(12), now or timestamp, or $${ for a literal ${");
  }
  for (const Builtin& builtin : kBuiltins) names.push_back(builtin.name);
  const std::string_view near = nearest(name, names);
  error(offset, fmt::format("variable {} is not declared", quote(name)),
        near.empty() ? "declare it in `vars`" : fmt::format("did you mean \"{}\"?", near));
}

// "random(1,100)" with its arguments checked.
void Filler::call(const Builtin& builtin, std::string_view inside, std::size_t offset) {
  const auto wrong = [&](std::string_view why) {
    error(offset, fmt::format("${{{}}}: {}", inside, why), fmt::format("write {}", builtin.form));
  };
  const std::size_t open = inside.find('(');
  if (open != std::string_view::npos && !inside.ends_with(')')) return wrong("`(` without its `)`");
  std::vector<std::string_view> given;
  if (open != std::string_view::npos) {
    given = split_arguments(inside.substr(open + 1, inside.size() - open - 2));
  }
  if (given.size() != builtin.arguments) {
    return wrong(fmt::format("{} arguments, found {}", builtin.arguments, given.size()));
  }
  std::vector<std::int64_t> numbers;
  for (const std::string_view argument : given) {
    const auto number = parse_integer(argument);
    if (!number) return wrong(fmt::format("{} is not a whole number", quote(argument)));
    numbers.push_back(*number);
  }
  Piece piece{.source = builtin.source, .text = {}};
  if (!numbers.empty()) piece.a = numbers[0];
  if (numbers.size() > 1) piece.b = numbers[1];
  if (builtin.source == Source::kRandomInt && piece.a > piece.b) {
    return wrong("the lower bound is above the upper one");
  }
  if (builtin.source == Source::kRandomString && (piece.a < 1 || piece.a > kRandomStringMax)) {
    return wrong(fmt::format("the length must be from 1 to {}", kRandomStringMax));
  }
  dynamic(std::move(piece), lifetime_of(builtin.source));
}

void Filler::dynamic(Piece piece, Lifetime lifetime) {
  out_.text.lifetime = std::max(out_.text.lifetime, lifetime);
  out_.text.pieces.push_back(std::move(piece));
}

}  // namespace

std::expected<Filled, std::vector<ExpressionError>> fill(std::string_view text, const Scope& scope,
                                                         Escaping escaping) {
  return Filler{scope, escaping}.run(text);
}

Lifetime lifetime_of(Source source) {
  switch (source) {
    case Source::kLiteral: return Lifetime::kFixed;
    case Source::kVu: return Lifetime::kPerUser;
    case Source::kVariable:
    case Source::kColumn:  // per user when rows are unique, which its text knows
    case Source::kIteration: return Lifetime::kPerIteration;
    case Source::kCredential:
    case Source::kStamp:
    case Source::kTraceparent:
    case Source::kUuid:
    case Source::kRandomInt:
    case Source::kRandomString:
    case Source::kNow:
    case Source::kTimestamp: return Lifetime::kPerMessage;
  }
  GEND_ASSERT(!"a source has a lifetime");
}

void append(Template& to, std::string_view literal) {
  if (literal.empty()) return;
  if (to.pieces.empty() || to.pieces.back().source != Source::kLiteral) to.pieces.push_back({});
  to.pieces.back().text += literal;
}

void append(Template& to, const Template& from) {
  for (const Piece& piece : from.pieces) {
    if (piece.source == Source::kLiteral) {
      append(to, piece.text);
    } else {
      to.pieces.push_back(piece);
    }
  }
  to.lifetime = std::max(to.lifetime, from.lifetime);
}

std::string fixed_text(const Template& text) {
  GEND_ASSERT(text.lifetime == Lifetime::kFixed);
  return text.pieces.empty() ? std::string{} : text.pieces.front().text;
}

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  };
  return !name.empty() && letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool is_expression_name(std::string_view name) {
  return name == "stamp" || name == "json" ||
         std::ranges::find(kBuiltins, name, &Builtin::name) != kBuiltins.end();
}

std::string json_string_content(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\t')
      out += "\\t";
    else if (byte < 0x20)
      out += fmt::format("\\u{:04x}", byte);
    else
      out += c;
  }
  return out;
}

}  // namespace gend::plan
