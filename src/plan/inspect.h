#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "extract/json_path.h"
#include "plan/template.h"

// What is taken from a response and what is asked of it: captures and checks, compiled.
namespace gend::plan {

using StatusRanges = std::vector<std::pair<std::uint16_t, std::uint16_t>>;  // both ends included

// Where in a response something is found.
enum class Part : std::uint8_t {
  kStatus,
  kLatency,  // service time
  kBody,     // decoded
  kSize,     // of the body, in bytes, before content decoding
  kHeader,   // the first of that name
  kCookie,   // of this response's Set-Cookie
  kJson,     // a path into the body
  kRegex,    // the first group of a match in the body, or the whole match without groups
  kUrl       // the path and query that answered in the end, after redirects
};

struct Extraction {
  Part part = Part::kStatus;
  std::string name{};           // kHeader (lower case), kCookie
  extract::JsonPath path{};     // kJson
  std::uint32_t pattern = 0;    // kRegex: index into Program::patterns
};

struct Capture {
  std::string name{};  // the variable
  std::uint32_t slot = 0;
  Extraction from{};
  bool has_fallback = false;  // `default:`: what the variable gets when nothing matches
  std::string fallback{};
  std::uint32_t missed = 0;  // counter slot of captures_missed
};

enum class Match : std::uint8_t {
  kIn,                                                            // status: one of `statuses`
  kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kNotEqual,  // numbers; latency, size, json …
  kContains, kNotContains,                                        // text (`~x` in a plan)
  kIs, kIsNot,                                                    // the whole text
  kMatches,                                                       // `pattern`
  kExists, kNotExists
};

struct Check {
  std::string name{};  // as shown: "status is 200", "body contains welcome"
  Extraction of{};
  Match match = Match::kIn;
  StatusRanges statuses{};    // kIn
  Duration latency{};         // kLatency
  double number = 0;          // kLess … kNotEqual of what is not a latency
  Template text{};            // kContains … kIsNot; rendered first when it is not fixed
  std::uint32_t pattern = 0;  // kMatches: index into Program::patterns
  std::uint32_t series = 0;   // rate slot of `checks`
};

}  // namespace gend::plan
