#include "control/client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <curl/curl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/free.h"
#include "control/unix_socket.h"
#include "gend/control_api.h"

namespace gend::control {

namespace {

constexpr int kIdleMs = 100;
constexpr long kUploadBuffer = 1024 * 1024;  // of a file on its way; curl takes up to 2 MiB
// A daemon's answer or one line of it; longer is not ours.
constexpr std::size_t kReplyBytes = 256 * 1024 * 1024;

using Easy = std::unique_ptr<CURL, Free<curl_easy_cleanup>>;
using Multi = std::unique_ptr<CURLM, Free<curl_multi_cleanup>>;
using Headers = std::unique_ptr<curl_slist, Free<curl_slist_free_all>>;

std::size_t append(char* data, std::size_t, std::size_t n, void* self) {
  auto& body = *static_cast<std::string*>(self);
  if (body.size() + n > kReplyBytes) return 0;
  body.append(data, n);
  return n;
}

// Hands over whole lines as they come; what is no success is kept as a body.
struct LineReader {
  const Client::Follower& follower;
  CURL* easy;
  std::string rest;

  static std::size_t take(char* data, std::size_t, std::size_t n, void* self) {
    auto& reader = *static_cast<LineReader*>(self);
    if (reader.rest.size() + n > kReplyBytes) return 0;
    reader.rest.append(data, n);
    long status = 0;
    curl_easy_getinfo(reader.easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200 || status >= 300) return n;
    std::size_t from = 0;
    for (std::size_t end; (end = reader.rest.find('\n', from)) != std::string::npos; from = end + 1)
      reader.follower.on_line(std::string_view{reader.rest}.substr(from, end - from));
    reader.rest.erase(0, from);
    return n;
  }
};

std::string name_of_group(gid_t id) {
  std::array<char, 16384> buffer;
  group entry{};
  group* found = nullptr;
  if (getgrgid_r(id, &entry, buffer.data(), buffer.size(), &found) == 0 && found)
    return found->gr_name;
  return std::to_string(id);
}

std::string own_groups() {
  std::vector<gid_t> ids(static_cast<std::size_t>(std::max(0, getgroups(0, nullptr))));
  const int n = getgroups(static_cast<int>(ids.size()), ids.data());
  ids.resize(static_cast<std::size_t>(std::max(0, n)));
  std::string names = name_of_group(getegid());
  for (const gid_t id : ids)
    if (id != getegid()) names += ", " + name_of_group(id);
  return names;
}

Error no_permission(const std::string& path) {
  struct stat info {};
  const std::string needed =
      ::stat(path.c_str(), &info) == 0 ? name_of_group(info.st_gid) : kControlGroup;
  // A socket without a group of its own was made where there is no group gend yet; membership in
  // root is never the remedy.
  const std::string remedy =
      needed == "root" ? "create the group gend (systemd-sysusers) and start gend again"
                       : fmt::format("sudo usermod -aG {} $USER, then log in again", needed);
  return {fmt::format("no permission for {}: you are in {}, needed is {}", path, own_groups(),
                      needed),
          remedy, ExitCode::kNoDaemon};
}

Error unreachable(const std::string& path, int error) {
  if (error == EACCES || error == EPERM) return no_permission(path);
  return {fmt::format("cannot reach gend at {}: {}", path, std::strerror(error)),
          "is it running? systemctl start gend; or run without it: genctl run --local",
          ExitCode::kNoDaemon};
}

Error lost(const std::string& path, const char* why) {
  return {fmt::format("gend at {} went away before it had answered ({})", path, why),
          "journalctl -u gend says why; genctl runs lists what was kept", ExitCode::kRunLost};
}

// curl did not get through to the end; the probe before it did.
Error broken(const std::string& path, CURLcode code) {
  if (code == CURLE_COULDNT_CONNECT)
    return {fmt::format("gend at {} takes no more connections now", path),
            "are many clients watching it? try again", ExitCode::kNoDaemon};
  if (code == CURLE_OPERATION_TIMEDOUT)
    return {fmt::format("gend at {} does not answer", path), "journalctl -u gend may say why",
            ExitCode::kNoDaemon};
  return lost(path, curl_easy_strerror(code));
}

Easy make_call(const std::string& socket, const std::string& path) {
  Easy easy{curl_easy_init()};
  GEND_ASSERT(easy != nullptr);
  curl_easy_setopt(easy.get(), CURLOPT_UNIX_SOCKET_PATH, socket.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_URL, ("http://gend" + path).c_str());
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  // A proxy from the environment has no business here.
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  return easy;
}

// `body` must outlive the call.
Headers body_of_type(CURL* easy, const char* type, std::string_view body) {
  Headers headers{curl_slist_append(nullptr, type)};
  // Without this curl waits a second for "100 Continue" before large bodies.
  GEND_ASSERT(curl_slist_append(headers.get(), "Expect:") != nullptr);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.empty() ? "" : body.data());
  return headers;
}

int status_of(CURL* easy) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

// curl_easy_perform() with a hook: one loop for plain calls and streams.
struct Performed {
  CURLcode code = CURLE_OK;
  bool left = false;  // the hook wanted to go
};
Performed perform(CURL* easy, const std::function<Client::Go()>& on_idle, int wake_fd) {
  const Multi multi{curl_multi_init()};
  GEND_ASSERT(multi != nullptr);
  curl_multi_add_handle(multi.get(), easy);
  Performed performed;
  curl_waitfd wake{.fd = wake_fd, .events = CURL_WAIT_POLLIN, .revents = 0};
  for (int running = 1; running > 0;) {
    curl_multi_perform(multi.get(), &running);
    if (running > 0) curl_multi_poll(multi.get(), &wake, wake_fd < 0 ? 0 : 1, kIdleMs, nullptr);
    if (on_idle && on_idle() == Client::Go::kAway) {
      performed.left = true;
      break;
    }
  }
  int left = 0;
  if (const CURLMsg* message = curl_multi_info_read(multi.get(), &left))
    performed.code = message->data.result;
  curl_multi_remove_handle(multi.get(), easy);
  return performed;
}

}  // namespace

Client::Client(std::string socket_path, Duration patience)
    : socket_path_{std::move(socket_path)}, patience_{patience} {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_NOTHING);
  GEND_ASSERT(ready == CURLE_OK);
}

Expected<void> Client::probe() const {
  if (const int error = probe_socket(socket_path_); error != 0)
    return std::unexpected{unreachable(socket_path_, error)};
  return {};
}

namespace {

Expected<Reply> call(const Client& client, CURL* easy,
                     const std::function<Client::Go()>& on_idle = {}) {
  // curl's own message for a socket that cannot be reached says nothing; connect()'s errno does.
  if (const auto reachable = client.probe(); !reachable)
    return std::unexpected{reachable.error()};
  Reply reply;
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &reply.body);
  if (client.patience() > Duration::zero())
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(to_ms(client.patience())));
  const Performed performed = perform(easy, on_idle, -1);
  if (performed.left) return Reply{};
  if (performed.code != CURLE_OK)
    return std::unexpected{broken(client.socket_path(), performed.code)};
  reply.status = status_of(easy);
  return reply;
}

}  // namespace

Expected<Reply> Client::get(const std::string& path) const { return get(path, {}); }

Expected<Reply> Client::get(const std::string& path, const std::function<Go()>& on_idle) const {
  const Easy easy = make_call(socket_path_, path);
  return call(*this, easy.get(), on_idle);
}

Expected<Reply> Client::post(const std::string& path, std::string_view body) const {
  const Easy easy = make_call(socket_path_, path);
  const Headers headers = body_of_type(easy.get(), "Content-Type: application/json", body);
  return call(*this, easy.get());
}

Expected<Reply> Client::head(const std::string& path) const {
  const Easy easy = make_call(socket_path_, path);
  curl_easy_setopt(easy.get(), CURLOPT_NOBODY, 1L);
  return call(*this, easy.get());
}

Expected<Reply> Client::remove(const std::string& path) const {
  const Easy easy = make_call(socket_path_, path);
  curl_easy_setopt(easy.get(), CURLOPT_CUSTOMREQUEST, "DELETE");
  return call(*this, easy.get());
}

Expected<Reply> Client::put(const std::string& path, std::string_view body) const {
  const Easy easy = make_call(socket_path_, path);
  const Headers headers =
      body_of_type(easy.get(), "Content-Type: application/octet-stream", body);
  curl_easy_setopt(easy.get(), CURLOPT_CUSTOMREQUEST, "PUT");
  curl_easy_setopt(easy.get(), CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
  return call(*this, easy.get());
}

Expected<Reply> Client::follow(const std::string& path, const Follower& follower) const {
  if (const auto reachable = probe(); !reachable) return std::unexpected{reachable.error()};
  const Easy easy = make_call(socket_path_, path);
  LineReader reader{.follower = follower, .easy = easy.get(), .rest = {}};
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, LineReader::take);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &reader);
  const Performed performed = perform(easy.get(), follower.on_idle, follower.wake_fd);
  Reply reply{.status = status_of(easy.get()), .body = std::move(reader.rest)};
  if (performed.left) return reply;
  if (performed.code != CURLE_OK)
    return std::unexpected{broken(socket_path_, performed.code)};
  if (reply.ok() && !reply.body.empty())
    return std::unexpected{lost(socket_path_, "the stream was cut off")};
  return reply;
}

Problem problem_of(const Reply& reply) {
  if (auto problem = problem_from_json(reply.body)) return *std::move(problem);
  return {.status = reply.status, .type = "unknown", .title = "An answer that is not gend's",
          .detail = fmt::format("HTTP status {} without a problem document: {}", reply.status,
                                reply.body.substr(0, 200)),
          .remedy = "is it gend that listens on this socket?", .errors = {},
          .exit_code = ExitCode::kNoDaemon};
}

}  // namespace gend::control
