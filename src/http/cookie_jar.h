#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace gend::http {

// The cookies of one user, by the rules of RFC 6265 5, without a list of public suffixes: a Domain
// of one label is refused instead. Bounded by limits::kCookie…; what was used longest ago goes
// first. A pointer as long as there is no cookie. Keeps its memory, so that cookies that come again
// and again allocate nothing.
//
// Hosts are lower case, IPv6 without brackets; paths are request targets (the query is ignored);
// times are seconds since 1970.
class CookieJar {
 public:
  // Where a request goes, or where a response came from.
  struct Place {
    std::string_view host;
    std::string_view path = "/";
    bool secure = false;
  };

  CookieJar() noexcept;
  ~CookieJar();
  CookieJar(CookieJar&&) noexcept;
  CookieJar& operator=(CookieJar&&) noexcept;

  // The value of one Set-Cookie header. What is not acceptable is ignored, as the RFC says.
  void store(std::string_view set_cookie, const Place& from, std::int64_t now);
  // Each line of Kept::set_cookies.
  void store_all(std::string_view set_cookies, const Place& from, std::int64_t now);

  // Appends what Cookie says to `to`, in the RFC's order: "a=1; b=2", or nothing. `Out` is anything
  // with append(std::string_view).
  template <class Out>
  void header(const Place& to, std::int64_t now, Out& out) {
    bool first = true;
    for (std::size_t i = 0; i < size(); ++i) {
      std::string_view name, value;
      if (!use(i, to, now, name, value)) continue;
      if (!first) out.append(std::string_view{"; "});
      first = false;
      out.append(name);
      out.append(std::string_view{"="});
      out.append(value);
    }
  }

  // The value of the first cookie of that name, in the order of header().
  std::optional<std::string_view> find(std::string_view name) const;
  std::size_t size() const noexcept;
  void clear() noexcept;

 private:
  struct Cookie;
  struct State;
  // Whether cookie `i` is sent to `to`; then it has been used.
  bool use(std::size_t i, const Place& to, std::int64_t now, std::string_view& name,
           std::string_view& value);
  std::unique_ptr<State> state_;
};

// The value of the cookie of that name in Kept::set_cookies; of several the last.
std::optional<std::string_view> find_set_cookie(std::string_view set_cookies,
                                                std::string_view name);

}  // namespace gend::http
