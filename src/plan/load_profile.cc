#include "plan/load_export.h"
#include "plan/load_parts.h"

#include <limits>

namespace gend::plan {

namespace {

void read_name(Reader& reader, const YamlNode& node, Profile& into) {
  if (auto name = reader.text(node, "the name of the plan")) into.name = std::move(*name);
}

void read_target(Reader& reader, const YamlNode& node, Profile& into) {
  into.has_target_key = true;
  if (auto target = reader.text(node, "the target's URL")) {
    into.target = Given<std::string>{std::move(*target), node.place};
  }
}

void read_seed(Reader& reader, const YamlNode& node, Profile& into) {
  const IntegerRange range{0, std::numeric_limits<std::int64_t>::max(), "a seed"};
  if (const auto seed = reader.integer(node, range)) {
    into.seed = static_cast<std::uint64_t>(seed->value);
  }
}

constexpr Key<Profile> kKeys[] = {
    {"name", "text", "What reports call this plan.", read_name},
    {"target", "URL", "Where requests with a path go: http://host:port, perhaps with a path.",
     read_target},
    {"vars", "mapping of variables",
     "The only names taken from outside: --set NAME=VALUE, else the environment, else the default.",
     // Read before everything else, because everything else may use them.
     [](Reader&, const YamlNode&, Profile&) {}},
    {"seed", "whole number", "Makes random values repeatable; chosen and printed when absent.",
     read_seed},
    {"data", "mapping of data sets", "Rows from files or ranges, handed to users.",
     // Read before everything that may name its columns.
     [](Reader&, const YamlNode&, Profile&) {}},
    {"defaults", "mapping", "What holds for every request unless its step says otherwise.",
     [](Reader& r, const YamlNode& n, Profile& into) { read_defaults(r, n, into.defaults); }},
    {"thresholds", "mapping of metric to assertions", "What counts as passing; k6's grammar.",
     [](Reader& r, const YamlNode& n, Profile& into) { read_thresholds(r, n, into.thresholds); }},
    {"export", "list of exports", "Where numbers go while the run goes on.",
     [](Reader& r, const YamlNode& n, Profile& into) { read_exports(r, n, into.exports); }},
    {"observe", "mapping of sources", "The target's own metrics, read while it is loaded.",
     [](Reader& r, const YamlNode& n, Profile& into) { read_observe(r, n, into); }},
    {"events", "list of events", "Commands run at a moment of the run.", nullptr},
    {"flows", "mapping of flows", "Named lists of steps, called from anywhere.",
     // Read where they are called.
     [](Reader&, const YamlNode&, Profile&) {}},
    {"scenarios", "mapping of scenarios", "Who comes, how many, and what they do.",
     [](Reader& r, const YamlNode& n, Profile& into) { read_scenarios(r, n, into); }},
};

}  // namespace

void describe_top(std::vector<Section>& into) {
  into.push_back(section_of<Profile>("plan", kKeys));
}

Profile load_profile(const YamlNode& root, const Options& options, Reporter& reporter) {
  Profile profile;
  const Scope empty;
  Reader reader{reporter, empty, options.files};
  if (!reader.is_mapping(root, "a plan (a mapping with `target` and `scenarios`)")) return profile;
  if (const YamlNode* vars = root.find("vars")) read_vars(reader, *vars, options, profile);
  check_given_names(options, profile, reporter);
  profile.names->collect(root);
  profile.vars.names = profile.names.get();
  reader.use(profile.vars);
  if (const YamlNode* data = root.find("data")) read_data(reader, *data, profile);
  if (const YamlNode* flows = root.find("flows")) remember_flows(reader, *flows);
  read_mapping<Profile>(reader, kKeys, root, "a plan", profile);
  profile.data_of_all.merge(profile.names->take_used());
  read_uncalled_flows(reader);
  if (root.find("scenarios") == nullptr) {
    reader.complain(root.place, "the plan has no `scenarios`", "say who loads the target, and how");
  }
  profile.gathered = reader.take_gathered();
  return profile;
}

std::vector<Section> language() {
  std::vector<Section> sections;
  describe_top(sections);
  describe_vars(sections);
  describe_data(sections);
  describe_defaults(sections);
  describe_timeout(sections);
  describe_tls(sections);
  describe_retry(sections);
  describe_auth(sections);
  describe_observe(sections);
  describe_thresholds(sections);
  describe_export(sections);
  describe_scenarios(sections);
  describe_stages(sections);
  describe_steps(sections);
  describe_think(sections);
  describe_loop(sections);
  describe_branch(sections);
  describe_pick(sections);
  describe_burst(sections);
  describe_values(sections);
  describe_http(sections);
  describe_body(sections);
  describe_capture(sections);
  describe_checks(sections);
  describe_session(sections);
  describe_send(sections);
  describe_emit(sections);
  describe_receive(sections);
  describe_listen(sections);
  describe_close(sections);
  return sections;
}

}  // namespace gend::plan
