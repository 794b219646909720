#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace gend::test {

// Reads any bytes as the frames of a server, whole and in pieces. The first byte says with which
// options and how it is cut; the rest are the frames. Empty when all is well, else what contradicts
// what. Reading beyond the bytes, and what the sanitizers see, ends the process.
std::string fuzz_frames(const std::uint8_t* data, std::size_t size);

}  // namespace gend::test
