#include "target/exchange.h"

#include <iterator>

namespace gend::target {

void Exchange::post(unsigned to, std::vector<Broadcast>& posts) {
  Box& box = boxes_[to];
  bool was_empty = false;
  {
    const std::lock_guard lock{box.mutex};
    was_empty = box.posts.empty();
    box.posts.insert(box.posts.end(), std::make_move_iterator(posts.begin()),
                     std::make_move_iterator(posts.end()));
    box.filled.store(true);
  }
  posts.clear();
  if (was_empty && box.io != nullptr) box.io->ring_doorbell();
}

void Exchange::take(unsigned thread, std::vector<Broadcast>& into) {
  Box& box = boxes_[thread];
  if (!box.filled.load()) return;
  const std::lock_guard lock{box.mutex};
  into.insert(into.end(), std::make_move_iterator(box.posts.begin()),
              std::make_move_iterator(box.posts.end()));
  box.posts.clear();
  box.filled.store(false);
}

}  // namespace gend::target
