#include <doctest/doctest.h>

#include <sstream>
#include <string>

#include "cli/doctor_text.h"

using namespace gend;
using cli::Whose;
using Json = nlohmann::ordered_json;

namespace {

Json view() {
  const auto finding = [](const char* name, const char* state, Json fix) {
    return Json{{"group", "connections"}, {"name", name}, {"state", state},
                {"found", "what was found"}, {"means", "what it means"}, {"fix", std::move(fix)}};
  };
  return {{"user", "gend (uid 998)"}, {"pid", 7}, {"unit", "gend.service"}, {"state", "problem"},
          {"asked", {{"connections", 50'000}, {"rate", 20'000}, {"target", "shop:80"}}},
          {"findings", {finding("accept_queue", "ok", Json::array()),
                        finding("ports", "problem", {"sudo sysctl -w a='1 2'"}),
                        finding("memory", "limit", Json::array())}}};
}

// One line, each run of blanks one of them.
std::string unbroken(const std::string& text) {
  std::istringstream in{text};
  std::string line;
  for (std::string word; in >> word;) line += word + " ";
  return line;
}

bool has(const std::string& text, const char* part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("the text says whose limits they are, what was asked and what stops it") {
  const std::string text = cli::doctor_text(view(), Whose::kDaemon, {});
  CHECK(has(text, "as the daemon sees it: pid 7, gend (uid 998), gend.service"));
  const std::string prose = unbroken(text);
  CHECK(has(prose, "It cannot carry 50,000 connections and 20.0k requests per second to shop:80."));
  CHECK(has(prose, "What stops it: ports"));
  CHECK(has(prose, "less than twice of it to spare: memory"));
  CHECK(has(text, "CONNECTIONS"));
  CHECK(has(text, "accept queue"));
  CHECK(has(text, "\n                      sudo sysctl -w a='1 2'\n"));
  CHECK_FALSE(has(text, "\x1b["));
  CHECK(has(cli::doctor_text(view(), Whose::kPrivate, {}), "as a private gend of gend (uid 998)"));
}

TEST_CASE("a host without problems can carry it; colours only where they are asked for") {
  Json good = view();
  good["findings"].erase(1);
  const std::string text =
      cli::doctor_text(good, Whose::kDaemon, {.width = 80, .colour = report::Colour::kOn});
  CHECK(has(text, "It can carry"));
  CHECK(has(text, "\x1b["));
}

TEST_CASE("lines of prose keep to the width, commands are never broken, names cannot play tricks") {
  Json hostile = view();
  hostile["findings"][0]["found"] = "\x1b[2J" + std::string(40, 'x') + " " + std::string(50, 'y');
  const std::string command(150, 'c');
  hostile["findings"][1]["fix"] = {command};
  const std::string text = cli::doctor_text(hostile, Whose::kDaemon, {});
  CHECK_FALSE(has(text, "\x1b[2J"));
  CHECK(has(text, command.c_str()));
  std::size_t from = 0;
  for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n', from)) {
    const std::string line = text.substr(from, end - from);
    if (!has(line, command.c_str())) CHECK_MESSAGE(report::columns_of(line) <= 80, line);
    from = end + 1;
  }
}

TEST_CASE("an answer of another version is shown as far as it goes") {
  CHECK_NOTHROW((void)cli::doctor_text(Json{}, Whose::kDaemon, {}));
  CHECK_NOTHROW((void)cli::doctor_text(Json{{"findings", {1, "x", nullptr}}}, Whose::kDaemon, {}));
}
