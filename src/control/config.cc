#include "control/config.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "base/limits.h"
#include "gend/control_api.h"

namespace gend::control {

namespace {

constexpr std::uintmax_t kConfigBytes = 256 * 1024;

struct Reader {
  std::string file;
  Config config;
  std::string complaints;  // a line each

  void complain(const YAML::Node& at, const std::string& what) {
    if (!complaints.empty()) complaints += '\n';
    complaints += fmt::format("{}:{}: {}", file, at.Mark().line + 1, what);
  }
};

std::optional<unsigned> whole_number(const YAML::Node& node, unsigned max) {
  if (!node.IsScalar()) return std::nullopt;
  const std::string& text = node.Scalar();
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > max) return std::nullopt;
  return value;
}

// "10.0.0.0/8", "::1", …
bool is_block(const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::string address = text.substr(0, slash);
  unsigned char bytes[16];
  const bool v4 = inet_pton(AF_INET, address.c_str(), bytes) == 1;
  if (!v4 && inet_pton(AF_INET6, address.c_str(), bytes) != 1) return false;
  if (slash == text.npos) return true;
  unsigned bits = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data() + slash + 1, last, bits);
  return error == std::errc{} && end == last && bits <= (v4 ? 32u : 128u);
}

void read_shards(Reader& reader, const YAML::Node& node) {
  const auto value = whole_number(node, limits::kShards);
  if (!value)
    return reader.complain(node, fmt::format("\"shards\" must be a whole number from 0 (one a CPU) "
                                             "to {}", limits::kShards));
  reader.config.shards = *value;
}

void read_pin(Reader& reader, const YAML::Node& node) {
  if (node.IsScalar() && (node.Scalar() == "true" || node.Scalar() == "false"))
    reader.config.pin = node.Scalar() == "true";
  else
    reader.complain(node, "\"pin\" must be true or false");
}

void read_stop(Reader& reader, const YAML::Node& node) {
  const auto value = whole_number(node, 3600);
  if (!value)
    return reader.complain(node, "\"stop_seconds\" must be a whole number from 0 to 3600");
  reader.config.stop_seconds = *value;
}

// Of kinds of limits that 0 switches off.
void read_keep(Reader& reader, const YAML::Node& node, const char* key, std::uint64_t unit,
               std::uint64_t& into) {
  constexpr unsigned kMost = 1'000'000;
  const auto value = whole_number(node, kMost);
  if (!value)
    return reader.complain(node, fmt::format("\"{}\" must be a whole number from 0 (no limit) to "
                                             "{}", key, kMost));
  into = *value * unit;
}
void read_keep_runs(Reader& reader, const YAML::Node& node) {
  read_keep(reader, node, "keep_runs", 1, reader.config.keep.runs);
}
void read_keep_megabytes(Reader& reader, const YAML::Node& node) {
  read_keep(reader, node, "keep_megabytes", 1'000'000, reader.config.keep.bytes);
}
void read_keep_days(Reader& reader, const YAML::Node& node) {
  read_keep(reader, node, "keep_days", 1, reader.config.keep.days);
}

void read_allow(Reader& reader, const YAML::Node& node) {
  if (!node.IsSequence())
    return reader.complain(node, "\"allow\" must be a list of address blocks ([10.0.0.0/8, ::1])");
  reader.config.allow.clear();
  for (const YAML::Node& item : node) {
    if (item.IsScalar() && is_block(item.Scalar()))
      reader.config.allow.push_back(item.Scalar());
    else
      reader.complain(item, fmt::format("\"{}\" is no address block (10.0.0.0/8, 192.0.2.7, "
                                        "fd00::/8)", item.IsScalar() ? item.Scalar() : "…"));
  }
}

struct Key {
  const char* name;
  void (*read)(Reader&, const YAML::Node&);
};
constexpr Key kKeys[] = {{"shards", read_shards},
                         {"pin", read_pin},
                         {"allow", read_allow},
                         {"stop_seconds", read_stop},
                         {"keep_runs", read_keep_runs},
                         {"keep_megabytes", read_keep_megabytes},
                         {"keep_days", read_keep_days}};

void read_key(Reader& reader, const YAML::Node& key, const YAML::Node& value) {
  const std::string name = key.IsScalar() ? key.Scalar() : "";
  std::string known;
  for (const Key& each : kKeys) {
    if (name == each.name) return each.read(reader, value);
    known += (known.empty() ? "" : ", ") + std::string{each.name};
  }
  reader.complain(key, fmt::format("\"{}\" is not known; known are {}", name, known));
}

void read_document(Reader& reader, const std::string& text) {
  try {
    const YAML::Node root = YAML::Load(text);
    if (root.IsNull()) return;  // only comments
    if (!root.IsMap()) return reader.complain(root, "must be keys and values");
    for (const auto& entry : root) read_key(reader, entry.first, entry.second);
  } catch (const YAML::Exception& e) {
    if (!reader.complaints.empty()) reader.complaints += '\n';
    reader.complaints += fmt::format("{}:{}: {}", reader.file, e.mark.line + 1, e.msg);
  }
}

Error error(std::string message) {
  return {std::move(message), "see docs/operations.md, \"Configuration\"", ExitCode::kUsage};
}

}  // namespace

Expected<Config> parse_config(const std::string& file_name, const std::string& text) {
  Reader reader{.file = file_name, .config = {}, .complaints = {}};
  read_document(reader, text);
  if (!reader.complaints.empty()) return std::unexpected{error(reader.complaints)};
  return std::move(reader.config);
}

Expected<Config> load_config(const std::optional<std::string>& named) {
  const std::string path = named.value_or(kDefaultConfigFile);
  std::error_code failure;
  const std::uintmax_t size = std::filesystem::file_size(path, failure);
  if (failure == std::errc::no_such_file_or_directory && !named) return Config{};
  if (failure) return std::unexpected{error(path + ": " + failure.message())};
  if (size > kConfigBytes) return std::unexpected{error(path + ": is larger than 256 KiB")};
  std::ifstream in{path, std::ios::binary};
  if (!in) return std::unexpected{error(path + ": cannot be read: " + std::strerror(errno))};
  return parse_config(path, {std::istreambuf_iterator<char>{in}, {}});
}

}  // namespace gend::control
