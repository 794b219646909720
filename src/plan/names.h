#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plan/program.h"
#include "plan/yaml_tree.h"

// What `${…}` may name beside declared variables: values that steps give (captures, `set`, loops)
// and columns of data.
namespace gend::plan {

struct Variable {
  std::string value;
  bool secret = false;
};

struct DataName {
  std::string name;
  Place place;
  const data::Table* table = nullptr;  // null: it could not be read, which was complained of
  Order order = Order::kSequential;
  bool used = false;  // some text names a column of it, also of a flow that nobody calls
};

class Names {
 public:
  // Every name that the flows give a value to, so that a text may name it wherever it stands.
  void collect(const YamlNode& root);
  bool is_given(std::string_view name) const { return given_.contains(std::string{name}); }
  std::vector<std::string_view> given() const;

  // Where the value is kept. A variable of the same name, which scenarios may set each in their
  // own way, is what an iteration begins with; so each such value has a place of its own.
  std::uint32_t slot_of(std::string_view name, const Variable* initial);
  // A value that is known within one loop only; loops side by side share it, nested ones do not.
  std::uint32_t slot_of_loop(std::string_view name, std::size_t depth);
  // A value that no text can name.
  std::uint32_t hidden_slot(std::string_view why);
  void keep(std::uint32_t slot) { values_[slot].keeps = true; }
  void read(std::uint32_t slot) { values_[slot].is_read = true; }
  const std::vector<Value>& values() const { return values_; }

  std::vector<DataName> data;
  const DataName* find_data(std::string_view name) const;
  // A text names a column of it.
  void use(const DataName& name);
  // The data sets that texts named since this was asked last, by their index.
  std::set<std::size_t> take_used() { return std::exchange(used_, {}); }

 private:
  void collect_steps(const YamlNode* flow);
  void collect_step(const YamlNode& step);
  void collect_keys(const YamlNode* mapping);

  std::map<std::string, bool> given_;
  std::map<std::pair<std::string, std::string>, std::uint32_t> slots_;  // name, kind of place
  std::vector<Value> values_;
  std::set<std::size_t> used_;
};

// The names that hold where a text stands. Values of variables are taken as they are, never
// expanded again.
struct Scope : std::map<std::string, Variable, std::less<>> {
  using std::map<std::string, Variable, std::less<>>::map;
  Names* names = nullptr;                                    // null: variables only
  std::map<std::string, std::uint32_t, std::less<>> locals;  // of the loops around: slots
  enum class Stamps : std::uint8_t { kNone, kAllowed };  // `${stamp}`: in messages of a session
  Stamps stamps = Stamps::kNone;
};

}  // namespace gend::plan
