#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "plan/nearest.h"
#include "plan/reader.h"
#include "plan/yaml_tree.h"

namespace gend::plan {

// One key of one mapping of the plan language: the only place where it is declared. What reads
// plans walks these rows, and so does whatever documents the language.
template <class T>
struct Key {
  std::string_view name;
  // "duration", "list of steps", "even or poisson"; what each of them may hold: json_schema.cc.
  std::string_view type;
  std::string_view doc;   // one sentence
  // Reads the value; null: known to the language, refused by this version.
  void (*read)(Reader& reader, const YamlNode& value, T& into);
};

// A row without its reader, for documentation.
struct KeyDoc {
  std::string_view name, type, doc;
  bool runs;
};
struct Section {
  std::string_view name;
  std::vector<KeyDoc> keys;
};
// The whole language, section by section.
std::vector<Section> language();

template <class T>
Section section_of(std::string_view name, std::span<const Key<T>> table) {
  Section section{name, {}};
  for (const Key<T>& key : table) {
    section.keys.push_back({key.name, key.type, key.doc, key.read != nullptr});
  }
  return section;
}

template <class T>
const Key<T>* find_key(std::span<const Key<T>> table, std::string_view name) {
  for (const Key<T>& key : table) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

template <class T>
void complain_unknown(Reader& reader, std::span<const Key<T>> table, const YamlNode& key) {
  std::vector<std::string_view> names;
  for (const Key<T>& known : table) names.push_back(known.name);
  reader.complain(key.place, fmt::format("unknown key {}", quote(key.text)), hint(key.text, names));
}

template <class T>
void read_entry(Reader& reader, std::span<const Key<T>> table, const YamlNode::Entry& entry,
                T& into) {
  const Key<T>* key = find_key(table, entry.key->text);
  if (key == nullptr) return complain_unknown(reader, table, *entry.key);
  if (key->read == nullptr) return reader.not_yet(entry.key->place, key->name);
  key->read(reader, *entry.value, into);
}

// Reads every entry of the mapping `node` by its row.
template <class T>
void read_mapping(Reader& reader, std::span<const Key<T>> table, const YamlNode& node,
                  std::string_view expected, T& into) {
  if (!reader.is_mapping(node, expected)) return;
  for (const YamlNode::Entry& entry : node.entries) read_entry(reader, table, entry, into);
}

}  // namespace gend::plan
