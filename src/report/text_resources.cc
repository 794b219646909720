// The blocks on what was watched beside the load: the target's own metrics, and this host.
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "report/json_read.h"
#include "report/text_blocks.h"
#include "stats/words.h"

namespace gend::report {
namespace {

enum class Unit : std::uint8_t { kNumber, kPercent, kBytes, kBytesPerSecond, kPerSecond };

std::string plain_text(double value) {
  if (value < 0) return "-" + plain_text(-value);
  if (value == std::floor(value) && value < 1e6)
    return stats::grouped(static_cast<std::uint64_t>(value));
  return stats::count_text(value);
}

std::string value_text(double value, Unit unit) {
  switch (unit) {
    case Unit::kNumber: return plain_text(value);
    case Unit::kPercent: return fmt::format("{:.1f}%", value);
    case Unit::kBytes: return stats::bytes_text(value);
    case Unit::kBytesPerSecond: return stats::bytes_text(value) + "/s";
    case Unit::kPerSecond: return rate_text(value);
  }
  return plain_text(value);
}

void write_levels(Page& page, std::string_view label, const Json& levels, Unit unit) {
  if (!levels.is_object()) return;
  const auto word = [&](std::string_view key) {
    return value_text(number(at(levels, key)), unit);
  };
  page.dotted(label, fmt::format("{:<12}  min={} max={}", word("value"), word("min"),
                                 word("max")));
}

void write_source(Page& page, const Json& source) {
  const std::uint64_t polls = count(at(source, "polls")), failed = count(at(source, "failed"));
  std::string words = fmt::format("{}  {}, {}", escaped(text(at(source, "name"))),
                                  escaped(text(at(source, "url"))),
                                  stats::counted(polls, "poll"));
  if (failed > 0) words += fmt::format(", {} without an answer", stats::grouped(failed));
  page.prose(words, 2);
  for (const auto& series : at(source, "series")) {
    const std::string metric = escaped(text(at(series, "metric")));
    if (at(series, "values").is_object())
      write_levels(page, metric, at(series, "values"), Unit::kNumber);
    else
      page.dotted(metric, "no value");
  }
}

struct HostLine {
  std::string_view metric, label;
  Unit unit;
  // Said only when there was any: most hosts never have it.
  enum class When : std::uint8_t { kAlways, kAny } when = When::kAlways;
};
constexpr std::array kHostLines{
    HostLine{"host_cpu", "processors", Unit::kPercent},
    HostLine{"host_cpu_busiest", "busiest processor", Unit::kPercent},
    HostLine{"host_cpu_softirq_busiest", "soft interrupts of one", Unit::kPercent},
    HostLine{"host_cpu_steal", "taken by the hypervisor", Unit::kPercent, HostLine::When::kAny},
    HostLine{"host_memory_available", "memory available", Unit::kBytes},
    HostLine{"host_net_received", "received", Unit::kBytesPerSecond},
    HostLine{"host_net_sent", "sent", Unit::kBytesPerSecond},
    HostLine{"host_net_drops", "packets dropped", Unit::kPerSecond, HostLine::When::kAny},
    HostLine{"host_tcp_retransmits", "TCP segments sent again", Unit::kPerSecond,
             HostLine::When::kAny},
    HostLine{"host_tcp_listen_drops", "connections dropped", Unit::kPerSecond,
             HostLine::When::kAny}};

}  // namespace

void write_observed(Page& page, const Json& summary) {
  const Json& sources = at(summary, "observed");
  if (!sources.is_array() || sources.empty()) return;
  page.heading("OBSERVED", "at the target, as the plan says");
  for (const auto& source : sources) write_source(page, source);
}

void write_host(Page& page, const Json& summary) {
  const Json& host = at(summary, "host");
  if (!host.is_object() || host.empty()) return;
  page.heading("THIS HOST", "all of it, not only the generator");
  for (const HostLine& line : kHostLines) {
    const Json& levels = at(host, line.metric);
    if (line.when == HostLine::When::kAny && number(at(levels, "max")) <= 0) continue;
    write_levels(page, line.label, levels, line.unit);
  }
  const Json& clock = at(host, "host_clock_synchronized");
  if (clock.is_object() && number(at(clock, "min")) == 0)
    page.line(page.paint("!", Paint::kWarning) + " the clock is not synchronised");
}

}  // namespace gend::report
