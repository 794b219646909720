#include "control/file_store.h"

#include <doctest/doctest.h>

#include <string>

using namespace gend;
using control::FileStore;
using control::sha256_hex;

namespace {

std::expected<void, control::Problem> send(FileStore& store, const std::string& content,
                                           const std::string& name) {
  const auto upload = store.receive(name);
  // In pieces, as they come from a socket.
  for (std::size_t at = 0; at < content.size(); at += 7)
    upload->add(std::string_view{content}.substr(at, 7));
  return upload->finish();
}

bool send(FileStore& store, const std::string& content) {
  return send(store, content, sha256_hex(content)).has_value();
}

bool has(FileStore& store, const std::string& content) {
  return store.find(sha256_hex(content)).has_value();
}

}  // namespace

TEST_CASE("SHA-256 is what FIPS 180-2 gives as examples") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  control::Sha256 parts;
  for (int i = 0; i < 1000; ++i) parts.add(std::string(1000, 'a'));
  CHECK(parts.hex() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("a file that was sent is found by what is in it") {
  FileStore store;
  const std::string content(100'000, 'x');
  CHECK_FALSE(has(store, content));
  CHECK(send(store, content));
  const auto lease = store.find(sha256_hex(content));
  REQUIRE(lease.has_value());
  CHECK(lease->content() == content);
  CHECK(send(store, content));  // a second time is no mistake
  CHECK(store.count() == 1);
  CHECK(store.bytes() == content.size());
}

TEST_CASE("an empty file is a file") {
  FileStore store;
  CHECK(send(store, ""));
  const auto lease = store.find(sha256_hex(""));
  REQUIRE(lease.has_value());
  CHECK(lease->content().empty());
}

TEST_CASE("a file that is not what its name says is not kept") {
  FileStore store;
  const auto sent = send(store, "abc", sha256_hex("abd"));
  REQUIRE_FALSE(sent.has_value());
  CHECK(sent.error().status == 422);
  CHECK(store.count() == 0);
}

TEST_CASE("a file may be as large as the limit and no larger") {
  FileStore store{{.file_bytes = 10, .bytes = 100, .files = 10}};
  CHECK(send(store, std::string(10, 'x')));
  const std::string large(11, 'x');
  const auto sent = send(store, large, sha256_hex(large));
  REQUIRE_FALSE(sent.has_value());
  CHECK(sent.error().status == 413);
  CHECK(store.count() == 1);
}

TEST_CASE("the file that was not used for the longest time makes room, by number and by size") {
  for (const control::FileLimits& limits :
       {control::FileLimits{.file_bytes = 5, .bytes = 1000, .files = 2},
        control::FileLimits{.file_bytes = 5, .bytes = 11, .files = 100}}) {
    FileStore store{limits};
    CHECK(send(store, "first"));
    CHECK(send(store, "other"));
    CHECK(has(store, "first"));  // used again: now "other" is older
    CHECK(send(store, "third"));
    CHECK(has(store, "first"));
    CHECK_FALSE(has(store, "other"));
    CHECK(has(store, "third"));
    CHECK(store.bytes() == 10);
  }
}

TEST_CASE("a file in use never makes room") {
  FileStore store{{.file_bytes = 5, .bytes = 1000, .files = 1}};
  CHECK(send(store, "first"));
  {
    auto lease = store.find(sha256_hex("first"));
    REQUIRE(lease.has_value());
    const FileStore::Lease moved = *std::move(lease);
    const auto sent = send(store, "other", sha256_hex("other"));
    REQUIRE_FALSE(sent.has_value());
    CHECK(sent.error().status == 507);
    CHECK(moved.content() == "first");
  }
  CHECK(send(store, "other"));
  CHECK_FALSE(has(store, "first"));
}
