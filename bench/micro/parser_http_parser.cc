#include "parser.h"

#ifdef GEND_HTTP_PARSER
#include <http_parser.h>

namespace gend::bench {
namespace {

const http_parser_settings kSettings = [] {
  http_parser_settings settings{};
  settings.on_body = [](http_parser* parser, const char*, std::size_t size) {
    static_cast<Told*>(parser->data)->body_bytes += size;
    return 0;
  };
  settings.on_message_complete = [](http_parser* parser) {
    Told& told = *static_cast<Told*>(parser->data);
    told.status = static_cast<int>(parser->status_code);
    told.keep_alive = http_should_keep_alive(parser) != 0;
    told.complete = true;
    return 0;
  };
  return settings;
}();

Told parse(Pieces pieces) {
  Told told;
  http_parser parser;
  http_parser_init(&parser, HTTP_RESPONSE);
  parser.data = &told;
  for (const std::string_view piece : pieces)
    http_parser_execute(&parser, &kSettings, piece.data(), piece.size());
  return told;
}

}  // namespace

Parse http_parser_contender() { return &parse; }

}  // namespace gend::bench
#else
gend::bench::Parse gend::bench::http_parser_contender() { return nullptr; }
#endif
