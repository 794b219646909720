// Plans that are almost right: whatever is done to a shipped profile, the answer is a program or
// complaints with places, never a crash.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/rng.h"
#include "plan/demand.h"
#include "plan/explain.h"
#include "plan/load.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::plan;

namespace {

std::vector<std::string> corpus() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator{GEND_PROFILES}) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream in{entry.path()};
    std::ostringstream text;
    text << in.rdbuf();
    out.push_back(text.str());
  }
  return out;
}

constexpr std::string_view kTokens[] = {"[",
                                        "]",
                                        "{",
                                        "}",
                                        ":",
                                        "- ",
                                        "\n",
                                        "\"",
                                        "'",
                                        "&a ",
                                        "*a",
                                        "|",
                                        ">",
                                        "#",
                                        "${",
                                        "}",
                                        "$${",
                                        "${vu}",
                                        "${random(1,2)}",
                                        "\t",
                                        "!x ",
                                        "---\n",
                                        "\r\n",
                                        "\xFF",
                                        "é",
                                        "null",
                                        "~",
                                        "0",
                                        "-1",
                                        "1e999",
                                        "99999999999999999999",
                                        "scenarios:",
                                        "flow:",
                                        "get: /",
                                        "http://",
                                        "https://",
                                        "[::1]",
                                        "%",
                                        "?",
                                        "stages: []",
                                        "executor: ramping-arrival-rate",
                                        "{{",
                                        "\\",
                                        "secret: true",
                                        "<<: *a"};

std::string mutated(std::string text, const std::vector<std::string>& all, Rng& rng) {
  const auto changes = 1 + rng.below(4);
  for (std::uint64_t i = 0; i < changes && !text.empty(); ++i) {
    const std::size_t at = rng.below(text.size());
    const std::size_t length = rng.below(20);
    switch (rng.below(6)) {
      case 0: text[at] = static_cast<char>(rng.below(256)); break;
      case 1: text.erase(at, length); break;
      case 2: text.insert(at, kTokens[rng.below(std::size(kTokens))]); break;
      case 3: text.insert(at, text.substr(rng.below(text.size()), length)); break;
      case 4: text.replace(at, length, kTokens[rng.below(std::size(kTokens))]); break;
      default: {
        const std::string& other = all[rng.below(all.size())];
        text = text.substr(0, at) + other.substr(rng.below(other.size()));
      }
    }
  }
  return text;
}

}  // namespace

TEST_CASE("a mutated profile compiles or is complained of at a line") {
  const auto all = corpus();
  REQUIRE_FALSE(all.empty());
  Rng rng{test::seed()};
  Options options;
  options.seed = 1;
  HostFacts host;
  host.cpus = 2;
  int good = 0, bad = 0;
  for (int i = 0; i < GEND_MUTATIONS; ++i) {
    const std::string text = mutated(all[rng.below(all.size())], all, rng);
    const auto result = compile("p.yaml", text, options);
    if (result) {
      ++good;
      CHECK_FALSE(explain(**result, host).empty());
      continue;
    }
    ++bad;
    REQUIRE_FALSE(result.error().empty());
    for (const Complaint& complaint : result.error()) {
      CAPTURE(complaint.str());
      CHECK(complaint.line >= 1);
      CHECK(complaint.column >= 1);
      CHECK_FALSE(complaint.what.empty());
    }
  }
  // Both sides must have been reached, or the mutations are no test.
  CHECK(good > GEND_MUTATIONS / 100);
  CHECK(bad > GEND_MUTATIONS / 10);
}
