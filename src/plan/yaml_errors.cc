#include "plan/yaml_errors.h"

#include <fmt/format.h>

namespace gend::plan {

namespace {

struct Wording {
  std::string what, remedy;
};

std::string begun(std::string_view what, Place place) {
  if (place.line == 0) return std::string{what};
  return fmt::format("{} (it begins in {}:{})", what, place.line, place.column);
}

// A tab at the front of the line is what most messages of YAML really are about.
bool line_begins_with_tab(std::string_view source, std::size_t offset) {
  const std::size_t newline = offset == 0 ? std::string_view::npos : source.rfind('\n', offset - 1);
  std::size_t at = newline == std::string_view::npos ? 0 : newline + 1;
  while (at < source.size() && source[at] == ' ') ++at;
  return at < source.size() && source[at] == '\t';
}

Wording wording_of(const std::string& message, Place innermost) {
  namespace msg = YAML::ErrorMsg;
  if (message == msg::END_OF_MAP_FLOW) {
    return {begun("`{` without its `}`", innermost),
            "a value with ${…} or a comma inside of { } needs double quotes"};
  }
  if (message == msg::END_OF_SEQ_FLOW) {
    return {begun("`[` without its `]`", innermost),
            "a value with a comma inside of [ ] needs double quotes"};
  }
  if (message == msg::MAP_VALUE) {
    return {"a `:` where no value can begin",
            "put text with `: ` in double quotes, and check the "
            "indentation of this line"};
  }
  if (message == msg::BLOCK_ENTRY)
    return {"a `-` where no list item can begin", "check the indentation"};
  if (message == msg::END_OF_MAP || message == msg::END_OF_SEQ) {
    return {begun("this does not fit the lines before it", innermost), "check the indentation"};
  }
  if (message == msg::UNKNOWN_TOKEN) {
    return {"no value can begin with this character", "put the text in double quotes"};
  }
  if (message == msg::UNKNOWN_ANCHOR) return {"no anchor of this name comes before", ""};
  if (message == msg::FLOW_END) return {"a closing bracket that nothing opened", "remove it"};
  return {"YAML: " + message, ""};
}

}  // namespace

void complain_of_yaml(const YAML::Exception& error, Place innermost, Reporter& reporter) {
  const bool placed = !error.mark.is_null() && error.mark.pos >= 0;
  const std::size_t offset = placed ? static_cast<std::size_t>(error.mark.pos) : 0;
  const Place place = reporter.place_of(offset);
  if (line_begins_with_tab(reporter.source(), offset)) {
    reporter.complain_showing_line(place, "a tab in the indentation", "use spaces");
    return;
  }
  const Wording wording = wording_of(error.msg, innermost);
  reporter.complain_showing_line(place, wording.what, wording.remedy);
}

bool has_closing_quote(std::string_view source, std::size_t offset) {
  while (offset < source.size() && (source[offset] == '&' || source[offset] == '!')) {
    offset = source.find_first_of(" \n", offset);
    offset = source.find_first_not_of(" \n", offset);
  }
  if (offset >= source.size()) return true;
  const char quote = source[offset];
  if (quote != '"' && quote != '\'') return true;  // a block scalar
  for (std::size_t i = offset + 1; i < source.size(); ++i) {
    if (quote == '"' && source[i] == '\\') {
      ++i;
    } else if (source[i] == quote) {
      if (quote == '"' || i + 1 == source.size() || source[i + 1] != '\'') return true;
      ++i;  // '' is a quote within single quotes
    }
  }
  return false;
}

}  // namespace gend::plan
