// What the application says about itself, and what drives a test.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

#include "target/handlers.h"
#include "target/text.h"

namespace gend::target {
namespace {

struct Process {
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  double cpu_seconds = 0;
};

Process read_process() {
  Process process;
  if (std::FILE* file = std::fopen("/proc/self/statm", "re")) {
    unsigned long long size = 0, resident = 0;
    if (std::fscanf(file, "%llu %llu", &size, &resident) == 2) {
      const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
      process.virtual_bytes = size * page;
      process.resident_bytes = resident * page;
    }
    std::fclose(file);
  }
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  process.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  return process;
}

double mb(std::uint64_t bytes) {
  return static_cast<double>(bytes) / (1024 * 1024);
}

void append_metric(std::string& out, std::string_view name, std::string_view type,
                   std::string_view help) {
  out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void append_durations(Truth& truth, std::string& out) {
  const auto all = truth.durations();
  append_metric(out, "http_request_duration_seconds", "histogram",
                "From the whole request to the last byte of its answer handed to the kernel.");
  for (std::size_t i = 0; i < Counts::kBounds.size(); ++i)
    out += fmt::format("http_request_duration_seconds_bucket{{le=\"{}\"}} {}\n",
                       Counts::kBounds[i], all[i + 2]);
  out += fmt::format("http_request_duration_seconds_bucket{{le=\"+Inf\"}} {}\n", all[0]);
  out += fmt::format("http_request_duration_seconds_sum {:.9f}\n",
                     static_cast<double>(all[1]) / 1e9);
  out += fmt::format("http_request_duration_seconds_count {}\n", all[0]);
}

}  // namespace

void ingest_metrics(Call& call) {
  const auto json = json_body(call);
  if (!json) return;
  if (!json->is_array() && !json->is_object())
    return refuse(call.response, 422, "an object or an array of them is wanted");
  const std::size_t count = json->is_array() ? json->size() : 1;
  call.app.ingested.fetch_add(count);
  call.response.status = 202;
  call.response.body = fmt::format(R"({{"accepted":{}}})", count);
}

void show_metrics(Call& call) {
  call.app.leak.grow(call.request.now);
  const Process process = read_process();
  call.response.body = fmt::format(
      R"({{"process":{{"memory_usage_mb":{:.3f},"cpu_seconds":{:.3f}}},"leaked_mb":{:.3f},)"
      R"("ingested":{}}})",
      mb(process.resident_bytes), process.cpu_seconds, mb(call.app.leak.bytes()),
      call.app.ingested.load());
}

void show_dashboard(Call& call) {
  call.app.leak.grow(call.request.now);
  Rng rng = Rng::for_stream(call.app.options().seed, call.account->number);
  std::string& body = call.response.body;
  body = fmt::format(R"({{"users":{},"updates":{},{},"series":[)",
                     call.app.options().sizes.users(), call.app.villages.posted(),
                     call.app.shop.json());
  for (int i = 0; i < 60; ++i) body += fmt::format("{}{}", i == 0 ? "" : ",", rng.below(1000));
  body += "]}";
}

void expose_metrics(Call& call) {
  call.app.leak.grow(call.request.now);
  const Process process = read_process();
  std::string& out = call.response.body;
  call.response.type = "text/plain; version=0.0.4; charset=utf-8";
  append_metric(out, "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.");
  out += fmt::format("process_resident_memory_bytes {}\n", process.resident_bytes);
  append_metric(out, "process_virtual_memory_bytes", "gauge", "Virtual memory size in bytes.");
  out += fmt::format("process_virtual_memory_bytes {}\n", process.virtual_bytes);
  append_metric(out, "process_cpu_seconds_total", "counter", "User and system CPU time.");
  out += fmt::format("process_cpu_seconds_total {:.6f}\n", process.cpu_seconds);
  append_metric(out, "http_requests_total", "counter", "Requests answered, by status.");
  for (int status = 100; status < 1000; ++status)
    if (const auto count = call.app.truth().status_count(status); count > 0)
      out += fmt::format("http_requests_total{{code=\"{}\"}} {}\n", status, count);
  append_durations(call.app.truth(), out);
  append_metric(out, "gentarget_ingested_total", "counter", "Data points taken in.");
  out += fmt::format("gentarget_ingested_total {}\n", call.app.ingested.load());
}

void set_leak(Call& call) {
  const auto json = json_body(call);
  if (!json) return;
  const auto rate = json->is_object() ? json->find("mb_per_minute") : json->end();
  if (rate == json->end() || !rate->is_number() || rate->get<double>() < 0 ||
      rate->get<double>() > 1e6)
    return refuse(call.response, 422, "mb_per_minute is a number from 0 to 1,000,000");
  call.app.leak.set(rate->get<double>(), call.request.now);
  call.response.body = fmt::format(R"({{"mb_per_minute":{}}})", rate->get<double>());
}

void reset_everything(Call& call) {
  call.app.reset();
  call.response.status = 204;
}

void count_users(Call& call) {
  call.response.body = call.app.people.json();
}

void count_seconds(Call& call) {
  const auto bin = query_number(call, "bin_ms", 1000, 3'600'000);
  if (!bin) return;
  if (*bin % 100 != 0) return refuse(call.response, 400, "bin_ms is a multiple of 100");
  call.response.body = call.app.truth().seconds_json(*bin);
}

void answer_health(Call& call) {
  call.response.body = R"({"status":"ok"})";
}

}  // namespace gend::target
