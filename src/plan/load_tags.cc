#include <algorithm>

#include "plan/load_parts.h"

namespace gend::plan {

namespace {

// Tags that gend sets itself; the value is what to use instead.
struct OwnTag {
  std::string_view name, instead;
};
constexpr OwnTag kOwnTags[] = {
    {"scenario", ""}, {"name", "use the step's `name`"}, {"method", ""}, {"status", ""},
    {"error", ""},    {"expected_response", ""},         {"check", ""},  {"group", ""},
    {"stage", "give the stages a `name`"},
    {"flow", "use a `mix`, whose flows have names"}};

bool is_good_tag_name(Reader& reader, const YamlNode& key) {
  const auto own = std::ranges::find(kOwnTags, key.text, &OwnTag::name);
  if (own != std::end(kOwnTags)) {
    reader.complain(key.place, fmt::format("the tag {} is set by gend", quote(key.text)),
                    std::string{own->instead});
    return false;
  }
  if (is_variable_name(key.text) && key.text.size() <= kTagBytes) return true;
  reader.complain(key.place, fmt::format("{} is not a name of a tag", quote(key.text)),
                  "use letters, digits and _, not beginning with a digit");
  return false;
}

// What is not fixed must be one column of data: all its values are known before the run.
bool is_column_tag(Reader& reader, const YamlNode& node, const Filled& value) {
  const auto& pieces = value.text.pieces;
  if (pieces.size() == 1 && pieces.front().source == Source::kColumn) return true;
  reader.complain(node.place,
                  fmt::format("{} is not known before the run, the value of a tag must be",
                              quote(node.text)),
                  "use declared variables, or one column of data and nothing else: "
                  "\"${user.tier}\"");
  return false;
}

}  // namespace

void read_tags(Reader& reader, const YamlNode& node, TagsText& into) {
  if (!reader.is_mapping(node, "tags (name: value)")) return;
  for (const YamlNode::Entry& entry : node.entries) {
    if (!is_good_tag_name(reader, *entry.key)) continue;
    auto filled = reader.message(*entry.value, Escaping::kNone, "the value of a tag");
    if (!filled) continue;
    if (filled->text.lifetime != Lifetime::kFixed) {
      if (is_column_tag(reader, *entry.value, *filled))
        into[entry.key->text] = std::move(filled->text);
      continue;
    }
    const auto value = reader.text(*entry.value, "the value of a tag");
    if (!value) continue;
    if (value->size() > kTagBytes) {
      reader.complain(entry.value->place,
                      fmt::format("a tag of {} bytes, at most {}", value->size(), kTagBytes));
      continue;
    }
    Template& tag = into[entry.key->text];
    tag = {};
    append(tag, *value);
  }
}

}  // namespace gend::plan
