#include "export/encoder.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/export_limits.h"
#include "export/influx.h"
#include "export/slots.h"
#include "stats/frame.h"

namespace gend::exporter {
namespace {

FixedLabels with(FixedLabels labels, const std::string& name, const std::string& value) {
  const bool given = std::ranges::find(labels, name, [](const auto& l) { return l.first; }) !=
                     labels.end();
  if (!given) labels.emplace_back(name, value);
  return labels;
}

class PrometheusEncoder final : public Encoder {
 public:
  PrometheusEncoder(const Destination& destination, const stats::Schema& schema)
      : destination_{destination}, schema_{schema}, total_{schema} {}

  void add(const Second& second, std::vector<Message>& out) override {
    if (!latest_) {
      const Duration length = second.frame.to - second.frame.from;
      pushed_ms_ = second.wall_ms - std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::max(length, Duration{})).count();
      pushed_ = second.frame.from;
    }
    stats::merge(total_, second.frame);
    latest_ = {.frame = {}, .wall_ms = second.wall_ms, .standing = second.standing};
    waiting_ = true;
    if (second.frame.to - pushed_ < destination_.every) return;
    pushed_ = second.frame.to;
    push(out);
  }

  void finish(std::vector<Message>& out) override {
    if (waiting_) push(out);
  }

 private:
  void push(std::vector<Message>& out) {
    const bool k6 = destination_.names == Names::kK6;
    const FixedLabels labels = with(with(destination_.labels, "job", k6 ? "k6" : "gend"),
                                    k6 ? "testid" : "run", latest_->standing.id);
    // A wall clock that was set back must not make samples older than those before.
    const std::int64_t now = std::max(latest_->wall_ms, pushed_ms_ + 1);
    RemoteWrite write{labels, destination_.trends, {pushed_ms_, now}, begun_};
    write_progress(write, latest_->standing);
    write_verdict(write, latest_->standing);
    write_families(write, schema_, total_.recorder, destination_.names);
    write_generator(write, latest_->standing);
    write_thresholds(write, latest_->standing);
    for (Message& message : std::move(write).finish()) out.push_back(std::move(message));
    pushed_ms_ = now;
    waiting_ = false;
  }

  Destination destination_;
  const stats::Schema& schema_;
  stats::Snapshot total_;
  std::optional<Second> latest_;  // without its frame
  std::unordered_set<std::string> begun_;
  Duration pushed_{};           // of the run
  std::int64_t pushed_ms_ = 0;  // the same by the wall clock
  bool waiting_ = false;
};

class InfluxEncoder final : public Encoder {
 public:
  InfluxEncoder(const Destination& destination, const stats::Schema& schema)
      : destination_{destination}, slots_{schema} {}

  void add(const Second& second, std::vector<Message>& out) override {
    Message lines = influx_lines(slots_, second,
                                 with(destination_.labels, "run", second.standing.id));
    waiting_.bytes += lines.bytes;
    waiting_.samples += lines.samples;
    if (second.frame.to - pushed_ < destination_.every &&
        waiting_.bytes.size() < limits::kExportBody)
      return;
    pushed_ = second.frame.to;
    finish(out);
  }

  void finish(std::vector<Message>& out) override {
    if (waiting_.samples > 0) out.push_back(std::exchange(waiting_, {}));
  }

 private:
  Destination destination_;
  Slots slots_;
  Message waiting_;
  Duration pushed_{};
};

// StatsD counts by itself: every second is sent as it comes.
class StatsdEncoder final : public Encoder {
 public:
  StatsdEncoder(const Destination& destination, const stats::Schema& schema)
      : destination_{destination}, slots_{schema} {}

  void add(const Second& second, std::vector<Message>& out) override {
    const StatsdStyle style{.prefix = destination_.names == Names::kK6 ? "k6." : "gend.",
                            .tags = destination_.tags};
    for (Message& packet : statsd_packets(slots_, second, style, destination_.labels))
      out.push_back(std::move(packet));
  }
  void finish(std::vector<Message>&) override {}

 private:
  Destination destination_;
  Slots slots_;
};

}  // namespace

std::string_view name_of(Destination::Kind kind) {
  switch (kind) {
    case Destination::Kind::kPrometheus: return "prometheus";
    case Destination::Kind::kInfluxdb: return "influxdb";
    case Destination::Kind::kStatsd: return "statsd";
  }
  GEND_ASSERT(!"a destination has a name");
}

std::string shown(const Destination& destination) {
  // What is behind a question mark may be a password (InfluxDB's u and p).
  return fmt::format("{} {}", name_of(destination.kind),
                     destination.address.substr(0, destination.address.find('?')));
}

std::unique_ptr<Encoder> make_encoder(const Destination& destination,
                                      const stats::Schema& schema) {
  switch (destination.kind) {
    case Destination::Kind::kPrometheus:
      return std::make_unique<PrometheusEncoder>(destination, schema);
    case Destination::Kind::kInfluxdb: return std::make_unique<InfluxEncoder>(destination, schema);
    case Destination::Kind::kStatsd: return std::make_unique<StatsdEncoder>(destination, schema);
  }
  GEND_ASSERT(!"a destination has an encoder");
}

}  // namespace gend::exporter
