#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace gend::test {

// Reads any bytes as a response, whole and in pieces. The first byte says which request it answers
// and how it is cut; the rest is the response. Empty when all is well, else what contradicts what:
// facts that depend on the pieces, or that contradict each other. Reading beyond the bytes, and
// what the sanitizers see, ends the process.
std::string fuzz_one(const std::uint8_t* data, std::size_t size);

}  // namespace gend::test
