// The page as text: what its data can and cannot contain. What a browser makes of it is looked at by
// web/test/page_test.mjs.
#include <doctest/doctest.h>

#include <algorithm>

#include "report/page.h"

namespace {

using gend::report::json_for_html;
using gend::report::page_html;
using Json = nlohmann::ordered_json;

std::size_t times(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++n;
  return n;
}

TEST_CASE("JSON in a page has no character that HTML gives a meaning, and reads back the same") {
  const Json json{{"</script><!--", "a<b>&c \xe2\x80\xa8\xe2\x80\xa9 \xc3\xa9 \" \\ \n"}, {"n", 1.5}};
  const std::string text = json_for_html(json);
  CHECK(text.find_first_of("<>&\n") == text.npos);
  CHECK(text.find("\xe2\x80\xa8") == text.npos);
  CHECK(text.find("\xe2\x80\xa9") == text.npos);
  CHECK(text.find("\xc3\xa9") != text.npos);
  CHECK(Json::parse(text) == json);
}

TEST_CASE("bytes that are not UTF-8 make a page all the same") {
  const std::string text = json_for_html(Json("a\xff<\xe2\x80"));
  CHECK(text.find('<') == text.npos);
  CHECK(text.find("\\u003c") != text.npos);
  CHECK_NOTHROW(Json::parse(text));
}

TEST_CASE("a page has one script, one style and the data, whatever is in them") {
  const std::string page = page_html(gend::report::PageData
      {.summary = {{"run", {{"name", "</script><script>alert(1)</script><style>"}}}},
       .timeline = nullptr, .comparison = nullptr, .plan_text = "</script><script>"});
  CHECK(times(page, "<script") == 2);
  CHECK(times(page, "</script>") == 2);
  CHECK(times(page, "<style") == 1);
  CHECK(page.starts_with("<!doctype html>"));
  CHECK(page.ends_with("</html>\n"));
}

TEST_CASE("a page names nothing that could be loaded") {
  const std::string page = page_html(gend::report::PageData{});
  CHECK(page.find("default-src 'none'") != page.npos);
  for (const auto part : {"<link", "<img", "<iframe", " src=", "@import", "url(", "href=\"http"})
    CHECK_MESSAGE(page.find(part) == page.npos, part);
}

TEST_CASE("a page that is served may talk to where it came from; a file may not, and is not told to") {
  const gend::report::PageData data{.summary = {{"run", {{"name", "default-src 'none';"}}}},
                                    .timeline = nullptr, .comparison = nullptr, .plan_text = {},
                                    .live = {{"version", 1}}};
  const std::string live = gend::report::live_page_html(gend::report::page_json(data));
  CHECK(times(live, "default-src 'none'; connect-src 'self'; script-src 'sha256-") == 1);
  CHECK(live.find("\"live\":{\"version\":1}") != live.npos);
  gend::report::PageData file = data;
  file.live = nullptr;
  const std::string page = page_html(file);
  CHECK(page.find("connect-src") == page.npos);
  CHECK(page.find("\"live\":") == page.npos);
  CHECK(page.size() + std::string_view{" connect-src 'self';"}.size() +
            std::string_view{",\"live\":{\"version\":1}"}.size() ==
        live.size());
}

}  // namespace
