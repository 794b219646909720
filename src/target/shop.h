#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "demo/population.h"

namespace gend::target {

struct Order {
  std::uint32_t product = 0;
  std::uint32_t quantity = 0;
  std::uint32_t user = 0;  // 0: nobody was logged in
};

// Products, their stock, and what was ordered. Any thread may ask; a stock never goes below zero.
class Shop {
 public:
  Shop(const demo::Sizes& sizes, std::int64_t stock);

  // The number of the order, or nothing: there is not enough left.
  std::optional<std::uint64_t> buy(const Order& order);
  std::optional<Order> order(std::uint64_t number) const;  // the latest kKept are known
  std::int64_t stock(std::uint32_t product) const { return stock_[product].load(); }
  void set_stock(std::uint32_t product, std::int64_t stock) { stock_[product].store(stock); }
  std::uint32_t products() const { return static_cast<std::uint32_t>(stock_.size() - 1); }

  // "orders":{"accepted":…,"rejected":…,"sold":…}
  std::string json() const;
  void clear_counts();
  void restock();  // as it was at start

  static constexpr std::size_t kKept = 1 << 18;

 private:
  std::int64_t initial_;
  std::vector<std::atomic<std::int64_t>> stock_;  // of product 0 (the flash sale's) to the last
  std::atomic<std::uint64_t> accepted_{0}, rejected_{0}, sold_{0};
  mutable std::mutex orders_mutex_;
  std::vector<Order> orders_;  // of number n: at (n - 1) % kKept
  std::uint64_t placed_ = 0;
};

}  // namespace gend::target
