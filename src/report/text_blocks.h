#pragma once

#include <nlohmann/json.hpp>

#include "report/text_page.h"

// The blocks of the end-of-run text, in their order. Each reads the summary and writes nothing when
// it has nothing to say.
namespace gend::report {

void write_verdict(Page& page, const nlohmann::ordered_json& summary);
void write_events(Page& page, const nlohmann::ordered_json& summary);
void write_thresholds(Page& page, const nlohmann::ordered_json& summary);
void write_latency(Page& page, const nlohmann::ordered_json& summary);
void write_totals(Page& page, const nlohmann::ordered_json& summary);
void write_checks(Page& page, const nlohmann::ordered_json& summary);
void write_steps(Page& page, const nlohmann::ordered_json& summary);
void write_errors(Page& page, const nlohmann::ordered_json& summary);
void write_picks(Page& page, const nlohmann::ordered_json& summary);
void write_groups(Page& page, const nlohmann::ordered_json& summary);
void write_failed_iterations(Page& page, const nlohmann::ordered_json& summary);
void write_captures_missed(Page& page, const nlohmann::ordered_json& summary);
void write_facets(Page& page, const nlohmann::ordered_json& summary);
void write_sessions(Page& page, const nlohmann::ordered_json& summary);
void write_deliveries(Page& page, const nlohmann::ordered_json& summary);
void write_samples(Page& page, const nlohmann::ordered_json& summary);
void write_custom(Page& page, const nlohmann::ordered_json& summary);
void write_work(Page& page, const nlohmann::ordered_json& summary);
void write_observed(Page& page, const nlohmann::ordered_json& summary);
void write_host(Page& page, const nlohmann::ordered_json& summary);
void write_tls(Page& page, const nlohmann::ordered_json& summary);
void write_generator(Page& page, const nlohmann::ordered_json& summary);

// "label....: med=… p(95)=… max=…" of a trend's values; nothing without a sample.
void write_times(Page& page, std::string_view label, const nlohmann::ordered_json& values);

}  // namespace gend::report
