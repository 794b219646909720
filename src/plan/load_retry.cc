#include "plan/load_parts.h"

#include <algorithm>

namespace gend::plan {

namespace {

constexpr std::int64_t kRetriesMax = 100;
constexpr double kFactorMax = 100;

struct Cause {
  std::string_view name;
  bool Retry::* field;
};
constexpr Cause kCauses[] = {{"connect", &Retry::on_connect},
                             {"timeout", &Retry::on_timeout},
                             {"reset", &Retry::on_reset},
                             {"tls", &Retry::on_tls},
                             {"malformed", &Retry::on_malformed}};

void read_cause(Reader& reader, const YamlNode& node, Retry& into) {
  const auto text = reader.text(node, "what to try again");
  if (!text) return;
  const auto cause = std::ranges::find(kCauses, *text, &Cause::name);
  if (cause != std::end(kCauses)) {
    into.*(cause->field) = true;
  } else if (const auto range = parse_status(*text)) {
    into.statuses.push_back(*range);
  } else {
    std::vector<std::string_view> names;
    for (const Cause& known : kCauses) names.push_back(known.name);
    const std::string_view near = nearest(*text, names);
    reader.complain(node.place, fmt::format("{} is nothing that can be tried again", quote(*text)),
                    near.empty() ? "known: connect, timeout, reset, tls, malformed, and statuses "
                                   "(503, 5xx)"
                                 : fmt::format("did you mean \"{}\"?", near));
  }
}

void read_on(Reader& reader, const YamlNode& node, RetryText& into) {
  Retry on;
  if (node.kind == YamlNode::Kind::kSequence) {
    for (const YamlNode* item : node.items) read_cause(reader, *item, on);
    if (node.items.empty()) {
      reader.complain(node.place, "an empty list: nothing would be tried again",
                      "write max: 0 to switch retries off");
    }
  } else {
    read_cause(reader, node, on);
  }
  into.on = std::move(on);
}

void read_factor(Reader& reader, const YamlNode& node, BackoffText& into) {
  const auto text = reader.text(node, "a factor");
  if (!text) return;
  const auto factor = parse_number(*text);
  if (factor && *factor >= 1 && *factor <= kFactorMax) {
    into.factor = *factor;
  } else {
    reader.complain(node.place,
                    fmt::format("{} is not a factor (1 to {:.0f})", quote(*text), kFactorMax));
  }
}

void read_jitter(Reader& reader, const YamlNode& node, BackoffText& into) {
  const auto text = reader.text(node, "none, full or equal");
  if (!text) return;
  if (*text == "none")
    into.jitter = Jitter::kNone;
  else if (*text == "full")
    into.jitter = Jitter::kFull;
  else if (*text == "equal")
    into.jitter = Jitter::kEqual;
  else
    reader.complain(node.place, fmt::format("{} is not a jitter", quote(*text)),
                    hint(*text, {"none", "full", "equal"}));
}

constexpr Key<BackoffText> kBackoffKeys[] = {
    {"initial", "duration", "The first wait; 200ms, of `reconnect` 500ms.",
     [](Reader& r, const YamlNode& n, BackoffText& b) { b.initial = r.duration(n); }},
    {"factor", "number", "What each wait is multiplied by; 2.", read_factor},
    {"max", "duration", "The longest wait; 5s, of `reconnect` 30s.",
     [](Reader& r, const YamlNode& n, BackoffText& b) { b.max = r.duration(n); }},
    {"jitter", "none, full or equal",
     "How much of a wait is random: none, all of it, or half of it; full.", read_jitter},
};

constexpr Key<RetryText> kKeys[] = {
    {"max", "whole number", "Further attempts at most, 0 to 100.",
     [](Reader& r, const YamlNode& n, RetryText& into) {
       const auto max = r.integer(n, {0, kRetriesMax, "a number of retries"});
       into.max = max ? static_cast<std::uint32_t>(max->value) : 0;
     }},
    {"on", "list", "connect, timeout, reset, tls, malformed, and statuses (503, 5xx).", read_on},
    {"backoff", "mapping", "How long to wait before each attempt.",
     [](Reader& r, const YamlNode& n, RetryText& into) {
       read_backoff(r, n, into.backoff);
     }},
    {"respectRetryAfter", "true or false",
     "An answer's Retry-After in seconds wins over the backoff; true.",
     [](Reader& r, const YamlNode& n, RetryText& into) {
       into.respect_retry_after = r.boolean(n);
     }},
};

}  // namespace

void describe_retry(std::vector<Section>& into) {
  into.push_back(section_of<RetryText>("retry", kKeys));
  into.push_back(section_of<BackoffText>("backoff", kBackoffKeys));
}

void read_backoff(Reader& reader, const YamlNode& node, BackoffText& into) {
  read_mapping<BackoffText>(reader, kBackoffKeys, node, "a mapping", into);
}

void read_retry(Reader& reader, const YamlNode& node, RetryText& into) {
  if (node.kind == YamlNode::Kind::kMapping) into.place = node.place;
  read_mapping<RetryText>(reader, kKeys, node, "a mapping ({max: 2, on: [connect, 503]})", into);
}

void read_redirects(Reader& reader, const YamlNode& node, std::optional<std::uint8_t>& into) {
  if (node.kind == YamlNode::Kind::kScalar && (node.text == "true" || node.text == "false")) {
    into = node.text == "true" ? kRedirects : std::uint8_t{0};
    return;
  }
  const auto count = reader.integer(node, {0, kRedirectsMax, "a number of redirects"});
  if (count) into = static_cast<std::uint8_t>(count->value);
}

}  // namespace gend::plan
