#include "target/shop.h"

#include <fmt/format.h>

namespace gend::target {

Shop::Shop(const demo::Sizes& sizes, std::int64_t stock)
    : initial_{stock}, stock_(sizes.products + 1U) {
  restock();
}

std::optional<std::uint64_t> Shop::buy(const Order& order) {
  std::atomic<std::int64_t>& stock = stock_[order.product];
  std::int64_t left = stock.load();
  do {
    if (left < order.quantity) {
      rejected_.fetch_add(1);
      return std::nullopt;
    }
  } while (!stock.compare_exchange_weak(left, left - order.quantity));
  accepted_.fetch_add(1);
  sold_.fetch_add(order.quantity);
  const std::lock_guard lock{orders_mutex_};
  if (orders_.size() < kKept)
    orders_.push_back(order);
  else
    orders_[placed_ % kKept] = order;
  return ++placed_;
}

std::optional<Order> Shop::order(std::uint64_t number) const {
  const std::lock_guard lock{orders_mutex_};
  if (number == 0 || number > placed_ || placed_ - number >= kKept) return std::nullopt;
  return orders_[(number - 1) % kKept];
}

std::string Shop::json() const {
  return fmt::format(R"("orders":{{"accepted":{},"rejected":{},"sold":{}}})", accepted_.load(),
                     rejected_.load(), sold_.load());
}

void Shop::clear_counts() {
  accepted_ = rejected_ = sold_ = 0;
}

void Shop::restock() {
  for (auto& stock : stock_) stock.store(initial_);
}

}  // namespace gend::target
