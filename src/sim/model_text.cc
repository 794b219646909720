#include "sim/model_text.h"

#include <array>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "plan/units.h"

namespace gend::sim {
namespace {

// Empty when the text was taken over; else what is expected in its place.
using Complaint = std::string;

std::optional<std::int64_t> count_of(std::string_view text, std::int64_t most) {
  const auto count = plan::parse_integer(text);
  return count && *count >= 0 && *count <= most ? count : std::nullopt;
}

Complaint read_latency(const std::string& text, ModelSpec& into) {
  const auto latency = parse_latency(text);
  if (!latency) return latency.error();
  into.latency = *latency;
  return {};
}

Complaint read_workers(const std::string& text, ModelSpec& into) {
  const auto count = count_of(text, limits::kModelWorkers);
  if (!count)
    return fmt::format("\"{}\" is no number of workers from 0 (any number) to {}", text,
                       limits::kModelWorkers);
  into.workers = static_cast<std::uint32_t>(*count);
  return {};
}

Complaint read_queue(const std::string& text, ModelSpec& into) {
  const auto count = count_of(text, std::numeric_limits<std::int64_t>::max());
  if (!count) return fmt::format("\"{}\" is no number of waiting requests", text);
  into.queue = static_cast<std::uint64_t>(*count);
  return {};
}

Complaint read_fail(const std::string& text, ModelSpec& into) {
  const bool percent = text.ends_with('%');
  const std::size_t digits = text.size() - (percent ? 1 : 0);
  const auto number = plan::parse_number(std::string_view{text}.substr(0, digits));
  const double share = number.value_or(-1) / (percent ? 100 : 1);
  if (!(share >= 0 && share <= 1)) return fmt::format("\"{}\" is no share (1%, 0.01)", text);
  into.fail = share;
  return {};
}

Complaint read_bytes(const std::string& text, ModelSpec& into) {
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits{{
      {"KiB", 1024}, {"MiB", 1024 * 1024}, {"kB", 1000}, {"MB", 1'000'000}, {"B", 1}}};
  std::string_view number = text;
  std::int64_t unit = 1;
  for (const auto& [name, bytes] : kUnits) {
    if (!number.ends_with(name)) continue;
    number.remove_suffix(name.size());
    unit = bytes;
    break;
  }
  const auto count = count_of(number, limits::kModelBodyBytes / unit);
  if (!count)
    return fmt::format("\"{}\" is no size of at most {} MiB (512, 2KiB, 1MB)", text,
                       limits::kModelBodyBytes >> 20);
  into.bytes = static_cast<std::uint32_t>(*count * unit);
  return {};
}

Complaint read_rtt(const std::string& text, ModelSpec& into) {
  const auto rtt = plan::parse_duration(text);
  if (!rtt || *rtt > std::chrono::minutes{1})
    return fmt::format("\"{}\" is no round trip of at most a minute (500us, 20ms)", text);
  into.rtt = *rtt;
  return {};
}

}  // namespace

std::expected<ModelSpec, std::string> parse_model(const std::map<std::string, std::string>& texts) {
  static constexpr std::array<std::pair<std::string_view, Complaint (*)(const std::string&,
                                                                        ModelSpec&)>, 6>
      kOptions{{{"latency", read_latency}, {"workers", read_workers}, {"queue", read_queue},
                {"fail", read_fail}, {"bytes", read_bytes}, {"rtt", read_rtt}}};
  ModelSpec model;
  for (const auto& [name, text] : texts) {
    Complaint complaint = "is not known";
    for (const auto& [known, read] : kOptions)
      if (name == known) complaint = read(text, model);
    if (!complaint.empty()) return std::unexpected{fmt::format("--{}: {}", name, complaint)};
  }
  if (model.queue && model.workers == 0)
    return std::unexpected{std::string{"--queue: nobody waits for one of any number of workers; "
                                       "add --workers"}};
  return model;
}

std::string describe(const ModelSpec& model) {
  std::string words = show(model.latency) + " a request, ";
  words += model.workers == 0 ? "any number at once" : fmt::format("{} at once", model.workers);
  if (model.queue) words += fmt::format(", {} may wait", *model.queue);
  if (model.fail > 0) words += fmt::format(", {}% fail", model.fail * 100);
  if (model.rtt > Duration::zero())
    words += fmt::format(", {} there and back", plan::show_duration(model.rtt));
  return words + fmt::format(", {} bytes each", model.bytes);
}

}  // namespace gend::sim
