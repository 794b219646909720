#include <algorithm>
#include <chrono>
#include <set>

#include "base/limits.h"
#include "extract/json_path.h"
#include "http/url.h"
#include "observe/prometheus_selector.h"
#include "plan/load_parts.h"

namespace gend::plan {

namespace {

using namespace std::chrono_literals;
using observe::JsonNumber;

constexpr std::string_view kForm =
    "{prometheus: \"http://host/metrics\", series: {memory: process_resident_memory_bytes}}";
constexpr Duration kEvery = 5s, kShortest = 1s, kLongest = 1h;
constexpr std::size_t kMetricBytes = 128;

struct SourceText {
  const YamlNode* prometheus = nullptr;
  const YamlNode* json = nullptr;
  const YamlNode* series = nullptr;
  std::optional<Given<Duration>> every, timeout;
  std::vector<HeaderText> headers;
};

void read_every(Reader& reader, const YamlNode& node, SourceText& into) {
  const auto every = reader.duration(node);
  if (every && (every->value < kShortest || every->value > kLongest)) {
    reader.complain(node.place, fmt::format("{} is not between 1s and 1h", quote(node.text)),
                    "series have one value a second at most");
    return;
  }
  into.every = every;
}

constexpr Key<SourceText> kKeys[] = {
    {"prometheus", "URL", "An endpoint that answers in Prometheus' text format.",
     [](Reader&, const YamlNode& n, SourceText& into) { into.prometheus = &n; }},
    {"json", "URL", "An endpoint that answers in JSON.",
     [](Reader&, const YamlNode& n, SourceText& into) { into.json = &n; }},
    {"sql", "URL", "A database that is asked.", nullptr},
    {"every", "duration", "How often it is asked; 5s.", read_every},
    {"timeout", "duration", "Until the answer is whole; `every`, at most 5s.",
     [](Reader& r, const YamlNode& n, SourceText& into) { into.timeout = r.duration(n); }},
    {"headers", "mapping of text", "Sent with every request to it.",
     [](Reader& r, const YamlNode& n, SourceText& into) { read_headers(r, n, into.headers); }},
    {"series", "mapping of text", "What is read of an answer: a name, and where it stands.",
     [](Reader&, const YamlNode& n, SourceText& into) { into.series = &n; }},
};

class SourceReader {
 public:
  SourceReader(Reader& reader, const YamlNode::Entry& entry, std::set<std::string>& metrics)
      : reader_{reader}, entry_{entry}, metrics_{metrics} {}

  observe::Source read() {
    source_.name = entry_.key->text;
    is_good_name(*entry_.key, "a source");
    if (!reader_.is_mapping(*entry_.value, kForm)) return std::move(source_);
    for (const YamlNode::Entry& each : entry_.value->entries) read_key(each);
    read_url();
    read_times();
    read_source_headers();
    read_series();
    return std::move(source_);
  }

 private:
  void read_key(const YamlNode::Entry& entry) {
    has_sql_ |= entry.key->text == "sql";
    if (entry.key->text != "sql") return read_entry<SourceText>(reader_, kKeys, entry, text_);
    reader_.complain(entry.key->place,
                     "`sql` sources are part of the plan language, but this version of gend does "
                     "not run them yet",
                     "until SQL steps run, read the number through an exporter "
                     "(postgres_exporter) as `prometheus`, or through an endpoint of the "
                     "application as `json`");
  }

  bool is_good_name(const YamlNode& key, std::string_view of) {
    if (is_variable_name(key.text)) return true;
    reader_.complain(key.place, fmt::format("{} is not a name of {}", quote(key.text), of),
                     "use letters, digits and _, not beginning with a digit");
    return false;
  }

  void read_url() {
    if (text_.prometheus != nullptr && text_.json != nullptr) {
      return reader_.complain(text_.json->place, "a source is one of `prometheus` and `json`",
                              "make two sources of it");
    }
    const YamlNode* const node = text_.prometheus != nullptr ? text_.prometheus : text_.json;
    if (node == nullptr) {
      if (!has_sql_) {
        reader_.complain(entry_.value->place, "the source has neither `prometheus` nor `json`",
                         fmt::format("write {}", kForm));
      }
      return;
    }
    source_.kind = node == text_.json ? observe::Kind::kJson : observe::Kind::kPrometheus;
    const auto url = reader_.text(*node, "the URL of an endpoint");
    if (!url) return;
    const auto parsed = http::parse_url(*url);
    if (!parsed) {
      return reader_.complain(node->place,
                              fmt::format("{} is not a URL: {}", quote(*url), parsed.error()),
                              "write http://host:port/path, or ${NAME}/path with a variable");
    }
    source_.url = parsed->origin() + parsed->target;
  }

  void read_times() {
    source_.every = text_.every ? text_.every->value : kEvery;
    source_.timeout = std::min(source_.every, kEvery);
    if (!text_.timeout) return;
    source_.timeout = text_.timeout->value;
    if (source_.timeout == Duration{} || source_.timeout > source_.every) {
      reader_.complain(text_.timeout->place,
                       fmt::format("`timeout` is not between 0 and `every` ({})",
                                   show_duration(source_.every)),
                       "an answer must be there before the next one is asked for");
    }
  }

  void read_source_headers() {
    for (const HeaderText& header : text_.headers) {
      if (header.value.text.lifetime != Lifetime::kFixed) {
        reader_.complain(header.place,
                         fmt::format("the header {} changes while the plan runs, here it must be "
                                     "fixed",
                                     quote(header.name)),
                         "use declared variables only");
        continue;
      }
      source_.headers.push_back(header.name + ": " + fixed_text(header.value.text));
    }
  }

  void read_series() {
    if (has_sql_) return;  // they are of a language of their own
    if (text_.series == nullptr) {
      return reader_.complain(entry_.value->place, "the source has no `series`",
                              fmt::format("write {}", kForm));
    }
    if (!reader_.is_mapping(*text_.series, "series (name: what it reads)")) return;
    if (text_.series->entries.empty()) {
      return reader_.complain(text_.series->place, "`series` is empty: nothing would be read");
    }
    for (const YamlNode::Entry& entry : text_.series->entries) read_one(entry);
  }

  void read_one(const YamlNode::Entry& entry) {
    observe::Series series;
    series.name = entry.key->text;
    series.metric = fmt::format("{}{}_{}", stats::kObservePrefix, source_.name, series.name);
    if (!is_good_name(*entry.key, "a series")) return;
    if (series.metric.size() > kMetricBytes) {
      return reader_.complain(entry.key->place,
                              fmt::format("the series would be called {}, longer than {} letters",
                                          quote(series.metric), kMetricBytes),
                              "shorten its name, or that of the source");
    }
    if (!metrics_.insert(series.metric).second) {
      return reader_.complain(entry.key->place,
                              fmt::format("two series would be called {}", series.metric),
                              "rename one of them, or its source");
    }
    auto written = reader_.text(*entry.value, "what the series reads");
    if (!written) return;
    series.written = std::move(*written);
    const bool good = source_.kind == observe::Kind::kJson
                          ? read_path(*entry.value, series)
                          : read_selector(*entry.value, series);
    if (good) source_.series.push_back(std::move(series));
  }

  bool read_selector(const YamlNode& node, observe::Series& series) {
    auto selector = observe::parse_selector(series.written);
    if (!selector) {
      reader_.complain(reader_.place_in(node, selector.error().offset),
                       fmt::format("{} reads nothing: {}", quote(series.written),
                                   selector.error().what),
                       selector.error().remedy);
      return false;
    }
    series.what = std::move(*selector);
    return true;
  }

  // A JSON path, or rate() of one.
  bool read_path(const YamlNode& node, observe::Series& series) {
    constexpr std::string_view kRate = "rate(";
    std::string_view path = series.written;
    auto reading = observe::Selector::Reading::kLevel;
    std::size_t before = 0;
    if (path.starts_with(kRate) && path.ends_with(')')) {
      reading = observe::Selector::Reading::kRate;
      before = kRate.size();
      path = path.substr(before, path.size() - before - 1);
    }
    auto parsed = extract::parse_json_path(path);
    if (!parsed) {
      reader_.complain(reader_.place_in(node, before + parsed.error().offset),
                       fmt::format("{} reads nothing: {}", quote(series.written),
                                   parsed.error().what),
                       "write $.name, $.list[0].name or rate($.counter)");
      return false;
    }
    series.what = JsonNumber{std::move(*parsed), reading};
    return true;
  }

  Reader& reader_;
  const YamlNode::Entry& entry_;
  std::set<std::string>& metrics_;
  SourceText text_;
  bool has_sql_ = false;
  observe::Source source_;
};

}  // namespace

void describe_observe(std::vector<Section>& into) {
  into.push_back(section_of<SourceText>("source", kKeys));
}

void read_observe(Reader& reader, const YamlNode& node, Profile& into) {
  if (!reader.is_mapping(node, fmt::format("sources (name: {})", kForm))) return;
  if (node.entries.size() > limits::kObserveSources) {
    return reader.complain(node.place, fmt::format("{} sources, at most {}", node.entries.size(),
                                                   limits::kObserveSources));
  }
  std::set<std::string> metrics;
  for (const YamlNode::Entry& entry : node.entries)
    into.observe.push_back(SourceReader{reader, entry, metrics}.read());
  if (metrics.size() > limits::kObserveSeries) {
    reader.complain(node.place, fmt::format("{} series, at most {}", metrics.size(),
                                            limits::kObserveSeries),
                    "each of them is kept every second");
  }
}

}  // namespace gend::plan
