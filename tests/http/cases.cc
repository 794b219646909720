#include "http/cases.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include <nlohmann/json.hpp>

namespace gend::test {
namespace {

using Json = nlohmann::json;

std::string decode_base64(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) break;  // padding
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xff);
  }
  return out;
}

// Field values are text of any bytes; the file holds each byte as one code point.
std::string from_latin1(const std::string& utf8) {
  std::string out;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x80 || i + 1 == utf8.size()) {
      out += utf8[i];
    } else {
      const auto next = static_cast<unsigned char>(utf8[++i]);
      out += static_cast<char>((byte & 0x03) << 6 | (next & 0x3f));
    }
  }
  return out;
}

void append_fields(std::string& out, const Json& fields) {
  for (const Json& field : fields)
    out += from_latin1(field[0].get<std::string>()) + ": " +
           from_latin1(field[1].get<std::string>()) + "\n";
}

ResponseCase to_case(const Json& json) {
  ResponseCase out;
  out.name = json["name"];
  out.must = json["level"] == "must";
  out.to_head = json["method"] == "HEAD";
  out.raw = decode_base64(json["raw_b64"].get<std::string>());
  out.expected = json["expected"];
  for (const Json& listed : json.value("ok_outcomes", Json::array()))
    out.listed.push_back({listed["status"], decode_base64(listed["body_b64"].get<std::string>())});
  if (!json.contains("version")) return out;  // no response came of it
  out.status = json["status"];
  out.version = json["version"];
  append_fields(out.headers, json["headers"]);
  append_fields(out.headers, json["trailers"]);
  out.body = decode_base64(json["body_b64"].get<std::string>());
  if (!json["keep_alive"].is_null()) out.keep_alive = json["keep_alive"].get<bool>();
  out.interim = json["informational"].size();
  out.extra = decode_base64(json["extra_b64"].get<std::string>());
  return out;
}

std::vector<ResponseCase> read_cases() {
  std::vector<ResponseCase> cases;
  std::ifstream file{GEND_TEST_HTTP_CASES};
  std::string line;
  while (std::getline(file, line)) cases.push_back(to_case(Json::parse(line)));
  if (cases.empty()) {
    std::fprintf(stderr, "no cases in %s\n", GEND_TEST_HTTP_CASES);
    std::abort();
  }
  return cases;
}

}  // namespace

const std::vector<ResponseCase>& response_cases() {
  static const std::vector<ResponseCase> cases = read_cases();
  return cases;
}

}  // namespace gend::test
