#include "ledger/stamp.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cctype>
#include <string>
#include <vector>

#include "base/rng.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::ledger;
using Kind = FoundStamp::Kind;

namespace {

constexpr std::uint32_t kRun = 0xABCDEF;

std::string text_of(const Stamp& stamp) {
  std::string text(kStampBytes, '?');
  write_stamp(stamp, text.data());
  return text;
}

Stamp random_stamp(Rng& rng, std::uint32_t run = kRun) {
  const auto bits = [&](int n) { return rng() >> (64 - n) >> rng.below(static_cast<unsigned>(n)); };
  return {run, static_cast<std::uint32_t>(bits(30)), bits(36),
          Duration{static_cast<std::int64_t>(bits(54))}};
}

std::vector<FoundStamp> all_of(std::string_view message, std::uint32_t run = kRun) {
  std::vector<FoundStamp> found;
  StampFinder finder{message, run};
  while (const auto stamp = finder.next()) found.push_back(*stamp);
  return found;
}

bool only(std::string_view message, const Stamp& stamp) {
  const auto found = all_of(message);
  return found.size() == 1 && found[0].kind == Kind::kOurs && found[0].stamp == stamp;
}

}  // namespace

TEST_CASE("a stamp is read as it was written, at the ends of its ranges too") {
  const std::int64_t longest = (std::int64_t{1} << 54) - 1;
  for (const Stamp& stamp : {Stamp{kRun, 0, 0, Duration{0}},
                             Stamp{kRun, (1U << 30) - 1, kNumbers - 1, Duration{longest}},
                             Stamp{kRun, 1, 2, Duration{3}}})
    CHECK(only(text_of(stamp), stamp));
  Rng rng{test::seed()};
  for (int i = 0; i < 20'000; ++i) {
    const Stamp stamp = random_stamp(rng);
    REQUIRE(only(text_of(stamp), stamp));
  }
}

TEST_CASE("a stamp is 28 characters that JSON, HTML, URLs, forms and headers leave alone") {
  Rng rng{test::seed()};
  for (int i = 0; i < 1000; ++i) {
    const std::string text = text_of(random_stamp(rng));
    REQUIRE(text.size() == 28);
    for (const char c : text)
      REQUIRE((std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.'));
  }
}

TEST_CASE("a stamp is found in any shape of message") {
  const Stamp stamp{kRun, 77, 1234, Duration{5'000'000'000}};
  const std::string text = text_of(stamp);
  for (const std::string& message : {
           fmt::format(R"({{"type":"msg","text":"{}","n":1}})", text),
           fmt::format(R"(42["village_message",{{"village":"v1","text":"{}"}}])", text),
           fmt::format(R"("{{\"nested\":\"{}\"}}")", text),
           fmt::format("<p class=\"Q\">Quite: {}</p>", text),
           fmt::format("https://a.example/?q=Q&s={}&x=Q.", text),
           fmt::format("Q{}", text),
           fmt::format("QQ.{}Q.", text),
           fmt::format("{}{}", std::string(4000, 'Q'), text),
           std::string("\0\1\2", 3) + text + '\0',
       })
    CHECK_MESSAGE(only(message, stamp), message);
}

TEST_CASE("several stamps in one message are all found, in their order") {
  std::string message;
  std::vector<Stamp> stamps;
  Rng rng{test::seed()};
  for (std::uint64_t i = 0; i < 50; ++i) {
    stamps.push_back({kRun, 5, i, Duration{static_cast<std::int64_t>(i)}});
    message += std::string(rng.below(3), 'x') + text_of(stamps.back());
  }
  const auto found = all_of(message);
  REQUIRE(found.size() == stamps.size());
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i].stamp == stamps[i]);
}

TEST_CASE("a stamp that stands twice in one message is one delivery") {
  const Stamp one{kRun, 5, 1, Duration{10}}, two{kRun, 5, 2, Duration{11}};
  const std::string message =
      fmt::format(R"({{"text":"{0}","html":"<p>{0}</p>","next":"{1}","again":"{0}"}})",
                  text_of(one), text_of(two));
  const auto found = all_of(message);
  REQUIRE(found.size() == 2);
  CHECK(found[0].stamp == one);
  CHECK(found[1].stamp == two);
}

TEST_CASE("stamps of other runs are told apart") {
  const Stamp theirs{kRun + 1, 5, 1, Duration{10}};
  const auto found = all_of(text_of(theirs));
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == Kind::kForeign);
  CHECK(all_of(text_of(theirs), kRun + 1)[0].kind == Kind::kOurs);
}

TEST_CASE("every change of one character, and every swap of two, is noticed") {
  Rng rng{test::seed()};
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const std::string good = text_of(random_stamp(rng));
  for (std::size_t i = kStampMarker.size(); i < good.size(); ++i) {
    for (const char c : letters + "\"<. \xFF") {
      std::string bad = good;
      bad[i] = c;
      const auto found = all_of(bad);
      REQUIRE(found.size() == 1);
      REQUIRE((found[0].kind == Kind::kGarbled) == (bad != good));
    }
    for (std::size_t j = i + 1; j < good.size(); ++j) {
      std::string bad = good;
      std::swap(bad[i], bad[j]);
      REQUIRE((all_of(bad)[0].kind == Kind::kGarbled) == (bad != good));
    }
  }
}

TEST_CASE("a stamp with a broken marker is not a stamp") {
  std::string text = text_of({kRun, 1, 2, Duration{3}});
  for (std::size_t i = 0; i < kStampMarker.size(); ++i) {
    std::string bad = text;
    bad[i] = 'x';
    CHECK(all_of(bad).empty());
  }
}

TEST_CASE("a stamp that is cut is garbled once, and its rest is nothing") {
  const std::string text = text_of({kRun, 1, 2, Duration{3}});
  for (std::size_t cut = kStampMarker.size(); cut < text.size(); ++cut) {
    const auto first = all_of(text.substr(0, cut));
    REQUIRE(first.size() == 1);
    CHECK(first[0].kind == Kind::kGarbled);
    CHECK(all_of(text.substr(cut)).empty());
  }
  for (std::size_t cut = 0; cut < kStampMarker.size(); ++cut) {
    CHECK(all_of(text.substr(0, cut)).empty());
    CHECK(all_of(text.substr(cut)).size() == (cut == 0));
  }
}

TEST_CASE("a whole stamp behind the beginning of a broken one is still found") {
  const Stamp stamp{kRun, 1, 2, Duration{3}};
  const std::string text = text_of(stamp);
  for (std::size_t cut = kStampMarker.size(); cut < text.size(); ++cut) {
    const auto found = all_of(text.substr(0, cut) + text);
    REQUIRE(found.size() == 2);
    CHECK(found[0].kind == Kind::kGarbled);
    CHECK(found[1].stamp == stamp);
  }
}

TEST_CASE("base64 text holds no stamps, not even garbled ones") {
  Rng rng{test::seed()};
  std::string text;
  for (int i = 0; i < 1'000'000; ++i)
    text += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[rng.below(64)];
  CHECK(all_of(text).empty());
}

TEST_CASE("random bytes and mutated messages never come back as stamps that were not sent") {
  Rng rng{test::seed()};
  int garbled = 0, wrong = 0;
  const int rounds = 20'000;
  for (int i = 0; i < rounds; ++i) {
    const Stamp stamp = random_stamp(rng);
    std::string message = "{\"a\":\"" + text_of(stamp) + "\"}";
    for (int k = 0; k < 3; ++k) {
      const std::size_t at = 6 + kStampMarker.size() + rng.below(25);
      message[at] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"[rng.below(32)];
    }
    for (const FoundStamp& found : all_of(message)) {
      garbled += found.kind == Kind::kGarbled;
      wrong += found.kind == Kind::kOurs && found.stamp != stamp;
    }
  }
  // The check sees 63 of 64: 1.6 % expected, of those that still name this run.
  CHECK(wrong < rounds / 32);
  CHECK(garbled > rounds * 9 / 10);
}

TEST_CASE("empty and tiny messages hold nothing") {
  for (const char* message : {"", "Q", "Q.", ".g", "QQQ", "q.g"}) CHECK(all_of(message).empty());
  CHECK(all_of("Q.g").size() == 1);  // a stamp of which nothing is left
}
