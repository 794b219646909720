#include "engine/retry.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/limits.h"
#include "engine/checks.h"

namespace gend::engine {

bool is_retried(const plan::Retry& retry, Outcome outcome, int status) {
  if (status != 0) return in_ranges(retry.statuses, status);
  if (is_host_limit(outcome) || outcome == Outcome::kInterrupted) return false;
  const std::string_view tag = error_tag(outcome);
  if (tag == "connect_timeout") return retry.on_connect || retry.on_timeout;
  if (tag.starts_with("connect_") || tag == "dns") return retry.on_connect;
  if (tag == "timeout") return retry.on_timeout;
  if (tag == "reset" || tag == "closed") return retry.on_reset;
  if (tag == "tls") return retry.on_tls;
  return tag == "malformed" && retry.on_malformed;
}

Duration backoff(const plan::Backoff& backoff, unsigned attempt, Rng& rng) {
  const double longest = static_cast<double>(backoff.max.count());
  const double grown = static_cast<double>(backoff.initial.count()) *
                       std::pow(backoff.factor, static_cast<double>(attempt));
  const double wait = std::min(grown, longest);
  switch (backoff.jitter) {
    case plan::Jitter::kNone: return Duration{static_cast<std::int64_t>(wait)};
    case plan::Jitter::kFull: return Duration{static_cast<std::int64_t>(wait * rng.unit())};
    case plan::Jitter::kEqual:
      return Duration{static_cast<std::int64_t>(wait / 2 + wait / 2 * rng.unit())};
  }
  return Duration{};
}

Duration retry_wait(const plan::Retry& retry, unsigned attempt, std::string_view retry_after,
                    Rng& rng) {
  const Duration wait = backoff(retry.backoff, attempt, rng);
  if (!retry.respect_retry_after || retry_after.empty()) return wait;
  std::int64_t seconds = 0;
  const char* const last = retry_after.data() + retry_after.size();
  const auto [end, error] = std::from_chars(retry_after.data(), last, seconds);
  if (error != std::errc{} || end != last || seconds < 0) return wait;
  const std::int64_t most = limits::kRetryAfterSeconds;
  return std::chrono::seconds{std::min(seconds, most)};
}

}  // namespace gend::engine
