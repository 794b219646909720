#include "export/slots.h"

namespace gend::exporter {

Slots::Slots(const stats::Schema& schema) {
  for (std::size_t kind = 0; kind < stats::kKinds; ++kind)
    by_kind_[kind].resize(schema.slots(static_cast<stats::Kind>(kind)));
  for (const stats::Series& series : schema.series())
    by_kind_[static_cast<std::size_t>(series.kind)][series.slot] = {&series,
                                                                    schema.find(series.metric)};
}

}  // namespace gend::exporter
