#include "demo/population.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "demo/token.h"

using namespace gend::demo;

TEST_CASE("every account is found again by its subject, its email and its key, and by no other") {
  const Sizes sizes{.villages = 3, .users_per_village = 4, .communities = 2, .members = 3};
  std::set<std::string> emails;
  std::vector<Account> all{{.kind = Kind::kAdmin}};
  for (std::uint32_t n = 1; n <= 12; ++n) all.push_back({.kind = Kind::kUser, .number = n});
  for (std::uint32_t n = 1; n <= 6; ++n) all.push_back({.kind = Kind::kMember, .number = n});
  for (const Tier tier : {Tier::kFree, Tier::kStarter, Tier::kProfessional, Tier::kEnterprise})
    for (std::uint32_t n = 0; n <= 10; ++n)
      all.push_back({.kind = Kind::kTenant, .number = n, .tier = tier});
  for (const Account& account : all) {
    const std::string subject = subject_of(account);
    CAPTURE(subject);
    const auto by_subject = parse_subject(subject, sizes);
    const auto by_email = parse_email(email_of(account, sizes), sizes);
    REQUIRE(by_subject.has_value());
    REQUIRE(by_email.has_value());
    CHECK(subject_of(*by_subject) == subject);
    CHECK(subject_of(*by_email) == subject);
    emails.insert(email_of(account, sizes));
  }
  CHECK(emails.size() == all.size());
  CHECK(village_of(4, sizes) == 1);
  CHECK(village_of(5, sizes) == 2);
}

TEST_CASE("names that nobody has are nobody's") {
  const Sizes sizes;
  for (const char* bad : {"user-0", "user-01", "user-1001", "user-", "user-1x", "member-361",
                          "tenant-gold-1", "tenant-free-11", "tenant-free-", "", "Admin"})
    CHECK_MESSAGE(!parse_subject(bad, sizes).has_value(), bad);
  for (const char* bad : {"user1@village2.example", "user1", "user1@village1.example.com"})
    CHECK_MESSAGE(!parse_email(bad, sizes).has_value(), bad);
  const std::string key = api_key("free-1");
  REQUIRE(parse_api_key(key, sizes).has_value());
  CHECK_FALSE(parse_api_key(key + "0", sizes).has_value());
  CHECK_FALSE(parse_api_key(key.substr(0, key.size() - 1), sizes).has_value());
  CHECK_FALSE(parse_api_key("key-free-2" + key.substr(10), sizes).has_value());
}

TEST_CASE("a token is RFC 7515 with HS256, and a changed one is none") {
  // Made with Python's hmac, hashlib and base64: {"sub":"user-1"} and the secret "gend-demo".
  const std::string token = sign_token(R"({"sub":"user-1"})", "gend-demo");
  CHECK(token ==
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1c2VyLTEifQ."
        "94z1nzbZVKg546pJTqLCAeYZABj-UCyWrsPQMk1WVTM");
  CHECK(verified_claims(token, "gend-demo") == R"({"sub":"user-1"})");
  CHECK_FALSE(verified_claims(token, "gend-dem0").has_value());
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(verified_claims(changed, "gend-demo").has_value());
  }
}
