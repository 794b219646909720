#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

// Every capacity of the program in one place, with the arithmetic between them checked here.
namespace gend::limits {

// http: what a hostile response may cost us.
inline constexpr std::size_t kHeaderBytes = 64 * 1024;    // status line and headers together
inline constexpr std::size_t kHeaderCount = 256;          // header lines of one response
inline constexpr std::size_t kInterimResponses = 32;      // 1xx before a final response
inline constexpr std::size_t kTrailerBytes = 16 * 1024;   // trailer section of a chunked body
inline constexpr std::size_t kChunkLineBytes = 4 * 1024;  // chunk size with its extensions
inline constexpr std::size_t kBodyBytes = 1024 * 1024;    // a body that a check has to read
inline constexpr std::size_t kExcerptBytes = 256;         // of a body that says why it is an error
inline constexpr std::size_t kContentCodings = 4;         // applied to one body
inline constexpr std::size_t kCookieBytes = 4096;         // name and value; RFC 6265 6.1
inline constexpr std::size_t kCookiePathBytes = 1024;
inline constexpr std::size_t kCookiesPerDomain = 64;      // RFC 6265 6.1 asks for 50
inline constexpr std::size_t kCookiesPerJar = 256;

// sessions
inline constexpr std::uint64_t kMessageBytes = 1024 * 1024;  // one message received, unless told
inline constexpr std::uint32_t kInflight = 65'536;             // unanswered messages of a session
inline constexpr std::uint64_t kMessageBytesMost = 1024 * 1024 * 1024;  // that can be told
inline constexpr std::uint32_t kMessageFrames = 1'000'000;              // of one message
// Buffers for messages that come in pieces, which a shard keeps for the next ones.
inline constexpr std::size_t kSpillSpareBytes = 16 * 1024 * 1024;
inline constexpr std::size_t kInflatedSpareBytes = 1024 * 1024;  // kept from one message to another

// plan: what a plan file may hold.
inline constexpr std::size_t kPlanBytes = 1024 * 1024;
inline constexpr std::size_t kPlanDepth = 64;
inline constexpr std::size_t kScenarios = 64;
inline constexpr std::size_t kSteps = 65'536;              // compiled steps of a whole plan
inline constexpr std::size_t kFlowDepth = 32;              // steps within steps, calls included
inline constexpr std::size_t kTagValues = 256;             // of a tag whose value is a data column
inline constexpr std::uint64_t kBurstHands = 1000;         // that work at once
inline constexpr std::size_t kEndpoints = 16;              // distinct scheme://host:port of a plan
inline constexpr std::size_t kRequestBytes = 1024 * 1024;  // one rendered request
inline constexpr std::size_t kStages = 1000;
inline constexpr std::size_t kTaggedStages = 64;  // of a scenario whose stages are a tag
inline constexpr std::uint64_t kIterations = 1'000'000'000'000;  // of a scenario, or of a user
inline constexpr std::uint64_t kUsers = 4'000'000;      // of one plan, over all shards and hosts
inline constexpr double kRatePerSecond = 10'000'000.0;  // of one scenario
inline constexpr std::int64_t kDurationSeconds = 30LL * 24 * 3600;

// How long a user of a closed model rests after an iteration that took no time, and after one that
// could do nothing at all (a value that is not set, a `fail` step at its beginning).
inline constexpr std::chrono::nanoseconds kRest = std::chrono::milliseconds{1};
inline constexpr std::chrono::nanoseconds kRestAfterFailure = std::chrono::milliseconds{100};

// data
inline constexpr std::size_t kDataFileBytes = 1024 * 1024 * 1024;  // one file that a plan names
inline constexpr std::size_t kDataColumns = 1024;
inline constexpr std::size_t kDataDepth = 256;      // of a value in a JSON file
inline constexpr std::size_t kDataComplaints = 20;  // about one file
inline constexpr std::size_t kDataSets = 64;        // of one plan
// Rows of a set that is shuffled or a tag: each has a number in memory.
inline constexpr std::uint64_t kDataNumbered = 100'000'000;
static_assert(kDataFileBytes < 0xFFFFFFFF, "data::Cells keeps places in 32 bits");

// engine
inline constexpr std::size_t kShards = 256;
inline constexpr std::size_t kTlsSessions = 1024;  // to resume, of an endpoint on a shard
// Buffers for ciphertext that a shard keeps for the next connection, and the largest it keeps.
inline constexpr std::size_t kTlsSpareBuffers = 1024;
inline constexpr std::size_t kTlsSpareBytes = 8 * 1024;
// Ciphertext of one connection that waits for its turn in the handshake. A whole flight of a server
// is some kilobytes; whoever sends more before we answered does not speak TLS.
inline constexpr std::size_t kTlsFlightBytes = 256 * 1024;
inline constexpr std::int64_t kRetryAfterSeconds = 3600;  // longer waits that a server asks for
inline constexpr int kStepsAtOnce = 1000;  // of one user without a wait, before others have a turn

// sio: what a server of Socket.IO may send. Its messages are WebSocket's, with the limit of those.
inline constexpr std::size_t kSioAttachments = 64;     // of one packet
inline constexpr std::size_t kSioEventBytes = 1024;    // the name of an event
inline constexpr std::size_t kSioNamespaceBytes = 1024;
inline constexpr std::size_t kSioIdBytes = 256;        // of a session; a server's own are 20 long
inline constexpr std::size_t kSioOpenBytes = 16 * 1024;  // the open packet
inline constexpr std::size_t kSioDepth = 256;          // of the JSON in a packet
inline constexpr std::uint64_t kSioAckId = (1ULL << 53) - 1;  // what JavaScript counts exactly
inline constexpr std::uint64_t kSioHeartbeatMs = 24ULL * 3600 * 1000;  // an interval or a timeout

// stats: requests worth looking at, of one interval or of a run.
inline constexpr std::size_t kSlowSamples = 10;
inline constexpr std::size_t kFailedSamples = 20;
inline constexpr std::size_t kFailedAlike = 3;  // of one way to fail
inline constexpr std::size_t kSampleTarget = 120;
inline constexpr std::size_t kSampleRequestId = 64;
inline constexpr std::size_t kSampleTraceparent = 56;  // W3C: 55 characters
inline constexpr std::size_t kSampleBody = 256;
inline constexpr std::int64_t kWindowSeconds = 3600;  // the longest `window` of a threshold

// ledger: who was owed which message. Rooms and senders of one run on this host.
inline constexpr std::size_t kLedgerRooms = 65'536;
inline constexpr std::size_t kLedgerRoomName = 256;         // bytes
inline constexpr std::size_t kLedgerStreams = 1'048'576;    // senders, each in one room
inline constexpr std::uint64_t kLedgerPairs = 33'554'432;   // receivers x senders, over all rooms
// Of one sender and one receiver: the oldest missing number may lie this far behind the newest one
// before it is written off, whatever its age; 1 KiB of bits.
inline constexpr std::uint64_t kLedgerWindow = 8192;
// A missing number is written off for want of room only when it is known to be missing this long.
inline constexpr std::chrono::nanoseconds kLedgerPatience = std::chrono::seconds{10};
// A sender's numbering is not continued by another sender before its last messages have arrived.
inline constexpr std::chrono::nanoseconds kLedgerRest = std::chrono::seconds{10};
// Numbers of a server that jump further ahead than this are not a count of messages.
inline constexpr std::uint64_t kLedgerJump = 1'048'576;
static_assert((kLedgerWindow & (kLedgerWindow - 1)) == 0, "bits of a window are a ring");

// sim
inline constexpr std::uint64_t kRowsMarked = 100'000'000;  // of a data set: a bit each
inline constexpr std::int64_t kModelWorkers = 1'000'000;
inline constexpr std::int64_t kModelBodyBytes = 16 * 1024 * 1024;

// target
inline constexpr std::size_t kTargetMessageBytes = 16 * 1024 * 1024;  // of a client, inflated
inline constexpr std::size_t kTargetPendingBytes = 4 * 1024 * 1024;   // that a slow reader leaves
inline constexpr std::size_t kTargetRooms = 100'000;
inline constexpr std::size_t kTargetRoomName = 256;    // bytes
inline constexpr std::size_t kTargetRoomsJoined = 1000;  // by one connection

// observe
inline constexpr std::size_t kObserveSources = 32;   // of one plan
inline constexpr std::size_t kObserveSeries = 256;   // of all of them
inline constexpr std::size_t kObserveBytes = 16 * 1024 * 1024;  // one answer, decoded
inline constexpr std::size_t kObserveChanges = 50;  // of one source, told as events of a run
inline constexpr double kObserveMost = 9e12;        // a value: millionths of it fill 64 bits
inline constexpr unsigned kHostCpus = 64;          // that have a series each

// control
inline constexpr std::size_t kControlClients = 64;
// A run file, unpacked: a day of 200 series, a few samples a second each, is some 400 MB.
inline constexpr std::size_t kRunFilePlainBytes = std::size_t{2} << 30;
inline constexpr std::size_t kControlBodyBytes = 8 * 1024 * 1024;
inline constexpr std::size_t kStoredFiles = 256;  // that clients sent, kept at a time
inline constexpr std::size_t kStoredFileBytes = 4 * kDataFileBytes;  // of all of them

}  // namespace gend::limits
