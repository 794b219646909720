#include "control/unix_socket.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include "control/temp_dir.h"

using namespace gend;
using control::OwnedSocket;
using control::probe_socket;

namespace {

bool names(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

// A socket file as a killed daemon leaves it.
void leave_stale_socket(const std::string& path) {
  auto owned = OwnedSocket::listen_on(path, {});
  REQUIRE(owned.has_value());
  std::filesystem::create_hard_link(path, path + ".kept");
  { const OwnedSocket gone{std::move(*owned)}; }
  std::filesystem::rename(path + ".kept", path);
}

}  // namespace

TEST_CASE("a socket can be connected to while it lives, and its file goes with it") {
  const test::TempDir dir;
  const std::string path = dir / "s";
  CHECK(probe_socket(path) == ENOENT);
  {
    const auto owned = OwnedSocket::listen_on(path, {.mode = 0660});
    REQUIRE(owned.has_value());
    CHECK(probe_socket(path) == 0);
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0660);
  }
  CHECK(probe_socket(path) == ENOENT);
}

TEST_CASE("a stale socket file is replaced") {
  const test::TempDir dir;
  const std::string path = dir / "s";
  leave_stale_socket(path);
  REQUIRE(probe_socket(path) == ECONNREFUSED);
  const auto owned = OwnedSocket::listen_on(path, {});
  REQUIRE(owned.has_value());
  CHECK(probe_socket(path) == 0);
}

TEST_CASE("a second daemon is refused by name and pid, and leaves the first one's socket alone") {
  const test::TempDir dir;
  const std::string path = dir / "s";
  const auto first = OwnedSocket::listen_on(path, {});
  REQUIRE(first.has_value());
  const auto second = OwnedSocket::listen_on(path, {});
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == ExitCode::kBusy);
  CHECK(names(second.error().message, path));
  CHECK(names(second.error().message, "pid " + std::to_string(::getpid())));
  CHECK(probe_socket(path) == 0);
}

TEST_CASE("a live socket without a lock, as systemd's are, is not taken over") {
  const test::TempDir dir;
  const std::string path = dir / "s", other = dir / "other";
  const auto live = OwnedSocket::listen_on(other, {});
  REQUIRE(live.has_value());
  std::filesystem::create_hard_link(other, path);
  const auto second = OwnedSocket::listen_on(path, {});
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == ExitCode::kBusy);
  CHECK(probe_socket(path) == 0);
}

TEST_CASE("a file that is no socket is never removed") {
  const test::TempDir dir;
  const std::string path = dir / "s";
  std::ofstream{path} << "precious";
  const auto owned = OwnedSocket::listen_on(path, {});
  REQUIRE_FALSE(owned.has_value());
  CHECK(names(owned.error().message, "no socket"));
  CHECK(std::filesystem::file_size(path) == 8);
}

TEST_CASE("paths that cannot be are refused with the reason") {
  const test::TempDir dir;
  const auto too_long = OwnedSocket::listen_on("/tmp/" + std::string(200, 'x'), {});
  REQUIRE_FALSE(too_long.has_value());
  CHECK(names(too_long.error().remedy, "107"));
  const auto nowhere = OwnedSocket::listen_on(dir / "missing/s", {});
  REQUIRE_FALSE(nowhere.has_value());
  CHECK(names(nowhere.error().message, "No such file"));
}
