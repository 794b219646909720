// Lists of what the run has found so far: thresholds, errors, checks, events, warnings.
#include <algorithm>

#include <fmt/format.h>

#include "report/text_page.h"
#include "report/verdict_words.h"
#include "report/watch_parts.h"
#include "stats/words.h"

namespace gend::report {
namespace {

using stats::grouped;

constexpr std::size_t kCount = 9;

void add_mark(WatchLine& line, bool good) {
  line.add(" ").add(good ? "✓" : "✗", good ? Paint::kGood : Paint::kBad).add(" ");
}

struct Found {
  bool ok;
  std::string name, source, measured;
  std::string words() const { return name + "  " + source; }
};

std::vector<Found> thresholds_of(const Json& summary) {
  std::vector<Found> found;
  for (const auto& [name, metric] : at(summary, "metrics").items()) {
    const Json& thresholds = at(metric, "thresholds");
    if (!thresholds.is_object()) continue;
    for (const auto& [source, threshold] : thresholds.items())
      found.push_back({truth(at(threshold, "ok")), escaped(name), escaped(source),
                       escaped(measured_words(source, metric, threshold))});
  }
  std::ranges::stable_sort(found, [](const Found& a, const Found& b) { return a.ok < b.ok; });
  return found;
}

// The widest of the names, but no more than `share` of the screen.
template <class Items, class Name>
std::size_t width_of(const Items& items, const Pen& pen, double share, Name name) {
  const auto most = static_cast<std::size_t>(share * static_cast<double>(pen.width));
  std::size_t width = 0;
  for (const auto& item : items) width = std::max(width, columns_of(name(item)));
  return std::min(width, most);
}

std::string at_words(const Json& event) {
  return stats::milliseconds_text(number(at(event, "at_s")) * 1000);
}

}  // namespace

WatchSection thresholds_section(const Json& summary, const Pen& pen) {
  const std::vector<Found> all = thresholds_of(summary);
  WatchSection section{pen.heading("THRESHOLDS", "judged so far"), {}, WatchPanel::kThresholds};
  const std::size_t width = width_of(all, pen, 0.55, [](const Found& f) { return f.words(); });
  for (const Found& each : all) {
    WatchLine line = pen.line();
    add_mark(line, each.ok);
    // Where there is no room for both it is the metric's name that is cut, not the limit.
    const std::size_t taken = columns_of(each.source) + 2;
    const std::string name = shortened(each.name, width > taken ? width - taken : 0);
    line.add(shortened(name + "  " + each.source, width)).to(width + 5);
    if (each.ok) line.add(each.measured);
    else line.add(each.measured + "  FAILS", Paint::kBad);
    section.rows.push_back(line);
  }
  return section;
}

WatchSection errors_section(const Json& summary, const Pen& pen) {
  const Json& errors = at(summary, "errors");
  WatchSection section{pen.heading("ERRORS", "so far"), {}, WatchPanel::kErrors};
  if (!errors.is_object()) return section;
  const std::size_t width = width_of(errors.items(), pen, 0.35,
                                     [](const auto& item) { return escaped(item.key()); });
  for (const auto& [name, error] : errors.items())
    section.rows.push_back(pen.line()
                               .right(grouped(count(at(error, "count"))), kCount)
                               .add("  ")
                               .add(shortened(escaped(name), width), Paint::kBad)
                               .to(kCount + 2 + width + 2)
                               .add(error_words(error)));
  return section;
}

WatchSection checks_section(const Json& summary, const Pen& pen) {
  const Json& checks = at(summary, {"root_group", "checks"});
  WatchSection section{pen.heading("CHECKS", "so far"), {}, WatchPanel::kErrors};
  if (!checks.is_array()) return section;
  std::vector<const Json*> sorted;
  for (const auto& check : checks) sorted.push_back(&check);
  std::ranges::stable_sort(sorted, [](const Json* a, const Json* b) {
    return count(at(*a, "fails")) > count(at(*b, "fails"));
  });
  for (const Json* check : sorted) {
    const auto passes = count(at(*check, "passes")), fails = count(at(*check, "fails"));
    WatchLine line = pen.line();
    if (passes + fails == 0) line.add(" - ");
    else add_mark(line, fails == 0);
    const std::size_t width = pen.width / 2;
    line.add(shortened(escaped(text(at(*check, "name"))), width)).to(width + 5);
    if (passes + fails == 0) line.add("not reached yet", Paint::kFaint);
    else if (fails == 0) line.add(grouped(passes));
    else line.add(fmt::format("{} of {} failed", grouped(fails), grouped(passes + fails)),
                  Paint::kBad);
    section.rows.push_back(line);
  }
  return section;
}

WatchSection events_section(const Json& summary, const Pen& pen) {
  const Json& events = at(summary, "events");
  WatchSection section{pen.heading("EVENTS", "the latest first"), {}, WatchPanel::kEvents};
  if (!events.is_array()) return section;
  for (std::size_t i = events.size(); i > 0; --i) {
    const Json& event = events[i - 1];
    section.rows.push_back(pen.line()
                               .right(at_words(event), kCount)
                               .add("  ")
                               .add(escaped(text(at(event, "what"))))
                               .add("  by " + escaped(text(at(event, "by"))), Paint::kFaint));
  }
  return section;
}

WatchSection warnings_section(const Json& summary, const Pen& pen) {
  WatchSection section{pen.heading("WARNINGS", ""), {}, WatchPanel::kEvents};
  const auto add = [&](const Json& words, Paint paint) {
    // Whole sentences matter here: they are broken, not cut off.
    const std::string whole = wrapped(escaped(text(words)), pen.width > 8 ? pen.width - 4 : 4, 0);
    bool first = true;
    for (std::size_t from = 0; from <= whole.size(); first = false) {
      const std::size_t end = std::min(whole.find('\n', from), whole.size());
      section.rows.push_back(pen.line().add(first ? " ! " : "   ", paint).add(
          whole.substr(from, end - from)));
      from = end + 1;
    }
  };
  for (const auto& finding : at(summary, {"generator", "findings"}))
    add(at(finding, "words"),
        text(at(finding, "severity")) == "SATURATED" ? Paint::kBad : Paint::kWarning);
  for (const auto& warning : at(summary, {"generator", "warnings"})) add(warning, Paint::kWarning);
  return section;
}

}  // namespace gend::report
