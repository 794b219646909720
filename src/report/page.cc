#include "report/page.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "report/page_parts.h"
#include "report/summary_json.h"
#include "report/timeline.h"

namespace gend::report {

std::string json_for_html(const nlohmann::ordered_json& json) {
  const std::string text = json_line(json);
  std::string safe;
  safe.reserve(text.size() + text.size() / 16);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = std::string_view{text}.substr(i);
    switch (text[i]) {
      case '<': safe += "\\u003c"; break;
      case '>': safe += "\\u003e"; break;
      case '&': safe += "\\u0026"; break;
      default:
        // U+2028 and U+2029 end a line of a script.
        if (rest.starts_with("\xe2\x80\xa8") || rest.starts_with("\xe2\x80\xa9")) {
          safe += rest[2] == '\xa8' ? "\\u2028" : "\\u2029";
          i += 2;
        } else {
          safe += text[i];
        }
    }
  }
  return safe;
}

std::string page_json(const PageData& data) {
  nlohmann::ordered_json all{{"summary", data.summary},
                             {"timeline", data.timeline},
                             {"comparison", data.comparison},
                             {"plan", data.plan_text}};
  if (!data.live.is_null()) all["live"] = data.live;
  return json_for_html(all);
}

std::string page_html(const PageData& data) {
  return fmt::format("{}{}{}", kPageBeforeData, page_json(data), kPageAfterData);
}

std::string live_page_html(std::string_view json) {
  constexpr std::string_view kNothing = "default-src 'none';";
  std::string page{kPageBeforeData};
  const std::size_t policy = page.find(kNothing);
  GEND_ASSERT(policy != page.npos);
  page.insert(policy + kNothing.size(), " connect-src 'self';");
  page += json;
  page += kPageAfterData;
  return page;
}

std::string page_html(const History& history, const nlohmann::ordered_json& comparison) {
  return page_html({history.summary, timeline_json(history), comparison, history.plan_text});
}

}  // namespace gend::report
