// What a report says of TLS.
#include <doctest/doctest.h>

#include <string>

#include "report/sample_run.h"
#include "report/summary_json.h"
#include "report/text.h"

using namespace gend;
using namespace gend::report;

namespace {

std::string text_of(const nlohmann::ordered_json& summary) {
  return summary_text(summary, {.width = 80});
}

}  // namespace

TEST_CASE("a run without TLS says nothing of it") {
  const test::SampleRun run;
  const auto summary = summary_json(run.result);
  CHECK(summary["tls"]["handshakes"] == 0);
  CHECK(summary["run"]["insecure"] == false);
  CHECK(text_of(summary).find("TLS") == std::string::npos);
}

TEST_CASE("handshakes are counted, and the share of those that resumed is said") {
  const test::SampleRun run;
  auto summary = summary_json(run.result);
  summary["tls"] = {{"handshakes", 1200}, {"resumed", 300}, {"resumed_share", 0.25}};
  const std::string text = text_of(summary);
  CHECK(text.find("handshakes") != std::string::npos);
  CHECK(text.find("1,200, 25.00% resumed") != std::string::npos);
  CHECK(text.find("insecure") == std::string::npos);
}

TEST_CASE("a run that verifies nothing says so, in the text and in the summary") {
  test::SampleRun run;
  run.result.tls_insecure = true;
  const auto summary = summary_json(run.result);
  CHECK(summary["run"]["insecure"] == true);
  CHECK(text_of(summary).find("insecure: certificates are not verified") != std::string::npos);
}
