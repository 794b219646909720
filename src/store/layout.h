#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "store/sqlite.h"

// The database: its file, its tables (docs/results.md describes them for people), and what is
// refused.
namespace gend::store {

inline constexpr const char* kFileName = "results.db";
inline constexpr std::int64_t kLayoutVersion = 1;  // PRAGMA user_version
inline constexpr std::int64_t kApplicationId = 0x67656E64;  // "gend": PRAGMA application_id

// Whether what is committed must outlive the machine, or only this process.
enum class Durability : std::uint8_t { kDurable, kScratch };

// Opens or makes the database for writing. Refused, and left as it is: what is no database, one of
// another program, one that a newer gend has written, one that is damaged where it can be told.
Expected<Database> open_for_writing(const std::string& path, Durability durability);
Expected<Database> open_for_reading(const std::string& path);

// One line for people: the file, SQLite's words, and what can be done.
Error error_of(const std::string& path, const Trouble& trouble);

}  // namespace gend::store
