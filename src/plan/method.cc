#include "plan/program.h"

#include "base/assert.h"

namespace gend::plan {

std::string_view name_of(Method method) {
  switch (method) {
    case Method::kGet: return "GET";
    case Method::kPost: return "POST";
    case Method::kPut: return "PUT";
    case Method::kPatch: return "PATCH";
    case Method::kDelete: return "DELETE";
    case Method::kHead: return "HEAD";
    case Method::kOptions: return "OPTIONS";
  }
  GEND_ASSERT(!"a method has a name");
}

}  // namespace gend::plan
