#include "plan/export.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "http/url.h"
#include "plan/nearest.h"
#include "plan/reporter.h"
#include "plan/units.h"

namespace gend::plan {

namespace {

struct Out {
  std::string_view name;
  Export::Kind kind;
  std::string_view address;  // when none is given: where k6 would go
  Export::Names names = Export::Names::kGend;
};
constexpr std::string_view kWriteUrl = "http://localhost:9090/api/v1/write";
constexpr std::array<Out, 5> kOuts{
    {{"prometheus", Export::Kind::kPrometheus, kWriteUrl},
     // k6's own outputs: whoever names one of them has k6's dashboards.
     {"prometheus-rw", Export::Kind::kPrometheus, kWriteUrl, Export::Names::kK6},
     {"experimental-prometheus-rw", Export::Kind::kPrometheus, kWriteUrl, Export::Names::kK6},
     {"influxdb", Export::Kind::kInfluxdb, "http://localhost:8086/k6"},
     {"statsd", Export::Kind::kStatsd, "localhost:8125"}}};

std::optional<std::string> complaint_of_host_port(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  const auto wrong = fmt::format("{} is not host:port", quote(address));
  if (colon == std::string_view::npos || colon == 0) return wrong;
  const auto port = parse_integer(address.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) return wrong;
  const std::string_view host = address.substr(0, colon);
  const bool ipv6 = host.starts_with('[') && host.ends_with(']');
  if (!ipv6 && host.find_first_of(":[]") != std::string_view::npos) return wrong;
  if (host.find_first_of("/@ \t") != std::string_view::npos) return wrong;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> complaint_of_address(Export::Kind kind, std::string_view address) {
  if (kind == Export::Kind::kStatsd) return complaint_of_host_port(address);
  if (address.find('@') != std::string_view::npos)
    return "the URL holds credentials";  // which are not repeated here
  if (const auto url = http::parse_url(address); !url)
    return fmt::format("{}: {}", quote(address), url.error());
  return std::nullopt;
}

std::optional<Export> parse_out(std::string_view text, std::string& why) {
  const std::size_t equals = std::min(text.find('='), text.size());
  const std::string_view name = text.substr(0, equals);
  const auto out = std::ranges::find(kOuts, name, &Out::name);
  if (out == kOuts.end()) {
    why = fmt::format("{} is no output (prometheus, influxdb, statsd)", quote(name));
    if (name == "json" || name == "csv")
      why += "; files are written by --summary-json and by genctl report";
    return std::nullopt;
  }
  Export to;
  to.kind = out->kind;
  to.names = out->names;
  to.address = equals == text.size() ? out->address : text.substr(equals + 1);
  if (auto complaint = complaint_of_address(to.kind, to.address)) {
    why = *std::move(complaint);
    return std::nullopt;
  }
  return to;
}

}  // namespace gend::plan
