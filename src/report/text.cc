#include "report/text.h"

#include "report/text_blocks.h"

namespace gend::report {

std::string summary_text(const nlohmann::ordered_json& summary, const TextOptions& options) {
  Page page{options};
  write_verdict(page, summary);
  write_events(page, summary);
  write_thresholds(page, summary);
  write_latency(page, summary);
  write_steps(page, summary);
  write_deliveries(page, summary);
  write_sessions(page, summary);
  write_facets(page, summary);
  write_groups(page, summary);
  write_picks(page, summary);
  write_errors(page, summary);
  write_failed_iterations(page, summary);
  write_captures_missed(page, summary);
  write_samples(page, summary);
  write_checks(page, summary);
  write_custom(page, summary);
  write_totals(page, summary);
  write_work(page, summary);
  write_tls(page, summary);
  write_observed(page, summary);
  write_generator(page, summary);
  write_host(page, summary);
  return page.take();
}

}  // namespace gend::report
