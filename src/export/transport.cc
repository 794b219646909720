#include "export/transport.h"

#include "export/http_transport.h"
#include "export/udp_transport.h"

namespace gend::exporter {

std::unique_ptr<Transport> make_transport(const Destination& destination, const Fence& fence,
                                          const GiveUp& give_up) {
  if (destination.kind == Destination::Kind::kStatsd) return make_udp(destination, fence);
  return make_http(destination, fence, give_up);
}

InfluxUrls influx_urls(const std::string& address) {
  const std::size_t host = address.find("://") + 3;
  const std::size_t slash = address.find('/', host);
  const std::string origin = address.substr(0, slash);
  std::string path = slash == std::string::npos ? "" : address.substr(slash + 1);
  while (path.ends_with('/')) path.pop_back();
  const bool as_it_stands = path.find_first_of("/?") != std::string::npos || path == "write";
  if (as_it_stands) {
    // Time stamps are milliseconds; whoever wrote the URL need not know.
    const bool told = path.find("precision=") != std::string::npos;
    const char separator = path.find('?') == std::string::npos ? '?' : '&';
    return {address + (told ? "" : std::string{separator} + "precision=ms"), {}};
  }
  const std::string database = path.empty() ? "k6" : path;
  return {origin + "/write?precision=ms&db=" + database,
          origin + "/query?q=CREATE%20DATABASE%20%22" + database + "%22"};
}

}  // namespace gend::exporter
