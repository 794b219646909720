// What it costs to look into an answer: one JSON capture and one JSON check on a body of 1 KiB, as
// a user of a plan does for each request.
//
//   inspect [ROUNDS]
#include <time.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "engine/captures.h"
#include "engine/checks.h"

namespace {

using namespace gend;

std::int64_t now_ns() {
  timespec ts{};
  ::clock_gettime(CLOCK_MONOTONIC, &ts);
  return ts.tv_sec * 1'000'000'000LL + ts.tv_nsec;
}

std::string body_of_1_kib() {
  std::string body = R"({"ok":true,"page":{"next":"c2VjcmV0IGN1cnNvcg","size":20},"items":[)";
  for (int i = 0; body.size() < 970; ++i) {
    if (i > 0) body += ',';
    body += R"({"id":)" + std::to_string(1000 + i) + R"(,"name":"an item of the list"})";
  }
  return body + "]}";
}

plan::Extraction json(const char* path) {
  plan::Extraction out;
  out.part = plan::Part::kJson;
  out.path = *extract::parse_json_path(path);
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const long rounds = argc > 1 ? std::atol(argv[1]) : 1'000'000;
  http::Kept kept;
  kept.body = body_of_1_kib();
  plan::Capture capture;
  capture.from = json("$.page.next");
  plan::Check check;
  check.of = json("$.ok");
  check.match = plan::Match::kIs;
  plan::Values values;
  values.resize(1);
  const engine::AnswerReader::Patterns patterns;
  engine::AnswerReader reader{patterns};

  long held = 0;
  const std::int64_t begin = now_ns();
  for (long i = 0; i < rounds; ++i) {
    reader.begin({.status = 200, .kept = &kept, .body = kept.body, .body_bytes = kept.body.size()});
    held += engine::capture(capture, reader, values) == engine::Captured::kValue;
    held += engine::holds(check, reader, "true");
  }
  const std::int64_t taken = now_ns() - begin;
  if (held != 2 * rounds) return 1;
  std::printf("%zu bytes: %.1f ns for a capture and a check\n", kept.body.size(),
              static_cast<double>(taken) / static_cast<double>(rounds));
  return 0;
}
