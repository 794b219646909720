// The block on TLS: that nothing was verified is said whether or not anything else went wrong.
#include <fmt/format.h>

#include "report/json_read.h"
#include "report/text_blocks.h"
#include "stats/words.h"

namespace gend::report {

void write_tls(Page& page, const nlohmann::ordered_json& summary) {
  const auto& tls = at(summary, "tls");
  const std::uint64_t handshakes = count(at(tls, "handshakes"));
  const bool unverified = truth(at(summary, {"run", "insecure"}));
  if (handshakes == 0 && !unverified) return;
  page.heading("TLS");
  if (handshakes > 0)
    page.dotted("handshakes", fmt::format("{}, {} resumed", stats::grouped(handshakes),
                                          percent_text(number(at(tls, "resumed_share")))));
  if (unverified)
    page.line(page.paint("insecure: certificates are not verified", Paint::kWarning));
}

}  // namespace gend::report
