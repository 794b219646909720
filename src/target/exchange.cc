#include "target/exchange.h"

#include <iterator>

namespace gend::target {
namespace {

template <class T>
void move_behind(std::vector<T>& into, std::vector<T>& from) {
  into.insert(into.end(), std::make_move_iterator(from.begin()),
              std::make_move_iterator(from.end()));
  from.clear();
}

void move_behind(Mail& into, Mail& from) {
  move_behind(into.broadcasts, from.broadcasts);
  move_behind(into.letters, from.letters);
}

}  // namespace

void Exchange::post(unsigned to, Mail& mail) {
  Box& box = boxes_[to];
  bool was_empty = false;
  {
    const std::lock_guard lock{box.mutex};
    was_empty = box.mail.empty();
    move_behind(box.mail, mail);
    box.filled.store(true);
  }
  if (was_empty && box.io != nullptr) box.io->ring_doorbell();
}

void Exchange::take(unsigned thread, Mail& into) {
  Box& box = boxes_[thread];
  if (!box.filled.load()) return;
  const std::lock_guard lock{box.mutex};
  move_behind(into, box.mail);
  box.filled.store(false);
}

}  // namespace gend::target
