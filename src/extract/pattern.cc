#include "extract/pattern.h"

#include <utility>

#include <re2/re2.h>

namespace gend::extract {

struct Pattern::Impl {
  re2::RE2 re;
};

Pattern::Pattern(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Pattern::~Pattern() = default;

}  // namespace gend::extract
