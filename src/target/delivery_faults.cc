#include "target/delivery_faults.h"

#include <fmt/format.h>

#include <charconv>

#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "target/route.h"

namespace gend::target {
namespace {

// One well-mixed word of four: each is stirred in by a step of splitmix64.
std::uint64_t mixed(std::uint64_t seed, std::uint64_t sender, std::uint64_t sequence,
                    std::uint64_t receiver) {
  std::uint64_t state = seed;
  for (const std::uint64_t word : {sender, sequence, receiver}) {
    state ^= word * 0xd1342543de82ef95ULL;
    state = splitmix64(state);
  }
  return state;
}

std::string in_ms(Duration length) {
  return fmt::format("{}ms", to_ms(length));
}

std::string latency_text(const Latency& latency) {
  switch (latency.kind) {
    case Latency::Kind::kNone: return {};
    case Latency::Kind::kFixed: return "fixed " + in_ms(latency.first);
    case Latency::Kind::kUniform:
      return "uniform " + in_ms(latency.first) + " " + in_ms(latency.second);
    case Latency::Kind::kNormal:
      return "normal " + in_ms(latency.first) + " " + in_ms(latency.second);
    case Latency::Kind::kExponential: return "exp " + in_ms(latency.first);
  }
  return {};
}

}  // namespace

Fate DeliveryFaults::fate(std::uint64_t seed, std::uint64_t sender, std::uint64_t sequence,
                          std::uint64_t receiver) const {
  Rng rng{mixed(seed, sender, sequence, receiver)};
  Fate fate;
  double drawn = rng.unit();
  const auto falls = [&](double share) {
    const bool within = drawn >= 0 && drawn < share;
    drawn -= share;
    return within;
  };
  if (falls(drop))
    fate.kind = Fate::Kind::kDrop;
  else if (falls(duplicate))
    fate.kind = Fate::Kind::kDuplicate;
  else if (falls(reorder))
    fate.kind = Fate::Kind::kReorder;
  else if (falls(delay_share))
    fate.kind = Fate::Kind::kDelay;
  fate.hold = latency.sample(rng);
  if (fate.kind == Fate::Kind::kDelay) fate.hold += delay;
  if (fate.kind == Fate::Kind::kReorder) fate.hold = kReorderPatience;
  return fate;
}

std::expected<double, std::string> parse_share(std::string_view text) {
  double share = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), share,
                                            std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || !(share >= 0 && share <= 1))
    return std::unexpected{fmt::format("\"{}\" is not a share from 0 to 1, such as 0.01", text)};
  return share;
}

std::expected<void, std::string> parse_delay(std::string_view text, DeliveryFaults& faults) {
  faults.delay_share = 0;
  faults.delay = {};
  if (text.empty()) return {};
  const std::size_t colon = text.find(':');
  if (colon == text.npos)
    return std::unexpected{fmt::format("\"{}\" is not SHARE:DURATION, such as 0.03:500ms", text)};
  const auto share = parse_share(text.substr(0, colon));
  if (!share) return std::unexpected{share.error()};
  const auto length = parse_duration(text.substr(colon + 1));
  if (!length) return std::unexpected{length.error()};
  if (*length > kLongestDelay)
    return std::unexpected{fmt::format("\"{}\" is longer than 10 minutes", text)};
  faults.delay_share = *share;
  faults.delay = *length;
  return {};
}

std::string check_shares(const DeliveryFaults& faults) {
  const double sum = faults.drop + faults.duplicate + faults.reorder + faults.delay_share;
  return sum > 1 + 1e-9 ? "the shares of all deliveries are more than 1 together" : std::string{};
}

std::expected<DeliveryFaults, std::string> faults_from_json(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return std::unexpected{"the body is not a JSON object"};
  DeliveryFaults faults;
  for (const auto& [name, value] : json.items()) {
    const bool share = name == "drop" || name == "duplicate" || name == "reorder";
    if (share) {
      if (!value.is_number() || value.get<double>() < 0 || value.get<double>() > 1)
        return std::unexpected{name + " is not a share from 0 to 1"};
      (name == "drop" ? faults.drop : name == "duplicate" ? faults.duplicate : faults.reorder) =
          value.get<double>();
    } else if (name == "delay" && value.is_string()) {
      if (auto read = parse_delay(value.get<std::string>(), faults); !read)
        return std::unexpected{read.error()};
    } else if (name == "latency" && value.is_string()) {
      if (value.get<std::string>().empty()) continue;
      const auto latency = parse_latency(value.get<std::string>());
      if (!latency) return std::unexpected{latency.error()};
      faults.latency = *latency;
    } else {
      return std::unexpected{fmt::format(
          "\"{}\" is none of the numbers drop, duplicate, reorder and the texts delay, latency",
          name)};
    }
  }
  if (std::string wrong = check_shares(faults); !wrong.empty()) return std::unexpected{wrong};
  return faults;
}

std::string faults_to_json(const DeliveryFaults& faults) {
  const std::string delay = faults.delay_share == 0
                                ? std::string{}
                                : fmt::format("{}:{}", faults.delay_share, in_ms(faults.delay));
  return fmt::format(
      R"({{"drop":{},"duplicate":{},"reorder":{},"delay":"{}","latency":"{}"}})", faults.drop,
      faults.duplicate, faults.reorder, delay, latency_text(faults.latency));
}

void FaultSetting::set(const DeliveryFaults& faults) {
  const std::lock_guard lock{mutex_};
  faults_ = faults;
  version_.fetch_add(1);
}

DeliveryFaults FaultSetting::get() const {
  const std::lock_guard lock{mutex_};
  return faults_;
}

void FaultSetting::refresh(DeliveryFaults& mine, std::uint64_t& version) const {
  if (version_.load(std::memory_order_relaxed) == version) return;
  const std::lock_guard lock{mutex_};
  version = version_.load();
  mine = faults_;
}

}  // namespace gend::target
