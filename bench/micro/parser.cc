// parser/CASE: a response from its first byte to its last. Bodies come in pieces of 2 KiB.
#include "parser.h"

#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "agree.h"
#include "answers.h"
#include "http/response_parser.h"
#include "parts.h"

namespace {

using namespace gend;
using namespace gend::bench;

struct Response {
  std::string bytes;
  std::vector<std::string_view> pieces;

  explicit Response(std::string all) : bytes{std::move(all)} {
    constexpr std::size_t kPiece = 2048;
    for (std::size_t at = 0; at < bytes.size(); at += kPiece)
      pieces.push_back(std::string_view{bytes}.substr(at, kPiece));
  }
  Response(const Response&) = delete;
};

std::string head(const std::string& type, const std::string& framing) {
  return "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 22:00:00 GMT\r\n"
         "Content-Type: " + type + "\r\nConnection: keep-alive\r\n" + framing + "\r\n\r\n";
}
std::string sized(const std::string& type, const std::string& body) {
  return head(type, "Content-Length: " + std::to_string(body.size())) + body;
}
std::string chunked(std::size_t chunks) {
  std::string all = head("text/plain", "Transfer-Encoding: chunked");
  for (std::size_t i = 0; i < chunks; ++i) all += "400\r\n" + std::string(0x400, 'c') + "\r\n";
  return all + "0\r\n\r\n";
}

// As the engine uses it: one parser and one Kept for many responses, and nobody wants the body.
Told parse(Pieces pieces) {
  static http::ResponseParser parser;
  static http::Kept kept;
  parser.begin(false, &kept);
  Told told;
  for (const std::string_view piece : pieces)
    told.complete = parser.feed(piece).state == http::ResponseParser::State::kComplete;
  told.status = parser.status();
  told.body_bytes = parser.body_bytes();
  told.keep_alive = parser.keep_alive();
  return told;
}

void add(const std::string& name, const Response& response, Parse contender) {
  benchmark::RegisterBenchmark(name.c_str(), [&response, contender](benchmark::State& state) {
    for (auto _ : state) {
      Told told = contender(response.pieces);
      benchmark::DoNotOptimize(told);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(response.bytes.size()));
  });
}

void compare(const std::string& name, const Response& response) {
  add("parser/" + name + "/gend", response, &parse);
  const Told expected = parse(response.pieces);
  agree(expected.complete && expected.status == 200 && expected.keep_alive, "what was written");
  const auto beside = [&](const char* contender, Parse other) {
    if (other == nullptr) return;
    agree(other(response.pieces) == expected, contender);
    add("parser/" + name + "/" + contender, response, other);
  };
  beside("http_parser", http_parser_contender());
  beside("llhttp", llhttp_contender());
}

}  // namespace

void gend::bench::add_parsers() {
  static const Response small{kSmallAnswer};
  static const Response json{sized("application/json", json_of_1_kib())};
  static const Response body_16k{sized("text/plain", std::string(16 * 1024, 'b'))};
  static const Response body_1m{sized("text/plain", std::string(1024 * 1024, 'b'))};
  static const Response chunks{chunked(16)};
  compare("small", small);
  compare("json_1k", json);
  compare("body_16k", body_16k);
  compare("body_1m", body_1m);
  compare("chunked_16k", chunks);
}
