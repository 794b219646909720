#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "cli/fixtures.h"
#include "gend/exit_code.h"
#include "report/compare.h"
#include "stats/threshold.h"

namespace gend::cli {

struct DataOptions {
  FixtureOptions fixtures;
  std::string out = "data";
  bool force = false, teardown = false;
};

struct ReportOptions {
  std::string format = "text";  // a name of formats.h
  std::string output = "-";
  std::optional<Duration> every;
  std::optional<stats::Selector> metric;
};

struct DashboardOptions {
  std::uint16_t port = 0;  // 0: any that is free
  bool open = false;       // in the user's browser
  bool served = false;     // run: while it goes on
};

// What a host shall carry (doctor).
struct WishOptions {
  std::optional<std::uint64_t> connections;
  std::string rate, target;  // as written; empty: not asked for
};

// The whole command line of genctl. Which members mean something depends on the command.
struct Options {
  std::string command;

  std::optional<std::string> socket;  // --socket, or GEND_SOCKET: no fallback to a private gend

  std::string plan;                         // run, check, explain
  std::map<std::string, std::string> set;   // --set NAME=VALUE
  double time_scale = 1, load_scale = 1;
  std::string segment = "1/1";
  std::optional<std::string> start_at;  // run

  bool local = false, detach = false, quiet = false, strict = false;  // run
  std::map<std::string, std::string> outputs;  // paths by the names of their formats (formats.h)
  std::vector<std::string> out;  // --out: exports besides the plan's own
  std::optional<unsigned> shards;      // of the private gend
  std::string uring_profile;           // "", or "A" to "E"

  std::map<std::string, std::string> model;  // simulate: latency, workers, …, as written

  std::string run;    // stop, show, watch: the run's id; empty: the active or the latest one;
                      // report: RUN|FILE
  std::vector<std::string> runs;  // rm
  double users = 0;   // users
  std::string rate;   // rate
  bool now = false;   // stop
  bool plain = false;  // watch: a few lines instead of the whole screen
  bool json = false;  // status, runs, show, explain, simulate, doctor, calibrate
  DataOptions data;   // data
  ReportOptions report;  // report; compare: where to
  WishOptions wish;      // doctor
  unsigned seconds = 3;  // calibrate: of each measurement
  DashboardOptions dashboard;  // dashboard, run
  std::optional<std::string> baseline;  // RUN|FILE; run, report: to compare with, compare: the
                                        // earlier one
  report::CompareOptions comparing;     // compare, --baseline
  std::string compare_format = "text";  // compare
};

// What the command line asks for, or the exit code after help or a complaint was printed.
std::expected<Options, int> parse_command_line(int argc, const char* const* argv);

}  // namespace gend::cli
