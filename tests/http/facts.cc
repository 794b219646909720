#include "http/facts.h"

#include <algorithm>

#include "http/guarded_buffer.h"
#include "http/response_parser.h"

namespace gend::test {

Pieces whole(std::string_view bytes) { return {bytes.size()}; }

Pieces byte_by_byte(std::string_view bytes) { return Pieces(bytes.size(), 1); }

// Mostly short pieces, so that lines are cut, with a long one now and then.
Pieces split_at_random(std::string_view bytes, std::mt19937_64& random) {
  Pieces pieces;
  std::size_t left = bytes.size();
  while (left > 0) {
    const std::size_t longest = random() % 4 == 0 ? left : std::min<std::size_t>(left, 24);
    const std::size_t piece = random() % longest + 1;
    pieces.push_back(piece);
    left -= piece;
  }
  return pieces;
}

Facts parse(std::string_view bytes, const Pieces& pieces, RequestMethod method, Keep keep,
            http::KnownHeads* known) {
  using http::ResponseParser;
  static GuardedBuffer buffer{std::size_t{4} << 20};
  http::Kept kept;
  kept.want_headers = kept.want_body = keep == Keep::kAll;
  ResponseParser parser;
  parser.begin(method == RequestMethod::kHead, &kept);

  Facts facts;
  ResponseParser::State state = ResponseParser::State::kNeedMore;
  for (std::size_t piece : pieces) {
    const std::string_view given = buffer.place(bytes.substr(facts.consumed, piece));
    const ResponseParser::Progress progress = parser.feed(given, known);
    facts.consumed += progress.consumed;
    state = progress.state;
    if (state != ResponseParser::State::kNeedMore) break;
    if (progress.consumed != given.size()) {
      facts.headers = "the parser wants more, but left bytes";
      return facts;
    }
  }
  if (state == ResponseParser::State::kNeedMore) {
    state = parser.finish();
    facts.needed_eof = true;
  }
  facts.complete = state == ResponseParser::State::kComplete;
  facts.outcome = parser.outcome();
  facts.status = parser.status();
  facts.minor_version = parser.minor_version();
  facts.keep_alive = parser.keep_alive();
  facts.interim = parser.interim();
  facts.body_bytes = parser.body_bytes();
  facts.headers = kept.headers;
  facts.body = kept.body;
  for (const std::string* part : {&kept.location, &kept.set_cookies, &kept.retry_after,
                                  &kept.request_id, &kept.content_encoding})
    facts.noted.append(*part).append("|");
  return facts;
}

std::string difference(const Facts& a, const Facts& b) {
  std::string out;
  const auto compare = [&](const char* what, const auto& x, const auto& y) {
    if (x != y) out += std::string{out.empty() ? "" : ", "} + what;
  };
  compare("outcome", a.outcome, b.outcome);
  compare("complete", a.complete, b.complete);
  compare("status", a.status, b.status);
  compare("minor version", a.minor_version, b.minor_version);
  compare("keep-alive", a.keep_alive, b.keep_alive);
  compare("interim", a.interim, b.interim);
  if (a.complete) {
    compare("needed eof", a.needed_eof, b.needed_eof);
    compare("consumed", a.consumed, b.consumed);
  }
  if (a.outcome != Outcome::kBodyTooLarge) {
    compare("headers", a.headers, b.headers);
    compare("noted headers", a.noted, b.noted);
    compare("body bytes", a.body_bytes, b.body_bytes);
    compare("body", a.body, b.body);
  }
  if (!out.empty()) out += " differ: " + in_words(a) + " against " + in_words(b);
  return out;
}

std::string in_words(const Facts& facts) {
  return "{" + std::string{name_of(facts.outcome)} + ", status " + std::to_string(facts.status) +
         ", consumed " + std::to_string(facts.consumed) + ", body " +
         std::to_string(facts.body_bytes) + ", keep-alive " + std::to_string(facts.keep_alive) +
         ", eof " + std::to_string(facts.needed_eof) + "}";
}

}  // namespace gend::test
