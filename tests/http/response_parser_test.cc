#include "http/response_parser.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "base/limits.h"
#include "http/facts.h"

namespace gend::test {
namespace {

// Whole, byte by byte, kept and skipped must agree; the facts are those of the kept one.
Facts read(std::string_view bytes, RequestMethod method = RequestMethod::kGet) {
  const Facts facts = parse(bytes, whole(bytes), method, Keep::kAll);
  CHECK(difference(facts, parse(bytes, byte_by_byte(bytes), method, Keep::kAll)) == "");
  return facts;
}

Outcome fault(std::string_view bytes) { return read(bytes).outcome; }

// A response with one header line, as it stands between CR LF and CR LF.
Outcome fault_of_line(std::string_view line) {
  return fault("HTTP/1.1 200 OK\r\n" + std::string{line} + "\r\nContent-Length: 0\r\n\r\n");
}

Outcome fault_of_chunks(std::string_view body) {
  return fault("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string{body});
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

struct Upgraded {
  Outcome outcome;
  int status;
  std::string left_over;
  std::string headers;
};

// The answer to a request for an upgrade, cut at `at`.
Upgraded upgrade(std::string_view bytes, std::size_t at) {
  http::Kept kept;
  kept.want_headers = true;
  http::ResponseParser parser;
  parser.begin(false, &kept, http::Upgrade::kAsked);
  http::ResponseParser::Progress progress = parser.feed(bytes.substr(0, at));
  std::size_t consumed = progress.consumed;
  if (progress.state == http::ResponseParser::State::kNeedMore) {
    progress = parser.feed(bytes.substr(at));
    consumed += progress.consumed;
  }
  const bool complete = progress.state == http::ResponseParser::State::kComplete;
  CHECK(complete == (parser.outcome() == Outcome::kOk));
  if (complete && parser.status() == 101) CHECK_FALSE(parser.keep_alive());
  return {parser.outcome(), parser.status(), std::string{bytes.substr(consumed)}, kept.headers};
}

TEST_CASE("a 101 that was asked for ends at its head, and what follows is left") {
  const std::string bytes =
      "HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x05hello";
  for (std::size_t at = 0; at <= bytes.size(); ++at) {
    const Upgraded got = upgrade(bytes, at);
    CHECK(got.outcome == Outcome::kOk);
    CHECK(got.status == 101);
    CHECK(got.left_over == "\x81\x05hello");
    CHECK(got.headers == "Upgrade: websocket\nConnection: Upgrade\n");
  }
}

TEST_CASE("a request for an upgrade may be answered with any other response") {
  const std::string bytes =
      "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nnoHTTP/1.1 101 Switching Protocols";
  for (std::size_t at = 0; at <= bytes.size(); ++at) {
    const Upgraded got = upgrade(bytes, at);
    CHECK(got.outcome == Outcome::kOk);
    CHECK(got.status == 403);
    CHECK(got.left_over == "HTTP/1.1 101 Switching Protocols");
  }
  CHECK(upgrade("HTTP/1.1 101 X\r\nA b\r\n\r\n", 0).outcome == Outcome::kBadHeaderName);
  CHECK(upgrade("\x81\x05hello", 0).outcome == Outcome::kBadStatusLine);
}

TEST_CASE("an upgrade is asked for once") {
  http::ResponseParser parser;
  const std::string_view bytes = "HTTP/1.1 101 X\r\n\r\n";
  parser.begin(false, nullptr, http::Upgrade::kAsked);
  CHECK(parser.feed(bytes).state == http::ResponseParser::State::kComplete);
  parser.begin(false, nullptr);
  CHECK(parser.feed(bytes).state == http::ResponseParser::State::kFailed);
  CHECK(parser.outcome() == Outcome::kUnexpectedUpgrade);
}

TEST_CASE("a status line that is not HTTP/1.x is named at its first wrong byte") {
  using enum Outcome;
  CHECK(fault("HTTQ/1.1 200 OK\r\n\r\n") == kBadStatusLine);
  CHECK(fault("\r\nHTTP/1.1 200 OK\r\n\r\n") == kBadStatusLine);
  CHECK(fault("SSH-2.0-OpenSSH_9.2p1") == kBadStatusLine);  // no line end ever comes
  CHECK(fault("HTTP/3.0 200 OK\r\n\r\n") == kBadVersion);
  CHECK(fault("HTTP/0.9 200 OK\r\n\r\n") == kBadVersion);
  CHECK(fault("HTTP/2.1 200 OK\r\n\r\n") == kBadVersion);
  CHECK(fault("HTTP/1x1 200 OK\r\n\r\n") == kBadVersion);
  CHECK(fault("HTTP/1.10 200 OK\r\n\r\n") == kBadStatusLine);
  CHECK(fault("HTTP/1.1  200 OK\r\n\r\n") == kBadStatusLine);
  CHECK(fault("HTTP/1.1 099 OK\r\n\r\n") == kBadStatusLine);
  CHECK(fault("HTTP/1.1 20 OK\r\n\r\n") == kBadStatusLine);
  CHECK(fault("HTTP/1.1 2000 OK\r\n\r\n") == kBadStatusLine);
  CHECK(fault("HTTP/1.1 200\tOK\r\n\r\n") == kBadStatusLine);
  CHECK(fault("HTTP/1.1 200 O\x01K\r\n\r\n") == kBadStatusLine);
  CHECK(fault("HTTP/1.1 200 O\x7fK\r\n\r\n") == kBadStatusLine);
}

TEST_CASE("a status line may lack its reason and may hold any text in it") {
  CHECK(read("HTTP/1.1 204\r\n\r\n").complete);
  CHECK(read("HTTP/1.1 204 \r\n\r\n").complete);
  CHECK(read("HTTP/1.1 204 \tnon-\xc3\xa4scii 204\r\n\r\n").complete);
}

TEST_CASE("lines end in CR LF and hold no other CR, LF or NUL") {
  using enum Outcome;
  CHECK(fault("HTTP/1.1 200 OK\n\r\n") == kBadLineEnding);
  CHECK(fault("HTTP/1.1 200\n\r\n") == kBadLineEnding);
  CHECK(fault("HTTP/1.1 200 O\rK\r\n\r\n") == kBadLineEnding);
  CHECK(fault(std::string_view{"HTTP/1.1 200 O\0K\r\n\r\n", 20}) == kNulByte);
  CHECK(fault_of_line("A: b\nB: c") == kBadLineEnding);
  CHECK(fault_of_line("A: b\rB: c") == kBadLineEnding);
  CHECK(fault_of_line("A: b\r") == kBadLineEnding);
  CHECK(fault_of_line("A\r: b") == kBadLineEnding);
  CHECK(fault_of_line(std::string_view{"A: b\0c", 6}) == kNulByte);
  CHECK(fault_of_line(std::string_view{"A\0b: c", 6}) == kNulByte);
  CHECK(fault("HTTP/1.1 200 OK\r\nA: b\r\n\n") == kBadLineEnding);
}

TEST_CASE("a header is a token, a colon and a value") {
  using enum Outcome;
  CHECK(fault_of_line("!#$%&'*+-.^_`|~09azAZ:x") == kOk);
  CHECK(fault_of_line("A:") == kOk);
  CHECK(fault_of_line("A: \t b\tc \xff\x80 \t") == kOk);
  CHECK(fault_of_line("A : b") == kBadHeaderName);
  CHECK(fault_of_line(": b") == kBadHeaderName);
  CHECK(fault_of_line("no colon") == kBadHeaderName);
  CHECK(fault_of_line("nocolon") == kBadHeaderName);
  CHECK(fault_of_line("(A): b") == kBadHeaderName);
  CHECK(fault_of_line("\xc3\xa4: b") == kBadHeaderName);
  CHECK(fault_of_line("A: b\x01") == kBadHeaderValue);
  CHECK(fault_of_line("A: b\x7f") == kBadHeaderValue);
  CHECK(fault_of_line("A: b\r\n folded") == kObsFold);
  CHECK(fault_of_line("A: b\r\n\tfolded") == kObsFold);
  CHECK(fault_of_line(" A: first line, so nothing to fold") == kBadHeaderName);
}

TEST_CASE("every byte of a long value is looked at") {
  // Longer than any block that is looked at in one step, with the bad byte at each place.
  for (std::size_t at = 0; at < 40; ++at) {
    std::string value(40, 'v');
    value[at] = '\x1f';
    CHECK(fault_of_line("Name: " + value) == Outcome::kBadHeaderValue);
    std::string name(40, 'n');
    name[at] = '{';
    CHECK(fault_of_line(name + ": v") == Outcome::kBadHeaderName);
  }
}

TEST_CASE("every byte is judged as RFC 9110 5.5 and 5.6.2 do") {
  const std::string_view token_extra = "!#$%&'*+-.^_`|~";
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    CAPTURE(byte);
    const bool alnum = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                       (byte >= 'A' && byte <= 'Z');
    const bool token = alnum || (c != '\0' && token_extra.find(c) != std::string_view::npos);
    const std::string name = std::string{"Header-Name-"} + c + "-of-some-length";
    // A colon ends the name early, which is right as well.
    CHECK((fault_of_line(name + ": value") == Outcome::kOk) == (token || c == ':'));
    const bool value = byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    CHECK((fault_of_line(std::string{"Name: some value "} + c + " of some length") ==
           Outcome::kOk) == value);
  }
}

TEST_CASE("Content-Length is decimal digits, and several values must be equal") {
  using enum Outcome;
  const auto with_length = [](std::string_view value) {
    return fault("HTTP/1.1 304 Not Modified\r\nContent-Length: " + std::string{value} + "\r\n\r\n");
  };
  for (const char* good : {"0", "42", "00042", "18446744073709551615", "7, 7", "7,7,07"})
    CHECK_MESSAGE(with_length(good) == kOk, good);
  for (const char* bad : {"", "+1", "-1", "1 2", "0x10", "1e3", "1.0", "18446744073709551616", "7,",
                          ",7", "7,,7", "\xd9\xa1"})
    CHECK_MESSAGE(with_length(bad) == kBadContentLength, bad);
  CHECK(with_length("7, 8") == kConflictingLength);
  CHECK(with_length("7\r\ncontent-LENGTH: 7") == kOk);
  CHECK(with_length("7\r\nContent-Length: 8") == kConflictingLength);
}

TEST_CASE("Transfer-Encoding is chunked, once, and alone") {
  using enum Outcome;
  const auto with = [](std::string_view fields) {
    return fault("HTTP/1.1 200 OK\r\n" + std::string{fields} + "\r\n\r\n0\r\n\r\n");
  };
  CHECK(with("Transfer-Encoding: chunked") == kOk);
  CHECK(with("tRANSFER-eNCODING: \tChUnKeD ") == kOk);
  CHECK(with("Transfer-Encoding: gzip") == kBadTransferEncoding);
  CHECK(with("Transfer-Encoding: gzip, chunked") == kBadTransferEncoding);
  CHECK(with("Transfer-Encoding: chunked, chunked") == kBadTransferEncoding);
  CHECK(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked") == kBadTransferEncoding);
  CHECK(with("Transfer-Encoding:") == kBadTransferEncoding);
  CHECK(with("Transfer-Encoding: chunked;q=1") == kBadTransferEncoding);
  CHECK(with("Transfer-Encoding: chunked\r\nContent-Length: 5") == kConflictingLength);
  CHECK(with("Content-Length: 5\r\nTransfer-Encoding: chunked") == kConflictingLength);
}

TEST_CASE("chunks are decoded, extensions ignored, trailers kept behind the headers") {
  const Facts facts = read(
      "HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n00C ;x=\"y;z\"\r\n, big world!\r\n"
      "0;last\r\nT: u\r\nContent-Length: 9\r\n\r\nNEXT");
  CHECK(facts.complete);
  CHECK(facts.body == "hello, big world!");
  CHECK(facts.body_bytes == 17);
  CHECK(facts.headers == "A: b\nTransfer-Encoding: chunked\nT: u\nContent-Length: 9\n");
  CHECK(facts.keep_alive);
  CHECK_FALSE(facts.needed_eof);
}

TEST_CASE("each rule of chunked coding has its name") {
  using enum Outcome;
  CHECK(fault_of_chunks("g\r\n") == kBadChunkSize);
  CHECK(fault_of_chunks("\r\n") == kBadChunkSize);
  CHECK(fault_of_chunks(" 1\r\na\r\n0\r\n\r\n") == kBadChunkSize);
  CHECK(fault_of_chunks("1 \r\na\r\n0\r\n\r\n") == kBadChunkSize);
  CHECK(fault_of_chunks("-1\r\n") == kBadChunkSize);
  CHECK(fault_of_chunks("0x1\r\n") == kBadChunkSize);
  CHECK(fault_of_chunks("10000000000000000\r\n") == kBadChunkSize);
  CHECK(fault_of_chunks("1;a\x01\r\n") == kBadChunkSize);
  CHECK(fault_of_chunks(std::string_view{"1;a\0\r\n", 6}) == kNulByte);
  CHECK(fault_of_chunks("1;a\n") == kBadLineEnding);
  CHECK(fault_of_chunks("1\ra") == kBadLineEnding);
  CHECK(fault_of_chunks("1\n") == kBadLineEnding);
  CHECK(fault_of_chunks("1\r\nab") == kBadChunkEnd);
  CHECK(fault_of_chunks("1\r\na\n") == kBadChunkEnd);
  CHECK(fault_of_chunks("1\r\na\rb") == kBadChunkEnd);
  CHECK(fault_of_chunks("0\r\nbad trailer\r\n\r\n") == kBadTrailer);
  CHECK(fault_of_chunks("0\r\nA: b\n\r\n") == kBadTrailer);
  CHECK(fault_of_chunks("0\r\nA: b\r\n c\r\n\r\n") == kBadTrailer);
  CHECK(fault_of_chunks("ffffffffffffffff\r\nabc") == kTruncated);
}

TEST_CASE("204, 304 and the answer to HEAD have no body, whatever they announce") {
  for (const char* status : {"204", "304"}) {
    const Facts facts =
        read("HTTP/1.1 " + std::string{status} + " x\r\nContent-Length: 5\r\n\r\nHTTP/");
    CHECK(facts.complete);
    CHECK(facts.keep_alive);
    CHECK(facts.body_bytes == 0);
    CHECK(facts.consumed == 37);  // 16 and 19 and 2; the five bytes are left
  }
  const Facts head =
      read("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n", RequestMethod::kHead);
  CHECK(head.complete);
  CHECK(head.keep_alive);
  CHECK_FALSE(head.needed_eof);
}

TEST_CASE("a response without a length ends with the connection, which is then gone") {
  for (const char* head : {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n",
                           "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n"}) {
    const Facts facts = read(std::string{head} + "until the end");
    CHECK(facts.complete);
    CHECK(facts.needed_eof);
    CHECK(facts.body == "until the end");
    CHECK_FALSE(facts.keep_alive);
  }
}

TEST_CASE("keep-alive follows the version and Connection") {
  const auto keeps = [](std::string_view version, std::string_view fields) {
    return read("HTTP/" + std::string{version} + " 200 OK\r\nContent-Length: 0\r\n" +
                std::string{fields} + "\r\n")
        .keep_alive;
  };
  CHECK(keeps("1.1", ""));
  CHECK(keeps("1.1", "Connection: upgrade\r\n"));
  CHECK_FALSE(keeps("1.1", "Connection: close\r\n"));
  CHECK_FALSE(keeps("1.1", "connection: Keep-Alive , CLOSE\r\n"));
  CHECK_FALSE(keeps("1.1", "Connection: keep-alive\r\nConnection: close\r\n"));
  CHECK(keeps("1.1", "Connection: closed\r\n"));
  CHECK(keeps("1.1", "Proxy-Connection: close\r\n"));
  CHECK(keeps("1.2", ""));
  CHECK_FALSE(keeps("1.0", ""));
  CHECK(keeps("1.0", "Connection: Keep-Alive\r\n"));
  CHECK_FALSE(keeps("1.0", "Connection: keep-alive, close\r\n"));
  CHECK_FALSE(keeps("2.0", ""));
}

TEST_CASE("chunks in HTTP/1.0 are read and the connection is not trusted again") {
  const Facts facts = read("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n");
  CHECK(facts.complete);
  CHECK(facts.body == "a");
  CHECK_FALSE(facts.keep_alive);
}

TEST_CASE("interim responses are skipped and counted, and leave nothing behind") {
  const Facts facts = read(
      "HTTP/1.1 100 Continue\r\nConnection: close\r\n\r\n"
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 7\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1");
  CHECK(facts.complete);
  CHECK(facts.status == 200);
  CHECK(facts.interim == 2);
  CHECK(facts.headers == "Content-Length: 2\n");
  CHECK(facts.body == "ok");
  CHECK(facts.keep_alive);
  CHECK(fault("HTTP/1.1 100 Continue\r\n\r\n") == Outcome::kTruncated);
  CHECK(fault("HTTP/1.1 100 Continue\r\n\r\nstray") == Outcome::kBadStatusLine);
  CHECK(fault("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n") ==
        Outcome::kUnexpectedUpgrade);
}

TEST_CASE("interim responses are bounded") {
  const std::string interim = "HTTP/1.1 100 x\r\n\r\n";
  const std::string final_response = "HTTP/1.1 204 x\r\n\r\n";
  const std::size_t most = limits::kInterimResponses;
  CHECK(read(repeat(interim, most) + final_response).complete);
  CHECK(fault(repeat(interim, most + 1) + final_response) == Outcome::kTooManyInterim);
}

TEST_CASE("the head is bounded in bytes, to the byte") {
  // What the limit leaves for one value beside these.
  const std::string start = "HTTP/1.1 204 x\r\nA: ";
  const std::string end = "\r\n\r\n";
  const std::string next = "HTTP/1.1 204 x\r\n\r\n";
  const std::size_t room = limits::kHeaderBytes - start.size() - end.size();
  for (const std::string& behind : {std::string{}, next}) {
    CHECK(read(start + std::string(room, 'v') + end + behind).complete);
    CHECK(fault(start + std::string(room + 1, 'v') + end + behind) == Outcome::kHeaderTooLarge);
    CHECK(fault(start + std::string(room + 3, 'v') + end + behind) == Outcome::kHeaderTooLarge);
  }
  CHECK(fault(start + std::string(limits::kHeaderBytes, 'v')) == Outcome::kHeaderTooLarge);
  CHECK(fault("HTTP/1.1 200 " + std::string(limits::kHeaderBytes, 'v')) ==
        Outcome::kHeaderTooLarge);
  CHECK(fault(std::string(limits::kHeaderBytes + 1, 'v')) == Outcome::kBadStatusLine);
}

TEST_CASE("headers are bounded in number") {
  const std::string start = "HTTP/1.1 204 x\r\n";
  const std::string next = "HTTP/1.1 204 x\r\n\r\n";
  for (const std::string& behind : {std::string{}, next}) {
    const std::string end = "\r\n" + behind;
    CHECK(read(start + repeat("Name: v\r\n", limits::kHeaderCount) + end).complete);
    CHECK(fault(start + repeat("Name: v\r\n", limits::kHeaderCount + 1) + end) ==
          Outcome::kTooManyHeaders);
  }
}

TEST_CASE("chunk lines and trailers are bounded") {
  const std::size_t room = limits::kChunkLineBytes - 4;  // "1;" and CR LF
  CHECK(fault_of_chunks("1;" + std::string(room, 'x') + "\r\na\r\n0\r\n\r\n") == Outcome::kOk);
  CHECK(fault_of_chunks("1;" + std::string(room + 1, 'x') + "\r\na\r\n0\r\n\r\n") ==
        Outcome::kHeaderTooLarge);
  // The empty line counts too.
  const std::size_t trailer = limits::kTrailerBytes - 7;
  CHECK(fault_of_chunks("0\r\nA: " + std::string(trailer, 'x') + "\r\n\r\n") == Outcome::kOk);
  CHECK(fault_of_chunks("0\r\nA: " + std::string(trailer + 1, 'x') + "\r\n\r\n") ==
        Outcome::kHeaderTooLarge);
}

TEST_CASE("only a body that somebody reads is bounded") {
  const std::size_t most = limits::kBodyBytes;
  const auto sized = [](std::size_t n) {
    return "HTTP/1.1 200 x\r\nContent-Length: " + std::to_string(n) + "\r\n\r\n" +
           std::string(n, 'b');
  };
  const auto endless = [](std::size_t n) {
    return "HTTP/1.1 200 x\r\n\r\n" + std::string(n, 'b');
  };
  const auto run = [](const std::string& bytes, Keep keep) {
    return parse(bytes, whole(bytes), RequestMethod::kGet, keep);
  };
  CHECK(run(sized(most), Keep::kAll).body.size() == most);
  CHECK(run(sized(most + 1), Keep::kAll).outcome == Outcome::kBodyTooLarge);
  CHECK(run(sized(most + 1), Keep::kNothing).body_bytes == most + 1);
  CHECK(run(endless(most), Keep::kAll).body.size() == most);
  CHECK(run(endless(most + 1), Keep::kAll).outcome == Outcome::kBodyTooLarge);
  CHECK(run(endless(most + 1), Keep::kNothing).complete);
  const std::string chunk = "80000\r\n" + std::string(0x80000, 'b') + "\r\n";  // half of the limit
  const std::string chunks = "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk;
  CHECK(run(chunks + "0\r\n\r\n", Keep::kAll).body.size() == most);
  CHECK(run(chunks + "1\r\nb\r\n0\r\n\r\n", Keep::kAll).outcome == Outcome::kBodyTooLarge);
}

TEST_CASE("the end of the connection says where the response was") {
  using enum Outcome;
  CHECK(fault("") == kClosedBeforeResponse);
  CHECK(fault("H") == kTruncated);
  CHECK(fault("HTTP/1.1 200 OK\r\nA") == kTruncated);
  CHECK(fault("HTTP/1.1 200 OK\r\nA: b\r\n\r") == kTruncated);
  CHECK(fault("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab") == kTruncated);
  CHECK(fault_of_chunks("1\r\na\r\n0\r\n") == kTruncated);
  CHECK(fault_of_chunks("1\r\na\r\n0\r\n\r") == kTruncated);
  CHECK(fault_of_chunks("1") == kTruncated);
  // Cut off, but what is there could never have become right.
  CHECK(fault("HTTP/1.1 200 OK\r\nA: b\rc") == kBadLineEnding);
  CHECK(fault("HTTP/1.1 200 OK\r\nA: b\r\n c") == kObsFold);
  CHECK(fault("HTTP/1.1 200 OK\r\n c") == kBadHeaderName);
  CHECK(fault("HTTP/1.1 200 O\rK") == kBadLineEnding);
  CHECK(fault_of_chunks("0\r\nA b") == kBadTrailer);
}

TEST_CASE("one parser reads one response after the other out of the same bytes") {
  using http::ResponseParser;
  const std::string bytes =
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
      "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
      "HTTP/1.1 503 x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  ResponseParser parser;
  std::string_view rest = bytes;
  for (int status : {200, 404, 503}) {
    parser.begin(false, nullptr);
    CHECK_FALSE(parser.started());
    const auto progress = parser.feed(rest);
    REQUIRE(progress.state == ResponseParser::State::kComplete);
    CHECK(parser.status() == status);
    CHECK(parser.started());
    CHECK(parser.outcome() == Outcome::kOk);
    CHECK(parser.keep_alive() == (status != 503));
    CHECK(parser.body_bytes() == (status == 200 ? 3 : 0));
    rest.remove_prefix(progress.consumed);
  }
  CHECK(rest.empty());
}

TEST_CASE("begin() forgets a response that was given up in the middle of a line") {
  using http::ResponseParser;
  http::Kept kept;
  kept.want_headers = kept.want_body = true;
  ResponseParser parser;
  parser.begin(false, &kept);
  CHECK(parser.feed("HTTP/1.1 500 x\r\nA: b\r\nConnection: cl").state ==
        ResponseParser::State::kNeedMore);
  parser.begin(false, &kept);
  CHECK(kept.headers.empty());
  CHECK(parser.status() == 0);
  CHECK(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").state ==
        ResponseParser::State::kComplete);
  CHECK(parser.status() == 200);
  CHECK(parser.keep_alive());
  CHECK(kept.headers == "Content-Length: 0\n");
}

TEST_CASE("find_header finds the first of a name in any case") {
  http::Kept kept;
  kept.headers = "Content-Type: text/html\nSet-Cookie: a=b: c\nset-cookie: second\nEmpty: \nX: y\n";
  CHECK(http::find_header(kept, "content-type") == "text/html");
  CHECK(http::find_header(kept, "set-cookie") == "a=b: c");
  CHECK(http::find_header(kept, "x") == "y");
  CHECK(http::find_header(kept, "empty") == "");
  CHECK(http::find_header(kept, "empty").data() != nullptr);
  CHECK(http::find_header(kept, "content") == "");
  CHECK(http::find_header(kept, "content").data() == nullptr);
}

}  // namespace
}  // namespace gend::test
