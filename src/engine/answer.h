#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "extract/json_document.h"
#include "extract/pattern.h"
#include "http/response_parser.h"
#include "plan/inspect.h"

namespace gend::engine {

// What checks and captures look at: the answer that counts of one request, or a message. `status`
// is 0 when none came; `kept` may be null when the step does not look at headers. A message has
// the status 200.
struct Answer {
  int status = 0;
  Duration latency{};  // service time
  const http::Kept* kept = nullptr;
  std::string_view body{};
  std::uint64_t body_bytes = 0;
  std::string_view url{};  // path and query that answered in the end
};

// Something found in an answer, as text.
struct Found {
  enum class Kind : std::uint8_t { kText, kNumber, kNull };  // of JSON: what was no text or number
                                                             // is text as well
  Kind kind = Kind::kText;
  std::string_view text;
};

// Reads one answer after the other; a shard has one. Parses JSON at most once for each answer, and
// only when something asks. Keeps its memory: a steady state allocates nothing.
class AnswerReader {
 public:
  using Patterns = std::vector<std::unique_ptr<const extract::Pattern>>;

  // `patterns` are the program's and must outlive the reader.
  explicit AnswerReader(const Patterns& patterns) : patterns_{patterns} {}

  // What `answer` refers to must stay until the next begin().
  void begin(const Answer& answer);
  const Answer& answer() const { return answer_; }
  const extract::Pattern& pattern(std::uint32_t index) const { return *patterns_[index]; }

  // The text is valid until the next find() or begin(). Nothing is found when no answer came.
  std::optional<Found> find(const plan::Extraction& what);

 private:
  std::optional<Found> find_json(const extract::JsonPath& path);
  Found number(std::uint64_t value);
  Found milliseconds(Duration value);

  enum class Json : std::uint8_t { kUnread, kGood, kBad };

  const Patterns& patterns_;
  Answer answer_;
  Json json_ = Json::kUnread;
  extract::JsonDocument document_;
  std::string body_;     // a copy: the JSON reader looks beyond the end
  std::string scratch_;  // what was found
};

}  // namespace gend::engine
