#include "control/exports.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/export_limits.h"
#include "base/wall_clock.h"
#include "control/allow_list.h"
#include "report/mask.h"
#include "stats/frame.h"

namespace gend::control {

using namespace std::chrono_literals;
using exporter::Destination;

namespace {

constexpr Duration kEvery = 5s;  // as k6's push interval for remote write

Destination::Kind kind_of(plan::Export::Kind kind) {
  switch (kind) {
    case plan::Export::Kind::kPrometheus: return Destination::Kind::kPrometheus;
    case plan::Export::Kind::kInfluxdb: return Destination::Kind::kInfluxdb;
    case plan::Export::Kind::kStatsd: return Destination::Kind::kStatsd;
  }
  GEND_ASSERT(!"a kind of export has an exporter");
}

Destination destination_of(const plan::Export& to) {
  Destination out;
  out.kind = kind_of(to.kind);
  out.address = to.address;
  out.every = to.every > Duration{} ? to.every : kEvery;
  out.names = to.names == plan::Export::Names::kK6 ? exporter::Names::kK6 : exporter::Names::kGend;
  out.trends = to.trends == plan::Export::Trends::kNative ? exporter::Trends::kNative
                                                          : exporter::Trends::kBuckets;
  out.tags = to.tags ? exporter::StatsdStyle::Tags::kAppend : exporter::StatsdStyle::Tags::kNone;
  out.labels = to.labels;
  out.headers = to.headers;
  out.user = to.user;
  out.password = to.password;
  return out;
}

}  // namespace

std::expected<std::vector<plan::Export>, Problem> exports_of(std::vector<plan::Export> of_plan,
                                                             const std::vector<std::string>& out) {
  std::vector<plan::Export> all = std::move(of_plan);
  std::vector<std::string> complaints;
  for (const std::string& each : out) {
    std::string why;
    if (auto to = plan::parse_out(each, why)) all.push_back(std::move(*to));
    else complaints.push_back("--out: " + why);
  }
  if (all.size() > limits::kExports)
    complaints.push_back(fmt::format("--out: {} exports, at most {} are possible", all.size(),
                                     limits::kExports));
  if (!complaints.empty()) return std::unexpected{bad_plan(std::move(complaints))};
  return all;
}

Exports::Exports(const plan::Program& program, const stats::Schema& shown,
                 const std::vector<plan::Export>& exports, const std::vector<std::string>& allow)
    : program_{program}, fence_{std::make_unique<AllowList>(allow)} {
  for (const plan::Export& each : exports)
    exporters_.push_back(
        std::make_unique<exporter::Exporter>(destination_of(each), shown, *fence_));
  failing_.resize(exporters_.size());
}

Exports::~Exports() = default;

void Exports::push(const stats::Snapshot& interval, Duration from, Duration to,
                   const report::RunResult& run) {
  if (exporters_.empty()) return;
  const exporter::Second second{.frame = stats::frame_of(program_.schema, interval, from, to),
                                .wall_ms = wall_ms_now(), .standing = exporter::standing_of(run)};
  for (const auto& each : exporters_) each->push(second);
}

void Exports::close() {
  for (const auto& each : exporters_) each->close(limits::kExportFarewell);
  for (const auto& each : exporters_) each->join();
}

std::vector<std::string> Exports::warnings() const {
  std::vector<std::string> all;
  for (const auto& each : exporters_) {
    const exporter::Account account = each->account();
    if (account.failures + account.dropped + account.seconds_dropped == 0) continue;
    std::string words =
        fmt::format("export to {}: {} of {} requests failed", exporter::shown(each->destination()),
                    account.failures, account.requests);
    if (!account.trouble.empty())
      words += fmt::format(" ({})", report::masked(account.trouble, program_.secrets,
                                                   report::Ends::kCutOff));
    words += fmt::format("; {} samples sent, {} dropped", account.sent, account.dropped);
    if (account.seconds_dropped > 0)
      words += fmt::format(", and {} seconds before they were encoded", account.seconds_dropped);
    all.push_back(std::move(words));
  }
  return all;
}

std::vector<report::RunEvent> Exports::news(Duration at) {
  std::vector<report::RunEvent> events;
  for (std::size_t i = 0; i < exporters_.size(); ++i) {
    const exporter::Account account = exporters_[i]->account();
    if (account.failing == failing_[i] || told_ == limits::kExportEvents) continue;
    failing_[i] = account.failing;
    ++told_;
    const std::string to = exporter::shown(exporters_[i]->destination());
    const std::string why =
        report::masked(account.trouble, program_.secrets, report::Ends::kCutOff);
    events.push_back({.at = at,
                      .what = account.failing ? fmt::format("export to {} fails: {}", to, why)
                                              : fmt::format("export to {} works again", to),
                      .by = "gend"});
  }
  return events;
}

}  // namespace gend::control
