#include "engine/user_table.h"

namespace gend::engine {
namespace {

Share share_of(const plan::Program& program, const plan::Scenario& scenario, Share shard) {
  return Share::of_scenario(shard, program.segment, scenario.max_vus);
}

// Streams of the users' generators: (scenario << 40) + number. The hands of a user draw from their
// own, far above.
constexpr std::uint64_t kHandStream = std::uint64_t{1} << 62;

}  // namespace

std::size_t UserTable::size_of(const plan::Program& program, Share shard) {
  std::size_t size = 0;
  for (const plan::Scenario& s : program.scenarios)
    size += share_of(program, s, shard).how_many_of(s.max_vus) * (1 + s.burst_hands);
  return size;
}

std::size_t UserTable::sessions_of(const plan::Program& program, Share shard) {
  std::size_t sessions = 0;
  for (const plan::Scenario& s : program.scenarios)
    sessions += share_of(program, s, shard).how_many_of(s.max_vus) * s.sessions;
  return sessions;
}

UserTable::UserTable(const plan::Program& program, Share shard)
    : size_{size_of(program, shard)},
      sessions_{sessions_of(program, shard)},
      users_{std::make_unique<Vu[]>(size_)} {
  std::uint32_t users = 0;
  std::size_t registers = 0;
  for (const plan::Scenario& s : program.scenarios) {
    const Share share = share_of(program, s, shard);
    const auto count = static_cast<std::uint32_t>(share.how_many_of(s.max_vus));
    layout_.push_back({users, count, 0, share});
    users += count;
    registers += std::size_t{count} * (1 + s.burst_hands) * s.registers;
  }
  std::uint32_t hands = users;
  for (std::size_t i = 0; i < layout_.size(); ++i) {
    layout_[i].first_hand = hands;
    hands += layout_[i].count * program.scenarios[i].burst_hands;
  }
  if (!program.values.empty()) values_.resize(users);
  rows_.resize(std::size_t{users} * program.data.size());
  registers_.resize(registers);
  next_register_ = registers_.data();
  for (std::size_t i = 0; i < layout_.size(); ++i) {
    for (std::uint32_t local = 0; local < layout_[i].count; ++local) {
      give_user(program, static_cast<std::uint16_t>(i), local);
      give_hands(program, static_cast<std::uint16_t>(i), local);
    }
  }
}

void UserTable::give_user(const plan::Program& program, std::uint16_t scenario,
                          std::uint32_t local) {
  const ScenarioUsers& here = layout_[scenario];
  const std::uint32_t slot = here.first + local;
  Vu& vu = users_[slot];
  vu.slot = vu.user = slot;
  vu.scenario = scenario;
  vu.number = std::uint64_t{local} * here.share.count + here.share.index;
  vu.rng = Rng::for_stream(program.seed, (std::uint64_t{scenario} << 40) + vu.number);
  if (!values_.empty()) {
    vu.values = &values_[slot];
    vu.values->resize(program.values.size());
  }
  vu.rows = rows_.data() + std::size_t{slot} * program.data.size();
  vu.registers = next_register_;
  next_register_ += program.scenarios[scenario].registers;
}

void UserTable::give_hands(const plan::Program& program, std::uint16_t scenario,
                           std::uint32_t local) {
  const ScenarioUsers& here = layout_[scenario];
  const Vu& user = users_[here.first + local];
  const std::uint32_t hands = program.scenarios[scenario].burst_hands;
  for (std::uint32_t h = 0; h < hands; ++h) {
    const std::uint32_t slot = here.first_hand + local * hands + h;
    Vu& hand = users_[slot];
    hand.slot = slot;
    hand.user = user.slot;
    hand.scenario = scenario;
    hand.number = user.number;
    hand.values = user.values;
    hand.rows = user.rows;
    hand.rng = Rng::for_stream(program.seed, kHandStream + (std::uint64_t{scenario} << 50) +
                                                 user.number * hands + h);
    hand.registers = next_register_;
    next_register_ += program.scenarios[scenario].registers;
  }
}

}  // namespace gend::engine
