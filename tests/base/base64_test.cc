#include "base/base64.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <utility>

#include "support/seed.h"

using namespace gend;

namespace {

std::string encoded(std::string_view bytes, Base64 kind) {
  std::string out(base64_size(bytes.size(), kind) + 1, '#');
  const std::size_t size = encode_base64(bytes, kind, out.data());
  CHECK(size == base64_size(bytes.size(), kind));
  CHECK(out.back() == '#');
  out.resize(size);
  return out;
}

}  // namespace

TEST_CASE("the test vectors of RFC 4648 10 come out as it says, and back") {
  const std::pair<std::string_view, std::string_view> vectors[]{
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : vectors) {
    CHECK(encoded(plain, Base64::kStandard) == text);
    CHECK(decode_base64(text, Base64::kStandard) == plain);
    CHECK(encoded(plain, Base64::kUrl) == text.substr(0, text.find('=')));
  }
}

TEST_CASE("the alphabets differ in two letters") {
  CHECK(encoded("\xfb\xff\xbf", Base64::kStandard) == "+/+/");
  CHECK(encoded("\xfb\xff\xbf", Base64::kUrl) == "-_-_");
  CHECK(decode_base64("-_-_", Base64::kUrl) == "\xfb\xff\xbf");
  CHECK_FALSE(decode_base64("-_-_", Base64::kStandard).has_value());
  CHECK_FALSE(decode_base64("+/+/", Base64::kUrl).has_value());
}

TEST_CASE("any bytes come back") {
  std::mt19937_64 random{gend::test::seed()};
  for (std::size_t size = 0; size < 300; ++size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(random());
    for (const Base64 kind : {Base64::kStandard, Base64::kUrl})
      CHECK(decode_base64(encoded(bytes, kind), kind) == bytes);
  }
}

TEST_CASE("what is no base64 is refused") {
  for (const char* bad : {"Z", "Zg", "Zg=", "Zg===", "Z===", "====", "Zh==", "Zm9=", "Zm 9v", "Zm9v\n",
                          "Zg==Zg==", "=Zg="})
    CHECK_FALSE(decode_base64(bad, Base64::kStandard).has_value());
  for (const char* bad : {"Z", "Zg==", "Zh", "Zm9", "Zm9vY"})
    CHECK_FALSE(decode_base64(bad, Base64::kUrl).has_value());
}
