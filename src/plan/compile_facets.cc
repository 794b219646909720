#include "plan/compile_facets.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "base/limits.h"
#include "plan/compile_series.h"
#include "plan/load_parts.h"

namespace gend::plan {

namespace {

constexpr std::string_view kOther = "other";

FacetSeries add_series(const stats::Tags& tags, stats::Schema& schema) {
  return {.duration = schema.add_facet("http_req_duration", tags),
          .corrected = schema.add_facet("http_req_duration_corrected", tags),
          .failed = schema.add_facet("http_req_failed", tags),
          .reqs = schema.add_facet("http_reqs", tags)};
}

}  // namespace

std::vector<std::uint16_t> FacetCompiler::facets_of(const std::string& scenario,
                                                    const TagsText& of_scenario,
                                                    const TagsText& of_step) {
  TagsText all = of_scenario;
  for (const auto& [name, value] : of_step) all[name] = value;
  std::vector<std::uint16_t> facets;
  for (const auto& [name, value] : all) {
    if (value.lifetime == Lifetime::kFixed) continue;
    const Piece& piece = value.pieces.front();
    const auto data = static_cast<std::size_t>(piece.a);
    // What could not be read was complained of.
    if (program_.data[data].table == nullptr) continue;
    facets.push_back(add(scenario, name, {data, static_cast<std::size_t>(piece.b)}));
  }
  return facets;
}

bool FacetCompiler::is_good_value(const Column& column, std::uint64_t row, std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  const bool control = std::ranges::any_of(text, is_control);
  if (!control && text.size() <= kTagBytes) return true;
  const DataName& name = profile_.names->data[column.first];
  reporter_.complain(
      name.place,
      fmt::format("data {}, row {}: {} cannot be a tag's value: {}", quote(name.name), row + 1,
                  quote(text),
                  control ? "it holds a control character"
                          : fmt::format("{} bytes, at most {}", text.size(), kTagBytes)),
      "change the row, or the tag");
  return false;
}

// The first values that come get a series each; a row may say "other" itself.
void FacetCompiler::number_rows(const Column& column, Values& values) {
  const data::Table& table = *program_.data[column.first].table;
  std::unordered_map<std::string, std::uint16_t> known;
  const auto new_value = [&](const std::string& text) {
    values.texts.push_back(text);
    return static_cast<std::uint16_t>(values.texts.size() - 1);
  };
  values.of_row.reserve(table.rows());
  char scratch[20];
  for (std::uint64_t row = 0; row < table.rows(); ++row) {
    const std::string text{table.cell(row, column.second, scratch)};
    auto found = known.find(text);
    if (found == known.end()) {
      std::uint16_t value = 0;
      if (known.size() < limits::kTagValues) {
        if (!is_good_value(column, row, text)) return;
        value = new_value(text);
      } else {
        ++values.folded;
        const auto other = known.find(std::string{kOther});
        value = other != known.end() ? other->second : new_value(std::string{kOther});
        known.emplace(kOther, value);
      }
      found = known.emplace(text, value).first;
    }
    values.of_row.push_back(found->second);
  }
}

const FacetCompiler::Values& FacetCompiler::values_of(const Column& column,
                                                      const std::string& tag) {
  const auto [place, is_new] = values_.try_emplace(column);
  Values& values = place->second;
  if (!is_new) return values;
  const data::Table& table = *program_.data[column.first].table;
  const DataName& name = profile_.names->data[column.first];
  if (table.rows() > limits::kDataNumbered) {
    reporter_.complain(name.place,
                       fmt::format("{} rows are too many for the tag {}, at most {}", table.rows(),
                                   quote(tag), limits::kDataNumbered));
    return values;
  }
  number_rows(column, values);
  if (values.folded > 0) {
    program_.notes.push_back(
        fmt::format("the tag {} takes {} values from data {}: those beyond the first {} are "
                    "counted together, as {}",
                    quote(tag), limits::kTagValues + values.folded, quote(name.name),
                    limits::kTagValues, quote(kOther)));
  }
  return values;
}

std::uint16_t FacetCompiler::add(const std::string& scenario, const std::string& tag,
                                 const Column& column) {
  const auto [place, is_new] = facets_.try_emplace(
      {scenario, tag, column}, static_cast<std::uint16_t>(program_.facets.size()));
  if (!is_new) return place->second;
  const Values& values = values_of(column, tag);
  Facet facet;
  facet.tag = tag;
  facet.data = static_cast<std::uint16_t>(column.first);
  facet.value_of_row = values.of_row;
  facet.values = values.texts;
  facet.folded = values.folded;
  for (const std::string& value : values.texts) {
    facet.series.push_back(add_series({{"scenario", scenario}, {tag, value}}, program_.schema));
  }
  program_.facets.push_back(std::move(facet));
  return place->second;
}

}  // namespace gend::plan
