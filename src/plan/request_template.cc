#include "plan/request_template.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"
#include "http/chars.h"
#include "http/request.h"

namespace gend::plan {

namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), http::to_lower);
  return out;
}

bool same_name(const TemplateField& field, std::string_view name) {
  return http::equals_ignoring_case(field.name, lower(name));
}

// Stands for the expressions of a head while the http layer renders and checks it as one text: a
// word that occurs nowhere else in it, and a number. Made of characters that are allowed in a
// target and in a field value.
class Markers {
 public:
  explicit Markers(const RequestTemplate& parts) {
    for (int salt = 0; occurs(parts); ++salt) word_ = fmt::format("~expression{}~", salt);
  }

  // The text of a template with a marker for each expression.
  std::string marked(const Template& text) {
    std::string out;
    for (const Piece& piece : text.pieces) {
      if (piece.source == Source::kLiteral) {
        out += piece.text;
      } else {
        out += fmt::format("{}{}~", word_, hidden_.size());
        hidden_.push_back(piece);
      }
    }
    return out;
  }

  // The template that a text with markers stands for, in whatever order they came back.
  Template unmarked(std::string_view text) const {
    Template out;
    for (std::size_t at = text.find(word_); at != std::string_view::npos; at = text.find(word_)) {
      append(out, text.substr(0, at));
      text.remove_prefix(at + word_.size());
      const std::size_t end = text.find('~');
      const auto index = parse_integer(text.substr(0, end));
      GEND_ASSERT(index && *index >= 0 && static_cast<std::size_t>(*index) < hidden_.size());
      out.pieces.push_back(hidden_[static_cast<std::size_t>(*index)]);
      out.lifetime = std::max(out.lifetime, lifetime_of(out.pieces.back().source));
      text.remove_prefix(end + 1);
    }
    append(out, text);
    return out;
  }

 private:
  bool occurs(const RequestTemplate& parts) const {
    const auto in = [&](const Template& text) {
      return std::ranges::any_of(text.pieces, [&](const Piece& piece) {
        return piece.text.find(word_) != std::string::npos;
      });
    };
    return in(parts.target) || std::ranges::any_of(parts.fields, [&](const TemplateField& field) {
             return in(field.value) || field.name.find(word_) != std::string::npos;
           });
  }

  std::string word_ = "~expression~";
  std::vector<Piece> hidden_;
};

Lifetime lifetime_of(const RequestTemplate& parts) {
  Lifetime lifetime = parts.target.lifetime;
  for (const TemplateField& field : parts.fields)
    lifetime = std::max(lifetime, field.value.lifetime);
  if (parts.body) lifetime = std::max(lifetime, parts.body->lifetime);
  return lifetime;
}

std::optional<std::string> render_fixed(const http::RequestParts& parts, HttpRequest& request) {
  auto wire = http::render_request(parts);
  if (!wire) return wire.error();
  request.wire = std::move(*wire);
  return std::nullopt;
}

}  // namespace

std::vector<TemplateField> merged_fields(const std::vector<HeaderText>& defaults,
                                         const HttpText& step) {
  std::vector<TemplateField> fields;
  const auto put = [&](const HeaderText& header) {
    const auto same = [&](const TemplateField& f) { return same_name(f, header.name); };
    const auto found = std::ranges::find_if(fields, same);
    if (found == fields.end())
      fields.push_back({header.name, header.value.text});
    else
      *found = {header.name, header.value.text};
  };
  for (const HeaderText& header : defaults) put(header);
  for (const HeaderText& header : step.headers) put(header);
  const bool has_type = std::ranges::any_of(
      fields, [](const TemplateField& f) { return same_name(f, "content-type"); });
  if (step.body_is_json && !has_type) {
    TemplateField type{"content-type", {}};
    append(type.value, "application/json");
    fields.push_back(std::move(type));
  }
  return fields;
}

std::optional<std::string> render_parts(const RequestTemplate& parts, HttpRequest& request) {
  Markers markers{parts};
  http::RequestParts marked{
      .method = std::string{parts.method},
      .target = markers.marked(parts.target),
      .authority = parts.authority,
      .fields = {},
      .body = {},
      .persistence = parts.keep_alive ? http::Persistence::kKeepAlive : http::Persistence::kClose};
  for (const TemplateField& field : parts.fields) {
    marked.fields.push_back({field.name, markers.marked(field.value)});
  }
  request.has_body = parts.body.has_value();
  request.lifetime = lifetime_of(parts);
  if (request.lifetime == Lifetime::kFixed) {
    if (parts.body) marked.body = fixed_text(*parts.body);
    return render_fixed(marked, request);
  }
  auto head = http::render_head(marked);
  if (!head) return head.error();
  request.head = markers.unmarked(*head);
  if (parts.body)
    request.body = *parts.body;
  else if (http::needs_length_without_body(parts.method))
    append(request.head, "content-length: 0\r\n");
  return std::nullopt;
}

}  // namespace gend::plan
