#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "fuzz/http_response_oracle.h"
#include "http/cases.h"
#include "support/seed.h"

namespace gend::test {
namespace {

constexpr int kMutations = 200'000;
constexpr std::size_t kLongestSeed = 2000;  // the long cases would take all the time

std::string run(const std::string& input) {
  return fuzz_one(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

// Pieces of the protocol, so that mutations reach beyond the first wrong byte.
constexpr std::string_view kWords[] = {
    "\r\n", "\n", "\r", "\r\n\r\n", " ", "\t", ":", ";", ",", "0", "1", "a", "ffff", "\x7f", "\xff",
    "HTTP/1.1 200 OK\r\n", "HTTP/1.0 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 204 No Content\r\n", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n",
    "Connection: close\r\n", "Connection: keep-alive\r\n", "5\r\nhello\r\n", "0\r\n\r\n",
    "0\r\nA: b\r\n\r\n"};

std::string mutate(std::string bytes, const std::string& other, std::mt19937_64& random) {
  const auto place = [&] { return random() % (bytes.size() + 1); };
  for (std::size_t times = random() % 4 + 1; times > 0; --times) {
    const std::size_t at = place();
    switch (random() % 6) {
      case 0:
        if (at < bytes.size()) bytes[at] = static_cast<char>(random() % 256);
        break;
      case 1:
        bytes.insert(at, kWords[random() % std::size(kWords)]);
        break;
      case 2:
        bytes.erase(at, random() % 8 + 1);
        break;
      case 3:
        bytes.resize(at);
        break;
      case 4:
        if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ 1 << random() % 8);
        break;
      case 5:
        bytes.replace(at, std::string::npos, other.substr(random() % (other.size() + 1)));
        break;
    }
  }
  return bytes;
}

TEST_CASE("the conformance cases are read the same in any pieces") {
  for (const ResponseCase& c : response_cases())
    for (char first : {'\0', '\1'}) CHECK_MESSAGE(run(first + c.raw) == "", c.name);
}

TEST_CASE("mutated responses are read the same in any pieces") {
  std::mt19937_64 random{seed()};
  std::vector<std::string> seeds;
  for (const ResponseCase& c : response_cases())
    if (c.raw.size() <= kLongestSeed) seeds.push_back(c.raw);
  REQUIRE(seeds.size() > 400);
  const auto pick = [&]() -> const std::string& { return seeds[random() % seeds.size()]; };
  for (int i = 0; i < kMutations; ++i) {
    const std::string input =
        static_cast<char>(random() % 256) + mutate(pick(), pick(), random);
    const std::string wrong = run(input);
    REQUIRE_MESSAGE(wrong == "", wrong << " in mutation " << i << ": " << input.substr(1));
  }
}

}  // namespace
}  // namespace gend::test
