#include "parser.h"

#ifdef GEND_LLHTTP
#include <llhttp.h>

namespace gend::bench {
namespace {

const llhttp_settings_t kSettings = [] {
  llhttp_settings_t settings{};
  settings.on_body = [](llhttp_t* parser, const char*, std::size_t size) {
    static_cast<Told*>(parser->data)->body_bytes += size;
    return 0;
  };
  settings.on_message_complete = [](llhttp_t* parser) {
    Told& told = *static_cast<Told*>(parser->data);
    told.status = parser->status_code;
    told.keep_alive = llhttp_should_keep_alive(parser) != 0;
    told.complete = true;
    return 0;
  };
  return settings;
}();

Told parse(Pieces pieces) {
  Told told;
  llhttp_t parser;
  llhttp_init(&parser, HTTP_RESPONSE, &kSettings);
  parser.data = &told;
  for (const std::string_view piece : pieces) llhttp_execute(&parser, piece.data(), piece.size());
  return told;
}

}  // namespace

Parse llhttp_contender() { return &parse; }

}  // namespace gend::bench
#else
gend::bench::Parse gend::bench::llhttp_contender() { return nullptr; }
#endif
