#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plan/expression.h"
#include "plan/place.h"
#include "plan/reporter.h"
#include "plan/units.h"
#include "plan/yaml_tree.h"

namespace gend::plan {

struct IntegerRange {
  std::int64_t min, max;
  std::string_view noun;  // "a number of users"
};

// Typed access to the values of a plan. Whatever is not what was asked for becomes a complaint that
// says what was found and what was expected, and an empty optional. Every scalar may hold fixed
// expressions: `rate: ${START_RATE}`.
class Reader {
 public:
  Reader(Reporter& reporter, const Scope& scope) : reporter_{reporter}, scope_{&scope} {}

  Reporter& reporter() { return reporter_; }
  const Scope& scope() const { return *scope_; }
  void use(const Scope& scope) { scope_ = &scope; }

  void complain(Place place, std::string what, std::string remedy = {}) {
    reporter_.complain(place, std::move(what), std::move(remedy));
  }

  bool is_mapping(const YamlNode& node, std::string_view expected);
  bool is_sequence(const YamlNode& node, std::string_view expected);

  // Text that is printed somewhere: fixed, without secrets, without control characters.
  std::optional<std::string> text(const YamlNode& node, std::string_view expected);
  // Text that goes to the target: any expression.
  std::optional<Filled> message(const YamlNode& node, Escaping escaping, std::string_view expected);
  // Fixed text that only gend itself sees (what a check looks for): secrets are fine.
  std::optional<std::string> private_text(const YamlNode& node, std::string_view expected);

  std::optional<bool> boolean(const YamlNode& node);
  std::optional<Given<std::int64_t>> integer(const YamlNode& node, const IntegerRange& range);
  std::optional<Given<Duration>> duration(const YamlNode& node);
  std::optional<Given<RateText>> rate(const YamlNode& node, std::string_view noun);

  // The place of the character at `offset` in the node's text, where the source shows it as it is;
  // else where the node begins.
  Place place_in(const YamlNode& node, std::size_t offset) const;

  void not_yet(Place place, std::string_view what);

 private:
  bool is_scalar(const YamlNode& node, std::string_view expected);
  std::optional<Filled> filled(const YamlNode& node, Escaping escaping, std::string_view expected);

  Reporter& reporter_;
  const Scope* scope_;
};

// "a list", "nothing", "text": what a node is, for messages.
std::string describe(const YamlNode& node);

}  // namespace gend::plan
