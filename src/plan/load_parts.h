#pragma once

#include <string>
#include <vector>

#include "plan/key_table.h"
#include "plan/load.h"
#include "plan/profile.h"
#include "plan/reader.h"

// Text to Profile, one function for each part of a plan, one file for each. None stops at the first
// complaint; what was complained of stays empty.
namespace gend::plan {

Profile load_profile(const YamlNode& root, const Options& options, Reporter& reporter);

// load_vars.cc
void read_vars(Reader& reader, const YamlNode& node, const Options& options, Profile& profile);
// Names given with --set that the plan does not declare.
void check_given_names(const Options& options, const Profile& profile, Reporter& reporter);
void read_scenario_vars(Reader& reader, const YamlNode& node, Scope& scope);

// load_defaults.cc
void read_defaults(Reader& reader, const YamlNode& node, DefaultsText& into);
void read_timeout(Reader& reader, const YamlNode& node, TimeoutText& into);
void read_headers(Reader& reader, const YamlNode& node, std::vector<HeaderText>& into);

// load_thresholds.cc
void read_thresholds(Reader& reader, const YamlNode& node, std::vector<ThresholdText>& into);

// load_scenarios.cc
void read_scenarios(Reader& reader, const YamlNode& node, Profile& into);
void read_tags(Reader& reader, const YamlNode& node, TagsText& into);

// load_stages.cc
void read_stages(Reader& reader, const YamlNode& node, ScenarioText& into);

// load_steps.cc
void read_flow(Reader& reader, const YamlNode& node, std::vector<StepText>& into);

// load_think.cc
void read_think(Reader& reader, const YamlNode& node, Think& into);

// load_http.cc
void read_http_entry(Reader& reader, const YamlNode::Entry& entry, HttpText& into);
Template json_of(Reader& reader, const YamlNode& node);

// load_checks.cc
void read_checks(Reader& reader, const YamlNode& node, std::vector<Check>& into);
void read_expect(Reader& reader, const YamlNode& node, std::optional<StatusRanges>& into);

// The sections of the language that each file declares.
void describe_top(std::vector<Section>& into);
void describe_vars(std::vector<Section>& into);
void describe_defaults(std::vector<Section>& into);
void describe_thresholds(std::vector<Section>& into);
void describe_scenarios(std::vector<Section>& into);
void describe_stages(std::vector<Section>& into);
void describe_steps(std::vector<Section>& into);
void describe_think(std::vector<Section>& into);
void describe_http(std::vector<Section>& into);
void describe_checks(std::vector<Section>& into);

}  // namespace gend::plan
