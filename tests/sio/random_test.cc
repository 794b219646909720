// Random packets, whole and damaged, against a second reading of the protocol written for clarity
// on top of a JSON library. The reference serves from std::string and knows nothing of ours.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <regex>
#include <string>

#include "base/limits.h"
#include "sio/json.h"
#include "sio/packet.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::sio;
using nlohmann::json;

namespace {

struct Reference {
  int type = 0;
  std::string space = "/";
  std::optional<std::uint64_t> id;
  std::uint64_t attachments = 0;
  json data = json::value_t::discarded;
};

bool is_reserved(const json& name) {
  for (const char* word :
       {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"})
    if (name == word) return true;
  return false;
}

bool data_fits(const Reference& packet, bool has_data) {
  const json& data = packet.data;
  switch (packet.type) {
    case 0: return !has_data || data.is_object();
    case 1: return !has_data;
    case 4: return !has_data || data.is_object() || data.is_string();
    case 3:
    case 6: return packet.id && data.is_array();
    default:
      return data.is_array() && !data.empty() && (data[0].is_string() || data[0].is_number()) &&
             !is_reserved(data[0]);
  }
}

std::optional<std::uint64_t> number(const std::string& digits, std::uint64_t most) {
  if (digits.size() - std::min(digits.find_first_not_of('0'), digits.size()) > 16)
    return std::nullopt;
  const std::uint64_t value = std::stoull(digits);
  return value <= most ? std::optional{value} : std::nullopt;
}

std::optional<Reference> reference(const std::string& text) {
  static const std::regex shape{R"(([0-6])(?:([0-9]+)-)?(?:(/[^,]*)(?:,|$))?([0-9]+)?([^]*))"};
  std::smatch part;
  if (!std::regex_match(text, part, shape)) return std::nullopt;
  Reference packet;
  packet.type = part[1].str()[0] - '0';
  const bool binary = packet.type == 5 || packet.type == 6;
  if (part[2].matched != binary) return std::nullopt;
  if (binary) {
    const auto attachments = number(part[2], limits::kSioAttachments);
    if (attachments.value_or(0) == 0) return std::nullopt;
    packet.attachments = *attachments;
  }
  if (part[3].matched) packet.space = part[3];
  if (part[4].matched) {
    packet.id = number(part[4], limits::kSioAckId);
    if (!packet.id || packet.type < 2 || packet.type == 4) return std::nullopt;
  }
  const std::string data = part[5];
  if (!data.empty()) {
    packet.data = json::parse(data, nullptr, false);
    if (packet.data.is_discarded() || data.front() == ' ' || data.back() == ' ')
      return std::nullopt;
  }
  if (!data_fits(packet, !data.empty())) return std::nullopt;
  return packet;
}

json arguments_of(const Reference& packet) {
  json all = packet.data;
  if (packet.type == 2 || packet.type == 5) all.erase(all.begin());
  return all;
}

void compare(const std::string& text) {
  static const std::regex huge{"[eE][-+]?[0-9]{3}"};  // the library refuses what no double holds
  if (std::regex_search(text, huge)) return;
  const auto expected = reference(text);
  const auto packet = parse_packet(text);
  CAPTURE(text);
  REQUIRE(packet.has_value() == expected.has_value());
  if (!expected) return;
  CHECK(static_cast<int>(packet->type) == expected->type);
  CHECK(packet->space == expected->space);
  CHECK(packet->id == expected->id);
  CHECK(packet->attachments == expected->attachments);
  if (!expected->data.is_array()) return;
  const json arguments = arguments_of(*expected);
  CHECK(json::parse("[" + std::string{packet->arguments} + "]") == arguments);
  CHECK(packet->last.empty() == arguments.empty());
  if (!arguments.empty()) CHECK(json::parse(packet->last) == arguments.back());
  if (!is_event(packet->type)) return;
  const json& name = expected->data[0];
  CHECK(name.is_string() ? same_json_text(packet->name, name.get<std::string>())
                         : json::parse(packet->name) == name);
}

class Source {
 public:
  explicit Source(std::uint64_t seed) : random_{seed} {}

  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }

  json value(std::size_t depth) {
    switch (below(depth == 0 ? 5 : 7)) {
      case 0: return nullptr;
      case 1: return below(2) == 0;
      case 2: return static_cast<std::int64_t>(random_() % 2'000'000) - 1'000'000;
      case 3: return static_cast<double>(below(1'000'000)) / 64;
      case 4: return text();
      case 5: {
        json list = json::array();
        for (std::size_t i = below(4); i > 0; --i) list.push_back(value(depth - 1));
        return list;
      }
      default: {
        json object = json::object();
        for (std::size_t i = below(4); i > 0; --i) object[text()] = value(depth - 1);
        return object;
      }
    }
  }

  std::string text() {
    static constexpr std::string_view kCharacters = "abcXYZ019 ,:[]{}\"\\/\n\t\x01-_";
    std::string out;
    for (std::size_t i = below(14); i > 0; --i) out += kCharacters[below(kCharacters.size())];
    return out;
  }

  std::string packet() {
    const std::size_t type = below(7);
    std::string out = std::to_string(type);
    if (type >= 5) out += std::to_string(below(70)) + "-";
    if (below(3) == 0) out += "/room" + std::to_string(below(9)) + ",";
    if (type == 3 || type == 6 || ((type == 2 || type == 5) && below(2) == 0))
      out += std::to_string(random_() >> below(64));
    if (type == 0 || type == 4) return below(3) == 0 ? out : out + json{{text(), value(2)}}.dump();
    if (type == 1) return out;
    json data = json::array();
    if (type == 2 || type == 5) data.push_back(below(8) == 0 ? json(below(99)) : json(text()));
    for (std::size_t i = below(4); i > 0; --i) data.push_back(value(3));
    return out + data.dump(below(4) == 0 ? 1 : -1, ' ', true);
  }

  std::string damaged(std::string text) {
    const std::size_t at = below(text.size());
    switch (below(4)) {
      case 0: text.erase(at, 1 + below(3)); break;
      case 1: text.insert(at, 1, static_cast<char>(0x20 + below(0x5f))); break;
      case 2: text[at] = static_cast<char>(0x20 + below(0x5f)); break;
      default: text.resize(at); break;
    }
    return text;
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace

TEST_CASE("random packets are read as a second implementation reads them") {
  Source source{gend::test::seed()};
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = source.packet();
    compare(text);
    compare(source.damaged(text));
  }
}

TEST_CASE("any bytes are either a packet or not, and nothing else happens") {
  std::mt19937_64 random{gend::test::seed() ^ 1};
  std::size_t packets = 0;
  for (int round = 0; round < 100'000; ++round) {
    std::string bytes;
    for (std::size_t size = random() % 24; size > 0; --size) bytes += static_cast<char>(random());
    if (!bytes.empty()) bytes[0] = static_cast<char>('0' + random() % 8);
    packets += parse_packet(bytes).has_value() ? 1 : 0;
  }
  CHECK(packets < 100'000);
}
