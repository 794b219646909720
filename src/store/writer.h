#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "store/digest.h"
#include "store/keep.h"
#include "store/record.h"
#include "store/rows.h"
#include "store/sqlite.h"

namespace gend::store {

// What the store's thread does: turns what is told of a run into rows and writes them. Rows that
// the disk does not take wait, in memory that is bounded, and are tried again.
class Writer {
 public:
  // `database` has been recovered.
  Writer(Database database, std::int64_t last_run);

  void take(Beginning beginning);
  void take(Second second);
  void take(Standing standing);

  // One transaction for all that waits. On failure everything stays. `refused`: seconds of the
  // latest run that never came here.
  void write(std::uint64_t refused);
  // Nothing waits.
  bool idle() const { return pending_.empty(); }
  // What is wrong with what is on disk of the run of the latest Beginning; empty: nothing.
  std::string trouble() const;

  // Takes the run off the list at once; its seconds are deleted piece by piece. False: there is no
  // such run. The one that goes on is not removed.
  Result<bool> remove(const std::string& id);
  // The same for the oldest run when more is there than shall be kept. To be called again when its
  // seconds are gone, as its size is known only then. Empty: nothing was removed.
  Result<std::string> remove_oldest(const Keep& keep, std::int64_t now_ms);
  // Deletes a piece of what was removed. False: nothing is left to delete.
  Result<bool> sweep();

 private:
  void push(Row row);
  Result<void> write_pending(std::uint64_t refused);

  Database database_;
  std::int64_t run_;  // key of the latest run
  std::unique_ptr<Digest> digest_;  // of the run that goes on
  std::size_t events_ = 0;          // of it, on their way
  std::deque<Row> pending_;
  std::size_t pending_bytes_ = 0;
  std::uint64_t missing_ = 0;  // seconds that found no place
  std::string fault_;          // of the latest attempt; empty: it went well
  std::string missing_why_;
};

}  // namespace gend::store
