#include "plan/reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/limits.h"
#include "plan/formula_parse.h"

namespace gend::plan {

std::string describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull: return "nothing";
    case YamlNode::Kind::kScalar: return quote(node.text);
    case YamlNode::Kind::kSequence: return "a list";
    case YamlNode::Kind::kMapping: return "a mapping";
  }
  GEND_ASSERT(!"a node has a kind");
}

bool Reader::is_mapping(const YamlNode& node, std::string_view expected) {
  if (node.kind == YamlNode::Kind::kMapping) return true;
  complain(node.place, fmt::format("expected {}, found {}", expected, describe(node)));
  return false;
}

bool Reader::is_sequence(const YamlNode& node, std::string_view expected) {
  if (node.kind == YamlNode::Kind::kSequence) return true;
  complain(node.place, fmt::format("expected {}, found {}", expected, describe(node)));
  return false;
}

bool Reader::is_scalar(const YamlNode& node, std::string_view expected) {
  if (node.kind == YamlNode::Kind::kScalar) return true;
  complain(node.place, fmt::format("expected {}, found {}", expected, describe(node)));
  return false;
}

Place Reader::place_in(const YamlNode& node, std::size_t offset) const {
  const std::string_view source = reporter_.source();
  const std::size_t at = node.offset + (node.quoted ? 1 : 0) + offset;
  const bool as_written = at <= source.size() && offset <= node.text.size() &&
                          source.substr(at).starts_with(node.text.substr(offset, 2)) &&
                          source.substr(at - offset).starts_with(node.text.substr(0, offset));
  return as_written ? reporter_.place_of(at) : node.place;
}

std::optional<Filled> Reader::filled(const YamlNode& node, Escaping escaping,
                                     std::string_view expected) {
  if (!is_scalar(node, expected)) return std::nullopt;
  auto result = fill(node.text, *scope_, escaping);
  if (result) return std::move(*result);
  complain_at(node, std::move(result.error()));
  return std::nullopt;
}

void Reader::complain_at(const YamlNode& node, std::vector<ExpressionError> errors) {
  for (ExpressionError& error : errors) {
    complain(place_in(node, error.offset), std::move(error.what), std::move(error.remedy));
  }
}

std::optional<Formula> Reader::formula(const YamlNode& node, std::string_view expected) {
  if (!is_scalar(node, expected)) return std::nullopt;
  auto parsed = parse_formula(node.text, *scope_);
  if (parsed) return std::move(parsed->formula);
  complain_at(node, std::move(parsed.error().errors));
  return std::nullopt;
}

std::optional<std::uint32_t> Reader::given(const YamlNode& name) {
  const bool is_data = scope_->names->find_data(name.text) != nullptr;
  if (is_expression_name(name.text) || is_data) {
    complain(name.place,
             fmt::format("{} is the name of {}", quote(name.text),
                         is_data ? "a data set" : "an expression"),
             "choose another name");
    return std::nullopt;
  }
  if (!is_variable_name(name.text)) {
    complain(name.place, fmt::format("{} is not a name of a variable", quote(name.text)),
             "use letters, digits and _, not beginning with a digit");
    return std::nullopt;
  }
  const auto local = scope_->locals.find(name.text);
  if (local != scope_->locals.end()) return local->second;
  const auto declared = scope_->find(name.text);
  const std::uint32_t slot = scope_->names->slot_of(
      name.text, declared == scope_->end() ? nullptr : &declared->second);
  if (flow_.onces > 0) scope_->names->keep(slot);
  return slot;
}

std::optional<Filled> Reader::message(const YamlNode& node, Escaping escaping,
                                      std::string_view expected) {
  return filled(node, escaping, expected);
}

std::optional<Filled> Reader::message_part(const YamlNode& node, std::size_t offset,
                                           std::string_view part, Escaping escaping) {
  auto result = fill(part, *scope_, escaping);
  if (result) return std::move(*result);
  for (auto& error : result.error()) {
    complain(place_in(node, offset + error.offset), std::move(error.what),
             std::move(error.remedy));
  }
  return std::nullopt;
}

std::optional<Reader::File> Reader::file(const YamlNode& node, std::string_view expected) {
  auto name = text(node, expected);
  if (!name) return std::nullopt;
  if (name->empty()) {
    complain(node.place, "the name of the file is empty");
    return std::nullopt;
  }
  gathered_.files.push_back({*name, node.place});
  const auto found = files_.find(*name);
  if (found != files_.end()) return File{std::move(*name), found->second};
  complain(node.place, fmt::format("there is no file {}", quote(*name)),
           "names are relative to the plan's folder");
  return std::nullopt;
}

namespace {

// The bytes of the source that hold a scalar written on one line; empty when they are not found.
std::string_view written(const YamlNode& node, std::string_view source) {
  const std::string_view rest = source.substr(std::min(node.offset, source.size()));
  if (!node.quoted) return rest.starts_with(node.text) ? rest.substr(0, node.text.size()) : "";
  if (rest.empty() || (rest[0] != '"' && rest[0] != '\'')) return {};
  std::size_t end = 1;
  while (end < rest.size() && rest[end] != rest[0] && rest[end] != '\n') {
    end += rest[0] == '"' && rest[end] == '\\' ? 2 : 1;
  }
  // A doubled single quote would need unescaping to be sure of the end.
  const bool simple = end < rest.size() && rest[end] == rest[0] && rest.substr(end + 1, 1) != "'";
  return simple ? rest.substr(0, end + 1) : "";
}

bool is_one_expression(std::string_view text) {
  return text.starts_with("${") && text.find('}') == text.size() - 1;
}

}  // namespace

void Reader::hide(const YamlNode& node, std::string_view what) {
  if (node.kind != YamlNode::Kind::kScalar || node.text.empty() || is_one_expression(node.text)) {
    return;
  }
  const std::string_view span = written(node, reporter_.source());
  if (span.empty()) {
    complain(node.place, fmt::format("{} must be written plainly, on one line", what),
             "so that it can be kept out of the stored plan");
    return;
  }
  gathered_.secret_spans.emplace_back(node.offset, span.size());
  gathered_.secrets.push_back(node.text);
}

std::optional<std::string> Reader::private_text(const YamlNode& node, std::string_view expected) {
  const auto text = filled(node, Escaping::kNone, expected);
  if (!text) return std::nullopt;
  if (text->text.lifetime == Lifetime::kFixed) return fixed_text(text->text);
  complain(
      node.place,
      fmt::format("{} changes while the plan runs, {} must be fixed", quote(node.text), expected),
      "use declared variables only");
  return std::nullopt;
}

std::optional<std::string> Reader::text(const YamlNode& node, std::string_view expected) {
  const auto text = filled(node, Escaping::kNone, expected);
  if (!text) return std::nullopt;
  if (!text->secret.empty()) {
    complain(node.place,
             fmt::format("the secret {} would be printed: {} stands in reports",
                         quote(text->secret), expected),
             "use secrets in headers, queries and bodies only");
    return std::nullopt;
  }
  auto fixed = private_text(node, expected);
  if (!fixed) return std::nullopt;
  const bool control = std::ranges::any_of(
      *fixed, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (!control) return fixed;
  complain(node.place,
           fmt::format("{} holds a control character, {} must not", quote(*fixed), expected));
  return std::nullopt;
}

std::optional<bool> Reader::boolean(const YamlNode& node) {
  const auto value = text(node, "true or false");
  if (!value) return std::nullopt;
  if (*value == "true") return true;
  if (*value == "false") return false;
  complain(node.place, fmt::format("{} is not true or false", quote(*value)));
  return std::nullopt;
}

std::optional<Given<std::int64_t>> Reader::integer(const YamlNode& node,
                                                   const IntegerRange& range) {
  const auto value = text(node, range.noun);
  if (!value) return std::nullopt;
  const auto number = parse_integer(*value);
  if (number && *number >= range.min && *number <= range.max) return Given{*number, node.place};
  complain(node.place,
           fmt::format("{} is not {} ({} to {})", quote(*value), range.noun, range.min, range.max));
  return std::nullopt;
}

std::optional<Given<Duration>> Reader::duration(const YamlNode& node) {
  const auto value = text(node, "a duration");
  if (!value) return std::nullopt;
  const auto duration = parse_duration(*value);
  if (!duration) {
    complain(node.place, fmt::format("{} is not a duration ({})", quote(*value), kDurationForms));
    return std::nullopt;
  }
  if (*duration > std::chrono::seconds{limits::kDurationSeconds}) {
    complain(node.place, fmt::format("{} is longer than {} days", quote(*value),
                                     limits::kDurationSeconds / 86400));
    return std::nullopt;
  }
  return Given{*duration, node.place};
}

std::optional<Given<RateText>> Reader::rate(const YamlNode& node, std::string_view noun) {
  const auto value = text(node, noun);
  if (!value) return std::nullopt;
  const auto rate = parse_rate(*value);
  if (!rate) {
    complain(node.place, fmt::format("{} is not {} ({})", quote(*value), noun, kRateForms));
    return std::nullopt;
  }
  if (rate->count < 0) {
    complain(node.place, fmt::format("{} is negative", quote(*value)));
    return std::nullopt;
  }
  return Given{*rate, node.place};
}

void Reader::not_yet(Place place, std::string_view what) {
  complain(place,
           fmt::format("`{}` is part of the plan language, but this version of gend does not "
                       "run it yet",
                       what));
}

}  // namespace gend::plan
