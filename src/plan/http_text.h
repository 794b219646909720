#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plan/expression.h"
#include "plan/inspect.h"
#include "plan/place.h"
#include "plan/program.h"
#include "plan/units.h"

// What a plan's text says of requests and of what they have in common, typed and with places.
namespace gend::plan {

// Fixed, but for columns of data (Source::kColumn alone), which become facets.
using TagsText = std::map<std::string, Template>;

struct TimeoutText {
  std::optional<Given<Duration>> connect, first_byte, total;
};

struct HeaderText {
  std::string name;  // as written
  Filled value;
  Place place;
};

struct HttpText {
  Place place;  // of the URL
  Method method = Method::kGet;
  Template url;            // as in the plan: absolute, or a path for the plan's target
  std::string url_source;  // as written, placeholders unfilled
  std::string url_secret;  // the name of a secret variable in the URL, if there is one
  std::optional<std::string> name;
  std::vector<HeaderText> headers;
  Template query;  // "a=1&b=2", encoded; no pieces when there is none
  std::optional<Template> body;
  bool body_is_json = false;
  TimeoutText timeout;
  TagsText tags;
  std::vector<Check> checks;
  std::optional<StatusRanges> expected_statuses;
};

struct DefaultsText {
  TimeoutText timeout;
  std::vector<HeaderText> headers;
  bool keep_alive = true;
  std::vector<std::string> source_addresses;
};

}  // namespace gend::plan
