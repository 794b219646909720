#pragma once

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "extract/json_path.h"
#include "observe/source.h"

namespace gend::observe::support {

inline Selector selector(std::string_view text) {
  auto parsed = parse_selector(text);
  REQUIRE(parsed.has_value());
  return std::move(*parsed);
}

// A source whose series are these selectors, in slots from 0.
inline Source prometheus(const std::vector<std::string>& selectors) {
  Source source;
  source.name = "app";
  source.url = "http://h/metrics";
  for (const std::string& text : selectors) {
    const auto slot = static_cast<std::uint32_t>(source.series.size());
    source.series.push_back({"s" + std::to_string(slot), "observe_app_s" + std::to_string(slot),
                             text, selector(text), slot});
  }
  return source;
}

inline Source json(const std::vector<std::string>& paths,
                   Selector::Reading reading = Selector::Reading::kLevel) {
  Source source;
  source.name = "heap";
  source.kind = Kind::kJson;
  source.url = "http://h/json";
  for (const std::string& text : paths) {
    const auto slot = static_cast<std::uint32_t>(source.series.size());
    auto path = extract::parse_json_path(text);
    REQUIRE(path.has_value());
    source.series.push_back({"s" + std::to_string(slot), "observe_heap_s" + std::to_string(slot),
                             text, JsonNumber{std::move(*path), reading}, slot});
  }
  return source;
}

}  // namespace gend::observe::support
