#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "plan/reporter.h"

namespace gend::plan {

// One value of the YAML document. Owned by its YamlTree; an alias is a second pointer to the node
// that its anchor names.
struct YamlNode {
  enum class Kind : std::uint8_t { kNull, kScalar, kSequence, kMapping };
  struct Entry {
    const YamlNode* key;
    const YamlNode* value;
  };

  Kind kind = Kind::kNull;
  bool quoted = false;  // kScalar: written with quotes or as a block, so it is text
  bool open = false;    // while it is read: an alias to it would contain itself
  Place place;
  std::size_t offset = 0;              // of its first byte in the source
  std::string text;                    // kScalar
  std::vector<const YamlNode*> items;  // kSequence
  std::vector<Entry> entries;          // kMapping, in the order written; keys are unique scalars
  // What walking it costs, aliases followed.
  std::uint64_t nodes = 1;
  std::uint32_t depth = 1;

  const YamlNode* find(std::string_view key) const;  // kMapping: the value, or nullptr
};

// Our own tree rather than YAML::Node: it knows duplicate keys, quotes and places of everything,
// and it is bounded (depth, nodes after following aliases) before anybody walks it.
class YamlTree {
 public:
  // Complaints go to `reporter`, whose source is what is parsed. No root after any complaint.
  static YamlTree parse(Reporter& reporter);

  const YamlNode* root() const { return root_; }

  // Nodes of a plan after following aliases: 1 MiB of text cannot hold more, an alias bomb can.
  static constexpr std::uint64_t kExpandedNodes = 1'000'000;

 private:
  friend class TreeBuilder;
  std::deque<YamlNode> nodes_;  // a deque: nodes never move
  const YamlNode* root_ = nullptr;
};

}  // namespace gend::plan
