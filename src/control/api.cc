#include "control/api.h"

#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "base/wall_clock.h"
#include "control/exports.h"
#include "control/facts.h"
#include "control/host_view.h"
#include "control/start_at.h"
#include "control/status_json.h"
#include "control/steer.h"
#include "export/openmetrics.h"
#include "gend/control_api.h"
#include "observe/host.h"
#include "plan/explain.h"
#include "plan/load.h"

namespace gend::control {

namespace {

using Json = nlohmann::ordered_json;

HttpReply reply(const Json& json, int status = 200) {
  HttpReply answer;
  answer.status = status;
  answer.body = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  return answer;
}

Problem file_not_here(const std::string& name, const std::string& sha256) {
  return {.status = 409, .type = "file-not-here", .title = "A file of the plan is not here",
          .detail = name + ": the daemon has no file with the SHA-256 " + sha256,
          .remedy = "send it first: PUT /v1/files/" + sha256, .errors = {},
          .exit_code = ExitCode::kUsage};
}

Json to_json(const engine::Capacity& capacity) {
  return {{"connections", capacity.connections},
          {"descriptors", capacity.descriptors},
          {"ports", capacity.ports}};
}

Json to_json(const HostFacts& host) {
  return {{"kernel", host.kernel},
          {"cpus", host.cpus},
          {"memory_bytes", host.memory_bytes},
          {"memory_available", host.memory_available},
          {"nofile", {{"soft", host.nofile_soft}, {"hard", host.nofile_hard}}},
          {"memlock", host.memlock_soft},
          {"ports", {{"first", host.port_first}, {"last", host.port_last}}},
          {"io_uring_disabled", host.io_uring_disabled},
          {"seccomp", host.seccomp}};
}

Json to_json(const plan::Program& program) {
  Json scenarios = Json::array();
  for (const report::ScenarioFacts& each : scenario_facts(program))
    scenarios.push_back({{"name", each.name},
                         {"executor", each.executor},
                         {"start_s", to_seconds(each.start_time)},
                         {"duration_s", to_seconds(each.duration)},
                         {"peak", each.peak},
                         {"max_vus", each.max_vus},
                         {"steps", each.steps}});
  return {{"name", program.name},
          {"plan", program.source_name},
          {"seed", program.seed},
          {"planned_s", to_seconds(planned_duration(program))},
          {"scenarios", std::move(scenarios)},
          {"thresholds", program.thresholds.size()}};
}

}  // namespace

// `{id}` stands for one part of a path.
struct Api::Route {
  const char* method;
  const char* path;
  HttpReply (Api::*handler)(const HttpCall&, const std::string& id);
};

const Api::Route Api::kRoutes[] = {
    {"GET", "/", &Api::links},
    {"GET", "/v1/version", &Api::version},
    {"GET", "/v1/status", &Api::status},
    {"GET", "/v1/host", &Api::host},
    {"PUT", "/v1/calibration", &Api::calibrate},
    {"POST", "/v1/check", &Api::check},
    {"POST", "/v1/explain", &Api::explain},
    {"GET", "/v1/metrics", &Api::metrics},
    {"POST", "/v1/runs", &Api::start_run},
    {"GET", "/v1/runs", &Api::list_runs},
    {"GET", "/v1/runs/{id}", &Api::show_run},
    {"DELETE", "/v1/runs/{id}", &Api::remove_run},
    {"GET", "/v1/runs/{id}/summary", &Api::summary},
    {"GET", "/v1/runs/{id}/history", &Api::history},
    {"GET", "/v1/runs/{id}/stream", &Api::stream},
    {"POST", "/v1/runs/{id}/stop", &Api::stop_run},
    {"POST", "/v1/runs/{id}/users", &Api::set_users},
    {"POST", "/v1/runs/{id}/rate", &Api::set_rate},
    {"POST", "/v1/runs/{id}/pause", &Api::pause_run},
    {"POST", "/v1/runs/{id}/resume", &Api::resume_run},
    {"HEAD", "/v1/files/{id}", &Api::find_file},
    {"PUT", "/v1/files/{id}", &Api::keep_file},
};

namespace {

// The id when `path` has the shape of `pattern`; empty text for patterns without one.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
  const std::size_t mark = pattern.find("{id}");
  if (mark == pattern.npos) return pattern == path ? std::optional{std::string{}} : std::nullopt;
  const std::string_view before = pattern.substr(0, mark), after = pattern.substr(mark + 4);
  if (!path.starts_with(before) || !path.ends_with(after)) return std::nullopt;
  if (path.size() <= before.size() + after.size()) return std::nullopt;
  const std::string_view id =
      path.substr(before.size(), path.size() - before.size() - after.size());
  if (id.find('/') != id.npos) return std::nullopt;
  return std::string{id};
}

HttpReply method_not_allowed(const HttpCall& call, const std::string& allowed) {
  HttpReply answer = reply_with({.status = 405, .type = "method-not-allowed",
                                 .title = "This method is not possible here",
                                 .detail = call.method + " " + call.path + ": allowed is " +
                                           allowed,
                                 .remedy = {}, .errors = {}, .exit_code = ExitCode::kUsage});
  answer.headers.emplace_back("Allow", allowed);
  return answer;
}

// `?from_ns=N`: for those who have all up to there.
std::optional<Duration> history_from(const HttpCall& call) {
  std::int64_t ns = 0;
  for (const auto& [key, value] : call.query) {
    const char* const end = value.data() + value.size();
    const auto [stopped, error] = std::from_chars(value.data(), end, ns);
    if (key != "from_ns" || error != std::errc{} || stopped != end || ns < 0) return std::nullopt;
  }
  return Duration{ns};
}

// `?names=k6`: for dashboards that were made for k6.
HttpReply metrics_reply(const Runs& runs, const HttpCall& call) {
  exporter::Names names = exporter::Names::kGend;
  for (const auto& [key, value] : call.query) {
    if (key != "names" || (value != "k6" && value != "gend"))
      return reply_with(bad_request("of " + call.path + " only names=gend and names=k6 are known"));
    if (value == "k6") names = exporter::Names::kK6;
  }
  HttpReply answer;
  answer.content_type = exporter::kOpenMetricsType;
  answer.body = runs.metrics(names);
  return answer;
}

}  // namespace

HttpReply Api::handle(const HttpCall& call) {
  std::string allowed;
  for (const Route& route : kRoutes) {
    const auto id = match(route.path, call.path);
    if (!id) continue;
    // What changes something is on record: who, from which process.
    if (call.method != "GET" && call.method != "HEAD" && call.method == route.method)
      spdlog::info("{} {} by {}, pid {}", call.method, call.path, call.peer.str(), call.peer.pid);
    if (call.method == route.method) return (this->*route.handler)(call, *id);
    allowed += (allowed.empty() ? "" : ", ") + std::string{route.method};
  }
  if (!allowed.empty()) return method_not_allowed(call, allowed);
  return reply_with(not_found("nothing answers " + call.path + "; GET / lists what does"));
}

HttpReply Api::links(const HttpCall&, const std::string&) {
  Json json{{"gend", GEND_VERSION}, {"api", kControlApiVersion}, {"links", Json::array()}};
  for (const Route& route : kRoutes)
    json["links"].push_back({{"method", route.method}, {"path", route.path}});
  return reply(json);
}

HttpReply Api::version(const HttpCall&, const std::string&) {
  return reply({{"gend", GEND_VERSION}, {"api", kControlApiVersion}});
}

HttpReply Api::status(const HttpCall&, const std::string&) {
  const auto active = runs_.active();
  return reply({{"state", active ? "running" : "idle"},
                {"run", active ? control::to_json(*active) : Json{}},
                {"version", GEND_VERSION},
                {"uptime_s", to_seconds(MonotonicClock::now() - born_)},
                {"host", to_json(engine_.host())},
                {"streams", {{"watching", runs_.streams().subscribers()},
                             {"skipped_lines", runs_.streams().skipped()}}}});
}

HttpReply Api::host(const HttpCall& call, const std::string&) {
  const auto asked = host_question(call.query);
  if (!asked) return reply_with(bad_request(asked.error()));
  return reply(host_view(engine_, {runs_.fleet(), runs_.calibration()}, *asked));
}

HttpReply Api::calibrate(const HttpCall& call, const std::string&) {
  const Json json = Json::parse(call.body, nullptr, false);
  if (!json.is_object() || json.size() != 2 || !json.contains("shards") ||
      !json["shards"].is_number_unsigned() || json["shards"] == 0 || !json.contains("measured"))
    return reply_with(bad_request(R"(the body must be {"shards": 2, "measured": […]})"));
  auto measured = doctor::parse_measurements(json["measured"]);
  if (!measured) return reply_with(bad_request(measured.error()));
  const engine::FleetOptions& fleet = runs_.fleet();
  const doctor::Calibration calibration{
      place_of(engine_, engine_.try_rings(fleet.uring_profile, 1, 1).ring),
      json["shards"].get<unsigned>(), wall_ms_now(), *std::move(measured)};
  if (doctor::shard_ceiling(calibration) <= 0)
    return reply_with(bad_request("no measurement of requests is in it"));
  if (const auto kept = runs_.calibration().write(calibration); !kept)
    return reply_with(problem_of(kept.error()));
  Json answer = doctor::to_json(calibration);
  answer["file"] = runs_.calibration().path();
  return reply(answer, 201);
}

std::expected<Api::Compiled, Problem> Api::compile(const std::string& body) {
  auto request = run_request_from_json(body);
  if (!request) return std::unexpected{std::move(request.error())};
  // Held until the program has all it needs of them.
  std::vector<FileStore::Lease> held;
  for (const auto& [name, sha256] : request->files) {
    auto lease = files_.find(sha256);
    if (!lease) return std::unexpected{file_not_here(name, sha256)};
    request->options.files[name] = lease->content();
    held.push_back(*std::move(lease));
  }
  request->options.host_cpus = observe::configured_cpus();
  auto program = plan::compile(request->plan_name, request->plan_text, request->options);
  request->options.files.clear();
  if (program) return Compiled{*std::move(request), *std::move(program)};
  std::vector<std::string> lines;
  for (const plan::Complaint& complaint : program.error()) lines.push_back(complaint.str());
  return std::unexpected{bad_plan(std::move(lines))};
}

HttpReply Api::check(const HttpCall& call, const std::string&) {
  const auto compiled = compile(call.body);
  if (!compiled) return reply_with(compiled.error());
  return reply({{"ok", true}, {"program", to_json(*compiled->program)}});
}

HttpReply Api::explain(const HttpCall& call, const std::string&) {
  const auto compiled = compile(call.body);
  if (!compiled) return reply_with(compiled.error());
  const HostFacts host = engine_.host();
  return reply({{"text", plan::explain(*compiled->program, host)},
                {"program", to_json(*compiled->program)},
                {"needs", to_json(engine_.needed(*compiled->program))},
                {"host", to_json(host)}});
}

HttpReply Api::metrics(const HttpCall& call, const std::string&) {
  return metrics_reply(runs_, call);
}

HttpReply Api::start_run(const HttpCall& call, const std::string&) {
  auto compiled = compile(call.body);
  if (!compiled) return reply_with(compiled.error());
  std::optional<std::int64_t> start_at;
  if (const auto& text = compiled->request.start_at) {
    const auto at = parse_start_at(*text, wall_ms_now());
    if (!at) return reply_with(bad_request("the run cannot begin then: " + at.error()));
    start_at = *at;
  }
  auto exports = exports_of(compiled->program->exports, compiled->request.out);
  if (!exports) return reply_with(exports.error());
  const auto started = runs_.start({.program = std::move(compiled->program),
                                    .owner = call.peer.str(),
                                    .plan_text = std::move(compiled->request.plan_text),
                                    .strict = compiled->request.strict,
                                    .start_at_ms = start_at,
                                    .exports = *std::move(exports)});
  if (!started) return reply_with(started.error());
  HttpReply answer = reply(control::to_json(*started), 201);
  answer.headers.emplace_back("Location", "/v1/runs/" + started->id);
  return answer;
}

HttpReply Api::list_runs(const HttpCall&, const std::string&) {
  Json list = Json::array();
  const auto runs = runs_.list();
  if (!runs) return reply_with(runs.error());
  for (const RunStatus& status : *runs) list.push_back(control::to_json(status));
  return reply({{"runs", std::move(list)}});
}

HttpReply Api::show_run(const HttpCall&, const std::string& id) {
  const auto status = runs_.find(id);
  return status ? reply(control::to_json(*status)) : reply_with(status.error());
}

HttpReply Api::remove_run(const HttpCall&, const std::string& id) {
  const auto removed = runs_.remove(id);
  return removed ? reply({{"id", id}, {"removed", true}}) : reply_with(removed.error());
}

HttpReply Api::history(const HttpCall& call, const std::string& id) {
  const auto from = history_from(call);
  if (!from)
    return reply_with(bad_request("of history only from_ns=N is known: whole nanoseconds of the "
                                  "run, 0 or more"));
  auto file = runs_.run_file(id, *from);
  if (!file) return reply_with(file.error());
  HttpReply answer;
  answer.content_type = "application/octet-stream";
  answer.body = *std::move(file);
  return answer;
}

HttpReply Api::summary(const HttpCall&, const std::string& id) {
  auto text = runs_.summary(id);
  if (!text) return reply_with(text.error());
  HttpReply answer;
  answer.body = text->empty() ? "null\n" : *std::move(text);
  return answer;
}

HttpReply Api::stream(const HttpCall&, const std::string& id) {
  HttpReply answer;
  answer.content_type = "application/x-ndjson";
  answer.stream = runs_.follow(id);
  return answer.stream ? std::move(answer) : reply_with(no_such_run(id));
}

HttpReply Api::stop_run(const HttpCall& call, const std::string& id) {
  StopMode mode = StopMode::kGraceful;
  if (!call.body.empty()) {
    const Json json = Json::parse(call.body, nullptr, false);
    const bool graceful = json == Json{{"mode", "graceful"}};
    // Text that is no JSON compares as neither equal nor different (nlohmann: "unordered").
    const bool now = json == Json{{"mode", "now"}};
    if (!graceful && !now)
      return reply_with(bad_request(R"(the body must be {"mode": "graceful"} or {"mode": "now"})"));
    mode = graceful ? StopMode::kGraceful : StopMode::kNow;
  }
  switch (runs_.stop(id, mode, call.peer.str())) {
    case Runs::StopAnswer::kUnknown: return reply_with(no_such_run(id));
    case Runs::StopAnswer::kNotRunning:
      return reply_with(not_running(id));
    case Runs::StopAnswer::kStopping: break;
  }
  const auto status = runs_.find(id);
  return reply(status ? control::to_json(*status) : Json{}, 202);
}

HttpReply Api::set_users(const HttpCall& call, const std::string& id) {
  const Json json = Json::parse(call.body, nullptr, false);
  if (!json.is_object() || json.size() != 1 || !json.contains("users") ||
      !json["users"].is_number())
    return reply_with(bad_request(R"(the body must be {"users": 50})"));
  return steer(call, id, {.kind = engine::Command::Kind::kUsers,
                          .value = json["users"].get<double>()});
}

HttpReply Api::set_rate(const HttpCall& call, const std::string& id) {
  const Json json = Json::parse(call.body, nullptr, false);
  std::optional<double> rate;
  if (json.is_object() && json.size() == 1 && json.contains("rate") && json["rate"].is_string())
    rate = parse_rate_per_second(json["rate"].get<std::string>());
  if (!rate)
    return reply_with(bad_request(R"(the body must be {"rate": "600/min"}; also "10/s", "10")"));
  return steer(call, id, {.kind = engine::Command::Kind::kRate, .value = *rate});
}

HttpReply Api::pause_run(const HttpCall& call, const std::string& id) {
  return steer(call, id, {.kind = engine::Command::Kind::kPause});
}

HttpReply Api::resume_run(const HttpCall& call, const std::string& id) {
  return steer(call, id, {.kind = engine::Command::Kind::kResume});
}

HttpReply Api::steer(const HttpCall& call, const std::string& id,
                     const engine::Command& command) {
  if (const auto done = runs_.command(id, command, call.peer.str()); !done)
    return reply_with(done.error());
  const auto status = runs_.find(id);
  return reply(status ? control::to_json(*status) : Json{}, 202);
}

HttpReply Api::find_file(const HttpCall&, const std::string& sha256) {
  if (files_.find(sha256)) return reply({{"sha256", sha256}});
  return reply_with(not_found("there is no file " + sha256));
}

HttpReply Api::keep_file(const HttpCall& call, const std::string& sha256) {
  if (!call.upload)
    return reply_with(bad_request("\"" + sha256 + "\" is no SHA-256: 64 digits, 0-9 and a-f"));
  if (const auto kept = call.upload->finish(); !kept) return reply_with(kept.error());
  return reply({{"sha256", sha256}}, 201);
}

std::unique_ptr<FileStore::Upload> Api::receive(const std::string& method,
                                                const std::string& path) {
  const auto sha256 = match("/v1/files/{id}", path);
  if (method != "PUT" || !sha256 || !is_sha256_hex(*sha256)) return nullptr;
  return files_.receive(*sha256);
}

HttpServer::Handlers handlers_of(Api& api) {
  return {.handle = [&api](const HttpCall& call) { return api.handle(call); },
          .receive = [&api](const std::string& method, const std::string& path) {
            return api.receive(method, path);
          }};
}

HttpReply handle_metrics(const Runs& runs, const HttpCall& call) {
  if (call.path != "/metrics") return reply_with(not_found("GET /metrics is all there is here"));
  if (call.method != "GET") return method_not_allowed(call, "GET");
  return metrics_reply(runs, call);
}

}  // namespace gend::control
