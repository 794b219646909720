#include "target/people.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace gend::target {
namespace {

std::uint32_t* zeros(std::size_t count) {
  auto* memory = static_cast<std::uint32_t*>(std::calloc(count, sizeof(std::uint32_t)));
  GEND_ASSERT(memory != nullptr);
  return memory;
}

void add_one(std::uint32_t& to) {
  std::atomic_ref{to}.fetch_add(1, std::memory_order_relaxed);
}

std::uint32_t value_of(std::uint32_t& of) {
  return std::atomic_ref{of}.load(std::memory_order_relaxed);
}

}  // namespace

People::People(const demo::Sizes& sizes, std::uint32_t rows)
    : sizes_{sizes},
      rows_{rows},
      people_{sizes.users() + std::size_t{sizes.all_members()}},
      hits_{zeros(people_ + 1)},
      reads_{zeros(people_ * rows + 1)},
      next_{zeros(people_ + 1)} {}

std::optional<std::size_t> People::index_of(const demo::Account& account) const {
  if (account.kind == demo::Kind::kUser) return account.number - 1;
  if (account.kind == demo::Kind::kMember) return sizes_.users() + account.number - 1;
  return std::nullopt;
}

void People::hit(const demo::Account& account) {
  if (const auto index = index_of(account)) add_one(hits_[*index]);
}

void People::served(const demo::Account& account, std::uint32_t from, std::uint32_t to) {
  pages_.fetch_add(1, std::memory_order_relaxed);
  const auto index = index_of(account);
  if (!index) return;
  const std::uint32_t expected = std::atomic_ref{next_[*index]}.exchange(to < rows_ ? to : 0);
  if (from != expected) astray_.fetch_add(1, std::memory_order_relaxed);
  for (std::uint32_t row = from; row < to; ++row) add_one(reads_[*index * rows_ + row]);
}

std::string People::json() const {
  std::uint64_t users = 0, hits = 0, readers = 0, rows = 0, complete = 0;
  std::uint32_t most = 0, least = 0, most_reads = 0;
  for (std::size_t person = 0; person < people_; ++person) {
    const std::uint32_t mine = value_of(hits_[person]);
    if (mine == 0) continue;  // reading takes a hit
    ++users;
    hits += mine;
    most = std::max(most, mine);
    least = least == 0 ? mine : std::min(least, mine);
    std::uint32_t highest = 0, lowest = ~0U;
    for (std::uint32_t row = 0; row < rows_; ++row) {
      const std::uint32_t reads = value_of(reads_[person * rows_ + row]);
      highest = std::max(highest, reads);
      lowest = std::min(lowest, reads);
      rows += reads;
    }
    if (highest == 0) continue;
    ++readers;
    complete += highest == lowest ? 1 : 0;
    most_reads = std::max(most_reads, highest);
  }
  return fmt::format(
      R"({{"users":{},"hits":{},"max":{},"min":{},"readers":{},"pages":{},"rows":{},)"
      R"("complete":{},"max_reads":{},"astray":{}}})",
      users, hits, most, least, readers, pages_.load(), rows, complete, most_reads, astray_.load());
}

void People::clear_counts() {
  for (std::size_t person = 0; person < people_; ++person) {
    if (value_of(hits_[person]) == 0) continue;
    for (std::uint32_t row = 0; row < rows_; ++row)
      std::atomic_ref{reads_[person * rows_ + row]}.store(0, std::memory_order_relaxed);
    std::atomic_ref{hits_[person]}.store(0, std::memory_order_relaxed);
    std::atomic_ref{next_[person]}.store(0, std::memory_order_relaxed);
  }
  pages_ = 0;
  astray_ = 0;
}

}  // namespace gend::target
