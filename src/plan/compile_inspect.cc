#include <algorithm>

#include "base/assert.h"
#include "plan/compile_request.h"

namespace gend::plan {

namespace {

// The pattern was compiled when it was read; one that failed then was complained of.
std::uint32_t pattern_of(const std::string& text, Program& program) {
  const auto found = std::ranges::find_if(
      program.patterns, [&](const auto& pattern) { return pattern->source() == text; });
  const auto index = static_cast<std::uint32_t>(found - program.patterns.begin());
  if (found != program.patterns.end()) return index;
  auto pattern = extract::Pattern::compile(text);
  GEND_ASSERT(pattern);
  program.patterns.push_back(std::move(*pattern));
  return index;
}

}  // namespace

Extraction extraction_of(Extraction from, const std::string& pattern, Program& program) {
  if (from.part == Part::kRegex) from.pattern = pattern_of(pattern, program);
  return from;
}

Check check_of(const CheckText& text, Program& program) {
  Check check = text.check;
  check.of = extraction_of(text.check.of, text.of_pattern, program);
  if (check.match == Match::kMatches) check.pattern = pattern_of(text.match_pattern, program);
  return check;
}

Capture capture_of(const CaptureText& text, Program& program) {
  Capture capture = text.capture;
  capture.from = extraction_of(capture.from, text.pattern, program);
  return capture;
}

namespace {

void note_needs(Part part, HttpRequest& request) {
  request.reads_json |= part == Part::kJson;
  request.reads_body |= part == Part::kBody || part == Part::kJson || part == Part::kRegex;
  request.reads_headers |= part == Part::kHeader || part == Part::kCookie;
}

}  // namespace

std::uint32_t slot_of(const std::string& name, Program& program) {
  const auto found = std::ranges::find(program.values, name, &Value::name);
  const auto slot = static_cast<std::uint32_t>(found - program.values.begin());
  if (found == program.values.end()) program.values.push_back({.name = name});
  return slot;
}

void add_inspections(const HttpText& text, HttpRequest& request, Program& program) {
  for (const CheckText& check : text.checks) request.checks.push_back(check_of(check, program));
  for (const CheckText& check : text.expects) request.expects.push_back(check_of(check, program));
  for (const CaptureText& capture : text.captures) {
    request.captures.push_back(capture_of(capture, program));
  }
  for (const Check& check : request.checks) note_needs(check.of.part, request);
  for (const Check& check : request.expects) note_needs(check.of.part, request);
  for (const Capture& capture : request.captures) note_needs(capture.from.part, request);
  request.expected_statuses = text.expected_statuses.value_or(StatusRanges{{200, 399}});
  request.stops_on_failure = text.has_expect;
}

}  // namespace gend::plan
