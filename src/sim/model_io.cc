#include "sim/model_io.h"

#include <utility>

namespace gend::sim {

ModelIo::ModelIo(World& world, const plan::Program& program, const Assumptions& assumptions,
                 std::size_t connections)
    : Io{world, connections},
      program_{program},
      assumptions_{assumptions},
      clock_{world},
      scenarios_(program.scenarios.size()),
      sent_(program.requests.size()),
      sent_later_(program.requests.size()) {
  under_way().resize(program.scenarios.size());
  for (const plan::DataSet& set : program.data) rows_.emplace_back(set.table->rows());
}

void ModelIo::asking(net::ConnectionId id, const engine::Vu& vu, const engine::Vu& user,
                     const plan::HttpRequest& request) {
  ++(clock_.now() < until_ ? sent_ : sent_later_)[index_of(request)];
  const Body body = request.method == plan::Method::kHead ? Body::kNone : Body::kSent;
  shape_answer(id, assumptions_.statuses[index_of(request)], body, vu.scenario);
  scenarios_[vu.scenario].requests.add(clock_.now());
  all_.requests.add(clock_.now());
  for (const std::uint16_t set : assumptions_.data[vu.scenario]) rows_[set].mark(user.rows[set]);
}

std::vector<std::uint64_t> ModelIo::take_sent() {
  std::vector<std::uint64_t> taken = std::exchange(sent_, std::move(sent_later_));
  sent_later_.assign(taken.size(), 0);
  return taken;
}

void ModelIo::users_at_work(std::uint16_t scenario, std::uint64_t busy) {
  const std::uint64_t others = all_.users.level() - scenarios_[scenario].users.level();
  scenarios_[scenario].users_are(busy, clock_.now());
  all_.users_are(others + busy, clock_.now());
}

void ModelIo::Followed::users_are(std::uint64_t busy, TimePoint now) {
  users.set(busy, now);
  if (busy <= most_users) return;
  most_users = busy;
  most_users_at = now;
}

}  // namespace gend::sim
