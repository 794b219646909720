#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gend::plan {

// What a piece of a template stands for. Everything but kLiteral is rendered when it is sent.
enum class Source : std::uint8_t {
  kLiteral,
  kVu,            // ${vu}: the user's number, from 1
  kIteration,     // ${iteration}: the user's own count, from 0
  kUuid,          // ${uuid}: version 4, from the seeded generator
  kRandomInt,     // ${random(a,b)}: both ends included
  kRandomString,  // ${randomString(n)}: [A-Za-z0-9]
  kNow,           // ${now}: wall clock, RFC 3339 with ms, UTC
  kTimestamp,     // ${timestamp}: wall clock, ms since 1970
  kVariable,      // a value of the user's own (captured, set, a loop's): a = its slot
  kColumn,        // ${user.email}: a = index into Program::data, b = column
  kCredential,    // a = index into Program::credentials: made when it is sent
  kStamp,         // ${stamp}: the ledger's token, of the message it stands in
  kTraceparent    // W3C trace context: 00-<32 hex>-<16 hex>-01, from the seeded generator
};

// How a value is written into its surroundings. Values come from outside (answers, data): in the
// head of a request none may end a line or add a word.
enum class Escaping : std::uint8_t {
  kNone,
  kJsonString,
  kQueryValue,
  kPathSegment,
  kTarget,     // a whole path and query: only what may not stand there is percent-encoded
  kFieldValue  // of a header line: as it is, but a control character is a fault
};

struct Piece {
  Source source = Source::kLiteral;
  std::string text{};           // kLiteral, escaped already
  std::int64_t a = 0, b = 0;    // kRandomInt: bounds; kRandomString: a = length; others: indexes
  Escaping escaping = Escaping::kNone;  // kVariable, kColumn; the others need none anywhere
};

// How often an expression can change; decided at compile time (tcpkali's idea).
enum class Lifetime : std::uint8_t { kFixed, kPerUser, kPerIteration, kPerMessage };

struct Template {
  std::vector<Piece> pieces;  // at most one literal in a row
  Lifetime lifetime = Lifetime::kFixed;
};

// A value of the user's own that no step has given: a capture that did not match, for example.
inline constexpr std::uint32_t kNoSlot = ~std::uint32_t{0};

}  // namespace gend::plan
