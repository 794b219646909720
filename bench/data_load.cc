// Loads tables of 1,000,000 rows and 5 columns: seconds, and bytes against the file's size.
#include <sys/resource.h>

#include <string>

#include <fmt/format.h>

#include "base/time.h"
#include "data/table.h"

namespace {

using gend::data::Format;

constexpr int kRows = 1'000'000;
constexpr std::size_t kReserved = 200'000'000;  // so that making the text leaves no higher peak

std::string csv(char separator) {
  std::string text;
  text.reserve(kReserved);
  text += fmt::format("id{0}email{0}name{0}city{0}token\n", separator);
  for (int i = 0; i < kRows; ++i)
    text += fmt::format("{1}{0}user{1}@example.org{0}\"Doe, Jane\"{0}Springfield{0}{2:032x}\n",
                        separator, i, i * 2'654'435'761ULL);
  return text;
}

std::string json(bool lines) {
  std::string text;
  text.reserve(kReserved);
  text += lines ? "" : "[\n";
  for (int i = 0; i < kRows; ++i)
    text += fmt::format(R"({{"id":{},"email":"user{}@example.org","name":"Doe, Jane",)"
                        R"("city":"Springfield","token":"{:032x}"}}{})",
                        i, i, i * 2'654'435'761ULL, lines || i + 1 == kRows ? "\n" : ",\n");
  if (!lines) text += "]\n";
  return text;
}

long peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

void measure(const char* name, const std::string& text, Format format) {
  const long before = peak_kib();
  const gend::TimePoint begin = gend::MonotonicClock::now();
  const auto table = gend::data::Table::load(text, format);
  const double seconds = gend::to_seconds(gend::MonotonicClock::now() - begin);
  if (!table) {
    fmt::print("{}: {}\n", name, table.error().front().what);
    return;
  }
  const double size = static_cast<double>(text.size());
  fmt::print("{:6}  {:6.1f} MB  {:.2f} s  {:6.1f} MB/s  {:.2f} bytes kept, at most {:.2f} more "
             "while loading, for each byte of the file\n",
             name, size / 1e6, seconds, size / 1e6 / seconds,
             static_cast<double>((*table)->memory()) / size,
             static_cast<double>(peak_kib() - before) * 1024 / size);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string which = argc > 1 ? argv[1] : "";
  if (which == "csv") measure("CSV", csv(','), Format::kCsv);
  else if (which == "tsv") measure("TSV", csv('\t'), Format::kTsv);
  else if (which == "json") measure("JSON", json(false), Format::kJson);
  else if (which == "ndjson") measure("NDJSON", json(true), Format::kNdjson);
  else fmt::print("data_load csv|tsv|json|ndjson\n");
}
