#include "export/exporter.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/export_limits.h"
#include "base/thread_name.h"

namespace gend::exporter {

using namespace std::chrono_literals;

namespace {

// While a run says goodbye a destination that is just starting again shall not be missed.
constexpr Duration kBackOffAtEnd = 250ms;
constexpr Duration kLongest = 1h;

}  // namespace

Exporter::Exporter(Destination destination, const stats::Schema& schema, const Fence& fence)
    : destination_{std::move(destination)},
      encoder_{make_encoder(destination_, schema)},
      transport_{make_transport(destination_, fence, give_up_)},
      thread_{[this] { run(); }} {}

Exporter::Exporter(Destination destination, const stats::Schema& schema,
                   std::unique_ptr<Transport> transport)
    : destination_{std::move(destination)},
      encoder_{make_encoder(destination_, schema)},
      transport_{std::move(transport)},
      thread_{[this] { run(); }} {}

Exporter::~Exporter() {
  close(Duration{});
  join();
}

void Exporter::push(Second second) {
  const std::lock_guard lock{mutex_};
  if (closing_) return;
  if (queue_.size() == limits::kExportSeconds) {
    queue_.pop_front();
    ++account_.seconds_dropped;
  }
  queue_.push_back(std::move(second));
  changed_.notify_one();
}

void Exporter::close(Duration at_most) {
  const std::lock_guard lock{mutex_};
  const std::int64_t end = (MonotonicClock::now() + at_most).time_since_epoch().count();
  give_up_ = std::min(give_up_.load(), end);
  closing_ = true;
  changed_.notify_one();
}

void Exporter::join() {
  if (thread_.joinable()) thread_.join();
}

Account Exporter::account() const {
  const std::lock_guard lock{mutex_};
  return account_;
}

// Waits for something to do and takes what was pushed; false when that is all there will be.
bool Exporter::take(std::deque<Second>& into) {
  std::unique_lock lock{mutex_};
  const auto has_news = [this] { return !queue_.empty() || closing_; };
  if (!has_news()) {
    const Duration left = waiting_.empty() ? kLongest : next_try_ - MonotonicClock::now();
    changed_.wait_for(lock, std::clamp(left, Duration{}, kLongest), has_news);
  } else if (queue_.empty() && finished_) {
    // Closing: nothing new can come, only the next try.
    const Duration left = next_try_ - MonotonicClock::now();
    if (left > Duration{}) changed_.wait_for(lock, std::min(left, kBackOffAtEnd));
  }
  into.swap(queue_);
  return !closing_;
}

void Exporter::encode(std::deque<Second>& seconds) {
  std::vector<Message> made;
  for (const Second& second : seconds) encoder_->add(second, made);
  seconds.clear();
  for (Message& message : made) {
    waiting_bytes_ += message.bytes.size();
    waiting_.push_back(std::move(message));
  }
  keep_within_bounds();
}

void Exporter::keep_within_bounds() {
  std::uint64_t dropped = 0;
  while (waiting_.size() > 1 && waiting_bytes_ > limits::kExportWaiting) {
    dropped += waiting_.front().samples;
    waiting_bytes_ -= waiting_.front().bytes.size();
    waiting_.pop_front();
  }
  if (dropped == 0) return;
  const std::lock_guard lock{mutex_};
  account_.dropped += dropped;
}

void Exporter::note(const Delivery& delivery, std::uint64_t samples) {
  const std::lock_guard lock{mutex_};
  ++account_.requests;
  account_.failing = delivery.result != Delivery::Result::kDone;
  if (!account_.failing) {
    account_.sent += samples;
    return;
  }
  ++account_.failures;
  account_.trouble = delivery.words;
  if (delivery.result == Delivery::Result::kRefused) account_.dropped += samples;
}

void Exporter::deliver_waiting() {
  while (!waiting_.empty() && !is_over() && MonotonicClock::now() >= next_try_) {
    const Delivery delivery = transport_->deliver(waiting_.front());
    note(delivery, waiting_.front().samples);
    if (delivery.result == Delivery::Result::kAgain) {
      constexpr Duration kFirst = limits::kExportBackOff, kMost = limits::kExportBackOffMost;
      back_off_ = std::clamp(2 * back_off_, kFirst, kMost);
      next_try_ = MonotonicClock::now() + (finished_ ? kBackOffAtEnd : back_off_);
      return;
    }
    back_off_ = Duration{};
    waiting_bytes_ -= waiting_.front().bytes.size();
    waiting_.pop_front();
    const std::lock_guard lock{mutex_};
    if (!queue_.empty()) return;  // seconds are taken over before they are too many
  }
}

bool Exporter::is_over() const {
  return MonotonicClock::now().time_since_epoch().count() >= give_up_.load();
}

void Exporter::drop_rest() {
  std::uint64_t dropped = 0;
  for (const Message& message : waiting_) dropped += message.samples;
  waiting_.clear();
  const std::lock_guard lock{mutex_};
  account_.dropped += dropped;
}

void Exporter::run() {
  name_this_thread("gend-export");
  std::deque<Second> seconds;
  for (;;) {
    const bool more = take(seconds);
    encode(seconds);
    if (!more && !finished_) {
      std::vector<Message> last;
      encoder_->finish(last);
      for (Message& message : last) {
        waiting_bytes_ += message.bytes.size();
        waiting_.push_back(std::move(message));
      }
      finished_ = true;
      next_try_ = {};  // one try more, whatever was before
    }
    deliver_waiting();
    if (finished_ && (waiting_.empty() || is_over())) break;
  }
  drop_rest();
}

}  // namespace gend::exporter
