// render/target: the head of a GET with three values in it. render/json: a whole POST, with a value
// that needs escaping and the length of its body. render/query: a value that is percent-encoded.
// The same text by fmt, compiled, and by appending to a std::string that keeps its memory.
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>
#include <fmt/compile.h>
#include <fmt/format.h>

#include "agree.h"
#include "parts.h"
#include "plan/load.h"
#include "plan/render.h"

namespace {

using namespace gend;
using namespace gend::bench;

constexpr std::string_view kSearched = "a \"wide\" thing of 12\" & more";

struct Facts {
  std::uint64_t user = 12'345, iteration = 678;
  std::int64_t wall_ms = 1'763'762'400'123;
};

// ---- by hand ---------------------------------------------------------------------------

std::string_view json_escaped(std::string_view text, std::string& out) {
  out.clear();
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}
std::string_view percent_encoded(std::string_view text, std::string& out) {
  constexpr std::string_view kPlain = "-._~";
  out.clear();
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kPlain.find(c) != kPlain.npos)
      out += c;
    else
      fmt::format_to(std::back_inserter(out), FMT_COMPILE("%{:02X}"), c);
  }
  return out;
}

struct ByFmt {
  fmt::memory_buffer out, body;
  std::string escaped;

  std::string_view target(const Facts& f) {
    out.clear();
    fmt::format_to(std::back_inserter(out),
                   FMT_COMPILE("GET /users/{}?i={}&t={} HTTP/1.1\r\nHost: 127.0.0.1:1\r\n"
                               "user-agent: x\r\naccept: application/json\r\n\r\n"),
                   f.user, f.iteration, f.wall_ms);
    return {out.data(), out.size()};
  }
  std::string_view json(const Facts& f) {
    body.clear();
    fmt::format_to(std::back_inserter(body),
                   FMT_COMPILE("{{\"user\":\"{}\",\"said\":\"{}\",\"round\":\"{}\"}}"), f.user,
                   json_escaped(kSearched, escaped), f.iteration);
    out.clear();
    fmt::format_to(std::back_inserter(out),
                   FMT_COMPILE("POST /users/{} HTTP/1.1\r\nHost: 127.0.0.1:1\r\nuser-agent: x\r\n"
                               "content-type: application/json\r\ncontent-length: {}\r\n\r\n{}"),
                   f.user, body.size(), std::string_view{body.data(), body.size()});
    return {out.data(), out.size()};
  }
  std::string_view query(const Facts&) {
    out.clear();
    fmt::format_to(std::back_inserter(out),
                   FMT_COMPILE("GET /search?q={} HTTP/1.1\r\nHost: 127.0.0.1:1\r\n"
                               "user-agent: x\r\n\r\n"),
                   percent_encoded(kSearched, escaped));
    return {out.data(), out.size()};
  }
};

struct ByString {
  std::string out, body, escaped;

  std::string_view target(const Facts& f) {
    out = "GET /users/";
    out.append(std::to_string(f.user)).append("?i=").append(std::to_string(f.iteration));
    out.append("&t=").append(std::to_string(f.wall_ms));
    return out.append(" HTTP/1.1\r\nHost: 127.0.0.1:1\r\nuser-agent: x\r\n"
                      "accept: application/json\r\n\r\n");
  }
  std::string_view json(const Facts& f) {
    body = "{\"user\":\"";
    body.append(std::to_string(f.user)).append("\",\"said\":\"");
    body.append(json_escaped(kSearched, escaped)).append("\",\"round\":\"");
    body.append(std::to_string(f.iteration)).append("\"}");
    out = "POST /users/";
    out.append(std::to_string(f.user)).append(" HTTP/1.1\r\nHost: 127.0.0.1:1\r\n");
    out.append("user-agent: x\r\ncontent-type: application/json\r\ncontent-length: ");
    out.append(std::to_string(body.size())).append("\r\n\r\n");
    return out.append(body);
  }
  std::string_view query(const Facts&) {
    out = "GET /search?q=";
    out.append(percent_encoded(kSearched, escaped));
    return out.append(" HTTP/1.1\r\nHost: 127.0.0.1:1\r\nuser-agent: x\r\n\r\n");
  }
};

// ---- from a plan ---------------------------------------------------------------------------

class Ours {
 public:
  explicit Ours(const std::string& step) {
    const std::string text =
        "name: render\ntarget: http://127.0.0.1:1\ndefaults:\n  headers: {user-agent: x}\n"
        "scenarios:\n  main:\n"
        "    executor: constant-vus\n    vus: 1\n    duration: 1s\n    flow:\n"
        "      - set: {said: \"x\"}\n      - " + step + "\n";
    auto program = plan::compile("render", text, {});
    if (!program)
      for (const auto& each : program.error()) std::fprintf(stderr, "%s\n", each.str().c_str());
    agree(program.has_value(), "the plan");
    program_ = std::move(*program);
    values_.resize(program_->values.size());
    for (std::uint32_t i = 0; i < program_->values.size(); ++i)
      if (program_->values[i].name == "said") values_.set(i, kSearched);
  }
  std::string_view render(const Facts& f) {
    out_.clear();
    const plan::RenderContext context{.program = program_.get(), .vu = f.user,
                                      .iteration = f.iteration, .rng = &rng_,
                                      .wall_ms = f.wall_ms, .values = &values_};
    const auto fault = plan::render(program_->requests[0], context, {}, out_);
    agree(fault == plan::RenderFault::kNone, "the renderer");
    return out_.view();
  }

 private:
  std::unique_ptr<const plan::Program> program_;
  plan::Values values_;
  plan::TextBuffer out_;
  Rng rng_{1};
};

template <class Render>
void add(const std::string& name, Render render) {
  benchmark::RegisterBenchmark(name.c_str(), [render](benchmark::State& state) {
    Facts facts;
    for (auto _ : state) {
      ++facts.iteration;
      if (facts.iteration == 10'000) facts.iteration = 1000;
      benchmark::DoNotOptimize(render(facts));
    }
  });
}

template <class Fmt, class String>
void compare(const std::string& name, Ours& ours, Fmt by_fmt, String by_string) {
  agree(by_fmt(Facts{}) == ours.render(Facts{}), "fmt");
  agree(by_string(Facts{}) == ours.render(Facts{}), "std::string");
  add("render/" + name + "/gend", [&ours](const Facts& f) { return ours.render(f); });
  add("render/" + name + "/fmt", by_fmt);
  add("render/" + name + "/string", by_string);
}

}  // namespace

void gend::bench::add_renderers() {
  static ByFmt by_fmt;
  static ByString by_string;
  static Ours target{"{get: \"/users/${vu}?i=${iteration}&t=${timestamp}\", "
                     "headers: {accept: application/json}}"};
  static Ours json{"{post: \"/users/${vu}\", "
                   "json: {user: \"${vu}\", said: \"${said}\", round: \"${iteration}\"}}"};
  static Ours query{"{get: \"/search?q=${said}\"}"};
  compare("target", target, [](const Facts& f) { return by_fmt.target(f); },
          [](const Facts& f) { return by_string.target(f); });
  compare("json", json, [](const Facts& f) { return by_fmt.json(f); },
          [](const Facts& f) { return by_string.json(f); });
  compare("query", query, [](const Facts& f) { return by_fmt.query(f); },
          [](const Facts& f) { return by_string.query(f); });
}
