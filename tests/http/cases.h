#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gend::test {

// One line of data/http1_responses.jsonl: a response taken from the tests of another parser, and
// what three independent parsers say about it.
struct ResponseCase {
  struct Listed {  // an answer that is acceptable where the references disagree
    int status = 0;
    std::string body;
  };

  std::string name;
  bool must = false;  // the references and the RFC agree
  bool to_head = false;
  std::string raw;
  std::string expected;  // "ok", "invalid" or "truncated"
  int status = 0;
  std::string version;
  std::string headers;  // as Kept::headers: headers, then trailers
  std::string body;
  std::optional<bool> keep_alive;  // none: either
  std::size_t interim = 0;
  std::string extra;  // bytes behind the response
  std::vector<Listed> listed;
};

// All cases; the process ends with a message when the file cannot be read.
const std::vector<ResponseCase>& response_cases();

}  // namespace gend::test
