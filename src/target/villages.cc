#include "target/villages.h"

#include <fmt/format.h>

#include <algorithm>

#include "target/text.h"

namespace gend::target {

Villages::Villages(const demo::Sizes& sizes) : villages_(sizes.villages) {}

std::uint64_t Villages::post(std::uint32_t village, std::uint32_t user, std::string_view text) {
  Village& at = villages_[village - 1];
  posted_.fetch_add(1, std::memory_order_relaxed);
  const std::lock_guard lock{at.mutex};
  at.updates.push_back({user, std::string{text}});
  if (at.updates.size() > kKept) at.updates.pop_front();
  return ++at.last;
}

std::uint64_t Villages::list(std::uint32_t village, std::uint64_t after, std::size_t limit,
                             std::string& out) const {
  const Village& at = villages_[village - 1];
  const std::lock_guard lock{at.mutex};
  const std::uint64_t gone = at.last - at.updates.size();
  const std::uint64_t first = std::max(after, gone);
  const std::uint64_t end = std::min<std::uint64_t>(at.last, first + limit);
  for (std::uint64_t number = first + 1; number <= end; ++number) {
    const Update& update = at.updates[number - gone - 1];
    if (number != first + 1) out += ',';
    out += fmt::format(R"({{"id":{},"user":{},"text":)", number, update.user);
    append_json(out, update.text);
    out += '}';
  }
  return end < at.last && end > first ? end : 0;
}

std::uint64_t Villages::count(std::uint32_t village) const {
  const Village& at = villages_[village - 1];
  const std::lock_guard lock{at.mutex};
  return at.last;
}

void Villages::clear() {
  for (Village& village : villages_) {
    const std::lock_guard lock{village.mutex};
    village.updates.clear();
    village.last = 0;
  }
}

}  // namespace gend::target
