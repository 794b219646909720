#include "engine/answer.h"

#include <charconv>
#include <chrono>

#include "http/cookie_jar.h"

namespace gend::engine {
namespace {

std::optional<Found> text(std::optional<std::string_view> found) {
  if (!found) return std::nullopt;
  return Found{Found::Kind::kText, *found};
}

std::optional<Found> header(const http::Kept* kept, std::string_view name) {
  if (!kept) return std::nullopt;
  const std::string_view value = http::find_header(*kept, name);
  if (value.data() == nullptr) return std::nullopt;
  return Found{Found::Kind::kText, value};
}

template <class Value>
Found write(Value value, std::string& out) {
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  out.assign(digits, end);
  return {Found::Kind::kNumber, out};
}

}  // namespace

void AnswerReader::begin(const Answer& answer) {
  answer_ = answer;
  json_ = Json::kUnread;
}

Found AnswerReader::number(std::uint64_t value) { return write(value, scratch_); }

Found AnswerReader::milliseconds(Duration value) {
  return write(std::chrono::duration<double, std::milli>{value}.count(), scratch_);
}

std::optional<Found> AnswerReader::find_json(const extract::JsonPath& path) {
  if (json_ == Json::kUnread) {
    body_.assign(answer_.body);
    json_ = document_.parse(body_) ? Json::kGood : Json::kBad;
  }
  if (json_ == Json::kBad) return std::nullopt;
  const auto kind = document_.find(path, scratch_);
  if (!kind) return std::nullopt;
  switch (*kind) {
    case extract::JsonKind::kNumber: return Found{Found::Kind::kNumber, scratch_};
    case extract::JsonKind::kNull: return Found{Found::Kind::kNull, {}};
    case extract::JsonKind::kText:
    case extract::JsonKind::kBoolean:
    case extract::JsonKind::kObject:
    case extract::JsonKind::kArray: break;
  }
  return Found{Found::Kind::kText, scratch_};
}

std::optional<Found> AnswerReader::find(const plan::Extraction& what) {
  if (answer_.status == 0) return std::nullopt;
  switch (what.part) {
    case plan::Part::kStatus: return number(static_cast<std::uint64_t>(answer_.status));
    case plan::Part::kLatency: return milliseconds(answer_.latency);
    case plan::Part::kBody: return text(answer_.body);
    case plan::Part::kSize: return number(answer_.body_bytes);
    case plan::Part::kHeader: return header(answer_.kept, what.name);
    case plan::Part::kCookie:
      if (!answer_.kept) return std::nullopt;
      return text(http::find_set_cookie(answer_.kept->set_cookies, what.name));
    case plan::Part::kJson: return find_json(what.path);
    case plan::Part::kRegex: return text(pattern(what.pattern).find(answer_.body));
    case plan::Part::kUrl: return text(answer_.url);
  }
  return std::nullopt;
}

}  // namespace gend::engine
