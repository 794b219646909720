#include <doctest/doctest.h>

#include "sim/model_text.h"

using namespace gend;
using namespace std::chrono_literals;

TEST_CASE("a model is read from its options") {
  const auto model = sim::parse_model({{"latency", "10ms..50ms"}, {"workers", "8"}, {"queue", "100"},
                                       {"fail", "1%"}, {"bytes", "2KiB"}, {"rtt", "500us"}});
  REQUIRE(model);
  CHECK(model->latency.kind == sim::Latency::Kind::kUniform);
  CHECK(model->workers == 8);
  CHECK(model->queue == 100);
  CHECK(model->fail == doctest::Approx(0.01));
  CHECK(model->bytes == 2048);
  CHECK(model->rtt == 500us);
  CHECK(sim::describe(*model) == "10ms..50ms a request, 8 at once, 100 may wait, 1% fail, "
                                 "500us there and back, 2048 bytes each");
  const auto plain = sim::parse_model({});
  REQUIRE(plain);
  CHECK(sim::describe(*plain) == "20ms a request, any number at once, 2048 bytes each");
}

TEST_CASE("units of sizes and shares") {
  for (const auto& [text, bytes] : std::map<std::string, std::uint32_t>{
           {"0", 0}, {"512", 512}, {"512B", 512}, {"3kB", 3000}, {"1MiB", 1 << 20}, {"2MB", 2'000'000}})
    CHECK(sim::parse_model({{"bytes", text}})->bytes == bytes);
  CHECK(sim::parse_model({{"fail", "0.25"}})->fail == 0.25);
  CHECK(sim::parse_model({{"fail", "100%"}})->fail == 1);
}

TEST_CASE("every bad value is named with its option, what was found and what is expected") {
  const std::map<std::string, std::string> bad[] = {
      {{"latency", "soon"}}, {{"workers", "-1"}}, {{"workers", "many"}}, {{"workers", "1000001"}},
      {{"queue", "x"}},      {{"fail", "101%"}},  {{"fail", "-0.1"}},    {{"fail", "%"}},
      {{"fail", "nan"}},     {{"bytes", "2GiB"}}, {{"bytes", "-1"}},     {{"bytes", "KiB"}},
      {{"rtt", "5"}},        {{"rtt", "2m"}},     {{"colour", "blue"}},  {{"fail", ""}}};
  for (const auto& texts : bad) {
    CAPTURE(texts.begin()->second);
    const auto model = sim::parse_model(texts);
    REQUIRE_FALSE(model);
    CHECK(model.error().starts_with("--" + texts.begin()->first + ": "));
  }
  const auto queue = sim::parse_model({{"queue", "5"}});
  REQUIRE_FALSE(queue);
  CHECK(queue.error().find("--workers") != std::string::npos);
}
