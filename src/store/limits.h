#pragma once

#include <cstddef>

// The capacities of the store.
namespace gend::limits {

inline constexpr std::size_t kStoredSecondBytes = 64 * 1024 * 1024;  // one second's frame, unpacked
// Seconds that wait for the thread that writes, and rows that wait for a disk which takes none.
inline constexpr std::size_t kStoreQueue = 256;
inline constexpr std::size_t kStorePendingBytes = 64 * 1024 * 1024;

}  // namespace gend::limits
