#include "report/hdr.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <zlib.h>

#include "base/assert.h"
#include "base/base64.h"

namespace gend::report {
namespace {

using stats::Histogram;

// HdrHistogram's cookies, with 0x10 for words of eight bytes in LEB128.
constexpr std::uint32_t kPlainCookie = 0x1c849303 | 0x10, kDeflatedCookie = 0x1c849304 | 0x10;
constexpr int kSubBuckets = 2 << Histogram::kSubBits;  // of HdrHistogram: half of each is used
constexpr int kBuckets = Histogram::kMaxBits - Histogram::kSubBits;
static_assert(kSubBuckets == 256, "what two significant digits take: 2 * 10^2, rounded up");

template <class Word>
void put_big_endian(std::string& out, Word word) {
  for (int shift = 8 * (static_cast<int>(sizeof word) - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(word >> shift & 0xff);
}

// Seven bits a byte, least significant first; a ninth byte has all eight of its bits.
void put_zigzag(std::string& out, std::int64_t value) {
  auto rest = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  for (int byte = 0; byte < 8; ++byte) {
    if (rest < 0x80) {
      out += static_cast<char>(rest);
      return;
    }
    out += static_cast<char>((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  out += static_cast<char>(rest);
}

std::int64_t as_count(std::uint64_t n) {
  return static_cast<std::int64_t>(
      std::min<std::uint64_t>(n, std::numeric_limits<std::int64_t>::max()));
}

std::string counts_of(const Histogram& histogram) {
  std::string counts;
  const auto buckets = histogram.buckets();
  const std::size_t end = std::max<std::size_t>(histogram.last_touched(), 1);
  for (std::size_t i = 0; i < end;) {
    std::size_t next = i;
    while (next < end && buckets[next] == 0) ++next;
    if (next > i + 1) {
      put_zigzag(counts, -static_cast<std::int64_t>(next - i));
      i = next;
    } else {
      put_zigzag(counts, as_count(buckets[i++]));
    }
  }
  return counts;
}

// The largest value that HdrHistogram does not tell from those of the bucket.
std::int64_t upper_end(std::size_t bucket) { return Histogram::lower_bound(bucket + 1) - 1; }

double standard_deviation(const Histogram& histogram) {
  double squares = 0;
  const auto buckets = histogram.buckets();
  for (std::size_t i = histogram.first_touched(); i < histogram.last_touched(); ++i) {
    const auto low = static_cast<double>(Histogram::lower_bound(i));
    const double off = (low + static_cast<double>(upper_end(i))) / 2 - histogram.mean();
    squares += off * off * static_cast<double>(buckets[i]);
  }
  const auto n = static_cast<double>(histogram.count());
  return n > 0 ? std::sqrt(squares / n) : 0;
}

// How far above `percent` the next line is, so that each halving of what is left to 100 % has five.
double next_level(double percent) {
  const double halvings = std::floor(std::log2(100 / (100 - percent))) + 1;
  return percent + 100 / (5 * std::exp2(halvings));
}

}  // namespace

std::string hdr_encoded(const Histogram& histogram) {
  const std::string counts = counts_of(histogram);
  std::string out;
  put_big_endian(out, kPlainCookie);
  put_big_endian(out, static_cast<std::uint32_t>(counts.size()));
  put_big_endian(out, std::uint32_t{0});  // normalizing index offset
  put_big_endian(out, static_cast<std::uint32_t>(kHdrDigits));
  put_big_endian(out, std::uint64_t{1});  // lowest discernible value
  put_big_endian(out, static_cast<std::uint64_t>(Histogram::kMaxValue));
  put_big_endian(out, std::bit_cast<std::uint64_t>(1.0));  // integers to doubles
  return out + counts;
}

std::string hdr_base64(const Histogram& histogram) {
  const std::string plain = hdr_encoded(histogram);
  auto size = ::compressBound(plain.size());
  std::string deflated(size, '\0');
  // Cannot fail: there is room, and the level is one there is.
  const int done = ::compress(reinterpret_cast<Bytef*>(deflated.data()), &size,
                              reinterpret_cast<const Bytef*>(plain.data()), plain.size());
  GEND_ASSERT(done == Z_OK);
  deflated.resize(size);
  std::string out;
  put_big_endian(out, kDeflatedCookie);
  put_big_endian(out, static_cast<std::uint32_t>(deflated.size()));
  return base64_of(out + deflated, Base64::kStandard);
}

std::string hgrm_text(const Histogram& histogram, double ticks_per_unit) {
  std::string out = fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile",
                                "TotalCount", "1/(1-Percentile)");
  const auto buckets = histogram.buckets();
  const auto all = static_cast<double>(histogram.count());
  std::uint64_t seen = 0;
  double level = 0;
  for (std::size_t i = histogram.first_touched(); i < histogram.last_touched(); ++i) {
    if (buckets[i] == 0) continue;
    seen += buckets[i];
    const double value =
        static_cast<double>(std::min(upper_end(i), histogram.max())) / ticks_per_unit;
    // The last bucket's first line is followed by that of all samples, as there is nothing beyond.
    const bool last = seen == histogram.count();
    for (int lines = 0; level < 100 && 100 * static_cast<double>(seen) / all >= level; ++lines) {
      if (last && lines > 0) break;
      out += fmt::format("{:12.3f} {:2.12f} {:10} {:14.2f}\n", value, level / 100, seen,
                         1 / (1 - level / 100));
      level = next_level(level);
    }
    if (last) out += fmt::format("{:12.3f} {:2.12f} {:10}\n", value, 1.0, seen);
  }
  out += fmt::format("#[Mean    = {:12.3f}, StdDeviation   = {:12.3f}]\n",
                     histogram.mean() / ticks_per_unit,
                     standard_deviation(histogram) / ticks_per_unit);
  out += fmt::format("#[Max     = {:12.3f}, Total count    = {:12}]\n",
                     static_cast<double>(histogram.max()) / ticks_per_unit, histogram.count());
  return out + fmt::format("#[Buckets = {:12}, SubBuckets     = {:12}]\n", kBuckets, kSubBuckets);
}

}  // namespace gend::report
