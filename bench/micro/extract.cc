// extract/json_1k: one value out of an answer of 1 KiB of JSON, from its bytes. extract/pattern_1k:
// one group of a regular expression out of the same answer.
#include <regex>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include "agree.h"
#include "answers.h"
#include "extract/json_document.h"
#include "extract/json_path.h"
#include "extract/pattern.h"
#include "parts.h"

namespace {

using namespace gend;
using namespace gend::bench;

constexpr std::string_view kCursor = "c2VjcmV0IGN1cnNvcg";
constexpr const char* kPattern = "\"id\":1012,\"name\":\"([^\"]*)\"";
constexpr std::string_view kName = "an item of the list";

void json_ours(benchmark::State& state) {
  std::string body = json_of_1_kib(), out;
  const auto path = extract::parse_json_path("$.page.next");
  extract::JsonDocument document;
  for (auto _ : state) {
    agree(document.parse(body) && document.find(*path, out) && out == kCursor, "what was written");
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

void json_nlohmann(benchmark::State& state) {
  const std::string body = json_of_1_kib();
  for (auto _ : state) {
    const auto document = nlohmann::json::parse(body);
    agree(document["page"]["next"].get_ref<const std::string&>() == kCursor, "nlohmann");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

void pattern_ours(benchmark::State& state) {
  const std::string body = json_of_1_kib();
  const auto pattern = extract::Pattern::compile(kPattern);
  for (auto _ : state) agree((*pattern)->find(body) == kName, "what was written");
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

void pattern_std(benchmark::State& state) {
  const std::string body = json_of_1_kib();
  const std::regex pattern{kPattern, std::regex::optimize};
  std::smatch match;
  for (auto _ : state)
    agree(std::regex_search(body, match, pattern) && match[1].str() == kName, "std::regex");
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

}  // namespace

void gend::bench::add_extracting() {
  benchmark::RegisterBenchmark("extract/json_1k/gend", &json_ours);
  benchmark::RegisterBenchmark("extract/json_1k/nlohmann", &json_nlohmann);
  benchmark::RegisterBenchmark("extract/pattern_1k/gend", &pattern_ours);
  benchmark::RegisterBenchmark("extract/pattern_1k/std_regex", &pattern_std);
}
