#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plan/expression.h"
#include "plan/formula.h"
#include "plan/load.h"
#include "plan/place.h"
#include "plan/reporter.h"
#include "plan/units.h"
#include "plan/yaml_tree.h"

namespace gend::plan {

struct IntegerRange {
  std::int64_t min, max;
  std::string_view noun;  // "a number of users"
};

// What is gathered beside the values while a plan is read.
struct Gathered {
  std::vector<FileUse> files;
  std::vector<std::pair<std::size_t, std::size_t>> secret_spans;  // offset, length in the source
  std::vector<std::string> secrets;                               // what stands in them
};

// Where in the flows the reader is.
struct FlowState {
  std::map<std::string, const YamlNode*, std::less<>> flows;  // by name, as declared
  std::vector<std::string> calls;                             // flows around this place
  std::set<std::string, std::less<>> called;
  std::size_t steps = 0;  // read so far, called flows each time
  std::size_t depth = 0;  // flows around this place
  std::size_t loops = 0, bursts = 0, onces = 0;  // around this place
  struct SessionAround {
    std::string name;
    SessionKind kind;
  };
  std::vector<SessionAround> sessions;  // around this place, the outermost first
  // Within a flow that nobody calls: its steps may belong to any session.
  bool uncalled = false;
};

// Typed access to the values of a plan. Whatever is not what was asked for becomes a complaint that
// says what was found and what was expected, and an empty optional. Every scalar may hold fixed
// expressions: `rate: ${START_RATE}`.
class Reader {
 public:
  using Files = std::map<std::string, std::string_view>;

  // `files`: Options::files.
  Reader(Reporter& reporter, const Scope& scope, const Files& files)
      : reporter_{reporter}, scope_{&scope}, files_{files} {}

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

  // The same of a part of the node's text, `offset` bytes into it.
  std::optional<Filled> message_part(const YamlNode& node, std::size_t offset,
                                     std::string_view part, Escaping escaping);
  // The name of a file and what is in it. Its use is gathered even where it is missing.
  struct File {
    std::string name;
    std::string_view content;
  };
  std::optional<File> file(const YamlNode& node, std::string_view expected);
  // Keeps a scalar out of the plan that is stored with a run, unless it is nothing but an
  // expression; complains of text that cannot be found in the source again.
  void hide(const YamlNode& node, std::string_view what);
  // A condition or computation.
  std::optional<Formula> formula(const YamlNode& node, std::string_view expected);
  // The place of a value that a step gives under this name (a capture, `set`).
  std::optional<std::uint32_t> given(const YamlNode& name);

  std::optional<bool> boolean(const YamlNode& node);
  std::optional<Given<std::int64_t>> integer(const YamlNode& node, const IntegerRange& range);
  std::optional<Given<Duration>> duration(const YamlNode& node);
  std::optional<Given<RateText>> rate(const YamlNode& node, std::string_view noun);

  // The place of the character at `offset` in the node's text, where the source shows it as it is;
  // else where the node begins.
  Place place_in(const YamlNode& node, std::size_t offset) const;

  void not_yet(Place place, std::string_view what);

  Gathered take_gathered() { return std::move(gathered_); }
  bool is_scalar(const YamlNode& node, std::string_view expected);
  void complain_at(const YamlNode& node, std::vector<ExpressionError> errors);
  FlowState& flow() { return flow_; }

 private:
  std::optional<Filled> filled(const YamlNode& node, Escaping escaping, std::string_view expected);

  Reporter& reporter_;
  const Scope* scope_;
  const Files& files_;
  Gathered gathered_;
  FlowState flow_;
};

// "a list", "nothing", "text": what a node is, for messages.
std::string describe(const YamlNode& node);

}  // namespace gend::plan
