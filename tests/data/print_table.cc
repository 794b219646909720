// Prints tables for a reader that is not ours. For each FORMAT FILE: a line "columns rows", then each
// name and each cell as "length:bytes\n"; or a line "complaints n".
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "data/table.h"

namespace {

void print(std::string_view text) {
  std::printf("%zu:", text.size());
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::putchar('\n');
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    std::ifstream in{argv[i], std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    const auto format = gend::data::format_of(argv[i]);
    if (!in || !format) return 2;
    const auto loaded = gend::data::Table::load(text, *format);
    if (!loaded) {
      std::printf("complaints %zu\n", loaded.error().size());
      continue;
    }
    const gend::data::Table& table = **loaded;
    std::printf("%zu %llu\n", table.columns().size(),
                static_cast<unsigned long long>(table.rows()));
    for (const std::string& column : table.columns()) print(column);
    char scratch[20];
    for (std::uint64_t row = 0; row < table.rows(); ++row)
      for (std::size_t column = 0; column < table.columns().size(); ++column)
        print(table.cell(row, column, scratch));
  }
}
