#pragma once

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "base/free.h"
#include "demo/population.h"

namespace gend::target {

// What was asked for by whom: hits of every account, and how often each row of its profile's
// activity was read. Any thread may write.
class People {
 public:
  People(const demo::Sizes& sizes, std::uint32_t rows);

  void hit(const demo::Account& account);
  // Rows [from, to) of the account's activity were served as one page.
  void served(const demo::Account& account, std::uint32_t from, std::uint32_t to);
  std::uint32_t rows() const { return rows_; }

  // {"users":distinct,"hits":…,"max":…,"min":…, of those that came
  //  "readers":…,"pages":…,"rows":…,"complete":…,"max_reads":…,"astray":…}
  // `complete`: readers who were served each row, and all of them equally often. `astray`: pages
  // that did not follow the reader's last one (the first one follows the end).
  std::string json() const;
  std::uint64_t pages() const { return pages_.load(); }
  void clear_counts();

 private:
  std::optional<std::size_t> index_of(const demo::Account& account) const;

  demo::Sizes sizes_;
  std::uint32_t rows_;
  std::size_t people_;  // users, then members
  // From calloc: memory that nobody touches costs nothing.
  using Numbers = std::unique_ptr<std::uint32_t[], Free<std::free>>;
  Numbers hits_, reads_;  // reads: rows_ for each of people_
  Numbers next_;          // the row after each one's last page
  std::atomic<std::uint64_t> pages_{0}, astray_{0};
};

}  // namespace gend::target
