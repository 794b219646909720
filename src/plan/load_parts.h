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

// load_data.cc
void read_data(Reader& reader, const YamlNode& node, Profile& into);

// load_defaults.cc
void read_defaults(Reader& reader, const YamlNode& node, DefaultsText& into);
std::optional<Scenario::Cookies> read_cookies(Reader& reader, const YamlNode& node);

// load_timeout.cc
void read_timeout(Reader& reader, const YamlNode& node, TimeoutText& into);

// load_tls.cc
void read_tls(Reader& reader, const YamlNode& node, Tls& into);
// k6's and curl's words for what is `verify: false` here; false when the key is none of them.
bool complain_of_insecure(Reader& reader, const YamlNode& key);

// load_headers.cc
void read_headers(Reader& reader, const YamlNode& node, std::vector<HeaderText>& into);
// False after a complaint.
bool is_good_header_value(Reader& reader, const YamlNode& node, const Template& value);

// load_auth.cc
void read_auth(Reader& reader, const YamlNode& node, std::optional<AuthText>& into);

// load_retry.cc
inline constexpr std::uint8_t kRedirects = 10;  // k6's default
inline constexpr std::int64_t kRedirectsMax = 100;
void read_retry(Reader& reader, const YamlNode& node, RetryText& into);
void read_backoff(Reader& reader, const YamlNode& node, BackoffText& into);
void read_redirects(Reader& reader, const YamlNode& node, std::optional<std::uint8_t>& into);

// load_observe.cc
void read_observe(Reader& reader, const YamlNode& node, Profile& into);

// load_thresholds.cc
void read_thresholds(Reader& reader, const YamlNode& node, std::vector<ThresholdText>& into);

// load_scenarios.cc
inline constexpr std::size_t kTagBytes = 256;  // of a tag's name, and of its value
void read_scenarios(Reader& reader, const YamlNode& node, Profile& into);

// load_executor.cc
void read_executor(Reader& reader, const YamlNode& node, ScenarioText& into);
void read_arrivals(Reader& reader, const YamlNode& node, ScenarioText& into);
// Other tools' words for parts of a scenario; false when the key is none of them.
bool complain_of_foreign_key(Reader& reader, const YamlNode& key);

// load_tags.cc
void read_tags(Reader& reader, const YamlNode& node, TagsText& into);

// load_stages.cc
void read_stages(Reader& reader, const YamlNode& node, ScenarioText& into);

// load_steps.cc
void read_flow(Reader& reader, const YamlNode& node, FlowText& into);

// load_flows.cc
void remember_flows(Reader& reader, const YamlNode& node);
void read_uncalled_flows(Reader& reader);
// A flow written here (a list of steps) or called by its name. `name`: what it is called.
void read_flow_or_name(Reader& reader, const YamlNode& node, std::string& name, FlowText& into);
void read_call(Reader& reader, const YamlNode& node, FlowText& into);

// load_loop.cc
void read_loop(Reader& reader, const YamlNode& node, StepText& into);

// load_pick.cc
void read_pick(Reader& reader, const YamlNode& node, PickText& into);

// load_branch.cc
void read_branch(Reader& reader, const YamlNode& step, StepText& into);
void read_group(Reader& reader, const YamlNode& node, StepText& into);

// load_burst.cc
void read_burst(Reader& reader, const YamlNode& node, StepText& into);

// load_values.cc
void read_set(Reader& reader, const YamlNode& node, StepText& into);
void read_metric(Reader& reader, const YamlNode& node, StepText& into);

// load_think.cc
void read_think(Reader& reader, const YamlNode& node, Think& into);

// load_http.cc
void read_url(Reader& reader, const YamlNode& node, HttpText& into);
void read_http_entry(Reader& reader, const YamlNode::Entry& entry, HttpText& into);
Template json_of(Reader& reader, const YamlNode& node);

// load_body.cc
// Pairs as a query or a form has them: "a=1&b=2", encoded.
Template read_pairs(Reader& reader, const YamlNode& node, std::string_view expected);
// `key` is json, form, body, bodyFile or multipart.
void read_body(Reader& reader, std::string_view key, const YamlNode& node, HttpText& into);

// load_capture.cc
void read_captures(Reader& reader, const YamlNode& node, std::vector<CaptureText>& into);
void read_capture(Reader& reader, const YamlNode::Entry& entry, std::vector<CaptureText>& into);
// "json $.name": whether the text is this word with something behind it, or alone.
bool is_form(std::string_view text, std::string_view word);
// Reads what stands behind the word by `into.part`; false after a complaint.
bool read_extraction(Reader& reader, const YamlNode& node, std::string_view word,
                     Extraction& into, std::string& pattern);
bool is_good_pattern(Reader& reader, const YamlNode& node, std::string_view pattern);

// load_status.cc
struct StatusText {
  StatusRanges ranges;
  std::vector<std::string> words;  // as written
  std::string shown() const;       // "200", "200 or 201", "200, 201 or 3xx"
};
std::optional<std::pair<std::uint16_t, std::uint16_t>> parse_status(std::string_view text);
StatusText read_statuses(Reader& reader, const YamlNode& node);

// load_checks.cc
void read_checks(Reader& reader, const YamlNode& node, std::vector<CheckText>& into);
void read_check(Reader& reader, const YamlNode::Entry& entry, std::vector<CheckText>& into);
void read_expect(Reader& reader, const YamlNode& node, HttpText& into);

// load_session.cc
void read_websocket(Reader& reader, const YamlNode& step, StepText& into);
void read_socketio(Reader& reader, const YamlNode& step, StepText& into);
// Which of the sessions around this step belongs to: the one named by `session`, else the
// innermost. Empty after a complaint.
std::optional<std::size_t> session_of(Reader& reader, Place place, std::string_view step,
                                      const YamlNode* session);
bool is_socketio(Reader& reader, std::size_t session);

// load_send.cc
void read_send(Reader& reader, const YamlNode& node, StepText& into);

// load_emit.cc
void read_emit(Reader& reader, const YamlNode& step, StepText& into);

// load_receive.cc
void read_receive(Reader& reader, const YamlNode& node, StepText& into);
// Checks and captures of a message of this session.
void read_answer_checks(Reader& reader, const YamlNode& node, std::size_t session,
                        std::vector<CheckText>& into);
void read_answer_captures(Reader& reader, const YamlNode& node, std::size_t session,
                          std::vector<CaptureText>& into);
// In a Socket.IO session a path goes into the array of arguments; false after a complaint.
bool is_good_path(Reader& reader, const YamlNode& node, std::size_t session, const Extraction& of);
void read_wait(Reader& reader, const YamlNode& node, Duration& into);

// load_listen.cc
void read_listen(Reader& reader, const YamlNode& node, StepText& into);
std::optional<Template> read_room(Reader& reader, const YamlNode& node);

// load_close.cc: the small ones.
void read_ping(Reader& reader, const YamlNode& node, StepText& into);
void read_echo(Reader& reader, const YamlNode& node, StepText& into);
void read_close(Reader& reader, const YamlNode& node, StepText& into);
void read_hold(Reader& reader, const YamlNode& node, StepText& into);

// The sections of the language that each file declares.
void describe_top(std::vector<Section>& into);
void describe_vars(std::vector<Section>& into);
void describe_data(std::vector<Section>& into);
void describe_defaults(std::vector<Section>& into);
void describe_observe(std::vector<Section>& into);
void describe_thresholds(std::vector<Section>& into);
void describe_scenarios(std::vector<Section>& into);
void describe_stages(std::vector<Section>& into);
void describe_steps(std::vector<Section>& into);
void describe_loop(std::vector<Section>& into);
void describe_pick(std::vector<Section>& into);
void describe_branch(std::vector<Section>& into);
void describe_burst(std::vector<Section>& into);
void describe_values(std::vector<Section>& into);
void describe_think(std::vector<Section>& into);
void describe_http(std::vector<Section>& into);
void describe_body(std::vector<Section>& into);
void describe_auth(std::vector<Section>& into);
void describe_retry(std::vector<Section>& into);
void describe_timeout(std::vector<Section>& into);
void describe_tls(std::vector<Section>& into);
void describe_capture(std::vector<Section>& into);
void describe_checks(std::vector<Section>& into);
void describe_session(std::vector<Section>& into);
void describe_send(std::vector<Section>& into);
void describe_emit(std::vector<Section>& into);
void describe_receive(std::vector<Section>& into);
void describe_listen(std::vector<Section>& into);
void describe_close(std::vector<Section>& into);

}  // namespace gend::plan
