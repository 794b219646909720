// Single requests worth looking at, with what helps to find them in the target's own logs.
#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "report/json_read.h"
#include "report/text_blocks.h"
#include "stats/words.h"

namespace gend::report {
namespace {

using stats::grouped;
using stats::milliseconds_text;

constexpr std::size_t kSlowShown = 3, kFailedShown = 5;
constexpr std::size_t kTime = 9;  // columns before the request itself

// "blocked 1.2ms, connect 3.4ms, …": only what took time.
std::string split_of(const Json& sample) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kParts{
      {{"blocked_ms", "blocked"},
       {"connecting_ms", "connect"},
       {"tls_ms", "TLS"},
       {"sending_ms", "send"},
       {"waiting_ms", "wait"},
       {"receiving_ms", "receive"}}};
  std::string split;
  for (const auto& [key, word] : kParts) {
    const double ms = number(at(sample, key));
    if (ms <= 0) continue;
    split += fmt::format("{}{} {}", split.empty() ? "" : ", ", word, milliseconds_text(ms));
  }
  return split;
}

// How it ended: the status, the error's name, or the check that did not hold.
std::string end_of(const Json& sample) {
  std::string end;
  const auto add = [&](std::string_view words) {
    if (!words.empty()) (end += end.empty() ? "" : " ").append(words);
  };
  if (const auto status = count(at(sample, "status")); status > 0) add(std::to_string(status));
  const std::string error = text(at(sample, "error"));
  if (!error.starts_with("status.")) add(error);
  if (const std::string check = text(at(sample, "failed_check")); !check.empty())
    add(fmt::format("not: {}", check));
  return escaped(end);
}

std::string whose(const Json& sample) {
  std::string words = fmt::format(
      "at {}, {} / {}, user {}, iteration {}",
      milliseconds_text(number(at(sample, "at_s")) * 1000), escaped(text(at(sample, "scenario"))),
      escaped(text(at(sample, "name"))), count(at(sample, "user")),
      count(at(sample, "iteration")));
  if (const auto attempt = count(at(sample, "attempt")); attempt > 1)
    words += fmt::format(", attempt {}", attempt);
  return words;
}

void write_detail(Page& page, const std::string& words) {
  if (words.empty()) return;
  page.line(page.paint(std::string(kTime + 2, ' ') +
                           wrapped(words, page.inner() - kTime - 2, kIndent + kTime + 2),
                       Paint::kFaint));
}

// One line of the body: what is longer helps nobody in a terminal.
void write_body(Page& page, const Json& sample) {
  std::string body = text(at(sample, "body"));
  std::ranges::replace_if(body, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  if (body.find_first_not_of(' ') == std::string::npos) return;
  page.line(page.paint(
      std::string(kTime + 2, ' ') + shortened(escaped(body), page.inner() - kTime - 2),
      Paint::kFaint));
}

double slowness_of(const Json& sample) {
  return number(at(sample, text(at(sample, "ranked_by")) + "_ms"));
}

void write_sample(Page& page, const Json& sample) {
  const std::string end = end_of(sample);
  const std::size_t room = page.inner() - kTime - 2;
  const std::size_t for_end = std::min(columns_of(end), room / 2);
  const std::string request =
      shortened(escaped(text(at(sample, "request"))), room - for_end - 2);
  const bool bad = !text(at(sample, "error")).empty() || at(sample, "failed_check").is_string();
  const std::string shown_end = shortened(end, for_end);
  page.line(fmt::format("{}  {}  {}", right(milliseconds_text(slowness_of(sample)), kTime),
                        request, bad ? page.paint(shown_end, Paint::kBad) : shown_end));
  write_detail(page, whose(sample));
  write_detail(page, split_of(sample));
  std::string ids;
  if (const std::string id = text(at(sample, "request_id")); !id.empty())
    ids = "X-Request-Id " + escaped(id);
  if (const std::string trace = text(at(sample, "traceparent")); !trace.empty())
    ids += (ids.empty() ? "traceparent " : ", traceparent ") + escaped(trace);
  write_detail(page, ids);
  if (bad) write_body(page, sample);
}

using Some = std::vector<const Json*>;

Some slowest_of(const Json& samples) {
  Some some;
  for (const auto& sample : samples)
    if (some.size() < kSlowShown) some.push_back(&sample);
  return some;
}

// One of each way in which a step failed.
Some failed_of(const Json& samples) {
  Some some;
  std::set<std::string> seen;
  for (const auto& sample : samples) {
    const std::string way =
        text(at(sample, "scenario")) + '\0' + text(at(sample, "name")) + '\0' + end_of(sample);
    if (some.size() < kFailedShown && seen.insert(way).second) some.push_back(&sample);
  }
  return some;
}

void write_some(Page& page, const std::string& title, const Some& some) {
  if (some.empty()) return;
  page.line(page.paint(title, Paint::kStrong));
  for (const Json* sample : some) write_sample(page, *sample);
}

}  // namespace

void write_samples(Page& page, const Json& summary) {
  const Json& samples = at(summary, "samples");
  const Json &slow = at(samples, "slow"), &failed = at(samples, "failed");
  const bool any_slow = slow.is_array() && !slow.empty();
  const bool any_failed = failed.is_array() && !failed.empty();
  if (!any_slow && !any_failed) return;
  const bool open = truth(at(summary, {"run", "open_model"}));
  page.heading("REQUESTS WORTH LOOKING AT",
               open ? "latency: corrected in open models, service in closed ones"
                    : "latency: service");
  const Some slowest = slowest_of(slow), ways = failed_of(failed);
  write_some(page, "slowest", slowest);
  write_some(page, fmt::format("failed: {} in all, one of each way is shown",
                               grouped(count(at(samples, "failed_seen")))),
             ways);
  const std::size_t held = slow.size() + failed.size(), shown = slowest.size() + ways.size();
  if (held > shown)
    page.line(page.paint(fmt::format("{} more are in the JSON summary, under samples",
                                     held - shown),
                         Paint::kFaint));
}

}  // namespace gend::report
