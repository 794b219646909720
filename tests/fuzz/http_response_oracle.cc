#include "fuzz/http_response_oracle.h"

#include <random>
#include <string_view>

#include "base/limits.h"
#include "http/facts.h"

namespace gend::test {
namespace {

constexpr std::size_t kLongestByteByByte = 4096;  // beyond that only cut at random, to stay fast

std::string contradiction(const Facts& facts, std::string_view bytes) {
  if (facts.complete != (facts.outcome == Outcome::kOk)) return "complete, but not ok, or not so";
  if (facts.consumed > bytes.size()) return "more consumed than there was";
  if (facts.needed_eof && facts.complete && facts.keep_alive) return "closed, yet kept alive";
  if (facts.complete && (facts.status < 200 || facts.status > 999)) return "a final status of 1xx";
  if (facts.complete && facts.body.size() != facts.body_bytes) return "a body of another size";
  if (facts.body.size() > limits::kBodyBytes) return "a body beyond its limit";
  if (facts.interim > limits::kInterimResponses + 1) return "interim responses beyond their limit";
  return "";
}

}  // namespace

std::string fuzz_one(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return "";
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  const RequestMethod method = (data[0] & 1) != 0 ? RequestMethod::kHead : RequestMethod::kGet;
  std::mt19937_64 random{data[0]};

  const Facts facts = parse(bytes, whole(bytes), method, Keep::kAll);
  if (std::string wrong = contradiction(facts, bytes); !wrong.empty())
    return wrong + ": " + in_words(facts);
  const auto compare = [&](const Pieces& pieces) {
    return difference(facts, parse(bytes, pieces, method, Keep::kAll));
  };
  if (std::string wrong = compare(split_at_random(bytes, random)); !wrong.empty()) return wrong;
  if (bytes.size() <= kLongestByteByByte)
    if (std::string wrong = compare(byte_by_byte(bytes)); !wrong.empty()) return wrong;
  if (!facts.complete || facts.needed_eof) return "";

  // What was not consumed must not have mattered.
  const std::string_view alone = bytes.substr(0, facts.consumed);
  return difference(facts, parse(alone, whole(alone), method, Keep::kAll));
}

}  // namespace gend::test
