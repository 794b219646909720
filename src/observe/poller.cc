#include "observe/poller.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/assert.h"
#include "base/free.h"
#include "base/limits.h"
#include "base/thread_name.h"

namespace gend::observe {
namespace {

using Easy = std::unique_ptr<CURL, Free<curl_easy_cleanup>>;
using Multi = std::unique_ptr<CURLM, Free<curl_multi_cleanup>>;
using Headers = std::unique_ptr<curl_slist, Free<curl_slist_free_all>>;

std::string text_of(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = nullptr;
  if (address->sa_family == AF_INET)
    bytes = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
  else if (address->sa_family == AF_INET6)
    bytes = &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
  if (bytes == nullptr ||
      ::inet_ntop(address->sa_family, bytes, text.data(), text.size()) == nullptr)
    return "?";
  return text.data();
}

// One source with the request that asks it. Lives on the poller's thread.
struct Asked {
  Asked(const Source& from, const AddressRule& held) : source{from}, rule{held}, watch{from} {}

  const Source& source;
  const AddressRule& rule;
  SourceWatch watch;
  Headers headers;
  Easy easy;
  std::string body;
  std::string refused;  // the address that may not be asked
  bool too_large = false, under_way = false;
  TimePoint due{};
};

std::size_t take_body(char* data, std::size_t, std::size_t n, void* self) {
  auto& asked = *static_cast<Asked*>(self);
  asked.too_large |= asked.body.size() + n > limits::kObserveBytes;
  if (asked.too_large) return 0;
  asked.body.append(data, n);
  return n;
}

curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& asked = *static_cast<Asked*>(self);
  if (!asked.rule.allows(&address->addr, address->addrlen)) {
    asked.refused = text_of(&address->addr);
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool is_accept(const std::string& header) {
  constexpr std::string_view kAccept = "accept:";
  return header.size() >= kAccept.size() &&
         std::equal(kAccept.begin(), kAccept.end(), header.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
}

Headers headers_of(const Source& source) {
  Headers headers;
  const auto add = [&](const std::string& header) {
    curl_slist* longer = curl_slist_append(headers.get(), header.c_str());
    GEND_ASSERT(longer != nullptr);
    static_cast<void>(headers.release());
    headers.reset(longer);
  };
  if (std::ranges::none_of(source.headers, is_accept)) {
    add(source.kind == Kind::kJson
            ? "Accept: application/json"
            : "Accept: text/plain;version=0.0.4, application/openmetrics-text;q=0.5, */*;q=0.1");
  }
  for (const std::string& header : source.headers) add(header);
  return headers;
}

void set_blob(CURL* easy, CURLoption option, const std::string& pem) {
  if (pem.empty()) return;
  curl_blob blob{const_cast<char*>(pem.data()), pem.size(), CURL_BLOB_COPY};
  curl_easy_setopt(easy, option, &blob);
}

void set_trust(CURL* easy, const Trust& trust) {
  const bool verify = trust.verify == Trust::Verify::kYes;
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
  set_blob(easy, CURLOPT_CAINFO_BLOB, trust.ca_pem);
  set_blob(easy, CURLOPT_SSLCERT_BLOB, trust.certificate_pem);
  set_blob(easy, CURLOPT_SSLKEY_BLOB, trust.key_pem);
}

void prepare(Asked& asked, const Trust& trust) {
  asked.headers = headers_of(asked.source);
  asked.easy.reset(curl_easy_init());
  GEND_ASSERT(asked.easy != nullptr);
  CURL* const easy = asked.easy.get();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(asked.source.timeout);
  curl_easy_setopt(easy, CURLOPT_URL, asked.source.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &asked);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, asked.headers.get());
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "gend");
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<Duration::rep>(
                                                 1, ms.count())));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // A resolver that hangs must not hold up the end of a run.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  // What the environment says is for others: the plan names the endpoint, and that is asked.
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &asked);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &asked);
  set_trust(easy, trust);
}

// Why there is no answer, in words that stay the same from poll to poll.
std::string fault_of(const Asked& asked, CURLcode code) {
  if (!asked.refused.empty())
    return fmt::format("its address {} is not on this host's list of allowed targets",
                       asked.refused);
  if (asked.too_large)
    return fmt::format("the answer is larger than {} MiB", limits::kObserveBytes >> 20);
  if (code == CURLE_OPERATION_TIMEDOUT)
    return fmt::format("no whole answer within {:g} s", to_seconds(asked.source.timeout));
  if (code == CURLE_COULDNT_RESOLVE_HOST) return "its name does not resolve";
  long error = 0;
  curl_easy_getinfo(asked.easy.get(), CURLINFO_OS_ERRNO, &error);
  if (code == CURLE_COULDNT_CONNECT && error != 0) return std::strerror(static_cast<int>(error));
  return curl_easy_strerror(code);
}

}  // namespace

struct Poller::Impl {
  Impl(const std::vector<Source>& sources, const Trust& trust, const AddressRule& rule) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);  // once a process
    GEND_ASSERT(ready == CURLE_OK);
    multi.reset(curl_multi_init());
    GEND_ASSERT(multi != nullptr);
    asked.reserve(sources.size());
    for (const Source& source : sources) {
      asked.push_back(std::make_unique<Asked>(source, rule));
      prepare(*asked.back(), trust);
    }
    statuses.resize(sources.size());
  }
  ~Impl() {
    for (const auto& each : asked)
      if (each->under_way) curl_multi_remove_handle(multi.get(), each->easy.get());
  }

  void work();
  void ask_those_due(TimePoint now);
  void collect();
  void finish(Asked& each, CURLcode code);
  void publish(Asked& each);
  int wait_ms(TimePoint now) const;

  std::vector<std::unique_ptr<Asked>> asked;
  Multi multi;  // goes before those that it knows
  std::atomic<bool> ending{false};
  std::thread thread;

  mutable std::mutex mutex;  // guards all below
  News news;
  std::vector<Status> statuses;
};

void Poller::Impl::ask_those_due(TimePoint now) {
  for (const auto& each : asked) {
    if (each->under_way || now < each->due) continue;
    // On a schedule of its own, whatever an answer took; what was missed is not made up for.
    while (each->due <= now) each->due += each->source.every;
    each->body.clear();
    each->refused.clear();
    each->too_large = false;
    const CURLMcode code = curl_multi_add_handle(multi.get(), each->easy.get());
    each->under_way = code == CURLM_OK;
    if (each->under_way) continue;
    each->watch.failed(curl_multi_strerror(code), now);
    publish(*each);
  }
}

void Poller::Impl::finish(Asked& each, CURLcode code) {
  each.under_way = false;
  const TimePoint now = MonotonicClock::now();
  long status = 0;
  curl_easy_getinfo(each.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_multi_remove_handle(multi.get(), each.easy.get());
  if (code != CURLE_OK) each.watch.failed(fault_of(each, code), now);
  else if (status < 200 || status > 299)
    each.watch.failed(fmt::format("it answered {}{}", status,
                                  status >= 300 && status <= 399
                                      ? ", and redirects are not followed"
                                      : ""),
                      now);
  else each.watch.answered(each.body, now);
  publish(each);
}

void Poller::Impl::publish(Asked& each) {
  std::vector<Value> values = each.watch.take_values();
  std::vector<Change> changes = each.watch.take_changes();
  const std::lock_guard lock{mutex};
  std::ranges::move(values, std::back_inserter(news.values));
  std::ranges::move(changes, std::back_inserter(news.changes));
  const auto index = std::ranges::find(asked, &each, &std::unique_ptr<Asked>::get) - asked.begin();
  statuses[static_cast<std::size_t>(index)] = each.watch.status();
}

void Poller::Impl::collect() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    char* self = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &self);
    finish(*reinterpret_cast<Asked*>(self), code);  // `message` is gone afterwards
  }
}

// Until something is due; transfers wake it by themselves.
int Poller::Impl::wait_ms(TimePoint now) const {
  constexpr Duration kLongest = std::chrono::seconds{1};
  Duration wait = kLongest;
  for (const auto& each : asked)
    if (!each->under_way) wait = std::min(wait, std::max(Duration{}, each->due - now));
  // Rounded up, or it would turn without anything to do.
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
}

void Poller::Impl::work() {
  name_this_thread("gend-observe");
  const TimePoint begin = MonotonicClock::now();
  for (const auto& each : asked) each->due = begin;
  int running = 0;
  while (!ending.load()) {
    ask_those_due(MonotonicClock::now());
    curl_multi_perform(multi.get(), &running);
    collect();
    curl_multi_poll(multi.get(), nullptr, 0, wait_ms(MonotonicClock::now()), nullptr);
  }
}

Poller::Poller(const std::vector<Source>& sources, const Trust& trust, const AddressRule& rule)
    : impl_{std::make_unique<Impl>(sources, trust, rule)} {}

Poller::~Poller() { stop(); }

void Poller::stop() {
  impl_->ending.store(true);
  curl_multi_wakeup(impl_->multi.get());
  if (impl_->thread.joinable()) impl_->thread.join();
}

void Poller::start() {
  GEND_ASSERT(!impl_->thread.joinable());
  if (impl_->asked.empty()) return;
  impl_->thread = std::thread{[impl = impl_.get()] { impl->work(); }};
}

Poller::News Poller::take() {
  const std::lock_guard lock{impl_->mutex};
  return std::exchange(impl_->news, {});
}

std::vector<Status> Poller::statuses() const {
  const std::lock_guard lock{impl_->mutex};
  return impl_->statuses;
}

}  // namespace gend::observe
