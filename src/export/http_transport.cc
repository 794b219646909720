#include "export/http_transport.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <unistd.h>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/assert.h"
#include "base/free.h"
#include "base/export_limits.h"

namespace gend::exporter {
namespace {

using Easy = std::unique_ptr<CURL, Free<curl_easy_cleanup>>;
using Multi = std::unique_ptr<CURLM, Free<curl_multi_cleanup>>;
using Headers = std::unique_ptr<curl_slist, Free<curl_slist_free_all>>;

constexpr int kLookMs = 100;               // how late an end of waiting is seen
constexpr std::size_t kAnswerBytes = 200;  // of what the server says about an error

void add_header(Headers& headers, const std::string& line) {
  curl_slist* longer = curl_slist_append(headers.get(), line.c_str());
  GEND_ASSERT(longer != nullptr);
  [[maybe_unused]] const auto* before = headers.release();
  headers.reset(longer);
}

// "HTTP 400: out of order sample": one line, nothing that a terminal would obey.
std::string words_of(long status, std::string_view answer) {
  std::string line = fmt::format("HTTP {}", status);
  answer = answer.substr(0, answer.find_first_of("\r\n"));
  if (!answer.empty()) line += ": ";
  for (const char c : answer) line += c >= 0x20 && c < 0x7F ? c : '?';
  return line;
}

class HttpTransport final : public Transport {
 public:
  HttpTransport(const Destination& destination, const Fence& fence, const GiveUp& give_up);
  ~HttpTransport() override = default;
  Delivery deliver(const Message& message) override;

 private:
  static std::size_t keep_answer(char* data, std::size_t, std::size_t n, void* self);
  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  Delivery post(const std::string& url, std::string_view body);
  CURLcode perform();

  const Fence& fence_;
  const GiveUp& give_up_;
  std::string url_, create_;
  Headers headers_;
  Easy easy_;
  Multi multi_;
  std::string answer_;
  bool fenced_off_ = false;  // an address was not allowed
};

HttpTransport::HttpTransport(const Destination& destination, const Fence& fence,
                             const GiveUp& give_up)
    : fence_{fence}, give_up_{give_up}, url_{destination.address} {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_ALL);
  GEND_ASSERT(ready == CURLE_OK);
  easy_.reset(curl_easy_init());
  multi_.reset(curl_multi_init());
  GEND_ASSERT(easy_ != nullptr && multi_ != nullptr);
  if (destination.kind == Destination::Kind::kPrometheus) {
    add_header(headers_, "Content-Type: application/x-protobuf");
    add_header(headers_, "Content-Encoding: snappy");
    add_header(headers_, "X-Prometheus-Remote-Write-Version: 0.1.0");
  } else {
    InfluxUrls urls = influx_urls(destination.address);
    url_ = std::move(urls.write);
    create_ = std::move(urls.create);
    add_header(headers_, "Content-Type: text/plain; charset=utf-8");
  }
  add_header(headers_, "User-Agent: gend/" GEND_VERSION);
  add_header(headers_, "Expect:");  // no second of waiting before large bodies
  for (const auto& [name, value] : destination.headers) add_header(headers_, name + ": " + value);
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(limits::kExportPatience.count()));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep_answer);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  if (!destination.user.empty()) {
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(easy, CURLOPT_USERNAME, destination.user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, destination.password.c_str());
  }
}

std::size_t HttpTransport::keep_answer(char* data, std::size_t, std::size_t n, void* self) {
  std::string& answer = static_cast<HttpTransport*>(self)->answer_;
  answer.append(data, std::min(n, kAnswerBytes - std::min(answer.size(), kAnswerBytes)));
  return n;
}

curl_socket_t HttpTransport::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transport = *static_cast<HttpTransport*>(self);
  if (transport.fence_.allows(address->addr))
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  transport.fenced_off_ = true;
  return CURL_SOCKET_BAD;
}

// curl_easy_perform() that looks up from time to time.
CURLcode HttpTransport::perform() {
  curl_multi_add_handle(multi_.get(), easy_.get());
  int running = 1;
  bool in_time = true;
  while (running > 0 && in_time) {
    curl_multi_perform(multi_.get(), &running);
    in_time = MonotonicClock::now().time_since_epoch().count() < give_up_.load();
    if (running > 0 && in_time) curl_multi_poll(multi_.get(), nullptr, 0, kLookMs, nullptr);
  }
  CURLcode code = CURLE_OPERATION_TIMEDOUT;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left))
    if (message->msg == CURLMSG_DONE) code = message->data.result;
  curl_multi_remove_handle(multi_.get(), easy_.get());
  return code;
}

Delivery HttpTransport::post(const std::string& url, std::string_view body) {
  using Result = Delivery::Result;
  answer_.clear();
  fenced_off_ = false;
  curl_easy_setopt(easy_.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy_.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(easy_.get(), CURLOPT_POSTFIELDS, body.empty() ? "" : body.data());
  const CURLcode code = perform();
  if (fenced_off_ && code != CURLE_OK)
    return {Result::kAgain, "its address is not allowed: add it to `allow` in gend.yaml"};
  if (code != CURLE_OK) return {Result::kAgain, curl_easy_strerror(code)};
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200 && status < 300) return {};
  const bool later = status == 408 || status == 429 || status >= 500;
  return {later ? Result::kAgain : Result::kRefused, words_of(status, answer_)};
}

Delivery HttpTransport::deliver(const Message& message) {
  if (!create_.empty()) {
    // As k6: whether it was there already, or may be made, writing to it will tell.
    const Delivery made = post(create_, {});
    if (made.result == Delivery::Result::kAgain) return made;
    create_.clear();
  }
  return post(url_, message.bytes);
}

}  // namespace

std::unique_ptr<Transport> make_http(const Destination& destination, const Fence& fence,
                                     const GiveUp& give_up) {
  return std::make_unique<HttpTransport>(destination, fence, give_up);
}

}  // namespace gend::exporter
