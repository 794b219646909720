#pragma once

#include <linux/time_types.h>

#include <cstdint>

// Kernel interface newer than Debian 12's liburing 2.3 headers (include/uapi/linux/io_uring.h).
// Constants, not macros, so that a newer <liburing.h> does not clash.
namespace gend::ring::uabi {

inline constexpr unsigned kEnterExtArg = 1U << 3;          // 5.11
inline constexpr unsigned kEnterRegisteredRing = 1U << 4;  // 5.18
inline constexpr unsigned kEnterAbsTimer = 1U << 5;        // 6.12
inline constexpr unsigned kEnterNoIowait = 1U << 7;        // 6.15

inline constexpr unsigned kFeatMinTimeout = 1U << 15;  // 6.12
inline constexpr unsigned kFeatNoIowait = 1U << 17;    // 6.15

inline constexpr unsigned kRegisterEnableRings = 12;

inline constexpr unsigned kSocketSetsockopt = 3;  // SOCKET_URING_OP_SETSOCKOPT, 6.7

// struct io_uring_getevents_arg; liburing 2.3 calls the third field `pad`.
struct GeteventsArg {
  std::uint64_t sigmask;
  std::uint32_t sigmask_size;
  std::uint32_t min_wait_usec;  // 6.12
  std::uint64_t ts;             // struct __kernel_timespec*
};
static_assert(sizeof(GeteventsArg) == 24);

}  // namespace gend::ring::uabi
