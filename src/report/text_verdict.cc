// What a person wants to know first: did it pass, can it be believed, and by how much.
#include <fmt/format.h>

#include "report/json_read.h"
#include "report/live_words.h"
#include "report/text_blocks.h"
#include "report/verdict_words.h"
#include "stats/words.h"

namespace gend::report {
namespace {

void write_threshold(Page& page, const std::string& source, const Json& metric,
                     const Json& threshold) {
  const bool ok = truth(at(threshold, "ok"));
  const std::string measured = measured_words(source, metric, threshold);
  const std::string name = left(shortened(escaped(source), 26), 26);
  page.line(fmt::format("{} {}  {}", page.mark(ok), name,
                        ok ? measured : page.paint(measured, Paint::kBad)));
}

// A run that was not the plan as written must not be taken for it.
void write_scales(Page& page, const Json& run) {
  const double time = number(at(run, "time_scale")), load = number(at(run, "load_scale"));
  if (time != 1 && time > 0)
    page.line(page.paint(fmt::format("every duration scaled by {:g}", time), Paint::kWarning));
  if (load != 1 && load > 0)
    page.line(page.paint(fmt::format("every count and rate scaled by {:g}", load),
                         Paint::kWarning));
  if (const std::string segment = text(at(run, "segment")); !segment.empty())
    page.line(page.paint(fmt::format("part {} of the load", escaped(segment)), Paint::kWarning));
}

void write_notes(Page& page, const Json& run) {
  for (const auto& note : at(run, "notes"))
    page.prose("note: " + escaped(text(note)), Paint::kWarning);
}

void write_worst(Page& page, const Json& summary, const std::string& verdict) {
  if (verdict != "SUSPECT" && verdict != "SATURATED") return;
  if (verdict == "SATURATED")
    page.prose("The generator was the limit: these numbers describe it at least as much as they "
               "describe the server.", Paint::kBad);
  const Json& findings = at(summary, {"generator", "findings"});
  if (findings.is_array() && !findings.empty())
    page.prose(escaped(text(at(findings[0], "words"))), paint_of_verdict(verdict));
}

}  // namespace

void write_verdict(Page& page, const Json& summary) {
  const Json& run = at(summary, "run");
  const Tone tone = tone_of(run);
  const std::string verdict = text(at(summary, {"generator", "verdict"}));
  const std::string thresholds = thresholds_words(count_thresholds(summary));
  const std::string shown_verdict = escaped(verdict);
  const std::size_t taken = columns_of(tone.words) + columns_of(thresholds) +
                            columns_of(shown_verdict) + columns_of("   ·  · generator ");
  const std::size_t room = page.inner() > taken + 10 ? page.inner() - taken : 10;
  page.line(fmt::format("{}  {} · {} · generator {}", page.paint(tone.words, tone.paint),
                        shortened(escaped(text(at(run, "name"))), room), thresholds,
                        page.paint(shown_verdict, paint_of_verdict(verdict))));
  const double elapsed = number(at(run, "elapsed_s")), planned = number(at(run, "planned_s"));
  page.prose(fmt::format("{} after {} of {} · run {} · plan {} · seed {}",
                         escaped(text(at(run, "end_reason")).empty()
                                     ? text(at(run, "state"))
                                     : text(at(run, "end_reason"))),
                         stats::milliseconds_text(elapsed * 1000),
                         stats::milliseconds_text(planned * 1000), escaped(text(at(run, "id"))),
                         escaped(text(at(run, "plan"))), count(at(run, "seed"))));
  if (const std::string why = text(at(run, "not_written")); !why.empty())
    page.prose("NOT ON DISK: " + escaped(why), Paint::kBad);
  if (const Json& until = at(run, "summary_until_s"); until.is_number())
    page.prose(fmt::format("the tables end at {}; the seconds are complete",
                           stats::milliseconds_text(number(until) * 1000)), Paint::kWarning);
  write_scales(page, run);
  write_notes(page, run);
  write_worst(page, summary, verdict);
}

void write_events(Page& page, const Json& summary) {
  const Json& events = at(summary, "events");
  if (!events.is_array() || events.empty()) return;
  page.heading("EVENTS");
  for (const auto& event : events)
    page.prose(fmt::format("{}  {} by {}",
                           right(stats::milliseconds_text(number(at(event, "at_s")) * 1000), 9),
                           escaped(text(at(event, "what"))), escaped(text(at(event, "by")))),
               11);
}

void write_thresholds(Page& page, const Json& summary) {
  if (count_thresholds(summary).all == 0) return;
  page.heading("THRESHOLDS");
  for (const auto& [name, metric] : at(summary, "metrics").items()) {
    const Json& thresholds = at(metric, "thresholds");
    if (!thresholds.is_object() || thresholds.empty()) continue;
    page.line(shortened(escaped(name), page.inner()));
    for (const auto& [source, threshold] : thresholds.items())
      write_threshold(page, source, metric, threshold);
  }
}

}  // namespace gend::report
