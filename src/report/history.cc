#include "report/history.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <zlib.h>

#include "base/assert.h"
#include "base/limits.h"
#include "report/mask.h"
#include "stats/utf8.h"
#include "stats/varint.h"

namespace gend::report {
namespace {

using nlohmann::json;
using stats::Contains;
using stats::Kind;

constexpr std::string_view kMagic = "GENDRUN";
constexpr char kVersion = 1;

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<Enum, N>& all, std::string_view name) {
  const auto found = std::ranges::find_if(all, [&](Enum each) { return name_of(each) == name; });
  return found == all.end() ? std::nullopt : std::optional{*found};
}
constexpr std::array kKinds{Kind::kCounter, Kind::kGauge, Kind::kRate, Kind::kTrend};
constexpr std::array kContents{Contains::kDefault, Contains::kTime, Contains::kData};

std::expected<void, std::string> add_series(const json& row, stats::Schema& schema) {
  const std::string metric = row.at("metric");
  const auto kind = named(kKinds, row.at("type").get<std::string>());
  const auto contains = named(kContents, row.at("contains").get<std::string>());
  if (!kind || !contains) return std::unexpected{"a series of an unknown type"};
  const bool of_plan = row.at("of_plan");
  const stats::Metric* known =
      of_plan ? schema.declare(metric, *kind, *contains) : stats::find_metric(metric);
  if (known == nullptr)
    return std::unexpected{fmt::format("metric {}, which this gend does not know", metric)};
  stats::Tags tags;
  for (const auto& [key, value] : row.at("tags").items()) tags.emplace_back(key, value);
  const std::uint32_t slot = row.at("facet").get<bool>() ? schema.add_facet(metric, std::move(tags))
                                                         : schema.add(metric, std::move(tags));
  if (slot != row.at("slot").get<std::uint32_t>())
    return std::unexpected{fmt::format("a series of {} out of its place", metric)};
  return {};
}

// Nothing when it is damaged, or larger than any run is.
std::optional<std::string> inflated(std::string_view packed) {
  z_stream stream{};
  if (::inflateInit(&stream) != Z_OK) return std::nullopt;
  std::string plain;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::array<char, 64 * 1024> piece;
  int result = Z_OK;
  while (result == Z_OK && plain.size() <= limits::kRunFilePlainBytes) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = piece.size();
    result = ::inflate(&stream, Z_NO_FLUSH);
    plain.append(piece.data(), piece.size() - stream.avail_out);
  }
  const bool whole = result == Z_STREAM_END && stream.avail_in == 0;
  ::inflateEnd(&stream);
  return whole ? std::optional{std::move(plain)} : std::nullopt;
}

// A text with its length before it.
std::optional<std::string_view> take(std::string_view& rest) {
  std::uint64_t size = 0;
  for (int shift = 0; shift < 63 && !rest.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    size |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte >= 0x80) continue;
    if (size > rest.size()) return std::nullopt;
    const std::string_view text = rest.substr(0, size);
    rest.remove_prefix(size);
    return text;
  }
  return std::nullopt;
}

std::expected<void, std::string> read_frames(std::string_view rest, History& history) {
  while (!rest.empty()) {
    const auto bytes = take(rest);
    auto frame = bytes ? stats::decode_frame(*bytes) : std::nullopt;
    const bool follows =
        frame && (history.frames.empty() || frame->from >= history.frames.back().to);
    if (!follows || !stats::fits(*frame, *history.schema))
      return std::unexpected{fmt::format("interval {} is damaged", history.frames.size())};
    history.frames.push_back(std::move(*frame));
  }
  return {};
}

// Tags as they are kept: what may be a secret is masked, and all is UTF-8. Series that differ in
// what was changed only would become one and the slots move, so a number is put to one of the tags.
json kept_tags(const stats::Series& series, const std::vector<std::string>& secrets,
               std::set<std::string>& taken) {
  json tags = json::object();
  for (const auto& [key, value] : series.tags)
    tags[stats::valid_utf8(key)] =
        stats::valid_utf8(series.facet ? masked(value, secrets, Ends::kWhole) : value);
  const std::string kind = series.facet ? "facet " : "";
  std::string numbered = "scenario";
  for (const auto& [key, value] : tags.items())
    if (stats::is_facet_tag(key)) numbered = key;
  const std::string value = tags.contains(numbered) ? tags[numbered] : json("");
  for (int number = 2; !taken.insert(kind + series.metric + tags.dump()).second; ++number)
    tags[numbered] = fmt::format("{} ({})", value, number);
  return tags;
}

}  // namespace

json schema_json(const stats::Schema& schema, const std::vector<std::string>& secrets) {
  json rows = json::array();
  std::set<std::string> taken;
  for (const stats::Series& series : schema.series()) {
    const stats::Metric* metric = schema.find(series.metric);
    json tags = kept_tags(series, secrets, taken);
    rows.push_back({{"metric", series.metric},
                    {"type", name_of(series.kind)},
                    {"contains", name_of(series.contains)},
                    {"of_plan", metric->of_plan},
                    {"tags", std::move(tags)},
                    {"facet", series.facet},
                    {"slot", series.slot}});
  }
  return rows;
}

std::expected<std::unique_ptr<stats::Schema>, std::string> schema_of(const json& rows) {
  auto schema = std::make_unique<stats::Schema>();
  try {
    for (const json& row : rows)
      if (auto added = add_series(row, *schema); !added) return std::unexpected{added.error()};
  } catch (const json::exception& error) {
    return std::unexpected{fmt::format("its list of series is damaged: {}", error.what())};
  }
  return schema;
}

std::unique_ptr<const stats::Schema> masked_schema(const stats::Schema& schema,
                                                   const std::vector<std::string>& secrets) {
  const bool any = std::ranges::any_of(schema.series(), [&](const stats::Series& series) {
    return series.facet && std::ranges::any_of(series.tags, [&](const auto& tag) {
             return masked(tag.second, secrets, Ends::kWhole) != tag.second;
           });
  });
  if (!any) return nullptr;
  auto shown = schema_of(schema_json(schema, secrets));
  GEND_ASSERT(shown.has_value());  // it was a schema a moment ago
  return *std::move(shown);
}

struct RunFileWriter::Stream {
  z_stream zlib{};
  std::string file = std::string{kMagic} + kVersion;

  Stream() {
    const int result = ::deflateInit(&zlib, Z_DEFAULT_COMPRESSION);
    GEND_ASSERT(result == Z_OK);  // fails without memory only
  }
  ~Stream() { ::deflateEnd(&zlib); }

  void put(std::string_view plain, int flush) {
    zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    zlib.avail_in = static_cast<uInt>(plain.size());
    std::array<char, 64 * 1024> piece;
    do {
      zlib.next_out = reinterpret_cast<Bytef*>(piece.data());
      zlib.avail_out = piece.size();
      ::deflate(&zlib, flush);
      file.append(piece.data(), piece.size() - zlib.avail_out);
    } while (zlib.avail_out == 0);
  }
};

RunFileWriter::RunFileWriter(const nlohmann::ordered_json& summary, const json& series,
                             const std::string& plan_text)
    : stream_{std::make_unique<Stream>()} {
  const nlohmann::ordered_json header{{"summary", summary}, {"series", series},
                                      {"plan", plan_text}};
  add(header.dump(-1, ' ', false, json::error_handler_t::replace));
}

RunFileWriter::~RunFileWriter() = default;

void RunFileWriter::add(std::string_view encoded_frame) {
  std::string length;
  stats::VarintWriter{length}.number(encoded_frame.size());
  stream_->put(length, Z_NO_FLUSH);
  stream_->put(encoded_frame, Z_NO_FLUSH);
}

std::string RunFileWriter::finish() {
  stream_->put({}, Z_FINISH);
  return std::move(stream_->file);
}

std::string encode(const History& history) {
  RunFileWriter writer{history.summary, schema_json(*history.schema), history.plan_text};
  for (const stats::Frame& frame : history.frames) writer.add(stats::encode(frame));
  return writer.finish();
}

bool is_run_file(std::string_view bytes) {
  return bytes.starts_with(kMagic);
}

bool extend(History& known, History newer) {
  const auto& have = known.schema->series();
  const auto same = [](const stats::Series& a, const stats::Series& b) {
    return a.metric == b.metric && a.tags == b.tags && a.slot == b.slot && a.kind == b.kind;
  };
  if (!std::ranges::equal(have, newer.schema->series(), same)) return false;
  const Duration end = known.frames.empty() ? Duration{} : known.frames.back().to;
  for (stats::Frame& frame : newer.frames)
    if (frame.from >= end) known.frames.push_back(std::move(frame));
  known.summary = std::move(newer.summary);
  known.plan_text = std::move(newer.plan_text);
  return true;
}

std::expected<History, std::string> decode_history(std::string_view bytes) {
  if (!is_run_file(bytes) || bytes.size() <= kMagic.size())
    return std::unexpected{"not a run file of gend"};
  if (bytes[kMagic.size()] != kVersion)
    return std::unexpected{"a run file of another version of gend: read it with that one"};
  const auto plain = inflated(bytes.substr(kMagic.size() + 1));
  if (!plain) return std::unexpected{"the run file is damaged or was not written to its end"};
  std::string_view rest = *plain;
  const auto header = take(rest);
  const auto parsed = nlohmann::ordered_json::parse(header.value_or(""), nullptr, false);
  if (!parsed.is_object() || !parsed.contains("summary") || !parsed.contains("series") ||
      !parsed.value("plan", json{""}).is_string())
    return std::unexpected{"the head of the run file is damaged"};
  auto schema = schema_of(json(parsed["series"]));
  if (!schema) return std::unexpected{"the run file: " + schema.error()};
  History history{.summary = parsed["summary"], .schema = std::move(*schema), .frames = {},
                  .plan_text = parsed.value("plan", "")};
  if (auto read = read_frames(rest, history); !read)
    return std::unexpected{"the run file: " + read.error()};
  return history;
}

}  // namespace gend::report
