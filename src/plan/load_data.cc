#include <algorithm>
#include <array>
#include <limits>

#include "base/limits.h"
#include "plan/load_parts.h"

namespace gend::plan {

namespace {

constexpr std::array<std::string_view, 4> kOrders{"unique", "sequential", "random", "shuffle"};
constexpr std::array<std::string_view, 4> kFormats{"csv", "tsv", "json", "ndjson"};
constexpr std::string_view kForms = "{file: users.csv, order: unique} or {range: [1, 100]}";

// Both in the order of their enumerations.
static_assert(static_cast<int>(Order::kShuffle) == 3);
static_assert(static_cast<int>(data::Format::kNdjson) == 3);

struct DataText {
  const YamlNode* file = nullptr;
  const YamlNode* range = nullptr;
  Order order = Order::kSequential;
  bool has_format = false;
  std::optional<data::Format> format;
};

// One of `words`, by its place.
std::optional<std::size_t> read_word(Reader& reader, const YamlNode& node,
                                     const std::array<std::string_view, 4>& words,
                                     std::string_view noun) {
  const auto text = reader.text(node, noun);
  if (!text) return std::nullopt;
  const auto found = std::ranges::find(words, *text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  reader.complain(node.place, fmt::format("{} is not {}", quote(*text), noun),
                  hint(*text, {words.begin(), words.end()}));
  return std::nullopt;
}

constexpr Key<DataText> kKeys[] = {
    {"file", "file", "Its rows: CSV or TSV with a header, a JSON array, or JSON line by line.",
     [](Reader&, const YamlNode& n, DataText& into) { into.file = &n; }},
    {"range", "list of two whole numbers", "Rows that are numbers, both ends included.",
     [](Reader&, const YamlNode& n, DataText& into) { into.range = &n; }},
    {"order", "unique, sequential, random or shuffle", "Who reads which row; sequential.",
     [](Reader& r, const YamlNode& n, DataText& into) {
       const auto order = read_word(r, n, kOrders, "an order");
       if (order) into.order = static_cast<Order>(*order);
     }},
    {"format", "csv, tsv, json or ndjson", "Of the file; by its ending when absent.",
     [](Reader& r, const YamlNode& n, DataText& into) {
       into.has_format = true;
       const auto format = read_word(r, n, kFormats, "a format");
       if (format) into.format = static_cast<data::Format>(*format);
     }},
};

using Table = std::unique_ptr<const data::Table>;  // null after a complaint

Table read_file(Reader& reader, const DataText& text, std::string& source) {
  const auto file = reader.file(*text.file, "the name of a file");
  if (!file) return nullptr;
  const std::string& name = source = file->name;
  const auto format = text.has_format ? text.format : data::format_of(name);
  if (!format) {
    if (!text.has_format) {
      reader.complain(text.file->place,
                      fmt::format("the name of {} does not say what is in it", quote(name)),
                      "add format: csv, tsv, json or ndjson");
    }
    return nullptr;
  }
  auto table = data::Table::load(file->content, *format);
  if (table) return std::move(*table);
  for (data::Complaint& complaint : table.error()) {
    reader.reporter().complain_of_file(name, complaint.line, std::move(complaint.what),
                                       std::move(complaint.remedy));
  }
  return nullptr;
}

Table read_range(Reader& reader, const YamlNode& node, std::string& source) {
  // Without the lowest number of 64 bits there are never 2^64 of them.
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const IntegerRange range{-kMost, kMost, "a whole number"};
  if (!reader.is_sequence(node, "two whole numbers: [first, last]")) return nullptr;
  if (node.items.size() != 2) {
    reader.complain(node.place, fmt::format("expected [first, last], found a list of {}",
                                            node.items.size()));
    return nullptr;
  }
  const auto first = reader.integer(*node.items[0], range);
  const auto last = reader.integer(*node.items[1], range);
  if (!first || !last) return nullptr;
  source = fmt::format("{} to {}", first->value, last->value);
  if (first->value <= last->value) return data::Table::range(first->value, last->value);
  reader.complain(node.place, fmt::format("the range begins at {}, behind its end {}", first->value,
                                          last->value));
  return nullptr;
}

Table read_table(Reader& reader, const YamlNode& node, const DataText& text, std::string& source) {
  if ((text.file == nullptr) == (text.range == nullptr)) {
    reader.complain(node.place, "a data set is one of `file` and `range`",
                    fmt::format("write {}", kForms));
    return nullptr;
  }
  if (text.range != nullptr && text.has_format) {
    reader.complain(node.place, "`format` is of a file, and a range has none");
  }
  Table table = text.range != nullptr ? read_range(reader, *text.range, source)
                                      : read_file(reader, text, source);
  if (table && text.order == Order::kShuffle && table->rows() > limits::kDataNumbered) {
    reader.complain(node.place, fmt::format("{} rows are too many to shuffle, at most {}",
                                            table->rows(), limits::kDataNumbered),
                    "write order: random");
    return nullptr;
  }
  return table;
}

bool is_good_name(Reader& reader, const YamlNode& key) {
  const bool is_variable = reader.scope().contains(key.text);
  if (is_variable || is_expression_name(key.text)) {
    reader.complain(key.place, fmt::format("{} is the name of {}", quote(key.text),
                                           is_variable ? "a variable" : "an expression"),
                    "choose another name");
    return false;
  }
  if (is_variable_name(key.text)) return true;
  reader.complain(key.place, fmt::format("{} is not a name of data", quote(key.text)),
                  "use letters, digits and _, not beginning with a digit");
  return false;
}

}  // namespace

std::string_view name_of(Order order) { return kOrders[static_cast<std::size_t>(order)]; }

void describe_data(std::vector<Section>& into) {
  into.push_back(section_of<DataText>("data", kKeys));
}

void read_data(Reader& reader, const YamlNode& node, Profile& into) {
  if (!reader.is_mapping(node, fmt::format("data sets (name: {})", kForms))) return;
  if (node.entries.size() > limits::kDataSets) {
    reader.complain(node.place, fmt::format("{} data sets, at most {}", node.entries.size(),
                                            limits::kDataSets));
    return;
  }
  for (const YamlNode::Entry& entry : node.entries) {
    if (!is_good_name(reader, *entry.key)) continue;
    DataText text;
    read_mapping<DataText>(reader, kKeys, *entry.value, kForms, text);
    DataSet set{.name = entry.key->text, .order = text.order};
    if (entry.value->kind == YamlNode::Kind::kMapping) {
      set.table = read_table(reader, *entry.value, text, set.source);
    }
    into.names->data.push_back({.name = set.name,
                                .place = entry.key->place,
                                .table = set.table.get(),
                                .order = set.order});
    into.data.push_back(std::move(set));
  }
}

}  // namespace gend::plan
