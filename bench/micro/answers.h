#pragma once

#include <string>

namespace gend::bench {

// What nginx sends of a small file: 277 bytes.
inline const std::string kSmallAnswer =
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 22:00:00 GMT\r\n"
    "Content-Type: application/octet-stream\r\nContent-Length: 26\r\n"
    "Last-Modified: Sat, 21 Nov 2026 21:00:00 GMT\r\nConnection: keep-alive\r\n"
    "ETag: \"6740b5a0-1a\"\r\nAccept-Ranges: bytes\r\n\r\nHello, small round world!\n";

// A list of things as an application sends it; about 1 KiB.
inline std::string json_of_1_kib() {
  std::string body = R"({"ok":true,"page":{"next":"c2VjcmV0IGN1cnNvcg","size":20},"items":[)";
  for (int i = 0; body.size() < 970; ++i) {
    if (i > 0) body += ',';
    body += R"({"id":)" + std::to_string(1000 + i) + R"(,"name":"an item of the list"})";
  }
  return body + "]}";
}

}  // namespace gend::bench
