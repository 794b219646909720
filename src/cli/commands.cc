#include "cli/commands.h"

#include <algorithm>
#include <iterator>

#include "base/assert.h"

namespace gend::cli {

namespace {

constexpr Command kCommands[] = {
    {"run", "carry out a plan and watch it", Takes::kPlanToRun, run_plan},
    {"check", "say everything that is wrong with a plan", Takes::kPlan, check_plan},
    {"explain", "show what a plan will do, and whether this host can carry it",
     Takes::kPlanAndJson, explain_plan},
    {"schema", "print the JSON Schema of plans, for editors", Takes::kNothing, print_schema},
    {"simulate", "say what a plan would send when: in virtual time, against a model",
     Takes::kPlanToSimulate, simulate_plan},
    {"status", "show what the daemon is doing", Takes::kJson, show_status},
    {"watch", "watch the active run; leaving does not stop it", Takes::kRunToWatch, watch_run},
    {"dashboard", "serve the report of a run as a page on 127.0.0.1, live while it goes on",
     Takes::kRunAndPort, show_dashboard},
    {"stop", "end a run: what is under way may finish", Takes::kRunToStop, stop_run},
    {"users", "set the number of users of an externally-controlled scenario",
     Takes::kUsersAndRun, set_users},
    {"rate", "set the rate of an externally-controlled scenario", Takes::kRateAndRun, set_rate},
    {"pause", "begin no more iterations of an externally-controlled scenario", Takes::kRun,
     pause_run},
    {"resume", "go on after pause", Takes::kRun, resume_run},
    {"runs", "list the runs that the daemon knows", Takes::kJson, list_runs},
    {"show", "show the report of a run", Takes::kRunAndJson, show_run},
    {"report", "write a run in another form: Markdown, JUnit, CSV, …", Takes::kReport,
     report_run},
    {"compare", "say whether a run is slower than an earlier one, and how sure that is",
     Takes::kTwoRuns, compare_runs},
    {"rm", "remove the results of runs", Takes::kRunsToRemove, remove_runs},
    {"metrics", "print the metrics of the active or latest run (OpenMetrics)", Takes::kNothing,
     show_metrics},
    {"doctor", "say what this host can carry, and what to change when that is too little",
     Takes::kWish, examine_host},
    {"calibrate", "measure what gend can generate on this host, and keep it for later reports",
     Takes::kSeconds, calibrate_host},
    {"data", "write test data for the demo application, or remove it again", Takes::kData,
     handle_data},
    {"version", "show the versions of genctl and of the daemon", Takes::kNothing, show_version},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

int genctl_main(int argc, const char* const* argv) {
  const auto options = parse_command_line(argc, argv);
  if (!options) return options.error();
  const auto* const command =
      std::find_if(std::begin(kCommands), std::end(kCommands),
                   [&](const Command& each) { return options->command == each.name; });
  GEND_ASSERT(command != std::end(kCommands));
  return command->run(*options);
}

}  // namespace gend::cli
