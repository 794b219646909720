#include "auth/signer.h"

#include <doctest/doctest.h>

#include <string>

#include "base/base64.h"
#include "auth/keys.h"

using namespace gend::auth;
using gend::Base64;
using gend::decode_base64;

namespace {

constexpr std::string_view kClaims = R"({"sub":"17","exp":2000})";

std::string token(Signer& signer, std::string_view claims) {
  std::string out(signer.token_size(claims.size()) + 1, '#');
  const std::size_t size = signer.sign(claims, out.data());
  CHECK(size <= signer.token_size(claims.size()));
  CHECK(out.back() == '#');
  out.resize(size);
  return out;
}

std::string fault_of(std::string_view pem) {
  const auto checked = check_rsa_key(pem);
  CHECK(checked.has_value() == Signer::create(Algorithm::kRs256, pem).has_value());
  return checked ? "" : checked.error();
}

}  // namespace

TEST_CASE("HS256 signs as another implementation does, again and again") {
  auto signer = Signer::create(Algorithm::kHs256, "secret");
  REQUIRE(signer.has_value());
  CHECK(token(*signer, kClaims) == gend::test::kHs256Token);
  CHECK(token(*signer, "{}") != gend::test::kHs256Token);
  CHECK(token(*signer, kClaims) == gend::test::kHs256Token);
}

TEST_CASE("RS256 signs as another implementation does, with both forms of the key") {
  for (const std::string_view pem : {gend::test::kPkcs8, gend::test::kPkcs1}) {
    auto signer = Signer::create(Algorithm::kRs256, pem);
    REQUIRE(signer.has_value());
    CHECK(token(*signer, kClaims) == gend::test::kRs256Token);
    CHECK(token(*signer, "{}") != gend::test::kRs256Token);
    CHECK(token(*signer, kClaims) == gend::test::kRs256Token);
  }
}

TEST_CASE("the header of a token says how it is signed") {
  CHECK(decode_base64(gend::test::kHs256Token.substr(0, 36), Base64::kUrl) ==
        R"({"alg":"HS256","typ":"JWT"})");
  CHECK(decode_base64(gend::test::kRs256Token.substr(0, 36), Base64::kUrl) ==
        R"({"alg":"RS256","typ":"JWT"})");
}

TEST_CASE("a key that RS256 cannot use is refused with the reason") {
  using namespace gend::test;
  CHECK(fault_of(kPkcs8).empty());
  CHECK(fault_of(kPkcs1).empty());
  CHECK(fault_of(kSmall).find("1024 bits") != std::string::npos);
  CHECK(fault_of(kElliptic).find("not an RSA key") != std::string::npos);
  CHECK(fault_of(kLocked).find("password") != std::string::npos);
  CHECK(fault_of("").find("PEM") != std::string::npos);
  CHECK(fault_of("secret").find("PEM") != std::string::npos);
  CHECK(fault_of(kPkcs8.substr(0, 800)).find("damaged") != std::string::npos);
  CHECK_FALSE(Signer::create(Algorithm::kHs256, "").has_value());
}

TEST_CASE("a shard's signers are made once for each credential") {
  Signers signers;
  Signer& third = signers.at(2, Algorithm::kHs256, "secret");
  CHECK(token(third, kClaims) == gend::test::kHs256Token);
  CHECK(token(signers.at(2, Algorithm::kHs256, "not looked at"), kClaims) ==
        gend::test::kHs256Token);
  CHECK(token(signers.at(0, Algorithm::kHs256, "other"), kClaims) != gend::test::kHs256Token);
}
