// docs/plan.md says of every key of the language whether it runs.
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "plan/executors.h"
#include "plan/key_table.h"

using namespace gend::plan;

TEST_CASE("every key that runs is documented, and every documented promise for later is one") {
  std::ifstream in{GEND_PLAN_DOC};
  REQUIRE(in.good());
  std::ostringstream out;
  out << in.rdbuf();
  const std::string doc = out.str();
  const std::size_t later = doc.find("\n## Not run yet\n");
  REQUIRE(later != std::string::npos);
  for (const Section& section : language()) {
    for (const KeyDoc& key : section.keys) {
      CAPTURE(section.name);
      CAPTURE(key.name);
      const std::size_t at = doc.find("`" + std::string{key.name} + "`");
      CHECK(at != std::string::npos);
      if (key.runs)
        CHECK(at < later);
      else
        CHECK(doc.find("`" + std::string{key.name} + "`", later) != std::string::npos);
    }
  }
}

TEST_CASE("every executor has its row, with the keys that it takes") {
  std::ifstream in{GEND_PLAN_DOC};
  std::string line;
  std::map<std::string, std::string> rows;  // those of one name together
  while (std::getline(in, line)) {
    for (const ExecutorKeys& keys : executors()) {
      const std::string name{keys.name};
      if (line.starts_with("| " + name + " |")) rows[name] += line;
    }
  }
  for (const ExecutorKeys& keys : executors()) {
    CAPTURE(keys.name);
    const std::string& row = rows[std::string{keys.name}];
    for (const auto* some : {&keys.required, &keys.optional}) {
      for (const std::string_view key : *some) {
        CAPTURE(key);
        CHECK(row.find("`" + std::string{key} + "`") != std::string::npos);
      }
    }
  }
}

TEST_CASE("every key has a type and a sentence") {
  for (const Section& section : language()) {
    std::set<std::string_view> names;
    for (const KeyDoc& key : section.keys) {
      CAPTURE(section.name);
      CAPTURE(key.name);
      CHECK(names.insert(key.name).second);
      CHECK_FALSE(key.type.empty());
      CHECK(key.doc.ends_with('.'));
    }
  }
}
