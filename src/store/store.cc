#include "store/store.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/thread_name.h"
#include "base/wall_clock.h"
#include "store/layout.h"
#include "store/limits.h"
#include "store/reader.h"
#include "store/recover.h"

namespace gend::store {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr Duration kTurn = 1s;
constexpr Duration kPause = 5ms;   // between pieces of what is deleted
constexpr Duration kBackOff = 5s;  // of a disk that takes nothing
constexpr auto kPatience = 20s;  // with the end of a run
constexpr std::size_t kListed = 1000;

Error refused(const std::string& place, const std::string& what, const std::string& remedy) {
  return {place + ": " + what, remedy, ExitCode::kHostCannotCarry};
}

}  // namespace

Store::Store(std::string directory, Place place, const Keep& keep)
    : directory_{std::move(directory)},
      path_{directory_ + "/" + kFileName},
      place_{place},
      keep_{keep} {}

Expected<std::unique_ptr<Store>> Store::open(const std::string& directory, const Keep& keep) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error || ::access(directory.c_str(), W_OK | X_OK) != 0)
    return std::unexpected{refused(directory,
                                   std::string{"results cannot be written: "} +
                                       (error ? error.message() : std::strerror(errno)),
                                   "give gend a directory of its own with --state")};
  return make(directory, Place::kState, keep);
}

Expected<std::unique_ptr<Store>> Store::scratch() {
  std::error_code error;
  const fs::path folder = fs::temp_directory_path(error);
  std::string directory = (error ? "/tmp" : folder.string()) + "/gend-results-XXXXXX";
  if (!::mkdtemp(directory.data()))
    return std::unexpected{refused(directory, std::strerror(errno),
                                   "give gend a directory for results with --state")};
  return make(directory, Place::kScratch, Keep{});
}

Expected<std::unique_ptr<Store>> Store::make(const std::string& directory, Place place,
                                             const Keep& keep) {
  std::unique_ptr<Store> store{new Store{directory, place, keep}};
  if (auto locked = store->lock(); !locked) return std::unexpected{std::move(locked.error())};
  if (auto opened = store->open_database(); !opened)
    return std::unexpected{std::move(opened.error())};
  if (fs::exists(directory + "/runs"))
    store->remark(directory + "/runs: results of an older gend, as JSON; this one leaves them "
                              "alone and does not list them");
  store->thread_ = std::thread{[raw = store.get()] { raw->work(); }};
  return store;
}

// Two daemons would take each other's runs for interrupted. Readers need no lock.
Expected<void> Store::lock() {
  const std::string path = directory_ + "/results.lock";
  lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (lock_ < 0)
    return std::unexpected{refused(path, std::string{"cannot be made: "} + std::strerror(errno),
                                   "give gend a directory of its own with --state")};
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0)
    return std::unexpected{refused(directory_, "another gend keeps its results there",
                                   "give this one a directory of its own with --state")};
  return {};
}

Expected<void> Store::open_database() {
  auto database = open_for_writing(
      path_, place_ == Place::kState ? Durability::kDurable : Durability::kScratch);
  if (!database) return std::unexpected{std::move(database.error())};
  auto words = recover(*database);
  if (!words) return std::unexpected{error_of(path_, words.error())};
  remarks_ = *std::move(words);
  const auto last = database->number("SELECT max(coalesce((SELECT max(run) FROM runs), 0),"
                                     " coalesce((SELECT max(run) FROM removed), 0))");
  if (!last) return std::unexpected{error_of(path_, last.error())};
  writer_ = std::make_unique<Writer>(std::move(*database), *last);
  return {};
}

Store::~Store() {
  {
    const std::lock_guard lock{mutex_};
    closing_ = true;
    posted_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  writer_.reset();
  if (lock_ >= 0) ::close(lock_);
  std::error_code ignored;
  if (place_ == Place::kScratch) fs::remove_all(directory_, ignored);
}

std::uint64_t Store::post(Message message) {
  const std::lock_guard lock{mutex_};
  queue_.push_back(std::move(message));
  posted_.notify_all();
  return ++post_number_;
}

void Store::begin(Beginning beginning) {
  {
    const std::lock_guard lock{mutex_};
    seconds_refused_ = 0;
  }
  post(std::move(beginning));
}

void Store::add(Second second) {
  {
    const std::lock_guard lock{mutex_};
    if (seconds_queued_ >= limits::kStoreQueue) {
      ++seconds_refused_;
      return;
    }
    ++seconds_queued_;
  }
  post(std::move(second));
}

void Store::stand(Standing standing) { post(std::move(standing)); }

std::string Store::end(Standing standing) {
  if (wait_for(post(std::move(standing))) == Waited::kTooLong)
    return fmt::format("{}: the disk takes nothing for {} s", path_, kPatience.count());
  return not_written();
}

void Store::settle() { wait_for(post(Settled{})); }

Store::Waited Store::wait_for(std::uint64_t number) {
  std::unique_lock lock{mutex_};
  const bool settled =
      settled_.wait_for(lock, kPatience, [&] { return settled_number_ >= number; });
  return settled ? Waited::kSettled : Waited::kTooLong;
}

std::string Store::not_written() const {
  const std::lock_guard lock{mutex_};
  if (seconds_refused_ == 0) return trouble_;
  const std::string slow = fmt::format("{}: {} seconds are missing: the disk is too slow", path_,
                                       seconds_refused_);
  return trouble_.empty() ? slow : slow + "; " + trouble_;
}

void Store::handle(Message message) {
  struct Handler {
    Store& store;
    void operator()(Beginning& each) const { store.writer_->take(std::move(each)); }
    void operator()(Second& each) const { store.writer_->take(std::move(each)); }
    void operator()(Standing& each) const {
      if (report::is_over(each.status.state)) store.look_for_old_ = true;
      store.writer_->take(std::move(each));
    }
    void operator()(Removal& each) const {
      store.write(Haste::kAtOnce);  // the run may have ended a moment ago
      each.done.set_value(store.writer_->remove(each.id));
    }
    void operator()(Settled&) const {}
  };
  std::visit(Handler{*this}, message);
}

// Somebody waits for these.
Store::Haste Store::haste_of(const Message& message) {
  if (const auto* standing = std::get_if<Standing>(&message))
    return report::is_over(standing->status.state) ? Haste::kAtOnce : Haste::kNone;
  const bool waited_for =
      std::holds_alternative<Removal>(message) || std::holds_alternative<Settled>(message);
  return waited_for ? Haste::kAtOnce : Haste::kNone;
}

void Store::write(Haste haste) {
  const TimePoint now = MonotonicClock::now();
  if (haste == Haste::kNone && now < next_attempt_) return;
  std::uint64_t refused = 0;
  {
    const std::lock_guard lock{mutex_};
    refused = seconds_refused_;
  }
  writer_->write(refused);
  next_attempt_ = writer_->idle() ? TimePoint{} : now + kBackOff;
}

void Store::work() {
  name_this_thread("gend-store");
  More more = More::kYes;
  for (;;) {
    std::deque<Message> taken;
    std::uint64_t number = 0;
    bool closing = false;
    {
      std::unique_lock lock{mutex_};
      posted_.wait_for(lock, more == More::kYes ? kPause : kTurn,
                       [this] { return !queue_.empty() || closing_; });
      taken.swap(queue_);
      seconds_queued_ = 0;
      number = post_number_;
      closing = closing_;
    }
    Haste haste = closing ? Haste::kAtOnce : Haste::kNone;
    for (Message& message : taken) {
      if (haste_of(message) == Haste::kAtOnce) haste = Haste::kAtOnce;
      handle(std::move(message));
    }
    write(haste);
    {
      const std::lock_guard lock{mutex_};
      const std::string trouble = writer_->trouble();
      trouble_ = trouble.empty() ? trouble : path_ + ": " + trouble;
      settled_number_ = number;
      settled_.notify_all();
    }
    if (closing) return;
    more = tidy();
  }
}

// A piece at a time, so that seconds never wait long.
Store::More Store::tidy() {
  if (!writer_->idle()) return More::kNo;
  const auto swept = writer_->sweep();
  if (!swept) return More::kNo;
  if (*swept) return More::kYes;
  if (!look_for_old_) return More::kNo;
  const auto removed = writer_->remove_oldest(keep_, wall_ms_now());
  look_for_old_ = removed && !removed->empty();
  if (!removed) remark(path_ + ": old runs cannot be removed: " + removed.error().words);
  if (look_for_old_) remark("run " + *removed + ": removed, as no more is to be kept");
  return look_for_old_ ? More::kYes : More::kNo;
}

Expected<std::vector<report::RunStatus>> Store::list() const {
  auto reader = Reader::open(path_);
  if (!reader) return std::unexpected{std::move(reader.error())};
  return reader->list(kListed);
}

Expected<std::optional<report::RunStatus>> Store::find(const std::string& id) const {
  auto reader = Reader::open(path_);
  if (!reader) return std::unexpected{std::move(reader.error())};
  return reader->find(id);
}

Expected<std::optional<std::string>> Store::summary(const std::string& id) const {
  auto reader = Reader::open(path_);
  if (!reader) return std::unexpected{std::move(reader.error())};
  return reader->summary(id);
}

Expected<std::optional<std::string>> Store::run_file(
    const std::string& id, const std::optional<std::string>& newer, Duration from) const {
  auto reader = Reader::open(path_);
  if (!reader) return std::unexpected{std::move(reader.error())};
  return reader->run_file(id, newer, from);
}

Expected<bool> Store::remove(const std::string& id) {
  Removal removal{.id = id, .done = {}};
  auto done = removal.done.get_future();
  post(std::move(removal));
  const auto removed = done.get();
  if (!removed) return std::unexpected{error_of(path_, removed.error())};
  return *removed;
}

void Store::remark(std::string words) {
  const std::lock_guard lock{mutex_};
  remarks_.push_back(std::move(words));
}

std::vector<std::string> Store::take_remarks() {
  const std::lock_guard lock{mutex_};
  return std::exchange(remarks_, {});
}

}  // namespace gend::store
