#include "http/cookie_jar.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "http/chars.h"
#include "http/cookie_date.h"

namespace gend::http {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kAlready = std::numeric_limits<std::int64_t>::min();

// One Set-Cookie, taken apart (RFC 6265 5.2); views into it.
struct Parsed {
  std::string_view name, value, domain, path;
  std::optional<std::int64_t> max_age, expires;  // both as moments
  bool secure = false;
};

// RFC 6265 5.2.2. Nothing when it is not a number.
std::optional<std::int64_t> moment_of_age(std::string_view text, std::int64_t now) {
  if (text.empty()) return std::nullopt;
  const bool negative = text.front() == '-';
  const std::string_view digits = text.substr(negative ? 1 : 0);
  if (!std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
  if (negative) return kAlready;
  std::int64_t age = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), age);
  if (error == std::errc::result_out_of_range || age > kNever - std::max<std::int64_t>(now, 0))
    return kNever;
  return age <= 0 ? kAlready : now + age;
}

void take_attribute(std::string_view name, std::string_view value, std::int64_t now, Parsed& out) {
  if (equals_ignoring_case(name, "expires")) {
    if (const auto moment = parse_cookie_date(value)) out.expires = moment;
  } else if (equals_ignoring_case(name, "max-age")) {
    if (const auto moment = moment_of_age(value, now)) out.max_age = moment;
  } else if (equals_ignoring_case(name, "domain")) {
    if (value.empty()) return;
    out.domain = value.substr(value.front() == '.' ? 1 : 0);
  } else if (equals_ignoring_case(name, "path")) {
    const bool is_path = value.starts_with('/') && value.size() <= limits::kCookiePathBytes;
    out.path = is_path ? value : std::string_view{};
  } else if (equals_ignoring_case(name, "secure")) {
    out.secure = true;
  }
}

bool take_pair(std::string_view pair, Parsed& out) {
  const std::size_t equals = pair.find('=');
  if (equals == npos) return false;
  out.name = trim_blanks(pair.substr(0, equals));
  out.value = trim_blanks(pair.substr(equals + 1));
  return !out.name.empty() && out.name.size() + out.value.size() <= limits::kCookieBytes;
}

bool parse_set_cookie(std::string_view text, std::int64_t now, Parsed& out) {
  std::size_t end = std::min(text.find(';'), text.size());
  if (!take_pair(text.substr(0, end), out)) return false;
  while (end < text.size()) {
    text.remove_prefix(end + 1);
    end = std::min(text.find(';'), text.size());
    const std::string_view attribute = text.substr(0, end);
    const std::size_t equals = std::min(attribute.find('='), attribute.size());
    const std::string_view value =
        equals == attribute.size() ? std::string_view{} : attribute.substr(equals + 1);
    take_attribute(trim_blanks(attribute.substr(0, equals)), trim_blanks(value), now, out);
  }
  return true;
}

bool is_address(std::string_view host) {
  return host.find(':') != npos || host.find_first_not_of("0123456789.") == npos;
}

bool equal_hosts(std::string_view a, std::string_view lower_case) {
  return equals_ignoring_case(a, lower_case);
}

// RFC 6265 5.1.3. `domain` in any case.
bool domain_matches(std::string_view host, std::string_view domain) {
  if (equal_hosts(domain, host)) return true;
  if (host.size() <= domain.size() || is_address(host)) return false;
  const std::size_t dot = host.size() - domain.size() - 1;
  return host[dot] == '.' && equal_hosts(domain, host.substr(dot + 1));
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

// RFC 6265 5.1.4.
std::string_view default_path(std::string_view target) {
  const std::string_view path = path_of(target);
  if (!path.starts_with('/')) return "/";
  const std::size_t last = path.rfind('/');
  return last == 0 ? std::string_view{"/"} : path.substr(0, last);
}

bool path_matches(std::string_view path, std::string_view cookie_path) {
  if (!path.starts_with(cookie_path)) return false;
  return path.size() == cookie_path.size() || cookie_path.back() == '/' ||
         path[cookie_path.size()] == '/';
}

template <class Visit>
void for_each_line(std::string_view lines, Visit visit) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    visit(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

}  // namespace

struct CookieJar::Cookie {
  std::string name, value, domain, path;
  std::int64_t expires = kNever;
  std::uint64_t used = 0;  // by the jar's own count
  bool host_only = false, secure = false;
};

// The first `count` cookies are there, in the order in which they are sent: longer paths first,
// then older ones. Those behind them are spare, for their memory.
struct CookieJar::State {
  std::vector<Cookie> cookies;
  std::size_t count = 0;
  std::uint64_t clock = 0;

  void remove(std::size_t i) {
    const auto begin = cookies.begin() + static_cast<std::ptrdiff_t>(i);
    std::rotate(begin, begin + 1, cookies.begin() + static_cast<std::ptrdiff_t>(count));
    --count;
  }

  void remove_expired(std::int64_t now) {
    for (std::size_t i = count; i-- > 0;)
      if (cookies[i].expires <= now) remove(i);
  }

  std::optional<std::size_t> find(std::string_view name, std::string_view domain,
                                  std::string_view path) const {
    for (std::size_t i = 0; i < count; ++i) {
      const Cookie& c = cookies[i];
      if (c.name == name && c.path == path && equal_hosts(domain, c.domain)) return i;
    }
    return std::nullopt;
  }

  // Makes room for one more cookie of `domain`.
  void make_room(std::string_view domain) {
    std::size_t of_domain = 0, oldest_of_domain = 0, oldest = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (cookies[i].used < cookies[oldest].used) oldest = i;
      if (!equal_hosts(domain, cookies[i].domain)) continue;
      if (of_domain++ == 0 || cookies[i].used < cookies[oldest_of_domain].used)
        oldest_of_domain = i;
    }
    if (of_domain >= limits::kCookiesPerDomain)
      remove(oldest_of_domain);
    else if (count >= limits::kCookiesPerJar)
      remove(oldest);
  }

  Cookie& add(std::string_view path) {
    if (count == cookies.size()) cookies.emplace_back();
    const auto end = cookies.begin() + static_cast<std::ptrdiff_t>(count++);
    const auto at = std::find_if(cookies.begin(), end, [&](const Cookie& c) {
      return c.path.size() < path.size();
    });
    std::rotate(at, end, end + 1);
    return *at;
  }
};

CookieJar::CookieJar() noexcept = default;
CookieJar::~CookieJar() = default;
CookieJar::CookieJar(CookieJar&&) noexcept = default;
CookieJar& CookieJar::operator=(CookieJar&&) noexcept = default;

std::size_t CookieJar::size() const noexcept { return state_ ? state_->count : 0; }

void CookieJar::clear() noexcept {
  if (state_) state_->count = 0;
}

// RFC 6265 5.3.
void CookieJar::store(std::string_view set_cookie, const Place& from, std::int64_t now) {
  Parsed given;
  if (!parse_set_cookie(set_cookie, now, given)) return;
  bool host_only = given.domain.empty();
  if (!host_only) {
    if (!domain_matches(from.host, given.domain)) return;
    const bool is_host = given.domain.size() == from.host.size();
    if (given.domain.find('.') == npos && !is_host) return;
    host_only = is_host && (is_address(from.host) || given.domain.find('.') == npos);
  }
  const std::string_view domain = host_only ? from.host : given.domain;
  const std::string_view path = given.path.empty() ? default_path(from.path) : given.path;
  const std::int64_t expires = given.max_age ? *given.max_age : given.expires.value_or(kNever);

  if (state_) state_->remove_expired(now);
  const auto old = state_ ? state_->find(given.name, domain, path) : std::nullopt;
  if (expires <= now) {
    if (old) state_->remove(*old);
    return;
  }
  if (!state_) state_ = std::make_unique<State>();
  if (!old) state_->make_room(domain);
  Cookie& cookie = old ? state_->cookies[*old] : state_->add(path);
  cookie.used = ++state_->clock;
  if (!old) {
    cookie.name = given.name;
    cookie.domain = domain;
    std::transform(cookie.domain.begin(), cookie.domain.end(), cookie.domain.begin(), to_lower);
    cookie.path = path;
  }
  cookie.value = given.value;
  cookie.expires = expires;
  cookie.host_only = host_only;
  cookie.secure = given.secure;
}

void CookieJar::store_all(std::string_view set_cookies, const Place& from, std::int64_t now) {
  for_each_line(set_cookies, [&](std::string_view line) { store(line, from, now); });
}

// RFC 6265 5.4.
bool CookieJar::use(std::size_t i, const Place& to, std::int64_t now, std::string_view& name,
                    std::string_view& value) {
  Cookie& cookie = state_->cookies[i];
  if (cookie.expires <= now || (cookie.secure && !to.secure)) return false;
  const bool matches = cookie.host_only ? to.host == cookie.domain
                                        : domain_matches(to.host, cookie.domain);
  if (!matches || !path_matches(path_of(to.path), cookie.path)) return false;
  cookie.used = ++state_->clock;
  name = cookie.name;
  value = cookie.value;
  return true;
}

std::optional<std::string_view> CookieJar::find(std::string_view name) const {
  for (std::size_t i = 0; i < size(); ++i)
    if (state_->cookies[i].name == name) return state_->cookies[i].value;
  return std::nullopt;
}

std::optional<std::string_view> find_set_cookie(std::string_view set_cookies,
                                                std::string_view name) {
  std::optional<std::string_view> found;
  for_each_line(set_cookies, [&](std::string_view line) {
    Parsed parsed;
    if (take_pair(line.substr(0, line.find(';')), parsed) && parsed.name == name)
      found = parsed.value;
  });
  return found;
}

}  // namespace gend::http
