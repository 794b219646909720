#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "demo/population.h"

namespace gend::target {

// What the villagers have posted. Any thread may ask.
class Villages {
 public:
  explicit Villages(const demo::Sizes& sizes);

  // The number of the update; they count from 1 in each village, and the latest kKept are kept.
  std::uint64_t post(std::uint32_t village, std::uint32_t user, std::string_view text);
  // Appends up to `limit` updates after number `after` as JSON objects with commas between them;
  // returns the number of the last one when there are more, 0 otherwise.
  std::uint64_t list(std::uint32_t village, std::uint64_t after, std::size_t limit,
                     std::string& out) const;
  std::uint64_t count(std::uint32_t village) const;

  std::uint64_t posted() const { return posted_.load(); }
  void clear_counts() { posted_ = 0; }
  void clear();

  static constexpr std::size_t kKept = 1000;

 private:
  struct Update {
    std::uint32_t user;
    std::string text;
  };
  struct Village {
    mutable std::mutex mutex;
    std::deque<Update> updates;
    std::uint64_t last = 0;  // number of updates.back()
  };
  std::vector<Village> villages_;
  std::atomic<std::uint64_t> posted_{0};
};

}  // namespace gend::target
