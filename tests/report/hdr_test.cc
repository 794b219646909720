#include "report/hdr.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include <zlib.h>

#include "base/base64.h"
#include "base/rng.h"
#include "report/format_run.h"
#include "report/hdr_log.h"
#include "support/seed.h"

using namespace gend;
using namespace std::chrono_literals;
using stats::Histogram;

namespace {

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    constexpr const char* kDigits = "0123456789abcdef";
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

// cookie, payload length, offset, digits, lowest, highest (2^52 - 1), ratio (1.0)
std::string header(std::string_view length) {
  return "1c849313" + std::string{length} + "0000000000000002" + "0000000000000001" +
         "000fffffffffffff" + "3ff0000000000000";
}

// The counts as the format's description has them, read back.
std::vector<std::uint64_t> counts_in(const std::string& encoded) {
  std::vector<std::uint64_t> counts;
  for (std::size_t at = 40; at < encoded.size();) {
    std::uint64_t word = 0;
    for (int i = 0; i < 9; ++i) {
      const auto byte = static_cast<unsigned char>(encoded.at(at++));
      if (i == 8) word |= std::uint64_t{byte} << 56;
      else word |= std::uint64_t{byte & 0x7fU} << (7 * i);
      if (byte < 0x80) break;
    }
    const auto n = static_cast<std::int64_t>((word >> 1) ^ (~(word & 1) + 1));
    if (n < 0) counts.resize(counts.size() + static_cast<std::size_t>(-n));
    else counts.push_back(static_cast<std::uint64_t>(n));
  }
  return counts;
}

// HdrHistogram's index of a value, by its own description: 256 sub-buckets, of which the upper half
// is used in all buckets but the first.
std::size_t hdr_index(std::uint64_t value) {
  std::size_t bucket = 0;
  while ((value >> bucket) >= 256) ++bucket;
  const auto sub = static_cast<std::size_t>(value >> bucket);
  return ((bucket + 1) << 7) + sub - 128;
}

}  // namespace

TEST_CASE("the V2 encoding of a few values is what its description says") {
  Histogram h;
  // Without a sample: one count of nothing.
  CHECK(hex(report::hdr_encoded(h)) == header("00000001") + "00");
  for (const int value : {1, 1, 3}) h.add(value);
  // 0 ×0, 1 ×2, 2 ×0, 3 ×1: a single zero is a zero, not a run.
  CHECK(hex(report::hdr_encoded(h)) == header("00000004") + "00040002");
  h.add(300);
  // 300 is 256 + 44: the 22nd of the buckets of two, which is counts[256 + 22]. From 4 to 277 there
  // are 274 zeros: -274 is 547 as ZigZag, 0x23 + 128 * 4.
  CHECK(hex(report::hdr_encoded(h)) == header("00000007") + "00040002" + "a30402");
}

TEST_CASE("counts of nine bytes are written whole") {
  Histogram h;
  h.add_n(0, std::uint64_t{1} << 62);
  // 2^63 as ZigZag: eight bytes of nothing but that there is more, then the uppermost eight bits.
  CHECK(hex(report::hdr_encoded(h)) == header("00000009") + "808080808080808080");
}

TEST_CASE("every value is counted where HdrHistogram counts it, and nothing is lost") {
  Rng rng{test::seed()};
  Histogram h;
  std::vector<std::uint64_t> expected(Histogram::kBuckets);
  for (int i = 0; i < 5000; ++i) {
    const std::uint64_t value = (rng() >> 12) >> (rng() % 52);
    h.add(static_cast<std::int64_t>(value));
    ++expected[hdr_index(value)];
  }
  auto counts = counts_in(report::hdr_encoded(h));
  REQUIRE(counts.size() <= expected.size());
  CHECK(counts.size() == h.last_touched());
  counts.resize(expected.size());
  CHECK(counts == expected);
}

TEST_CASE("what stands in a log is the encoding, deflated") {
  Histogram h;
  h.add(300);
  const std::string text = report::hdr_base64(h);
  CHECK(text.starts_with("HISTF"));
  const auto bytes = decode_base64(text, Base64::kStandard);
  REQUIRE(bytes);
  CHECK(hex(bytes->substr(0, 4)) == "1c849314");
  CHECK(static_cast<std::size_t>(static_cast<unsigned char>((*bytes)[7])) == bytes->size() - 8);
  std::string plain(1000, '\0');
  uLongf size = plain.size();
  REQUIRE(::uncompress(reinterpret_cast<Bytef*>(plain.data()), &size,
                       reinterpret_cast<const Bytef*>(bytes->data() + 8),
                       bytes->size() - 8) == Z_OK);
  plain.resize(size);
  CHECK(plain == report::hdr_encoded(h));
}

TEST_CASE("the percentile distribution halves what is left in five steps, and ends at 100 %") {
  Histogram h;
  for (int i = 1; i <= 4; ++i) h.add(i * 10);
  CHECK(report::hgrm_text(h, 1) ==
        "       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
        "      10.000 0.000000000000          1           1.00\n"
        "      10.000 0.100000000000          1           1.11\n"
        "      10.000 0.200000000000          1           1.25\n"
        "      20.000 0.300000000000          2           1.43\n"
        "      20.000 0.400000000000          2           1.67\n"
        "      20.000 0.500000000000          2           2.00\n"
        "      30.000 0.550000000000          3           2.22\n"
        "      30.000 0.600000000000          3           2.50\n"
        "      30.000 0.650000000000          3           2.86\n"
        "      30.000 0.700000000000          3           3.33\n"
        "      30.000 0.750000000000          3           4.00\n"
        "      40.000 0.775000000000          4           4.44\n"
        "      40.000 1.000000000000          4\n"
        "#[Mean    =       25.000, StdDeviation   =       11.180]\n"
        "#[Max     =       40.000, Total count    =            4]\n"
        "#[Buckets =           45, SubBuckets     =          256]\n");
}

TEST_CASE("a distribution of nothing has no lines") {
  const std::string text = report::hgrm_text({}, 1e6);
  CHECK(text.find("Total count    =            0") != std::string::npos);
  CHECK(text.find("nan") == std::string::npos);
}

TEST_CASE("the largest value of a distribution is the largest sample, not its bucket's end") {
  Histogram h;
  h.add(1'000'001);
  CHECK(report::hgrm_text(h, 1).find(" 1000001.000 1.000000000000          1\n") !=
        std::string::npos);
}

TEST_CASE("a selector of a log that cannot be is refused with what is wrong") {
  const test::FormatRun run;
  const auto complaint = [&](stats::Selector selector) {
    const auto log = report::hdr_log(run.history, 1s, &selector);
    const auto percentiles = report::hdr_percentiles(run.history, &selector);
    REQUIRE(!log);
    REQUIRE(!percentiles);
    CHECK(log.error() == percentiles.error());
    return log.error();
  };
  CHECK(complaint({"no_such", {}}) == "there is no metric no_such");
  CHECK(complaint({"http_reqs", {}}) == "http_reqs is a counter; histograms are of trends");
  CHECK(complaint({"sio_ack", {}}) == "this run has no series sio_ack");
  CHECK(complaint({"http_req_duration", {{"name", "nobody"}}}) ==
        "this run has no series http_req_duration{name:nobody}");
}

TEST_CASE("a run in which no time was measured has no distribution, and an empty log") {
  report::History empty;
  empty.schema = std::make_unique<stats::Schema>();
  empty.summary = nlohmann::ordered_json::object();
  CHECK(report::hdr_percentiles(empty, nullptr).error() == "no time was measured in this run");
  const auto log = report::hdr_log(empty, 1s, nullptr);
  REQUIRE(log);
  CHECK(log->find("HISTF") == std::string::npos);
}
