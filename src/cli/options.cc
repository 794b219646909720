#include "cli/options.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/comparing.h"
#include "cli/formats.h"
#include "cli/run_source.h"
#include "control/run_request.h"
#include "gend/control_api.h"
#include "plan/units.h"

namespace gend::cli {

namespace {

// "NAME=VALUE" for each; CLI11 shows what is returned when one is not.
std::string check_assignment(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == text.npos) return "\"" + text + "\" is not NAME=VALUE";
  return {};
}

// What ids are made of; anything else could not be part of a path.
std::string check_run_id(const std::string& text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c == '-' || (c < 0x80 && std::isalnum(c) != 0);
  });
  return plain && !text.empty() ? std::string{} : "\"" + text + "\" is no run's id (genctl runs)";
}

void add_run_id(CLI::App& app, Options& options, const char* help) {
  app.add_option("RUN", options.run, help)->check(CLI::Validator(check_run_id, "", "run"));
}

std::string check_segment(const std::string& text) {
  return control::parse_segment(text) ? std::string{}
                                      : "\"" + text + "\" is not like 2/3, which is part 2 of 3";
}

std::string check_rate(const std::string& text) {
  return control::parse_rate_per_second(text)
             ? std::string{}
             : "\"" + text + "\" is no rate, expected one like 10, 10/s or 600/min";
}

void add_plan_options(CLI::App& app, Options& options) {
  app.add_option("PLAN", options.plan, "plan file (YAML); - reads standard input")->required();
  app.add_option_function<std::vector<std::string>>(
         "--set",
         [&options](const std::vector<std::string>& all) {
           for (const std::string& each : all)
             options.set[each.substr(0, each.find('='))] = each.substr(each.find('=') + 1);
         },
         "NAME=VALUE: value of a variable that the plan declares; may be repeated")
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->check(CLI::Validator(check_assignment, "", "assignment"))
      ->type_name("NAME=VALUE");
  app.add_option("--time-scale", options.time_scale, "multiply every duration of the load")
      ->check(CLI::PositiveNumber);
  app.add_option("--load-scale", options.load_scale, "multiply every number of users and rate")
      ->check(CLI::PositiveNumber);
  app.add_option("--segment", options.segment,
                 "i/n: only part i of a load that n processes carry out together")
      ->check(CLI::Validator(check_segment, "", "segment"))
      ->type_name("i/n");
}

void add_local_options(CLI::App& app, Options& options) {
  app.add_option("--shards", options.shards, "threads of the private gend; 0: one for each CPU")
      ->check(CLI::Range(0u, 256u));
  app.add_option("--uring-profile", options.uring_profile, "io_uring profile of the private gend")
      ->check(CLI::IsMember({"A", "B", "C", "D", "E"}));
}

std::string check_tolerance(const std::string& text) {
  report::CompareOptions unused;
  return add_tolerance(text, unused);
}

void add_comparing_options(CLI::App& app, Options& options) {
  app.add_option_function<std::vector<std::string>>(
         "--tolerance",
         [&options](const std::vector<std::string>& all) {
           for (const std::string& each : all) add_tolerance(each, options.comparing);
         },
         "differences that are no matter: 5%, or http_req_duration=5% for one metric; may be "
         "repeated; default 10%")
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->check(CLI::Validator(check_tolerance, "", "tolerance"))
      ->type_name("[METRIC=]N%");
  app.add_flag_callback(
      "--anyway", [&options] { options.comparing.anyway = report::Anyway::kYes; },
      "compare although plan, host, variables or scale differ, or a run is SATURATED");
}

void add_compare_options(CLI::App& app, Options& options) {
  const CLI::Validator run_or_file{check_run_or_file, "", "run"};
  app.add_option("BEFORE", options.baseline, "id of the earlier run, or a run file")
      ->required()
      ->check(run_or_file)
      ->type_name("RUN|FILE");
  app.add_option("AFTER", options.run, "id of the later run, or a run file")
      ->required()
      ->check(run_or_file)
      ->type_name("RUN|FILE");
  add_comparing_options(app, options);
  app.add_option("--format", options.compare_format, "form of the comparison")
      ->check(CLI::IsMember({"text", "json", "markdown"}))
      ->capture_default_str();
  app.add_option("--output", options.report.output, "write here; -: standard output (the default)")
      ->type_name("FILE");
}

void add_run_options(CLI::App& app, Options& options) {
  add_plan_options(app, options);
  CLI::Option* baseline =
      app.add_option("--baseline", options.baseline,
                     "exit code 99 when the run is worse than this one (compare)")
          ->check(CLI::Validator(check_run_or_file, "", "run"))
          ->type_name("RUN|FILE");
  add_comparing_options(app, options);
  CLI::Option* local = app.add_flag(
      "--local", options.local, "generate the load in a private gend that ends with the run");
  CLI::Option* detach =
      app.add_flag("--detach", options.detach, "return as soon as the run has begun")
      ->excludes(local)
      ->excludes(baseline);
  app.add_option("--start-at", options.start_at,
                 "begin at this time: 2026-11-21T08:00:00Z, or +10s from now")
      ->type_name("TIME");
  app.add_option("-o,--out", options.out,
                 "export while it runs: prometheus[=URL], influxdb[=URL], statsd[=HOST:PORT], and "
                 "k6's names for them; may be repeated")
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("OUTPUT");
  app.add_flag("--dashboard", options.dashboard.served,
               "serve the run as a page while it goes on (dashboard)")
      ->excludes(detach);
  app.add_flag("--quiet", options.quiet, "no progress and no report, only errors");
  app.add_flag("--strict", options.strict, "exit code 90 when the generator itself was the limit");
  for (const Format& format : formats()) {
    if (format.option == nullptr) continue;
    app.add_option_function<std::string>(
           format.option,
           [&options, name = std::string{format.name}](const std::string& path) {
             options.outputs[name] = path;
           },
           std::string{"write here: "} + format.help + "; -: standard output")
        ->type_name("FILE");
  }
  add_local_options(app, options);
}

// What the tables of one kind are made of.
void add_sizes(CLI::App& app, FixtureKind kind, FixtureOptions& fixtures) {
  const auto add = [&](const char* name, std::uint32_t& value, std::uint32_t most,
                       const char* help) {
    app.add_option(name, value, help)->capture_default_str()->check(CLI::Range(1U, most));
  };
  demo::Sizes& sizes = fixtures.sizes;
  const bool has_users = kind == FixtureKind::kVillages || kind == FixtureKind::kShop;
  if (has_users) add("--villages", sizes.villages, 100'000, "villages");
  if (has_users) add("--users-per-village", sizes.users_per_village, 1000, "users of each");
  if (kind == FixtureKind::kShop) {
    add("--products", sizes.products, kFixtureRows, "products");
    add("--customers", fixtures.customers, kFixtureRows, "customers: the first users");
  }
  if (kind == FixtureKind::kTenants)
    add("--tenants-per-tier", sizes.tenants_per_tier, 100'000, "tenants of each tier");
  if (kind != FixtureKind::kCommunity) return;
  add("--communities", sizes.communities, 100'000, "communities");
  add("--members", sizes.members, 100'000, "members of each");
}

void add_data_options(CLI::App& app, Options& options) {
  struct Kind {
    FixtureKind kind;
    const char* help;
  };
  constexpr Kind kKinds[] = {
      {FixtureKind::kVillages, "villages and their users, with tokens"},
      {FixtureKind::kShop, "products, and customers with tokens"},
      {FixtureKind::kTenants, "tenants of each tier, with API keys and tokens"},
      {FixtureKind::kCommunity, "members of communities, with tokens"}};
  app.require_subcommand(1);
  for (const Kind& each : kKinds) {
    CLI::App* sub = app.add_subcommand(std::string{name_of(each.kind)}, each.help);
    DataOptions& data = options.data;
    add_sizes(*sub, each.kind, data.fixtures);
    sub->add_option("--jwt-secret", data.fixtures.secret, "signs the tokens (HS256)")
        ->envname("GEND_JWT_SECRET")
        ->capture_default_str();
    sub->add_option("--seed", data.fixtures.seed, "rows in an order that it decides")
        ->check(CLI::Range(std::int64_t{0}, std::numeric_limits<std::int64_t>::max()));
    sub->add_option("--out", data.out, "folder; made when it is not there")
        ->capture_default_str()
        ->type_name("DIR");
    CLI::Option* force = sub->add_flag("--force", data.force, "replace files that are there");
    sub->add_flag("--teardown", data.teardown, "remove what was written, and nothing else")
        ->excludes(force);
    sub->callback([&data, kind = each.kind] { data.fixtures.kind = kind; });
  }
}

void add_simulate_options(CLI::App& app, Options& options) {
  add_plan_options(app, options);
  const auto add = [&](const std::string& name, const std::string& type, const std::string& help) {
    app.add_option_function<std::string>(
           "--" + name, [&options, name](const std::string& text) { options.model[name] = text; },
           help)
        ->type_name(type);
  };
  add("latency", "TIME", "of the model, for each request: 20ms (the default), 10ms..50ms, "
                         "exponential:30ms, lognormal:20ms,p99=200ms");
  add("workers", "N", "requests that the model serves at once; 0: any number (the default)");
  add("queue", "N", "requests that may wait for a worker; more are answered with a 503");
  add("fail", "SHARE", "share of requests that the model answers with a 500: 1%");
  add("bytes", "SIZE", "of each body: 2KiB (the default)");
  add("rtt", "TIME", "there and back, on top of the latency: 0s (the default)");
  app.add_flag("--json", options.json, "print JSON");
}

std::string check_every(const std::string& text) {
  const auto every = plan::parse_duration(text);
  if (every && *every > Duration::zero()) return {};
  return "\"" + text + "\" is no length of time, expected one like " +
         std::string{plan::kDurationForms};
}

std::string check_selector(const std::string& text) {
  const auto selector = stats::parse_selector(text);
  return selector ? std::string{} : "\"" + text + "\": " + selector.error().message;
}

void add_report_options(CLI::App& app, Options& options) {
  ReportOptions& report = options.report;
  app.add_option("RUN|FILE", options.run,
                 "id of the run, default: the latest; or a run file, or a summary")
      ->check(CLI::Validator(check_run_or_file, "", "run"))
      ->type_name("");
  std::vector<std::string> names;
  std::string help = "form of the report:";
  for (const Format& format : formats()) {
    names.emplace_back(format.name);
    help += "\n" + names.back() + ": " + format.help;
  }
  app.add_option("--format", report.format, help)
      ->check(CLI::IsMember(names))
      ->capture_default_str()
      ->type_name("NAME");
  app.add_option("--output", report.output, "write here; -: standard output (the default)")
      ->type_name("FILE");
  app.add_option("--baseline", options.baseline,
                 "text, markdown, json, html: how the run differs from this one (compare)")
      ->check(CLI::Validator(check_run_or_file, "", "run"))
      ->type_name("RUN|FILE");
  add_comparing_options(app, options);
  app.add_option_function<std::string>(
         "--every",
         [&report](const std::string& text) { report.every = plan::parse_duration(text); },
         "csv, hlog: put together what came in each so much time; default 1s, 10s for runs beyond "
         "an hour, 60s beyond ten")
      ->check(CLI::Validator(check_every, "", "time"))
      ->type_name("TIME");
  app.add_option_function<std::string>(
         "--metric",
         [&report](const std::string& text) {
           if (auto selector = stats::parse_selector(text)) report.metric = *std::move(selector);
         },
         "hlog, hgrm: this trend, or a part of it: http_req_duration{name:login}")
      ->check(CLI::Validator(check_selector, "", "metric"))
      ->type_name("METRIC");
}

void add_dashboard_options(CLI::App& app, DashboardOptions& dashboard) {
  app.add_option("--port", dashboard.port, "of 127.0.0.1; 0, the default: any that is free")
      ->type_name("N");
  app.add_flag("--open", dashboard.open, "open the page in your browser (xdg-open)");
  app.footer("Prints the page's address and serves it until Ctrl-C; the run goes on. Whoever has "
             "the address can steer and stop the run: it has a token that changes each time.");
}

void add_wish_options(CLI::App& app, Options& options) {
  app.add_option("--connections", options.wish.connections,
                 "connections at once to one address and port; default 1,000")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000'000}));
  app.add_option("--rate", options.wish.rate, "requests: 10000/s, 600/min")
      ->check(CLI::Validator(check_rate, "", "rate"))
      ->type_name("RATE");
  app.add_option("--target", options.wish.target, "whom the load shall go to; sent it is nothing")
      ->type_name("HOST[:PORT]");
  app.add_flag("--json", options.json, "print JSON");
  add_local_options(app, options);
  app.footer("Exit code 0: nothing stops such a load. 94: something does; it is marked with a "
             "cross, with commands that mend it. Nothing is changed.");
}

void add_calibrate_options(CLI::App& app, Options& options) {
  app.add_option("--seconds", options.seconds, "of each of at most nine measurements")
      ->check(CLI::Range(1U, 60U))
      ->capture_default_str();
  app.add_flag("--json", options.json, "print JSON");
  app.add_option("--shards", options.shards,
                 "threads of the private gend; default: half of the CPUs, the others are the "
                 "target's")
      ->check(CLI::Range(1U, 256U));
  app.footer("Sends small GETs to a gentarget that it starts on 127.0.0.1 and ends again: closed "
             "model, open model, new connections; about half a minute. With a daemon that "
             "answers it is the daemon that is measured, and that keeps the result.");
}

void add_options(CLI::App& app, Takes takes, Options& options) {
  switch (takes) {
    case Takes::kNothing: break;
    case Takes::kData: add_data_options(app, options); break;
    case Takes::kPlanToRun: add_run_options(app, options); break;
    case Takes::kPlan: add_plan_options(app, options); break;
    case Takes::kPlanAndJson:
      add_plan_options(app, options);
      app.add_flag("--json", options.json, "print JSON");
      break;
    case Takes::kPlanToSimulate: add_simulate_options(app, options); break;
    case Takes::kJson: app.add_flag("--json", options.json, "print JSON"); break;
    case Takes::kRun:
      add_run_id(app, options, "id of the run; default: the active one");
      break;
    case Takes::kRunToWatch:
      add_run_id(app, options, "id of the run; default: the active one");
      app.add_flag("--plain", options.plain, "a few lines instead of the whole terminal");
      break;
    case Takes::kRunAndPort:
      add_run_id(app, options, "id of the run; default: the active one");
      add_dashboard_options(app, options.dashboard);
      break;
    case Takes::kRunAndJson:
      add_run_id(app, options, "id of the run; default: the latest");
      app.add_flag("--json", options.json, "print the summary as JSON");
      break;
    case Takes::kWish: add_wish_options(app, options); break;
    case Takes::kSeconds: add_calibrate_options(app, options); break;
    case Takes::kReport: add_report_options(app, options); break;
    case Takes::kTwoRuns: add_compare_options(app, options); break;
    case Takes::kRunsToRemove:
      app.add_option("RUN", options.runs, "ids of the runs")
          ->required()
          ->check(CLI::Validator(check_run_id, "", "run"));
      break;
    case Takes::kUsersAndRun:
      app.add_option("N", options.users, "how many users there shall be")
          ->required()
          ->check(CLI::NonNegativeNumber);
      add_run_id(app, options, "id of the run; default: the active one");
      break;
    case Takes::kRateAndRun:
      app.add_option("RATE", options.rate, "arrivals: 10, 10/s, 600/min")
          ->required()
          ->check(CLI::Validator(check_rate, "", "rate"));
      add_run_id(app, options, "id of the run; default: the active one");
      break;
    case Takes::kRunToStop:
      add_run_id(app, options, "id of the run; default: the active one");
      app.add_flag("--now", options.now, "cut off what is under way");
      break;
  }
}

}  // namespace

std::expected<Options, int> parse_command_line(int argc, const char* const* argv) {
  Options options;
  CLI::App app{"genctl drives gend, the load generator (version " GEND_VERSION ")", "genctl"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "genctl " GEND_VERSION);
  app.add_option("--socket", options.socket, "control socket of gend")
      ->envname("GEND_SOCKET")
      ->type_name("PATH");
  for (const Command& command : commands()) {
    CLI::App* sub = app.add_subcommand(command.name, command.help);
    add_options(*sub, command.takes, options);
    sub->callback([&options, &command] { options.command = command.name; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const bool asked = e.get_exit_code() == 0;  // --help, --version
    app.exit(e);
    return std::unexpected{asked ? 0 : std::to_underlying(ExitCode::kUsage)};
  }
  return options;
}

}  // namespace gend::cli
