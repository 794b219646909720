#pragma once

#include <memory>
#include <vector>

namespace gend::engine {

// Objects that users need now and then and none needs for long. What was put back is used again
// with the memory it has, so that a steady state allocates nothing: there are as many as were ever
// in use at once. Whoever takes one empties it.
template <class T>
class Pool {
 public:
  T* take() {
    if (free_.empty()) {
      all_.push_back(std::make_unique<T>());
      free_.reserve(all_.size());
      free_.push_back(all_.back().get());
    }
    T* item = free_.back();
    free_.pop_back();
    return item;
  }
  // `item` becomes null; nothing happens when it is that already.
  void put(T*& item) {
    if (item == nullptr) return;
    free_.push_back(item);
    item = nullptr;
  }

 private:
  std::vector<std::unique_ptr<T>> all_;
  std::vector<T*> free_;
};

}  // namespace gend::engine
