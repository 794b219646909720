#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "extract/json_path.h"
#include "observe/prometheus_selector.h"

// What a plan wants watched while the target is loaded. Plain data, made by the plan's compiler.
namespace gend::observe {

// A number in a JSON answer; text that is a number and true (1) and false (0) are numbers, too.
struct JsonNumber {
  extract::JsonPath path;
  Selector::Reading reading = Selector::Reading::kLevel;
};

struct Series {
  std::string name;     // "memory"
  std::string metric;   // "observe_app_memory"
  std::string written;  // what it reads, as the plan says it
  std::variant<Selector, JsonNumber> what;
  std::uint32_t slot = 0;  // gauge
};

enum class Kind : std::uint8_t { kPrometheus, kJson };
constexpr const char* name_of(Kind kind) {
  return kind == Kind::kPrometheus ? "prometheus" : "json";
}

struct Source {
  std::string name;
  Kind kind = Kind::kPrometheus;
  std::string url;
  Duration every{}, timeout{};
  std::vector<std::string> headers;  // "authorization: Bearer …": may be secret, never shown
  std::vector<Series> series;
};

// What TLS connections to sources are made with: the plan's `tls`.
struct Trust {
  enum class Verify : std::uint8_t { kYes, kNo };
  Verify verify = Verify::kYes;
  std::string ca_pem{};  // empty: the host's store
  std::string certificate_pem{}, key_pem{};
};

}  // namespace gend::observe
