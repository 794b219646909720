#include "engine/handshake_bytes.h"

#include <algorithm>

namespace gend::engine {
namespace {

void insert(plan::TextBuffer& request, std::size_t at, std::string_view text) {
  const std::size_t rest = request.size() - at;
  request.reserve(text.size());
  request.commit(text.size());
  char* const here = request.data() + at;
  std::copy_backward(here, here + rest, here + rest + text.size());
  std::ranges::copy(text, here);
}

}  // namespace

void add_query(plan::TextBuffer& request, std::string_view query) {
  const std::string_view line = request.view();
  const std::size_t begin = line.find(' ') + 1;
  const std::size_t end = line.find(' ', begin);
  const std::string_view target = line.substr(begin, end - begin);
  const bool has_query = target.find('?') != std::string_view::npos;
  insert(request, end, query);
  insert(request, end, has_query ? "&" : "?");
}

void add_header_lines(plan::TextBuffer& request, std::string_view lines) {
  insert(request, request.size() - std::string_view{"\r\n"}.size(), lines);
}

}  // namespace gend::engine
