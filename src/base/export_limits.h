#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

// Capacities of what goes to other systems while a run goes on.
namespace gend::limits {

inline constexpr std::size_t kExports = 8;          // destinations of one run
inline constexpr std::size_t kExportSeconds = 120;  // that wait to be encoded, of each
inline constexpr std::size_t kExportWaiting = 16 * 1024 * 1024;  // bytes that wait to be taken
inline constexpr std::size_t kExportBody = 1024 * 1024;          // of one request, about
inline constexpr std::uint64_t kExportSeriesAtOnce = 2000;       // of one remote write
inline constexpr std::size_t kStatsdPacket = 1432;  // fits an Ethernet frame, headers included
inline constexpr std::size_t kExportEvents = 20;    // of a run, about destinations that fail
inline constexpr std::chrono::milliseconds kExportPatience{5000};  // with one request
inline constexpr std::chrono::milliseconds kExportBackOff{1000};   // after the first failure
inline constexpr std::chrono::milliseconds kExportBackOffMost{30'000};
inline constexpr std::chrono::milliseconds kExportFarewell{5000};  // for what waits at the end

}  // namespace gend::limits
