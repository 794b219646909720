#include "report/compare_questions.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

#include <fmt/format.h>

namespace gend::report {
namespace {

using stats::Kind;

enum class Split : bool { kNo, kByTag };

struct Role {
  std::string_view metric;
  Direction better;
  Gate gate;
  Split split;
};
using enum Direction;
using enum Gate;

// What decides over a comparison, and what is shown beside it. Metrics that are not here are shown
// without a direction.
constexpr std::array kRoles{
    Role{"http_req_duration", kLower, kJudged, Split::kByTag},
    Role{"http_req_failed", kLower, kJudged, Split::kByTag},
    Role{"http_reqs", kHigher, kJudged, Split::kNo},
    Role{"iterations", kHigher, kJudged, Split::kNo},
    Role{"checks", kHigher, kJudged, Split::kByTag},
    Role{"dropped_iterations", kLower, kJudged, Split::kNo},
    Role{"failed_iterations", kLower, kJudged, Split::kNo},
    Role{"group_duration", kLower, kJudged, Split::kByTag},
    Role{"ws_connecting", kLower, kJudged, Split::kNo},
    Role{"ws_connect_failed", kLower, kJudged, Split::kNo},
    Role{"ws_session_failed", kLower, kJudged, Split::kNo},
    Role{"ws_msgs_received", kHigher, kJudged, Split::kNo},
    Role{"ws_msg_duration", kLower, kJudged, Split::kByTag},
    Role{"sio_connecting", kLower, kJudged, Split::kNo},
    Role{"sio_ack", kLower, kJudged, Split::kByTag},
    Role{"delivery_latency", kLower, kJudged, Split::kByTag},
    Role{"delivery_lost", kLower, kJudged, Split::kByTag},
    Role{"delivery_duplicated", kLower, kJudged, Split::kNo},
    Role{"delivery_reordered", kLower, kJudged, Split::kNo},
    Role{"delivery_late", kLower, kJudged, Split::kNo},
    Role{"delivery_reach", kHigher, kJudged, Split::kNo},
    Role{"delivery_spread", kLower, kShown, Split::kNo},
    Role{"sql_query_duration", kLower, kJudged, Split::kByTag},
    Role{"sql_failed", kLower, kJudged, Split::kByTag},
    Role{"http_req_retries", kLower, kShown, Split::kNo},
    Role{"http_reconnects", kLower, kShown, Split::kNo},
    Role{"http_req_blocked", kLower, kShown, Split::kNo},
    Role{"http_req_connecting", kLower, kShown, Split::kNo},
    Role{"http_req_tls_handshaking", kLower, kShown, Split::kNo},
    Role{"http_req_sending", kLower, kShown, Split::kNo},
    Role{"http_req_waiting", kLower, kShown, Split::kNo},
    Role{"http_req_receiving", kLower, kShown, Split::kNo},
    Role{"iteration_duration", kLower, kShown, Split::kNo},
    Role{"gen_lag", kLower, kShown, Split::kNo},
};

// They follow from the plan, or are told better by others.
constexpr std::array<std::string_view, 7> kLeftOut{
    "vus", "vus_max", "gen_planned", "gen_started", "picks", "tls_handshakes", "loops_cut"};

Role role_of(const stats::Metric& metric, Leads leads) {
  const auto known = std::ranges::find(kRoles, metric.name, &Role::metric);
  if (known != kRoles.end()) return *known;
  // In a closed model it is http_req_duration once more, but for our own lateness.
  if (metric.name == "http_req_duration_corrected")
    return {metric.name, kLower, leads == Leads::kCorrected ? kJudged : kShown,
            leads == Leads::kCorrected ? Split::kByTag : Split::kNo};
  if (metric.of_plan && metric.kind == Kind::kTrend && metric.contains == stats::Contains::kTime)
    return {metric.name, kLower, kJudged, Split::kNo};
  return {metric.name, kNone, kShown, Split::kNo};
}

// Tags that say how a request ended or what it was made of, and not what was asked for.
bool splits(std::string_view tag) {
  constexpr std::array<std::string_view, 4> kNot{"expected_response", "method", "capture",
                                                 "reason"};
  return std::ranges::find(kNot, tag) == kNot.end();
}

using Slots = std::set<std::uint32_t>;
using Values = std::map<std::string, Slots>;  // of one tag, with the series that have them

std::map<std::string, Values> tags_of(const stats::Schema& schema, std::string_view metric) {
  std::map<std::string, Values> tags;
  for (const stats::Series& series : schema.series()) {
    if (series.metric != metric) continue;
    for (const auto& [key, value] : series.tags) {
      // Facets have a scenario as well; it is the other series that tell it.
      const bool told = !series.facet || stats::is_facet_tag(key);
      if (told && splits(key)) tags[key][value].insert(series.slot);
    }
  }
  return tags;
}

class Asking {
 public:
  Asking(const CellRun& before, const CellRun& after, Leads leads, const CompareOptions& options,
         std::vector<std::string>& notes)
      : before_{before}, after_{after}, leads_{leads}, options_{options}, notes_{notes} {}

  std::vector<Question> questions() {
    std::vector<Question> by_tag;
    for (const stats::Metric* metric : before_.schema().metrics()) {
      const stats::Metric* other = after_.schema().find(metric->name);
      const std::string name{metric->name};
      if (other == nullptr || other->kind != metric->kind || !is_asked(name)) continue;
      const Question whole = question_of(*metric);
      questions_.push_back(whole);
      if (role_of(*metric, leads_).split == Split::kByTag) split(whole, by_tag);
    }
    questions_.insert(questions_.end(), by_tag.begin(), by_tag.end());
    return std::move(questions_);
  }

 private:
  bool is_asked(const std::string& metric) const {
    if (std::ranges::find(kLeftOut, metric) != kLeftOut.end()) return false;
    const stats::Selector whole{metric, {}};
    return before_.samples(whole) + after_.samples(whole) > 0;
  }

  Question question_of(const stats::Metric& metric) const {
    const Role role = role_of(metric, leads_);
    Question question{.selector = {std::string{metric.name}, {}}, .kind = metric.kind,
                      .contains = metric.contains, .better = role.better, .gate = role.gate};
    const bool wanted = options_.tolerances.contains(metric.name);
    if (wanted && role.better != kNone) question.gate = kJudged;
    if (metric.kind == Kind::kTrend)
      question.percentiles = question.gate == kJudged ? std::vector<double>{50, 95, 99}
                                                      : std::vector<double>{95};
    return question;
  }

  void split(const Question& whole, std::vector<Question>& into) {
    auto tags = tags_of(before_.schema(), whole.selector.metric);
    const auto others = tags_of(after_.schema(), whole.selector.metric);
    std::set<std::set<Slots>> seen;  // tags that take the series apart alike are told once
    std::vector<std::string> order{"name"};
    for (const auto& [tag, values] : tags)
      if (tag != "name") order.push_back(tag);
    for (const std::string& tag : order) {
      const Values& values = tags[tag];
      std::set<Slots> parts;
      for (const auto& [value, slots] : values) parts.insert(slots);
      if (values.size() < 2 || !others.contains(tag) || !seen.insert(parts).second) continue;
      ask_values(whole, tag, values, others.at(tag), into);
    }
  }

  // Those with the most samples; what only one run has cannot be compared.
  void ask_values(const Question& whole, const std::string& tag, const Values& values,
                  const Values& others, std::vector<Question>& into) {
    std::vector<std::pair<std::uint64_t, std::string>> busiest;
    for (const auto& [value, slots] : values) {
      if (!others.contains(value)) continue;
      const stats::Selector selector{whole.selector.metric, {{tag, value}}};
      const std::uint64_t samples = before_.samples(selector) + after_.samples(selector);
      if (samples > 0) busiest.emplace_back(samples, value);
    }
    std::ranges::stable_sort(busiest, std::greater{}, &decltype(busiest)::value_type::first);
    if (busiest.size() > kTagValuesCompared) {
      notes_.push_back(fmt::format("{} by {}: the {} of {} values with the most samples",
                                   whole.selector.metric, tag, kTagValuesCompared,
                                   busiest.size()));
      busiest.resize(kTagValuesCompared);
    }
    for (const auto& [samples, value] : busiest) {
      Question question = whole;
      question.selector.tags = {{tag, value}};
      if (whole.kind == Kind::kTrend) question.percentiles = {95};
      into.push_back(std::move(question));
    }
  }

  const CellRun& before_;
  const CellRun& after_;
  Leads leads_;
  const CompareOptions& options_;
  std::vector<std::string>& notes_;
  std::vector<Question> questions_;
};

}  // namespace

std::vector<Question> questions_for(const CellRun& before, const CellRun& after, Leads leads,
                                    const CompareOptions& options,
                                    std::vector<std::string>& notes) {
  return Asking{before, after, leads, options, notes}.questions();
}

}  // namespace gend::report
