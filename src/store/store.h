#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/error.h"
#include "report/run_status.h"
#include "store/record.h"
#include "store/writer.h"

namespace gend::store {

// The results of all runs, in `<state>/results.db`: SQLite, docs/results.md. One thread writes, a
// transaction a second; whoever tells it something never waits for the disk. Readers have
// connections of their own, and so has everybody who opens the file.
class Store {
 public:
  // Makes the directory. Refused when another daemon writes there, and when the database is damaged
  // or of a newer gend; nothing is changed then.
  static Expected<std::unique_ptr<Store>> open(const std::string& directory, const Keep& keep);
  // For a daemon without a state directory: kept as long as this object, in a place of its own.
  static Expected<std::unique_ptr<Store>> scratch();
  ~Store();  // writes what waits, if the disk takes it
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Of the one run that goes on: first a beginning, then seconds and standings. What does not find
  // a place because the disk is too slow or full is counted: not_written().
  void begin(Beginning beginning);
  void add(Second second);
  void stand(Standing standing);
  // Why the disk does not have all of the run; empty when it does, but for the last second.
  std::string not_written() const;
  // The last standing. Waits until it is written or cannot be, at most some seconds: the run is
  // over. Returns why it is not on disk, or nothing.
  std::string end(Standing standing);
  void settle();  // waits until all that was told so far was tried once

  // What is committed; of the run that goes on, all but the latest second. Any thread.
  Expected<std::vector<report::RunStatus>> list() const;
  Expected<std::optional<report::RunStatus>> find(const std::string& id) const;
  Expected<std::optional<std::string>> summary(const std::string& id) const;
  Expected<std::optional<std::string>> run_file(const std::string& id,
                                                const std::optional<std::string>& newer,
                                                Duration from = {}) const;
  // False when there is no such run, or it goes on.
  Expected<bool> remove(const std::string& id);

  // Lines for the log since the last call: runs that were interrupted, or removed for want of room.
  std::vector<std::string> take_remarks();
  const std::string& path() const { return path_; }

 private:
  enum class Place : std::uint8_t { kState, kScratch };
  Store(std::string directory, Place place, const Keep& keep);
  static Expected<std::unique_ptr<Store>> make(const std::string& directory, Place place,
                                               const Keep& keep);
  Expected<void> lock();
  Expected<void> open_database();

  struct Removal {
    std::string id;
    std::promise<Result<bool>> done;
  };
  struct Settled {};  // nothing to write: somebody waits
  using Message = std::variant<Beginning, Second, Standing, Removal, Settled>;
  std::uint64_t post(Message message);
  enum class Waited : bool { kTooLong, kSettled };
  Waited wait_for(std::uint64_t number);
  void work();
  enum class Haste : bool { kNone, kAtOnce };
  static Haste haste_of(const Message& message);
  void handle(Message message);
  void write(Haste haste);
  enum class More : bool { kNo, kYes };
  More tidy();
  void remark(std::string words);

  const std::string directory_, path_;
  const Place place_;
  const Keep keep_;
  int lock_ = -1;
  std::unique_ptr<Writer> writer_;  // of the thread, once that runs
  bool look_for_old_ = true;        // of the thread: there may be more than shall be kept
  TimePoint next_attempt_{};        // of the thread: after the disk took nothing

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable posted_, settled_;
  std::deque<Message> queue_;
  std::size_t seconds_queued_ = 0;
  std::uint64_t seconds_refused_ = 0;  // of this run: the queue was full
  std::uint64_t post_number_ = 0, settled_number_ = 0;
  bool closing_ = false;
  std::string trouble_;
  std::vector<std::string> remarks_;

  std::thread thread_;
};

}  // namespace gend::store
