#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/share.h"
#include "engine/vu.h"
#include "plan/program.h"

namespace gend::engine {

// Where the users of one scenario stand in their shard's array, and the hands of their bursts: user
// i has hands first_hand + i x burst_hands and following.
struct ScenarioUsers {
  std::uint32_t first = 0, count = 0;
  std::uint32_t first_hand = 0;
  Share share;
};

// All users of a shard with what belongs to them, allocated once. Users first, then the hands.
class UserTable {
 public:
  UserTable(const plan::Program& program, Share shard);

  // Users and hands that a shard has; each may hold a connection to every endpoint.
  static std::size_t size_of(const plan::Program& program, Share shard);

  // Sessions that the shard's users may have at once.
  static std::size_t sessions_of(const plan::Program& program, Share shard);
  std::size_t sessions() const { return sessions_; }

  Vu* users() { return users_.get(); }
  std::size_t size() const { return size_; }
  const std::vector<ScenarioUsers>& layout() const { return layout_; }

 private:
  void give_user(const plan::Program& program, std::uint16_t scenario, std::uint32_t local);
  void give_hands(const plan::Program& program, std::uint16_t scenario, std::uint32_t local);

  std::size_t size_, sessions_;
  std::unique_ptr<Vu[]> users_;
  std::vector<ScenarioUsers> layout_;
  std::vector<plan::Values> values_;       // one a user, when the plan has any
  std::vector<std::uint64_t> rows_;        // users x data sets
  std::vector<std::int64_t> registers_;    // users and hands
  std::int64_t* next_register_ = nullptr;  // while they are given out
};

}  // namespace gend::engine
