#pragma once

namespace gend {

// Prints the broken condition with its place and aborts. Never returns.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace gend

// A bug of ours: on in every build, because a wrong number is worse than a crash.
#define GEND_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::gend::assertion_failed(#condition, __FILE__, __LINE__))
