#include "sim/simulator.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace gend::sim {
namespace {

using engine::UserTable;

// Intervals of a row: what falls into a window of a threshold is known no finer.
Duration interval_of(const plan::Program& program, Duration bucket) {
  constexpr int kIntervals = 10;
  Duration wanted = bucket / kIntervals;
  for (const stats::Threshold& each : program.thresholds)
    for (const Duration window : {each.window, each.hold})
      if (window > Duration::zero()) wanted = std::min(wanted, window / 2);
  wanted = std::max<Duration>(wanted, std::chrono::microseconds{100});
  auto parts = (bucket + wanted - Duration{1}) / wanted;
  while (bucket.count() % parts != 0) ++parts;  // rows end where intervals do
  return bucket / parts;
}

std::size_t connections_of(const plan::Program& program) {
  const std::size_t users = UserTable::size_of(program, engine::Share{});
  return users * std::max<std::size_t>(program.endpoints.size(), 1) + 1;
}

std::vector<bool> tls_of(const plan::Program& program) {
  std::vector<bool> tls;
  for (const plan::Endpoint& endpoint : program.endpoints) tls.push_back(endpoint.tls);
  return tls;
}

// Steps of a scenario stand behind each other, up to its end.
std::vector<std::uint32_t> requests_of(const plan::Program& program,
                                       const plan::Scenario& scenario) {
  std::vector<std::uint32_t> requests;
  for (std::uint32_t at = scenario.first_step;; ++at) {
    const plan::Step& step = program.steps[at];
    if (step.kind == plan::StepKind::kEnd) return requests;
    if (step.kind == plan::StepKind::kHttp) requests.push_back(step.body);
  }
}

void add_durations(const plan::HttpRequest& request, const stats::Recorder& recorder,
                   stats::Histogram& into) {
  for (const std::uint32_t slot : request.series.duration) into.merge(recorder.trend_at(slot));
}

Duration percentile(const stats::Histogram& histogram, double percent) {
  return Duration{static_cast<std::int64_t>(histogram.percentile(percent))};
}

Duration since_start(TimePoint at) { return at - TimePoint{}; }

// What happened in the very moment in which the run ended belongs to the row that it ends.
void add_moment(const Row& row, Row& into) {
  into.planned += row.planned;
  into.started += row.started;
  into.completed += row.completed;
  into.dropped += row.dropped;
  into.waiting = row.waiting;
  into.requests += row.requests;
  into.failed += row.failed;
  into.bytes_sent += row.bytes_sent;
  into.bytes_received += row.bytes_received;
  for (std::size_t i = 0; i < row.sent.size(); ++i) into.sent[i] += row.sent[i];
}

}  // namespace

Simulator::Simulator(const plan::Program& program, const ModelSpec& model, Duration bucket)
    : program_{program},
      assumptions_{assume(program)},
      target_{model, program.seed, tls_of(program)},
      world_{target_},
      io_{world_, program, assumptions_, connections_of(program)},
      shard_{program, io_, engine::Share{}},
      interval_{interval_of(program, bucket)},
      sent_(program.requests.size()),
      waiting_(program.scenarios.size()),
      row_{program.schema},
      total_{program.schema},
      watch_{program.schema, program.thresholds} {
  told_.bucket = bucket;
  told_.scenarios.resize(program.scenarios.size());
  for (const plan::Scenario& scenario : program.scenarios)
    requests_.push_back(requests_of(program, scenario));
  io_.count_until(TimePoint{bucket});
  // Wall clock: 1970, so that what is rendered from it is the same every time.
  shard_.begin(TimePoint{}, 0, interval_);
}

bool Simulator::run(std::size_t turns) {
  for (; running_ && turns > 0; --turns) {
    world_.advance_to(wakes_at_);
    running_ = shard_.turn();
    wakes_at_ = std::max(io_.wakes_at(), world_.now());
    collect();
  }
  return running_;
}

void Simulator::cut_off(Simulation::End why) {
  if (told_.end != Simulation::End::kFinished) return;
  told_.end = why;
  shard_.commands.put({.kind = engine::Command::Kind::kStopNow});
  wakes_at_ = world_.now();
}

void Simulator::collect() {
  engine::Delivery delivery;
  while (shard_.deliveries.take(delivery)) {
    absorb(*delivery.snapshot);
    delivery.snapshot->clear();
    shard_.empties.put(delivery.snapshot);
  }
}

void Simulator::absorb(stats::Snapshot& interval) {
  const stats::Recorder& recorder = interval.recorder;
  row_.merge(interval, stats::Recorder::Over::kIntervals);
  total_.merge(interval, stats::Recorder::Over::kIntervals);
  watch_.add(recorder, since_start(recorder.from), since_start(recorder.to));
  told_.thresholds = watch_.results(total_.recorder, since_start(recorder.to));
  told_.length = since_start(recorder.to);
  if (total_.aborted != 0) cut_off(Simulation::End::kAborted);
  if (recorder.to >= row_from_ + told_.bucket || !running_) end_row(recorder.to);
}

void Simulator::end_row(TimePoint to) {
  io_.count_until(to + told_.bucket);
  std::vector<std::uint64_t> sent = io_.take_sent();
  if (!running_)
    std::ranges::transform(sent, io_.take_sent(), sent.begin(), std::plus<>{});
  std::ranges::transform(sent_, sent, sent_.begin(), std::plus<>{});
  for (std::size_t i = 0; i < program_.scenarios.size(); ++i) {
    const plan::Scenario& scenario = program_.scenarios[i];
    Row row = row_of(i, to, sent);
    std::vector<Row>& rows = told_.scenarios[i].rows;
    const bool before = since_start(to) <= scenario.start_time;
    const bool idle = row.users == 0 && row.requests == 0 && row.planned == 0 && row.dropped == 0;
    const bool after = idle && row.from >= scenario.start_time + scenario.duration();
    if (row.to == row.from && !rows.empty())
      add_moment(row, rows.back());
    else if (!before && !after)
      rows.push_back(std::move(row));
  }
  row_.clear();
  row_from_ = to;
}

Row Simulator::row_of(std::size_t index, TimePoint to,
                      const std::vector<std::uint64_t>& sent) {
  const plan::ScenarioSeries& series = program_.scenarios[index].series;
  const stats::Recorder& recorder = row_.recorder;
  Row row{.from = since_start(row_from_), .to = since_start(to)};
  row.users = io_.scenario(index).users.take(to).mean;
  row.under_way = io_.requests_under_way(index).take(to).mean;
  row.planned = recorder.counter_at(series.planned);
  row.started = recorder.counter_at(series.started);
  row.completed = recorder.counter_at(series.iterations);
  row.dropped = recorder.counter_at(series.dropped_iterations);
  row.waiting = waiting_[index] += row.planned - row.started - row.dropped;
  row.bytes_sent = recorder.counter_at(series.data_sent);
  row.bytes_received = recorder.counter_at(series.data_received);
  stats::Histogram durations;
  for (const std::uint32_t request : requests_[index]) {
    row.sent.push_back(sent[request]);
    row.requests += sent[request];
    row.failed += recorder.rate_at(program_.requests[request].series.failed).hits;
    add_durations(program_.requests[request], recorder, durations);
  }
  row.p50 = percentile(durations, 50);
  row.p99 = percentile(durations, 99);
  return row;
}

StepTold Simulator::step_of(std::uint32_t request) const {
  const plan::HttpRequest& r = program_.requests[request];
  const stats::Rate& failed = total_.recorder.rate_at(r.series.failed);
  stats::Histogram durations;
  add_durations(r, total_.recorder, durations);
  return {.request = request, .sent = sent_[request], .ended = failed.total,
          .failed = failed.hits, .p50 = percentile(durations, 50),
          .p99 = percentile(durations, 99)};
}

void Simulator::tell_totals() {
  const auto note_peaks = [](ScenarioTold& told, const ModelIo::Followed& followed) {
    told.most_users = followed.most_users;
    told.most_users_at = since_start(followed.most_users_at);
    told.most_requests = followed.requests.peak();
    told.most_requests_at = since_start(followed.requests.peak_at());
  };
  for (std::size_t i = 0; i < told_.scenarios.size(); ++i) {
    ScenarioTold& told = told_.scenarios[i];
    const plan::ScenarioSeries& series = program_.scenarios[i].series;
    told.planned = total_.recorder.counter_at(series.planned);
    told.started = total_.recorder.counter_at(series.started);
    told.completed = total_.recorder.counter_at(series.iterations);
    told.dropped = total_.recorder.counter_at(series.dropped_iterations);
    for (const std::uint32_t request : requests_[i]) {
      told.steps.push_back(step_of(request));
      told.requests += told.steps.back().sent;
    }
    note_peaks(told, io_.scenario(i));
    told_.all.planned += told.planned;
    told_.all.started += told.started;
    told_.all.completed += told.completed;
    told_.all.dropped += told.dropped;
    told_.all.requests += told.requests;
  }
  note_peaks(told_.all, io_.all());
}

Simulation Simulator::tell() && {
  tell_totals();
  for (std::uint32_t set = 0; set < program_.data.size(); ++set)
    if (io_.rows()[set].used() > 0) told_.data.push_back({set, io_.rows()[set].used()});
  told_.aborted = total_.aborted;
  told_.most_connections = io_.most_connections();
  told_.work = total_.health;
  told_.model = target_.counts();
  told_.assumptions = std::move(assumptions_.words);
  return std::move(told_);
}

}  // namespace gend::sim
