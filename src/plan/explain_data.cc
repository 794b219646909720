#include <fmt/format.h>

#include "plan/explain_parts.h"
#include "plan/picture.h"
#include "plan/units.h"

namespace gend::plan {

namespace {

// " (browse 1 to 10, peak 11 to 30)".
std::string shares_of(const Program& program, std::size_t set) {
  std::string out;
  for (const Scenario& scenario : program.scenarios) {
    const std::uint64_t first = scenario.first_rows[set];
    if (first == Scenario::kNoRow || scenario.max_vus == 0) continue;
    out += fmt::format("{}{} {} to {}", out.empty() ? "" : ", ", clean(scenario.name), first + 1,
                       first + scenario.max_vus);
  }
  return out.empty() ? out : " (rows: " + out + ")";
}

}  // namespace

std::string show_data(const Program& program) {
  std::string out;
  for (std::size_t i = 0; i < program.data.size(); ++i) {
    const DataSet& set = program.data[i];
    out += fmt::format("data {}: {}, {} row{}, {}{}\n", clean(set.name), clean(set.source),
                       show_number(static_cast<double>(set.table->rows())),
                       set.table->rows() == 1 ? "" : "s", name_of(set.order),
                       set.order == Order::kUnique ? shares_of(program, i) : "");
  }
  for (const std::string& note : program.notes) out += fmt::format("note: {}\n", clean(note));
  return out;
}

std::string show_observed(const Program& program) {
  std::string out;
  for (const observe::Source& source : program.observe) {
    out += fmt::format("observe {}: {} {} every {}\n", clean(source.name),
                       observe::name_of(source.kind), clean(source.url),
                       show_duration(source.every));
    for (const observe::Series& series : source.series)
      out += fmt::format("  {} = {}\n", clean(series.metric), clean(series.written));
  }
  return out;
}

}  // namespace gend::plan
