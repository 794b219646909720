// Properties of the source that a compiler does not check: who may include whom, lengths, banned
// words, orphans. The layer table is data here; docs/architecture.md explains it.
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fs = std::filesystem;
using Names = std::set<std::string, std::less<>>;

namespace {

// The whole architecture in one table: a folder may include itself and what stands on its right.
const std::map<std::string, Names, std::less<>> kMayInclude = {
    {"base", {}},
    {"ring", {"base"}},
    {"net", {"base", "ring"}},
    {"tls", {"base"}},
    {"http", {"base"}},
    {"stats", {"base"}},
    {"doctor", {"base", "stats"}},
    {"extract", {"base"}},
    {"data", {"base"}},
    {"auth", {"base"}},
    {"ws", {"base", "http"}},
    {"sio", {"base"}},
    {"ledger", {"base", "stats"}},
    {"observe", {"base", "stats", "extract"}},
    {"plan",
     {"base", "http", "ws", "sio", "ledger", "stats", "extract", "data", "auth", "observe"}},
    {"engine",
     {"base", "ring", "net", "tls", "http", "ws", "sio", "ledger", "stats", "extract", "auth",
      "plan"}},
    {"sim", {"base", "ring", "net", "stats", "ledger", "plan", "engine"}},
    {"export", {"base", "stats", "ledger", "report"}},
    {"store", {"base", "stats", "report"}},
    {"report", {"base", "stats", "ledger"}},
    {"control",
     {"base", "stats", "doctor", "ledger", "plan", "engine", "net", "report", "export", "observe",
      "store"}},
    {"demo", {"base"}},
    {"cli", {"base", "stats", "doctor", "plan", "report", "control", "demo"}},
    {"target", {"base", "ring", "net", "http", "demo"}},
    {"gend", {"base", "stats", "plan", "control", "engine", "sim"}},
    {"genctl", {"base", "cli"}},
    {"gentarget", {"base", "ring", "net", "target"}},
};

// Exceptions to the table, each with its reason. The list may shrink, never grow.
struct Exception {
  std::string_view file, includes, reason;
};
constexpr std::array kExceptions{
    Exception{"sim/io.h", "ring/wait.h", "the wait is part of the seam; no liburing behind it"},
};

struct Ban {
  std::string_view word, instead;
  std::vector<std::string_view> except;  // layers
};
const std::vector<Ban> kBans{
    {"co_await", "a step in engine/runner.h: g++ 12 miscompiles coroutines", {}},
    {"throw ", "std::expected", {}},
    {"using namespace std;", "std::", {}},
    {"shared_ptr", "one owner and a reference", {}},
    {"FIXME", "finish it before the merge", {}},
    {"TODO", "finish it, or open an issue", {}},
    {"XXX:", "say what is meant", {}},
    {"steady_clock", "MonotonicClock of base/time.h", {}},
    {"NOLINT", "mend it", {}},
};

// Only these may see a library, so that it can be exchanged in one room.
struct Room {
  std::string_view header;
  Names layers;
};
const std::vector<Room> kRooms{
    {"liburing", {"ring"}},
    {"openssl/ssl", {"tls"}},
    {"microhttpd", {"control"}},
    {"sqlite3.h", {"store"}},
    {"curl/", {"control", "export", "observe"}},
    {"snappy", {"export"}},
    {"yaml-cpp", {"plan", "control"}},
    {"simdjson", {"extract"}},
    {"re2/", {"extract"}},
    {"zlib.h", {"http", "ws", "report", "store", "target"}},
    {"wslay/", {"target"}},
    {"brotli/", {"http", "target"}},
    {"CLI/", {"cli", "gend", "genctl", "gentarget"}},
    {"spdlog", {"control", "gend"}},
    {"systemd/", {"control", "gend"}},
    {"<thread>", {"engine", "observe", "store", "control", "export", "cli", "gend", "gentarget"}},
    {"std::function", {}},
};
const Names kHotLayers{"base", "ring", "net", "http", "ws", "sio", "ledger", "engine"};

constexpr std::size_t kColumns = 100, kFileLines = 600, kFunctionLines = 60;

int complaints = 0;
void complain(const fs::path& file, std::size_t line, const std::string& what) {
  std::printf("%s:%zu: %s\n", file.c_str(), line, what.c_str());
  ++complaints;
}

std::vector<std::string> read_lines(const fs::path& file) {
  std::ifstream in{file};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  fs::recursive_directory_iterator at{folder};
  for (; at != fs::recursive_directory_iterator{}; ++at) {
    if (at->path().filename() == "node_modules") at.disable_recursion_pending();  // of others
    if (at->is_regular_file()) files.push_back(at->path());
  }
  return files;
}

std::size_t columns(const std::string& line) {  // UTF-8: continuation bytes take no column
  std::size_t n = 0;
  for (const char c : line) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return n;
}

bool excepted(const std::string& file, const std::string& target) {
  for (const Exception& e : kExceptions)
    if (file.ends_with(e.file) && target == e.includes) return true;
  return false;
}

void check_include(const fs::path& file, std::size_t n, const std::string& layer,
                   const std::string& line) {
  if (!line.starts_with("#include ")) return;
  for (const Room& room : kRooms)
    if (line.find(room.header) != line.npos && !room.layers.contains(layer))
      complain(file, n, std::string{room.header} + " stays out of " + layer + "/");
  if (line[9] != '"') return;
  const std::string target{line.substr(10, line.find('"', 10) - 10)};
  const std::size_t slash = target.find('/');
  if (slash == target.npos) return complain(file, n, "say which layer: \"" + layer + "/" + target);
  const std::string to = target.substr(0, slash);
  if (to == layer || to == "gend" || !kMayInclude.contains(to)) return;
  if (!kMayInclude.at(layer).contains(to) && !excepted(file.string(), target))
    complain(file, n, layer + "/ must not include " + to + "/");
}

void check_words(const fs::path& file, std::size_t n, const std::string& layer,
                 const std::string& line) {
  for (const Ban& ban : kBans)
    if (line.find(ban.word) != line.npos)
      complain(file, n, std::string{ban.word} + ": " + std::string{ban.instead});
  if (kHotLayers.contains(layer) && line.find("std::function") != line.npos)
    complain(file, n, "std::function: a template parameter, on the way of a request");
}

// A function is what stands between a line that opens a brace at column 0 to 4 behind a parameter
// list and its closing brace at the same indentation. Rough, and good enough to be held.
void check_functions(const fs::path& file, const std::vector<std::string>& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    if (!line.ends_with("{") || line.find(')') == line.npos) continue;
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent > 4) continue;
    const std::string closing = std::string(indent, ' ') + "}";
    for (std::size_t j = i + 1; j < lines.size(); ++j) {
      if (!lines[j].starts_with(closing)) continue;
      if (j - i > kFunctionLines)
        complain(file, i + 1, "a function of " + std::to_string(j - i) + " lines");
      break;
    }
  }
}

void check_file(const fs::path& file, const std::string& layer) {
  const auto lines = read_lines(file);
  if (lines.size() > kFileLines)
    complain(file, lines.size(), "more than " + std::to_string(kFileLines) + " lines: two ideas?");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (columns(lines[i]) > kColumns) complain(file, i + 1, "longer than 100 columns");
    if (lines[i].find('\t') != std::string::npos) complain(file, i + 1, "a tab");
    check_include(file, i + 1, layer, lines[i]);
    check_words(file, i + 1, layer, lines[i]);
  }
  check_functions(file, lines);
  const bool header = file.extension() == ".h";
  if (header && (lines.empty() || lines[0] != "#pragma once"))
    complain(file, 1, "a header begins with #pragma once");
}

// A header that nobody includes is dead, or its user went without it.
void check_orphans(const fs::path& src, const std::vector<fs::path>& files) {
  std::set<std::string> included;
  for (const fs::path& file : files)
    for (const std::string& line : read_lines(file))
      if (line.starts_with("#include \""))
        included.insert(line.substr(10, line.find('"', 10) - 10));
  for (const fs::path& file : files) {
    const std::string name = fs::relative(file, src).generic_string();
    if (file.extension() == ".h" && !name.starts_with("..") && !included.contains(name))
      complain(file, 1, "nobody includes it");
  }
}

// What must never be written into the project: where and with what it is developed.
void check_privacy(const fs::path& root) {
  const std::regex secret{"/work/|/root/|\\bLLM\\b|npmjs|deb\\.debian"};
  for (const char* folder : {"src", "include", "tests", "docs", "scripts", "bench", "profiles",
                             "systemd", ".ci", "README.md", "meson.build"}) {
    const fs::path start = root / folder;
    if (!fs::exists(start)) continue;
    const auto look = [&](const fs::path& file) {
      if (file.filename() == "tidy_test.cc" || file.extension() == ".jsonl") return;
      const auto lines = read_lines(file);
      for (std::size_t i = 0; i < lines.size(); ++i)
        if (std::regex_search(lines[i], secret)) complain(file, i + 1, "a path of one machine");
    };
    if (fs::is_regular_file(start))
      look(start);
    else
      for (const fs::path& file : files_below(start)) look(file);
  }
}

bool is_source(const fs::path& file) {
  return file.extension() == ".h" || file.extension() == ".cc";
}

}  // namespace

int main(int argc, char** argv) {
  const fs::path root = argc > 1 ? argv[1] : ".";
  const fs::path src = root / "src";
  std::vector<fs::path> files;
  for (const fs::path& file : files_below(src)) {
    if (!is_source(file)) continue;
    const std::string layer = fs::relative(file, src).begin()->string();
    if (!kMayInclude.contains(layer))
      complain(file, 1, layer + "/ is not in the table");
    else
      check_file(file, layer);
    files.push_back(file);
  }
  for (const fs::path& file : files_below(root / "tests"))
    if (is_source(file)) files.push_back(file);
  check_orphans(src, files);
  check_privacy(root);
  std::printf("%zu files, %d complaints\n", files.size(), complaints);
  return complaints == 0 ? 0 : 1;
}
