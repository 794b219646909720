#pragma once

#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "plan/load.h"

namespace gend::test {

// A small plan of ten seconds; `thresholds` is YAML, indented by two spaces, or empty.
inline std::string plan_text(const std::string& thresholds = "") {
  return "name: small plan\n"
         "target: http://127.0.0.1:9\n"
         "seed: 7\n" +
         (thresholds.empty() ? "" : "thresholds:\n" + thresholds) +
         "scenarios:\n"
         "  browse:\n"
         "    executor: constant-vus\n"
         "    vus: 3\n"
         "    duration: 10s\n"
         "    flow:\n"
         "      - get: /\n"
         "      - think: 1s\n";
}

inline std::unique_ptr<const plan::Program> small_program(const std::string& thresholds = "") {
  auto program = plan::compile("small.yaml", plan_text(thresholds), {});
  if (!program)
    for (const plan::Complaint& each : program.error()) MESSAGE(each.str());
  REQUIRE(program.has_value());
  return *std::move(program);
}

}  // namespace gend::test
