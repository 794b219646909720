#include "observe/proc_text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace gend::observe {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// Empty at the end.
std::string_view next_word(std::string_view& text) {
  std::size_t from = 0;
  while (from < text.size() && is_blank(text[from])) ++from;
  std::size_t to = from;
  while (to < text.size() && !is_blank(text[to])) ++to;
  const std::string_view word = text.substr(from, to - from);
  text.remove_prefix(to);
  return word;
}

template <class Number>
std::optional<Number> number_of(std::string_view word, int base = 10) {
  Number number{};
  const auto [end, fault] =
      std::from_chars(word.data(), word.data() + word.size(), number, base);
  if (word.empty() || fault != std::errc{} || end != word.data() + word.size())
    return std::nullopt;
  return number;
}

// Kernels before 2.6.33 have fewer columns than eight, none has fewer than four.
std::optional<CpuTimes> times_of(std::string_view line) {
  CpuTimes times;
  const std::array<std::uint64_t*, 8> columns{&times.user,   &times.nice, &times.system,
                                              &times.idle,   &times.iowait, &times.irq,
                                              &times.softirq, &times.steal};
  std::size_t read = 0;
  for (std::uint64_t* column : columns) {
    const auto ticks = number_of<std::uint64_t>(next_word(line));
    if (!ticks) break;
    *column = *ticks;
    ++read;
  }
  return read >= 4 ? std::optional{times} : std::nullopt;
}

}  // namespace

std::uint64_t CpuTimes::all() const {
  return user + nice + system + idle + iowait + irq + softirq + steal;
}

std::uint64_t CpuTimes::busy() const { return all() - idle - iowait; }

std::optional<ProcStat> parse_stat(std::string_view text) {
  ProcStat stat;
  bool whole = false;
  while (!text.empty()) {
    std::string_view line = next_line(text);
    std::string_view name = next_word(line);
    if (!name.starts_with("cpu")) continue;
    const auto times = times_of(line);
    if (!times) return std::nullopt;
    name.remove_prefix(3);
    if (name.empty()) {
      stat.all = *times;
      whole = true;
    } else if (const auto core = number_of<unsigned>(name)) {
      stat.cores.emplace_back(*core, *times);
    }
  }
  return whole ? std::optional{std::move(stat)} : std::nullopt;
}

std::optional<Meminfo> parse_meminfo(std::string_view text) {
  Meminfo memory;
  int found = 0;
  while (!text.empty()) {
    std::string_view line = next_line(text);
    const std::string_view name = next_word(line);
    std::uint64_t* const into = name == "MemTotal:"       ? &memory.total
                                : name == "MemAvailable:" ? &memory.available
                                                          : nullptr;
    if (into == nullptr) continue;
    const auto kib = number_of<std::uint64_t>(next_word(line));
    if (!kib) return std::nullopt;
    *into = *kib * 1024;
    ++found;
  }
  return found == 2 ? std::optional{memory} : std::nullopt;
}

// Two lines of headings, then "  eth0: bytes packets errs drop fifo frame compressed multicast"
// received, and the same eight sent (the name may touch the first number).
std::optional<NetDev> parse_net_dev(std::string_view text) {
  NetDev net;
  bool any = false;
  while (!text.empty()) {
    std::string_view line = next_line(text);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    std::string_view name = line.substr(0, colon);
    name = next_word(name);
    line.remove_prefix(colon + 1);
    std::array<std::uint64_t, 12> columns{};
    for (std::uint64_t& column : columns) {
      const auto number = number_of<std::uint64_t>(next_word(line));
      if (!number) return std::nullopt;
      column = *number;
    }
    any = true;
    if (name == "lo") continue;
    net.received += columns[0];
    net.sent += columns[8];
    net.dropped += columns[2] + columns[3] + columns[10] + columns[11];
  }
  return any ? std::optional{net} : std::nullopt;
}

std::optional<std::int64_t> counter_in(std::string_view text, std::string_view group,
                                       std::string_view name) {
  while (!text.empty()) {
    std::string_view names = next_line(text), numbers = next_line(text);
    std::string_view heading = next_word(names);
    if (!heading.ends_with(':') || heading.substr(0, heading.size() - 1) != group) continue;
    if (next_word(numbers) != heading) return std::nullopt;
    for (std::string_view each = next_word(names); !each.empty(); each = next_word(names)) {
      const std::string_view number = next_word(numbers);
      if (each == name) return number_of<std::int64_t>(number);
    }
    return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Softnet> parse_softnet(std::string_view text) {
  Softnet softnet;
  bool any = false;
  while (!text.empty()) {
    std::string_view line = next_line(text);
    if (line.empty()) continue;
    next_word(line);  // packets
    const auto dropped = number_of<std::uint64_t>(next_word(line), 16);
    const auto squeezed = number_of<std::uint64_t>(next_word(line), 16);
    if (!dropped || !squeezed) return std::nullopt;
    softnet.dropped += *dropped;
    softnet.squeezed += *squeezed;
    any = true;
  }
  return any ? std::optional{softnet} : std::nullopt;
}

std::optional<double> parse_loadavg(std::string_view text) {
  const std::string_view word = next_word(text);
  double load = 0;
  const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), load);
  if (word.empty() || fault != std::errc{} || end != word.data() + word.size())
    return std::nullopt;
  return load;
}

}  // namespace gend::observe
