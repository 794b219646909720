#include "cli/doctor_text.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "report/json_read.h"
#include "report/text_page.h"
#include "stats/words.h"

namespace gend::cli {

namespace {

using report::at;
using report::count;
using report::escaped;
using report::Json;
using report::number;
using report::Page;
using report::Paint;
using report::text;
using stats::grouped;

constexpr std::size_t kNames = 16;  // columns of a finding's name
constexpr std::size_t kHang = 2 + kNames;

struct Look {
  std::string_view state, mark;
  Paint paint;
};
constexpr Look kLooks[] = {{"ok", "✓", Paint::kGood},
                           {"note", "·", Paint::kWarning},
                           {"limit", "!", Paint::kWarning},
                           {"problem", "✗", Paint::kBad}};

const Look& look_of(const Json& finding) {
  const std::string state = text(at(finding, "state"));
  const auto found = std::ranges::find(kLooks, state, &Look::state);
  return found == std::end(kLooks) ? kLooks[1] : *found;
}

// "locked memory" of "locked_memory"; what a target or a card is called may be anything.
std::string name_of(const Json& finding) {
  std::string name = text(at(finding, "name"));
  std::ranges::replace(name, '_', ' ');
  return report::left(report::shortened(escaped(name), kNames - 1), kNames);
}

std::string names_with(const Json& view, std::string_view state) {
  std::string names;
  for (const Json& each : at(view, "findings")) {
    if (text(at(each, "state")) != state) continue;
    std::string name = text(at(each, "name"));
    std::ranges::replace(name, '_', ' ');
    names += (names.empty() ? "" : ", ") + escaped(name);
  }
  return names;
}

// "1,000 connections and 20,000 requests per second to shop.test:80".
std::string wish_words(const Json& view) {
  const Json& asked = at(view, "asked");
  std::string words = stats::counted(count(at(asked, "connections")), "connection");
  if (const double rate = number(at(asked, "rate")); rate > 0)
    words += fmt::format(" and {} requests per second", stats::count_text(rate));
  if (const std::string target = text(at(asked, "target")); !target.empty())
    words += " to " + escaped(target);
  return words;
}

void write_head(Page& page, const Json& view, Whose whose) {
  const std::string unit = text(at(view, "unit"));
  const std::string who = escaped(text(at(view, "user")));
  page.heading("THIS HOST",
               whose == Whose::kPrivate
                   ? fmt::format("as a private gend of {} sees it", who)
                   : fmt::format("as the daemon sees it: pid {}, {}{}", count(at(view, "pid")), who,
                                 unit.empty() ? "" : ", " + escaped(unit)));
  const std::string problems = names_with(view, "problem"), limits = names_with(view, "limit");
  const std::string wish = wish_words(view);
  if (!problems.empty())
    page.prose("✗ It cannot carry " + wish + ". What stops it: " + problems, Paint::kBad);
  else
    page.prose("✓ It can carry " + wish + ".", Paint::kGood);
  if (!limits.empty()) page.prose("! with less than twice of it to spare: " + limits, 2);
  page.prose("Judged for so much; others: --connections N, --rate R, --target HOST:PORT.");
}

void write_finding(Page& page, const Json& finding) {
  const Look& look = look_of(finding);
  const std::size_t room = page.inner() - kHang;
  page.line(page.paint(look.mark, look.paint) + " " +
            page.paint(name_of(finding), Paint::kStrong) +
            report::wrapped(escaped(text(at(finding, "found"))), room,
                            report::kIndent + kHang));
  page.line(std::string(kHang, ' ') + report::wrapped(escaped(text(at(finding, "means"))), room,
                                                      report::kIndent + kHang));
  // Never broken: a command is copied as it stands.
  for (const Json& command : at(finding, "fix"))
    page.line(std::string(kHang, ' ') + page.paint(escaped(text(command)), Paint::kStrong));
}

std::string title_of(std::string group) {
  std::ranges::transform(group, group.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return group;
}

}  // namespace

std::string doctor_text(const Json& view, Whose whose, const report::TextOptions& options) {
  report::TextOptions wide = options;
  wide.width = std::clamp<std::size_t>(options.width, 80, 100);
  Page page{wide};
  write_head(page, view, whose);
  std::string group;
  for (const Json& finding : at(view, "findings")) {
    if (const std::string next = text(at(finding, "group")); next != group) {
      group = next;
      page.heading(title_of(escaped(group)));
    }
    write_finding(page, finding);
  }
  page.gap();
  return page.take();
}

}  // namespace gend::cli
