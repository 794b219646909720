#include "plan/load.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <fmt/format.h>

#include "base/limits.h"
#include "plan/check.h"
#include "plan/compile_data.h"
#include "plan/compile_flow.h"
#include "plan/compile_request.h"
#include "plan/compile_series.h"
#include "plan/demand.h"
#include "plan/level.h"
#include "plan/load_parts.h"
#include "plan/nearest.h"
#include "plan/reporter.h"
#include "plan/shape.h"
#include "plan/source.h"
#include "plan/steady.h"
#include "plan/yaml_tree.h"

namespace gend::plan {

namespace {

// An open model without maxVUs: enough users for the peak rate if every request took its whole
// timeout, within reason.
constexpr double kSizedUsersMax = 10'000;

class Compiler {
 public:
  Compiler(Profile& profile, const Options& options, Reporter& reporter)
      : profile_{profile},
        options_{options},
        reporter_{reporter},
        program_{std::make_unique<Program>()},
        requests_{profile, *program_, reporter},
        flows_{profile, options, requests_, reporter, *program_} {
    program_->data = std::move(profile.data);
    program_->exports = std::move(profile.exports);
    program_->observe = std::move(profile.observe);
  }

  std::unique_ptr<const Program> run(const std::string& file, const std::string& source);

 private:
  void add_scenario(const ScenarioText& text);
  void size_users(const ScenarioText& text, Scenario& scenario) const;
  Scenario::Cookies cookies_of(const ScenarioText& text) const {
    return text.cookies.value_or(
        profile_.defaults.cookies.value_or(Scenario::Cookies::kPerIteration));
  }
  void choose_seed();
  void check_hands();
  void add_thresholds();
  void complain_of_metric(const ThresholdText& text);
  void find_steady_part(const ThresholdText& text, stats::Threshold& threshold);
  void describe(const std::string& file, const std::string& source);

  const Profile& profile_;
  const Options& options_;
  Reporter& reporter_;
  std::unique_ptr<Program> program_;
  RequestCompiler requests_;
  FlowCompiler flows_;
};

std::unique_ptr<const Program> Compiler::run(const std::string& file, const std::string& source) {
  program_->values = profile_.names->values();
  choose_seed();
  for (const ScenarioText& scenario : profile_.scenarios) add_scenario(scenario);
  requests_.finish();
  add_tls_series(*program_);
  add_host_series(options_.host_cpus, profile_.thresholds, program_->schema);
  add_observed_series(*program_);
  // With steps that could not be read, series would look unknown and users too few.
  const bool readable = reporter_.clean();
  add_thresholds();
  if (readable) {
    check_hands();
    hand_out_rows(profile_, options_, *program_, reporter_);
  }
  describe(file, source);
  return std::move(program_);
}

// Of all users (shared-iterations) or of each, whose number is scaled already.
std::uint64_t iterations_of(const ScenarioText& text, double load_scale) {
  if (!text.executor) return 0;
  const auto given = static_cast<std::uint64_t>(text.iterations ? text.iterations->value : 1);
  switch (text.executor->value) {
    case Executor::kPerVuIterations: return given;
    case Executor::kSharedIterations: return scaled_iterations(given, load_scale);
    case Executor::kConstantVus:
    case Executor::kRampingVus:
    case Executor::kConstantArrivalRate:
    case Executor::kRampingArrivalRate:
    case Executor::kExternallyControlled: return 0;
  }
  return 0;
}

void Compiler::add_scenario(const ScenarioText& text) {
  Scenario scenario;
  scenario.name = text.name;
  if (text.executor) scenario.executor = text.executor->value;
  const Shape shape = shape_of(text, options_);
  scenario.start = shape.start;
  scenario.stages = shape.stages;
  if (text.start_time) scenario.start_time = scaled(text.start_time->value, options_.time_scale);
  // Not scaled: they wait for answers, and the target is as slow as it is.
  if (text.graceful_stop) scenario.graceful_stop = text.graceful_stop->value;
  if (text.graceful_ramp_down) scenario.graceful_ramp_down = text.graceful_ramp_down->value;
  const TagValues tags = fixed_tags(text.tags);
  scenario.tags = with_scenario(tags, text.name);
  scenario.series = add_scenario_series(text.name, tags, program_->schema);
  scenario.cookies = cookies_of(text);
  scenario.arrivals = text.arrivals;
  scenario.open_model = text.executor && text.is_open_model();
  scenario.iterations = iterations_of(text, options_.load_scale);
  flows_.add(text, scenario);
  // Steps that are beyond the limit, or were complained of, are not there to be counted.
  if (reporter_.clean()) size_users(text, scenario);
  program_->scenarios.push_back(std::move(scenario));
}

void Compiler::size_users(const ScenarioText& text, Scenario& scenario) const {
  const double peak = peak_of(level_of(scenario));
  const auto users = [&](const Given<std::int64_t>& given) {
    return static_cast<std::uint64_t>(
        scaled_users(static_cast<double>(given.value), options_.load_scale));
  };
  if (!scenario.open_model) {
    // Only an externally controlled scenario has `maxVUs` here.
    scenario.max_vus = text.max_vus ? users(*text.max_vus) : static_cast<std::uint64_t>(peak);
    scenario.pre_allocated_vus = scenario.max_vus;
    return;
  }
  const double sized = std::clamp(
      std::ceil(peak * slowest_iteration_of(*program_, scenario).seconds), 1.0, kSizedUsersMax);
  // k6's rule: maxVUs is preAllocatedVUs unless it is given.
  if (text.max_vus)
    scenario.max_vus = users(*text.max_vus);
  else if (text.pre_allocated_vus)
    scenario.max_vus = users(*text.pre_allocated_vus);
  else
    scenario.max_vus = static_cast<std::uint64_t>(sized);
  // Without a word from the plan nothing has to grow while the run measures.
  scenario.pre_allocated_vus =
      text.pre_allocated_vus ? users(*text.pre_allocated_vus) : scenario.max_vus;
}

// Each hand of a burst is a row beside its user, for every user.
void Compiler::check_hands() {
  double rows = 0;
  bool has_bursts = false;
  for (const Scenario& scenario : program_->scenarios) {
    rows += static_cast<double>(scenario.max_vus) * (1.0 + scenario.burst_hands);
    has_bursts |= scenario.burst_hands > 0;
  }
  if (!has_bursts || rows <= static_cast<double>(limits::kUsers)) return;
  reporter_.complain(profile_.scenarios_place,
                     fmt::format("users and the hands of their bursts are {:.0f}, at most {}",
                                 rows, limits::kUsers),
                     "give the bursts a smaller `concurrency`, or lower the users");
}

bool is_misspelt_builtin(const ThresholdText& text) {
  std::vector<std::string_view> names;
  for (const stats::Metric& metric : stats::builtin_metrics()) names.push_back(metric.name);
  return !nearest(text.threshold.parsed.metric, names).empty();
}

void Compiler::complain_of_metric(const ThresholdText& text) {
  std::vector<std::string_view> names;
  for (const stats::Metric* metric : program_->schema.metrics()) names.push_back(metric->name);
  const std::string& metric = text.threshold.parsed.metric;
  const bool is_near = !nearest(metric, names).empty();
  const std::string_view elsewhere =
      metric.starts_with(stats::kObservePrefix)
          ? "make it a series of `observe`: observe_SOURCE_SERIES"
          : "docs/metrics.md lists them; a `metric` step makes others";
  reporter_.complain(text.selector_place, fmt::format("unknown metric {}", quote(metric)),
                     is_near ? hint(metric, names) : std::string{elsewhere});
}

// Drift and leak need some time in which the plan itself changes nothing. A soak that is scaled to
// a smoke test has too little of it, which is no mistake: they say that they cannot tell.
void Compiler::find_steady_part(const ThresholdText& text, stats::Threshold& threshold) {
  const Stretch steady = steady_part_of(*program_);
  threshold.steady_from = steady.from;
  threshold.steady_to = steady.to;
  const double seconds = to_seconds(steady.to - steady.from) / options_.time_scale;
  if (seconds >= static_cast<double>(kSteadySeconds)) return;
  reporter_.complain(text.assertion_place,
                     fmt::format("{} needs a part of the run, at least {}s long, in which the load "
                                 "keeps its level; the longest of this plan has {:g}s",
                                 text_of(threshold.assertion), kSteadySeconds, seconds),
                     "add a stage that holds its target");
}

void Compiler::add_thresholds() {
  // Steps that could not be read would make their series look unknown.
  const bool knows_all = reporter_.clean();
  for (const ThresholdText& text : profile_.thresholds) {
    const stats::Metric* metric = program_->schema.find(text.threshold.parsed.metric);
    if (metric == nullptr) {
      if (knows_all || is_misspelt_builtin(text)) complain_of_metric(text);
      continue;
    }
    const auto fits = stats::check_aggregation(text.threshold.assertion, metric->kind);
    if (!fits) reporter_.complain(text.assertion_place, fits.error().message);
    if (!knows_all || !fits) continue;
    check_selector(text, program_->schema, reporter_);
    stats::Threshold threshold = text.threshold;
    // They are parts of the run, so they shrink with it; a series has one interval a second.
    threshold.delay_abort_eval = scaled(threshold.delay_abort_eval, options_.time_scale);
    for (Duration* span : {&threshold.window, &threshold.hold}) {
      if (*span > Duration{}) {
        *span = std::max<Duration>(std::chrono::seconds{1}, scaled(*span, options_.time_scale));
      }
    }
    if (threshold.assertion.judging != stats::Judging::kLevel) find_steady_part(text, threshold);
    program_->thresholds.push_back(std::move(threshold));
  }
}

std::string without_secrets(std::string source, const Profile& profile) {
  auto spans = profile.gathered.secret_spans;
  std::ranges::sort(spans, std::greater{});
  const auto repeated = std::ranges::unique(spans);
  spans.erase(repeated.begin(), repeated.end());
  for (const auto& [offset, length] : spans) source.replace(offset, length, "\"***\"");
  return source;
}

// Seeds fit into the 53 bits that every reader of JSON keeps.
std::uint64_t any_seed() {
  std::random_device device;
  return ((static_cast<std::uint64_t>(device()) << 32) | device()) >> 11;
}

void Compiler::choose_seed() {
  program_->seed_chosen = !profile_.seed;
  program_->seed = profile_.seed ? *profile_.seed : options_.seed ? *options_.seed : any_seed();
}

std::string base_name(const std::string& file) {
  std::string name = file.substr(file.find_last_of('/') + 1);
  for (const std::string_view ending : {".yaml", ".yml"}) {
    if (name.size() > ending.size() && name.ends_with(ending))
      name.resize(name.size() - ending.size());
  }
  return name;
}

void Compiler::describe(const std::string& file, const std::string& source) {
  Program& program = *program_;
  program.name = profile_.name.empty() ? base_name(file) : profile_.name;
  program.source_name = file;
  program.source_text = without_secrets(source, profile_);
  for (const auto& [name, variable] : profile_.vars) {
    program.vars[name] = variable.secret ? "***" : variable.value;
    if (variable.secret && !variable.value.empty()) program.secrets.push_back(variable.value);
  }
  for (const std::string& secret : profile_.gathered.secrets) program.secrets.push_back(secret);
  std::ranges::sort(program.secrets);
  const auto repeated = std::ranges::unique(program.secrets);
  program.secrets.erase(repeated.begin(), repeated.end());
  program.time_scale = options_.time_scale;
  program.load_scale = options_.load_scale;
  program.segment = options_.segment;
  program.source_addresses = profile_.defaults.source_addresses;
}

// Scales that are numbers; others are complained of, and 1 is used to go on complaining.
Options checked_options(const Options& options, Reporter& reporter) {
  Options checked = options;
  const auto check_scale = [&](double& scale, std::string_view option) {
    if (std::isfinite(scale) && scale > 0) return;
    reporter.complain({}, fmt::format("{} {} is not a number above 0", option, scale));
    scale = 1;
  };
  check_scale(checked.time_scale, "--time-scale");
  check_scale(checked.load_scale, "--load-scale");
  return checked;
}

}  // namespace

std::expected<std::unique_ptr<const Program>, Complaints> compile(const std::string& file_name,
                                                                  const std::string& text,
                                                                  const Options& options) {
  const std::string source = normalized(text);
  Reporter reporter{file_name, source};
  const Options checked = checked_options(options, reporter);
  if (!check_text(source, reporter)) return std::unexpected{reporter.take()};
  const YamlTree tree = YamlTree::parse(reporter);
  if (tree.root() == nullptr) return std::unexpected{reporter.take()};
  Profile profile = load_profile(*tree.root(), checked, reporter);
  check(profile, checked, reporter);
  auto program = Compiler{profile, checked, reporter}.run(file_name, source);
  if (!reporter.clean()) return std::unexpected{reporter.take()};
  return program;
}

}  // namespace gend::plan
