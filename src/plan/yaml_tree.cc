#include "plan/yaml_tree.h"

#include <algorithm>
#include <exception>
#include <sstream>
#include <unordered_map>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/assert.h"
#include "base/limits.h"
#include "plan/yaml_errors.h"

namespace gend::plan {

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found =
      std::ranges::find_if(entries, [&](const Entry& e) { return e.key->text == key; });
  return found == entries.end() ? nullptr : found->value;
}

// Builds the tree from yaml-cpp's events, which come in document order; children are complete
// before their parent closes, so sizes and depths add up without walking.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(YamlTree& tree, Reporter& reporter) : tree_{tree}, reporter_{reporter} {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(make(YamlNode::Kind::kNull, mark, anchor));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open(make(YamlNode::Kind::kSequence, mark, anchor));
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open(make(YamlNode::Kind::kMapping, mark, anchor));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

  // Where the list or mapping begins that is being read; line 0 outside of all.
  Place innermost() const { return frames_.empty() ? Place{} : frames_.back().node->place; }

 private:
  struct Frame {
    YamlNode* node;
    const YamlNode* key = nullptr;  // a mapping's key that waits for its value
    std::unordered_map<std::string_view, const YamlNode*> keys{};
  };

  YamlNode* make(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor);
  void add(const YamlNode* node);
  void add_entry(Frame& frame, const YamlNode* value);
  void open(YamlNode* node);
  void close();
  void check_tag(const YAML::Mark& mark, const std::string& tag);

  YamlTree& tree_;
  Reporter& reporter_;
  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, const YamlNode*> anchors_;
  YamlNode broken_;  // stands for values that were complained of
  bool depth_complained_ = false;
};

namespace {

Place place_of(const YAML::Mark& mark, const Reporter& reporter) {
  if (mark.is_null()) return {1, 1};
  return reporter.place_of(static_cast<std::size_t>(mark.pos));
}

}  // namespace

YamlNode* TreeBuilder::make(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
  YamlNode& node = tree_.nodes_.emplace_back();
  node.kind = kind;
  node.place = place_of(mark, reporter_);
  node.offset = mark.is_null() ? 0 : static_cast<std::size_t>(mark.pos);
  if (anchor != 0) anchors_[anchor] = &node;
  return &node;
}

void TreeBuilder::add(const YamlNode* node) {
  if (frames_.empty()) {
    tree_.root_ = node;
    return;
  }
  Frame& frame = frames_.back();
  YamlNode& parent = *frame.node;
  // Saturating: forty doublings are enough to leave any integer.
  parent.nodes = std::min(parent.nodes + node->nodes, YamlTree::kExpandedNodes + 1);
  parent.depth = std::max(parent.depth, node->depth + 1);
  if (parent.kind == YamlNode::Kind::kSequence) {
    parent.items.push_back(node);
  } else if (frame.key == nullptr) {
    frame.key = node;
  } else {
    add_entry(frame, node);
  }
}

void TreeBuilder::add_entry(Frame& frame, const YamlNode* value) {
  const YamlNode* key = frame.key;
  frame.key = nullptr;
  if (key->kind != YamlNode::Kind::kScalar) {
    reporter_.complain(key->place, "a key must be a plain word",
                       "put text that YAML reads otherwise in double quotes");
    return;
  }
  const auto [first, is_new] = frame.keys.try_emplace(key->text, key);
  if (!is_new) {
    reporter_.complain(key->place,
                       fmt::format("{} is given twice, first in line {}", quote(key->text),
                                   first->second->place.line),
                       "keep one of them");
    return;
  }
  if (value->kind == YamlNode::Kind::kNull) {
    // yaml-cpp places what is not there at the next token, which may be lines away.
    YamlNode& nothing = tree_.nodes_.emplace_back(*value);
    nothing.place = key->place;
    value = &nothing;
  }
  frame.node->entries.push_back({key, value});
}

void TreeBuilder::open(YamlNode* node) {
  node->open = true;
  frames_.push_back({node});
  if (frames_.size() <= limits::kPlanDepth || depth_complained_) return;
  depth_complained_ = true;
  reporter_.complain(node->place, fmt::format("nested deeper than {}", limits::kPlanDepth));
}

void TreeBuilder::close() {
  GEND_ASSERT(!frames_.empty());
  YamlNode* node = frames_.back().node;
  node->open = false;
  frames_.pop_back();
  add(node);
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto found = anchors_.find(anchor);
  GEND_ASSERT(found != anchors_.end());  // yaml-cpp refuses unknown anchors itself
  if (found->second->open) {
    reporter_.complain(place_of(mark, reporter_), "an alias inside of what it stands for");
    add(&broken_);
    return;
  }
  add(found->second);
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  check_tag(mark, tag);
  YamlNode* node = make(YamlNode::Kind::kScalar, mark, anchor);
  node->quoted = tag == "!";
  node->text = value;
  if (node->quoted && !has_closing_quote(reporter_.source(), node->offset)) {
    const Place at = node->place;
    reporter_.complain_showing_line(
        at, fmt::format("unterminated string (started {}:{})", at.line, at.column),
        "close the quotes");
  }
  add(node);
}

// "?" and "!" are what yaml-cpp calls plain and quoted; anything else was written in the file.
void TreeBuilder::check_tag(const YAML::Mark& mark, const std::string& tag) {
  if (tag.empty() || tag == "?" || tag == "!") return;
  reporter_.complain(place_of(mark, reporter_),
                     fmt::format("the YAML tag {} is not part of the plan language", quote(tag)),
                     "remove it; put text in double quotes");
}

namespace {

// Notices where a second document begins, and ignores what is in it.
class SecondDocument : public YAML::EventHandler {
 public:
  explicit SecondDocument(Reporter& reporter) : reporter_{reporter} {}
  void OnDocumentStart(const YAML::Mark& mark) override {
    reporter_.complain_showing_line(place_of(mark, reporter_),
                                    "a second YAML document begins here; a plan is one document",
                                    "check the indentation, or remove the line with ---");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  Reporter& reporter_;
};

void parse_document(Reporter& reporter, TreeBuilder& builder) {
  const std::size_t before = reporter.count();
  std::istringstream in{std::string{reporter.source()}};
  try {
    YAML::Parser parser{in};
    if (!parser.HandleNextDocument(builder)) {
      reporter.complain({1, 1}, "the plan is empty", "it needs at least `target` and `scenarios`");
      return;
    }
    SecondDocument second{reporter};
    parser.HandleNextDocument(second);
  } catch (const YAML::Exception& error) {
    // After a string without end, or in too deep nesting, YAML's own message only adds confusion.
    if (reporter.count() == before) complain_of_yaml(error, builder.innermost(), reporter);
  } catch (const std::exception& error) {
    reporter.complain({1, 1}, fmt::format("the YAML cannot be read: {}", error.what()));
  }
}

}  // namespace

YamlTree YamlTree::parse(Reporter& reporter) {
  YamlTree tree;
  const std::size_t before = reporter.count();
  TreeBuilder builder{tree, reporter};
  parse_document(reporter, builder);
  if (reporter.count() == before && tree.root_->nodes > kExpandedNodes) {
    reporter.complain(tree.root_->place,
                      fmt::format("its aliases expand to more than {} values", kExpandedNodes),
                      "write what the anchors stand for where it is needed");
  }
  if (reporter.count() == before && tree.root_->depth > limits::kPlanDepth) {
    reporter.complain(tree.root_->place,
                      fmt::format("nested deeper than {} through its aliases", limits::kPlanDepth));
  }
  if (reporter.count() != before) tree.root_ = nullptr;
  return tree;
}

}  // namespace gend::plan
