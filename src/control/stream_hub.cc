#include "control/stream_hub.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace gend::control {

StreamHub::Subscription::Subscription(StreamHub& hub, std::string run_id)
    : hub_{hub}, run_id_{std::move(run_id)} {}

StreamHub::Subscription::~Subscription() {
  const std::lock_guard lock{hub_.mutex_};
  std::erase(hub_.subscriptions_, this);
  // Under the lock: once it is free the hub may go, and must not be touched any more.
  hub_.changed_.notify_all();
}

StreamHub::Subscription::Got StreamHub::Subscription::next(std::string& line, Duration max_wait) {
  std::unique_lock lock{hub_.mutex_};
  hub_.changed_.wait_for(lock, max_wait, [this] { return !lines_.empty() || ended_; });
  if (skipped_ > 0 && !lines_.empty()) {
    line = "{\"skipped\":" + std::to_string(std::exchange(skipped_, 0)) + "}\n";
    return Got::kLine;
  }
  if (lines_.empty()) return ended_ ? Got::kEnd : Got::kNothing;
  line = std::move(lines_.front());
  lines_.pop_front();
  return Got::kLine;
}

StreamHub::~StreamHub() { GEND_ASSERT(subscriptions_.empty()); }

std::unique_ptr<StreamHub::Subscription> StreamHub::subscribe(const std::string& run_id) {
  std::unique_ptr<Subscription> subscription{new Subscription{*this, run_id}};
  const std::lock_guard lock{mutex_};
  subscription->ended_ = ended_;
  subscriptions_.push_back(subscription.get());
  return subscription;
}

std::unique_ptr<StreamHub::Subscription> StreamHub::subscribe_finished(
    const std::string& run_id, const std::string& last_line) {
  auto subscription = subscribe(run_id);
  const std::lock_guard lock{mutex_};
  push(*subscription, last_line);
  subscription->ended_ = true;
  return subscription;
}

void StreamHub::push(Subscription& to, const std::string& line) {
  if (to.ended_) return;
  if (to.lines_.size() >= kStreamLines) {
    to.lines_.pop_front();
    ++to.skipped_;
    ++skipped_;
  }
  to.lines_.push_back(line);
}

void StreamHub::publish(const std::string& run_id, const std::string& line) {
  const std::lock_guard lock{mutex_};
  for (Subscription* each : subscriptions_)
    if (each->run_id_ == run_id) push(*each, line);
  changed_.notify_all();
}

void StreamHub::finish(const std::string& run_id, const std::string& last_line) {
  const std::lock_guard lock{mutex_};
  for (Subscription* each : subscriptions_)
    if (each->run_id_ == run_id) {
      push(*each, last_line);
      each->ended_ = true;
    }
  changed_.notify_all();
}

void StreamHub::end_all() {
  const std::lock_guard lock{mutex_};
  ended_ = true;
  for (Subscription* each : subscriptions_) each->ended_ = true;
  changed_.notify_all();
}

std::size_t StreamHub::subscribers() const {
  const std::lock_guard lock{mutex_};
  return subscriptions_.size();
}

std::uint64_t StreamHub::skipped() const {
  const std::lock_guard lock{mutex_};
  return skipped_;
}

bool StreamHub::wait_until_empty(Duration max_wait) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, max_wait, [this] { return subscriptions_.empty(); });
}

}  // namespace gend::control
