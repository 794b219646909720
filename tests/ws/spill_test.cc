#include "ws/spill.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/limits.h"

namespace gend::test {
namespace {

using Slot = ws::Spill::Slot;

TEST_CASE("what was given back is used again, empty, with its memory") {
  ws::Spill spill;
  Slot slot = spill.borrow();
  spill.at(slot).assign(1000, 'x');
  const void* memory = spill.at(slot).data();
  const Slot first = slot;
  spill.give_back(slot);
  CHECK(slot == ws::Spill::kNone);
  CHECK(spill.spare_bytes() >= 1000);
  slot = spill.borrow();
  CHECK(slot == first);
  CHECK(spill.at(slot).empty());
  CHECK(spill.at(slot).data() == memory);
  CHECK(spill.spare_bytes() == 0);
  CHECK(spill.lent() == 1);
}

TEST_CASE("giving nothing back does nothing") {
  ws::Spill spill;
  Slot none = ws::Spill::kNone;
  spill.give_back(none);
  CHECK(spill.lent() == 0);
}

TEST_CASE("a buffer stays where it is however many others are lent") {
  ws::Spill spill;
  const Slot slot = spill.borrow();
  spill.at(slot) = "short";
  const char* place = spill.at(slot).data();
  for (int i = 0; i < 10'000; ++i) CHECK(spill.borrow() != slot);
  CHECK(spill.at(slot).data() == place);
  CHECK(spill.at(slot) == "short");
  CHECK(spill.lent() == 10'001);
}

TEST_CASE("spare memory never exceeds its limit") {
  ws::Spill spill;
  constexpr std::size_t kEach = limits::kSpillSpareBytes / 4;
  std::vector<Slot> slots;
  for (int i = 0; i < 8; ++i) {
    slots.push_back(spill.borrow());
    spill.at(slots.back()).reserve(kEach);
  }
  for (Slot& slot : slots) {
    spill.give_back(slot);
    CHECK(spill.spare_bytes() <= limits::kSpillSpareBytes);
  }
  CHECK(spill.lent() == 0);
  CHECK(spill.spare_bytes() >= 3 * kEach);
  // The others gave their memory back.
  std::size_t held = 0;
  for (Slot& slot : slots) {
    slot = spill.borrow();
    held += spill.at(slot).capacity();
  }
  CHECK(held <= limits::kSpillSpareBytes + 8 * std::string{}.capacity());
  CHECK(spill.spare_bytes() == 0);
}

}  // namespace
}  // namespace gend::test
