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

  // The template that a text with markers stands for, in whatever order they came back. It lives as
  // long as what it was made of.
  Template unmarked(std::string_view text, Lifetime lifetime) const {
    Template out;
    for (std::size_t at = text.find(word_); at != std::string_view::npos; at = text.find(word_)) {
      append(out, text.substr(0, at));
      text.remove_prefix(at + word_.size());
      const std::size_t end = text.find('~');
      const auto index = parse_integer(text.substr(0, end));
      GEND_ASSERT(index && *index >= 0 && static_cast<std::size_t>(*index) < hidden_.size());
      out.pieces.push_back(hidden_[static_cast<std::size_t>(*index)]);
      out.lifetime = lifetime;
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
    const auto in_field = [&](const TemplateField& field) {
      return in(field.value) || field.name.find(word_) != std::string::npos;
    };
    return in(parts.target) || std::ranges::any_of(parts.fields, in_field);
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
  request.wire_head = request.wire.find("\r\n\r\n") + 2;
  return std::nullopt;
}

// A target that begins with an expression: it is hidden behind a slash from who checks targets.
bool begins_open(const Template& target) {
  return !target.pieces.empty() && target.pieces.front().source != Source::kLiteral;
}

http::RequestParts marked_parts(const RequestTemplate& parts, Markers& markers) {
  http::RequestParts marked{
      .method = std::string{parts.method},
      .target = (begins_open(parts.target) ? "/" : "") + markers.marked(parts.target),
      .authority = parts.authority,
      .fields = {},
      .body = {},
      .persistence = parts.keep_alive ? http::Persistence::kKeepAlive : http::Persistence::kClose};
  for (const TemplateField& field : parts.fields) {
    marked.fields.push_back({field.name, markers.marked(field.value)});
  }
  return marked;
}

// What a header line is for when a redirect leads elsewhere (RFC 9110, 15.4).
enum class Role : std::uint8_t { kHost, kCredentials, kBody, kOther };
Role role_of(const TemplateField& field) {
  const std::string name = lower(field.name);
  if (name == "host") return Role::kHost;
  if (name == "authorization" || name == "proxy-authorization" || name == "cookie")
    return Role::kCredentials;
  return name.starts_with("content-") ? Role::kBody : Role::kOther;
}

void append_line(const TemplateField& field, Template& to) {
  append(to, field.name);
  append(to, ": ");
  append(to, field.value);
  append(to, "\r\n");
}

}  // namespace

bool has_field(const std::vector<TemplateField>& fields, std::string_view lower_case_name) {
  return std::ranges::any_of(
      fields, [&](const TemplateField& f) { return same_name(f, lower_case_name); });
}

void put_field(std::vector<TemplateField>& fields, TemplateField field) {
  const auto same = [&](const TemplateField& f) { return same_name(f, field.name); };
  const auto found = std::ranges::find_if(fields, same);
  if (found == fields.end())
    fields.push_back(std::move(field));
  else
    *found = std::move(field);
}

std::optional<std::string> render_parts(const RequestTemplate& parts, HttpRequest& request) {
  Markers markers{parts};
  http::RequestParts marked = marked_parts(parts, markers);
  request.has_body = parts.body.has_value();
  request.lifetime = lifetime_of(parts);
  if (request.lifetime == Lifetime::kFixed) {
    if (parts.body) marked.body = fixed_text(*parts.body);
    return render_fixed(marked, request);
  }
  auto head = http::render_head(marked);
  if (!head) return head.error();
  if (begins_open(parts.target)) head->erase(parts.method.size() + 1, 1);
  request.head = markers.unmarked(*head, request.lifetime);
  if (parts.body)
    request.body = *parts.body;
  else if (http::needs_length_without_body(parts.method))
    append(request.head, "content-length: 0\r\n");
  return std::nullopt;
}

void split_for_redirects(const RequestTemplate& parts, HttpRequest& request) {
  RequestTemplate others = parts;
  others.fields.clear();
  for (const TemplateField& field : parts.fields) {
    switch (role_of(field)) {
      case Role::kHost: break;
      case Role::kCredentials: append_line(field, request.credentials); break;
      case Role::kBody: append_line(field, request.body_fields); break;
      case Role::kOther: others.fields.push_back(field); break;
    }
  }
  Markers markers{others};
  const auto head = http::render_head(marked_parts(others, markers));
  GEND_ASSERT(head);
  // Without the request line and the Host line.
  const std::size_t first = head->find("\r\n") + 2;
  request.fields = markers.unmarked(std::string_view{*head}.substr(head->find("\r\n", first) + 2),
                                    request.lifetime);
  if (parts.body) request.redirect_body = *parts.body;
}

}  // namespace gend::plan
