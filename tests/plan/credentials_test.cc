#include "plan/credentials.h"

#include <doctest/doctest.h>

#include <string>

#include "auth/keys.h"
#include "auth/signer.h"

using namespace gend;
using namespace gend::plan;
using namespace std::chrono_literals;

namespace {

Template literal(std::string text) {
  Template out;
  out.pieces.push_back({.source = Source::kLiteral, .text = std::move(text)});
  return out;
}

// One user of a program with one credential.
struct Bed {
  Program program;
  Values values;
  auth::Signers signers;
  RenderContext context;

  explicit Bed(Credential credential) {
    program.credentials.push_back(std::move(credential));
    values.resize(1);
    context.program = &program;
    context.vu = 7;
    context.wall_ms = 1'700'000'000'999;
    context.values = &values;
    context.signers = &signers;
  }
  std::string rendered() {
    TextBuffer out;
    out.append("before ");
    CHECK(render_credential(program.credentials[0], context, out) == RenderFault::kNone);
    return std::string{out.view()};
  }
};

Credential jwt(std::string claims, std::string secret = "secret") {
  Credential out;
  out.kind = Credential::Kind::kJwt;
  out.claims = literal(std::move(claims));
  out.secret = std::move(secret);
  return out;
}

std::string before(std::string_view token) { return "before " + std::string{token}; }

}  // namespace

TEST_CASE("basic credentials are the base64 of user, colon and password") {
  Credential credential;
  credential.user = literal("Aladdin");
  credential.password = literal("open sesame");
  CHECK(Bed{credential}.rendered() == "before QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617 2
  credential.user.pieces.push_back({.source = Source::kVu});
  credential.password = {};
  CHECK(Bed{credential}.rendered() == "before QWxhZGRpbjc6");  // printf Aladdin7: | base64
}

TEST_CASE("a token is signed over the rendered claims") {
  CHECK(Bed{jwt(R"({"sub":"17","exp":2000})")}.rendered() == before(test::kHs256Token));
  Credential credential = jwt(R"({"sub":")");
  credential.claims.pieces.push_back({.source = Source::kVu});
  credential.claims.pieces.push_back({.source = Source::kLiteral, .text = R"(","exp":2000})"});
  Bed bed{credential};
  bed.context.vu = 17;
  CHECK(bed.rendered() == before(test::kHs256Token));
  Credential rsa = jwt(R"({"sub":"17","exp":2000})", std::string{test::kPkcs1});
  rsa.rsa = true;
  CHECK(Bed{rsa}.rendered() == before(test::kRs256Token));
}

TEST_CASE("expires_in adds when the token was made and when it ends") {
  Credential credential = jwt(R"({"sub":"17"})");
  credential.expires_in = 60s;
  CHECK(Bed{credential}.rendered() == before(test::kTimedToken));
  credential.claims = literal(R"({"sub":"17" } )");
  CHECK(Bed{credential}.rendered() == before(test::kTimedToken));
  for (const char* empty : {"{}", "{ }"}) {
    credential.claims = literal(empty);
    CHECK(Bed{credential}.rendered() == before(test::kTimesOnlyToken));
  }
}

TEST_CASE("a token with a cache slot is signed once, until the value is gone") {
  Credential credential = jwt(R"({"sub":"17","exp":2000})");
  credential.cache_slot = 0;
  Bed bed{credential};
  CHECK(bed.rendered() == before(test::kHs256Token));
  CHECK(bed.values.at(0) == test::kHs256Token);
  bed.values.set(0, "kept");
  CHECK(bed.rendered() == "before kept");
  bed.values.unset(0);
  CHECK(bed.rendered() == before(test::kHs256Token));
}

TEST_CASE("a credential stands in a template like any other piece") {
  Bed bed{jwt(R"({"sub":"17","exp":2000})")};
  Template header = literal("authorization: Bearer ");
  header.pieces.push_back({.source = Source::kCredential, .a = 0});
  header.pieces.push_back({.source = Source::kLiteral, .text = "\r\n"});
  TextBuffer out;
  CHECK(render(header, bed.context, out) == RenderFault::kNone);
  CHECK(out.view() == "authorization: Bearer " + std::string{test::kHs256Token} + "\r\n");
}
