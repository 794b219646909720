#include "control/config.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "control/temp_dir.h"

using namespace gend;
using control::parse_config;

TEST_CASE("without a file: this host and private networks, but no link-local metadata service") {
  const control::Config config;
  const auto has = [&](const char* block) {
    return std::find(config.allow.begin(), config.allow.end(), block) != config.allow.end();
  };
  for (const char* block :
       {"127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"})
    CHECK(has(block));
  CHECK(config.allow.size() == 6);
}

TEST_CASE("every key is understood") {
  const auto config = parse_config("f",
                                   "shards: 3\npin: false\nallow: [192.0.2.0/24, fd00::1]\n"
                                   "stop_seconds: 9\n");
  REQUIRE(config.has_value());
  CHECK(config->shards == 3);
  CHECK_FALSE(config->pin);
  CHECK(config->allow == std::vector<std::string>{"192.0.2.0/24", "fd00::1"});
  CHECK(config->stop_seconds == 9);
}

TEST_CASE("an empty file is the defaults") {
  const auto config = parse_config("f", "# nothing yet\n");
  REQUIRE(config.has_value());
  CHECK(config->allow == control::Config{}.allow);
}

TEST_CASE("every mistake is named with file and line, all at once") {
  const auto config = parse_config("gend.yaml",
                                   "shards: many\nallow:\n  - 10.0.0.0/8\n  - 300.1.1.1\n"
                                   "pni: true\npin: 7\nstop_seconds: -1\n");
  REQUIRE_FALSE(config.has_value());
  const std::string& text = config.error().message;
  for (const char* part : {"gend.yaml:1: \"shards\"", "gend.yaml:4: \"300.1.1.1\"",
                           "gend.yaml:5: \"pni\" is not known", "gend.yaml:6: \"pin\"",
                           "gend.yaml:7: \"stop_seconds\""})
    CHECK_MESSAGE(text.find(part) != text.npos, std::string{part});
  CHECK(std::count(text.begin(), text.end(), '\n') == 4);
}

TEST_CASE("prefixes longer than the address are no blocks") {
  for (const char* block : {"10.0.0.0/33", "::1/129", "10.0.0.0/", "10.0.0.0/8x", "/8", "host"})
    CHECK_MESSAGE(!parse_config("f", std::string{"allow: [\""} + block + "\"]\n").has_value(),
                  std::string{block});
}

TEST_CASE("text that is no YAML is refused with its line") {
  const auto config = parse_config("f", "shards: 1\nallow: [10.0.0.0/8\n");
  REQUIRE_FALSE(config.has_value());
  CHECK(config.error().message.starts_with("f:"));
}

TEST_CASE("a file that was named must exist") {
  const test::TempDir dir;
  CHECK_FALSE(control::load_config(dir / "none.yaml").has_value());
}

TEST_CASE("the example that is installed holds the defaults") {
  const char* root = std::getenv("GEND_SOURCE_ROOT");
  REQUIRE_MESSAGE(root != nullptr, "run it with meson test, or set GEND_SOURCE_ROOT");
  const auto example = control::load_config(std::string{root} + "/systemd/gend.yaml");
  REQUIRE(example.has_value());
  const control::Config defaults;
  CHECK(example->shards == defaults.shards);
  CHECK(example->pin == defaults.pin);
  CHECK(example->allow == defaults.allow);
  CHECK(example->stop_seconds == defaults.stop_seconds);
  CHECK(example->keep.runs == defaults.keep.runs);
  CHECK(example->keep.bytes == defaults.keep.bytes);
  CHECK(example->keep.days == defaults.keep.days);
}
