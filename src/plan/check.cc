#include "plan/check.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/limits.h"
#include "plan/executors.h"
#include "plan/join.h"
#include "plan/level.h"
#include "plan/shape.h"

namespace gend::plan {

namespace {

std::string scale_remark(double scale, std::string_view option) {
  return scale == 1 ? std::string{} : fmt::format(" ({} is {})", option, scale);
}

class ScenarioCheck {
 public:
  ScenarioCheck(const ScenarioText& scenario, const Options& options, Reporter& reporter)
      : scenario_{scenario}, options_{options}, reporter_{reporter} {}

  void run() {
    check_flow();
    if (!scenario_.executor) return check_executor_given();
    check_keys();
    check_control();
    check_rate_units();
    if (scenario_.is_open_model()) {
      check_users_of_rates();
      check_paces();
    } else {
      check_whole_users();
      check_iterations();
    }
    check_shape();
  }

 private:
  void check_executor_given() {
    if (scenario_.find_key("executor") != nullptr) return;
    std::vector<std::string_view> names;
    for (const ExecutorKeys& keys : executors()) names.push_back(keys.name);
    reporter_.complain(scenario_.place,
                       fmt::format("scenario {} has no `executor`", quote(scenario_.name)),
                       fmt::format("write one of {}", joined(names)));
  }

  void check_keys() {
    const ExecutorKeys& keys = keys_of(scenario_.executor->value);
    for (const std::string_view key : keys.required) {
      if (scenario_.find_key(key) != nullptr) continue;
      reporter_.complain(scenario_.place, fmt::format("scenario {}: {} needs `{}`",
                                                      quote(scenario_.name), keys.name, key));
    }
    for (const auto& [key, place] : scenario_.keys) {
      const bool fits = std::ranges::count(keys.required, key) > 0 ||
                        std::ranges::count(keys.optional, key) > 0 || !shapes_load(key);
      if (fits) continue;
      std::vector<std::string_view> all = keys.required;
      all.insert(all.end(), keys.optional.begin(), keys.optional.end());
      reporter_.complain(place, fmt::format("`{}` does not apply to {}", key, keys.name),
                         fmt::format("it takes {}", joined(all)));
    }
  }

  // An externally controlled scenario has either users or a rate.
  void check_control() {
    if (scenario_.executor->value != Executor::kExternallyControlled) return;
    const bool open = scenario_.is_open_model();
    for (const std::string_view key : {"vus", "timeUnit", "preAllocatedVUs"}) {
      const Place* place = scenario_.find_key(key);
      if (place == nullptr || open != (key == "vus")) continue;
      reporter_.complain(*place,
                         fmt::format("`{}` {} `rate`", key, open ? "beside" : "without"),
                         "externally-controlled takes `vus`, or `rate` with `timeUnit` and "
                         "`preAllocatedVUs`");
    }
    const bool begins_at_nothing = scenario_.rate && scenario_.rate->value.count == 0;
    const bool sized = scenario_.find_key("maxVUs") || scenario_.find_key("preAllocatedVUs");
    if (open && begins_at_nothing && !sized) {
      reporter_.complain(scenario_.rate->place, "a rate that begins at 0 says nothing of the users",
                         "give `maxVUs`");
    }
  }

  void complain_of_double_unit(const std::optional<Given<RateText>>& rate) {
    if (!rate || !rate->value.per || !scenario_.time_unit) return;
    reporter_.complain(rate->place, "a rate with a unit of its own, beside `timeUnit`",
                       "leave one of them out");
  }

  void check_rate_units() {
    complain_of_double_unit(scenario_.rate);
    complain_of_double_unit(scenario_.start_rate);
    if (scenario_.time_unit && scenario_.time_unit->value == Duration{}) {
      reporter_.complain(scenario_.time_unit->place, "`timeUnit` must be longer than 0");
    }
    if (!scenario_.is_open_model()) return;
    for (const StageText& stage : scenario_.stages) complain_of_double_unit(stage.target);
  }

  void check_whole_users() {
    for (const StageText& stage : scenario_.stages) {
      if (!stage.target) continue;
      const RateText& target = stage.target->value;
      if (!target.per && target.count == std::floor(target.count)) continue;
      reporter_.complain(stage.target->place,
                         fmt::format("{} needs a whole number of users as `target`",
                                     keys_of(scenario_.executor->value).name));
    }
    const bool controlled = scenario_.executor->value == Executor::kExternallyControlled;
    if (!controlled && scenario_.vus && scenario_.vus->value == 0) {
      reporter_.complain(scenario_.vus->place, "`vus` must be at least 1");
    }
    if (!controlled || !scenario_.max_vus) return;
    const std::int64_t users = scenario_.vus ? scenario_.vus->value : 1;
    if (scenario_.max_vus->value == 0) {
      reporter_.complain(scenario_.max_vus->place, "`maxVUs` must be at least 1");
    } else if (scenario_.max_vus->value < users) {
      reporter_.complain(scenario_.max_vus->place, fmt::format("`maxVUs` {} is less than `vus` {}",
                                                               scenario_.max_vus->value, users));
    }
  }

  // k6 refuses it too: some users would never do anything.
  void check_iterations() {
    if (scenario_.executor->value != Executor::kSharedIterations) return;
    const auto bad = [&](std::string_view key, bool read) {
      return scenario_.find_key(key) != nullptr && !read;
    };
    if (bad("vus", scenario_.vus.has_value())) return;
    if (bad("iterations", scenario_.iterations.has_value())) return;
    const std::int64_t users = scenario_.vus ? scenario_.vus->value : 1;
    const std::int64_t iterations = scenario_.iterations ? scenario_.iterations->value : 1;
    if (iterations >= users) return;
    reporter_.complain(
        scenario_.iterations ? scenario_.iterations->place : scenario_.vus->place,
        fmt::format("{} iterations for {} users: some would have none", iterations, users),
        "`iterations` of shared-iterations is the number of all users together");
  }

  void check_paces() {
    const auto visit = [&](const StepText& step) {
      const auto* wait = std::get_if<WaitText>(&step.what);
      if (wait == nullptr || wait->kind != StepKind::kPace) return;
      reporter_.complain(step.place,
                         fmt::format("`pace` in {}: its iterations begin when the rate says so",
                                     keys_of(scenario_.executor->value).name),
                         "leave it out, or use an executor with users, such as constant-vus");
    };
    for_each_step(scenario_.flow, visit);
    if (!scenario_.mix) return;
    for (const PickText::Entry& entry : scenario_.mix->entries) for_each_step(entry.flow, visit);
  }

  void check_users_of_rates() {
    const auto& max = scenario_.max_vus;
    const auto& before = scenario_.pre_allocated_vus;
    if (max && max->value == 0) reporter_.complain(max->place, "`maxVUs` must be at least 1");
    if (before && before->value == 0) {
      reporter_.complain(before->place, "`preAllocatedVUs` must be at least 1",
                         "leave it out to have it sized from the plan");
    }
    if (max && before && max->value < before->value) {
      reporter_.complain(max->place, fmt::format("`maxVUs` {} is less than `preAllocatedVUs` {}",
                                                 max->value, before->value));
    }
  }

  void check_shape() {
    const Shape shape = shape_of(scenario_, options_);
    const double seconds = total_seconds(shape);
    if (seconds == 0) {
      if (has_bad_parts()) return;
      return reporter_.complain(scenario_.place,
                                fmt::format("scenario {} lasts 0s", quote(scenario_.name)));
    }
    if (seconds > static_cast<double>(limits::kDurationSeconds)) {
      reporter_.complain(scenario_.place,
                         fmt::format("scenario {} would end after more than {} days{}",
                                     quote(scenario_.name), limits::kDurationSeconds / 86400,
                                     scale_remark(options_.time_scale, "--time-scale")));
    }
    check_peak(peak_of({shape.start, shape.stages}));
  }

  void check_peak(double peak) {
    const bool open = scenario_.is_open_model();
    const bool controlled = scenario_.executor->value == Executor::kExternallyControlled;
    if (peak == 0 && !controlled && !has_bad_parts()) {
      reporter_.complain(scenario_.place, fmt::format("scenario {} makes no load: every level is 0",
                                                      quote(scenario_.name)));
    }
    const double limit = open ? limits::kRatePerSecond : static_cast<double>(limits::kUsers);
    if (peak <= limit) return;
    reporter_.complain(scenario_.place,
                       fmt::format("scenario {} wants {:.0f} {}, at most {:.0f}{}",
                                   quote(scenario_.name), peak, open ? "arrivals/s" : "users",
                                   limit, scale_remark(options_.load_scale, "--load-scale")));
  }

  double total_seconds(const Shape& shape) const {
    double total = 0;
    for (const Stage& stage : shape.stages) total += to_seconds(stage.duration);
    if (total == 0) return 0;
    const Duration start = scenario_.start_time ? scenario_.start_time->value : Duration{};
    return total + to_seconds(scaled(start, options_.time_scale));
  }

  // Whether something of the load's shape is missing or was complained of already, so that a load
  // of nothing would only be its consequence.
  bool has_bad_parts() const {
    const ExecutorKeys& keys = keys_of(scenario_.executor->value);
    for (const std::string_view key : keys.required) {
      if (scenario_.find_key(key) == nullptr) return true;
    }
    const auto bad = [&](std::string_view key, bool read) {
      return scenario_.find_key(key) != nullptr && !read;
    };
    const bool bad_stage = std::ranges::any_of(
        scenario_.stages, [](const StageText& s) { return !s.duration || !s.target; });
    return bad_stage || bad("stages", scenario_.has_stages) ||
           bad("duration", scenario_.duration.has_value()) ||
           bad("rate", scenario_.rate.has_value()) ||
           bad("startRate", scenario_.start_rate.has_value()) ||
           bad("vus", scenario_.vus.has_value()) ||
           bad("startVUs", scenario_.start_vus.has_value()) ||
           bad("maxDuration", scenario_.max_duration.has_value()) ||
           (scenario_.vus && scenario_.vus->value == 0);
  }

  void check_flow() {
    const Place* flow = scenario_.find_key("flow");
    const Place* mix = scenario_.find_key("mix");
    if (flow == nullptr && mix == nullptr) {
      return reporter_.complain(scenario_.place,
                                fmt::format("scenario {} has no `flow`", quote(scenario_.name)),
                                "say what one iteration does: flow: [{get: /}]");
    }
    if (flow != nullptr && mix != nullptr) {
      return reporter_.complain(std::max(*flow, *mix),
                                fmt::format("scenario {} has a `flow` and a `mix`",
                                            quote(scenario_.name)),
                                "leave one of them out; a `mix` may hold the flow as an entry");
    }
    if (flow != nullptr) check_ends(scenario_.flow, *flow, "the flow");
    if (!scenario_.mix) return;
    for (const PickText::Entry& entry : scenario_.mix->entries) {
      if (entry.weight > 0) {
        check_ends(entry.flow, entry.place, fmt::format("{} in the mix", quote(entry.name)));
      }
    }
  }

  void check_ends(const FlowText& flow, Place place, std::string_view which) {
    bool does_something = false;
    for_each_step(flow, [&](const StepText& step) {
      const auto* think = std::get_if<Think>(&step.what);
      does_something |= std::holds_alternative<std::unique_ptr<HttpText>>(step.what) ||
                        std::holds_alternative<WaitText>(step.what) ||
                        std::holds_alternative<EndText>(step.what) ||
                        std::holds_alternative<std::unique_ptr<SessionText>>(step.what) ||
                        (think != nullptr && std::max(think->a, think->b) > Duration{});
    });
    // With complaints about its steps the flow is not what the text says.
    if (does_something || !reporter_.clean()) return;
    reporter_.complain(place,
                       fmt::format("{} of scenario {} never ends an iteration: it neither sends "
                                   "anything nor pauses",
                                   which, quote(scenario_.name)),
                       "add a request or a `think`");
  }

  const ScenarioText& scenario_;
  const Options& options_;
  Reporter& reporter_;
};

double users_of(const ScenarioText& scenario, const Options& options) {
  if (!scenario.executor) return 0;
  if (scenario.is_open_model()) {
    const auto& given = scenario.max_vus ? scenario.max_vus : scenario.pre_allocated_vus;
    return given ? scaled_users(static_cast<double>(given->value), options.load_scale) : 0;
  }
  if (scenario.max_vus) {
    return scaled_users(static_cast<double>(scenario.max_vus->value), options.load_scale);
  }
  const Shape shape = shape_of(scenario, options);
  return peak_of({shape.start, shape.stages});
}

}  // namespace

void check(const Profile& profile, const Options& options, Reporter& reporter) {
  double users = 0;
  for (const ScenarioText& scenario : profile.scenarios) {
    ScenarioCheck{scenario, options, reporter}.run();
    users += users_of(scenario, options);
  }
  if (profile.scenarios.size() > 1 && users > static_cast<double>(limits::kUsers)) {
    reporter.complain(
        profile.scenarios_place,
        fmt::format("the scenarios together want {:.0f} users, at most {}{}", users, limits::kUsers,
                    scale_remark(options.load_scale, "--load-scale")));
  }
}

}  // namespace gend::plan
