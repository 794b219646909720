// The whole way of a request through a shard, without a kernel: for counting instructions
// (bench/micro/path.py), which are the same every time.
//
//   path closed USERS [REQUESTS]       each of the users asks again as soon as it is answered
//   path open RATE USERS [REQUESTS]    so many arrivals a second over so many users
//
// Prints the requests that were counted. What comes before them (connects, first touches) is not.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include <valgrind/callgrind.h>

#include "answering_io.h"
#include "answers.h"
#include "engine/host_check.h"
#include "engine/shard.h"
#include "plan/load.h"

namespace {

using namespace gend;

constexpr std::uint64_t kRequests = 100'000;

std::unique_ptr<const plan::Program> program_of(const std::string& executor) {
  const std::string text = "name: path\ntarget: http://127.0.0.1:1\nscenarios:\n  main:\n" +
                           executor + "    flow:\n      - get: /\n";
  plan::Options options;
  options.seed = 1;
  auto program = plan::compile("path", text, options);
  if (program) return std::move(*program);
  for (const auto& complaint : program.error())
    std::fprintf(stderr, "%s\n", complaint.str().c_str());
  std::exit(1);
}

// Runs until so many more requests were answered. Only turns are counted, and nothing of what the
// control side does with a second's figures.
enum class Counted { kNo, kYes };
void run(engine::Shard<bench::AnsweringIo>& shard, const bench::AnsweringIo& io,
         std::uint64_t requests, Counted counted) {
  const std::uint64_t until = io.answered() + requests;
  while (io.answered() < until) {
    if (counted == Counted::kYes) CALLGRIND_TOGGLE_COLLECT;
    const bool goes_on = shard.turn();
    if (counted == Counted::kYes) CALLGRIND_TOGGLE_COLLECT;
    if (!goes_on) std::exit(1);
    engine::Delivery delivery;
    while (shard.deliveries.take(delivery)) {
      delivery.snapshot->clear();
      shard.empties.put(delivery.snapshot);
    }
  }
}

std::string executor_of(int argc, char** argv, std::uint64_t& requests) {
  const std::string model = argc > 1 ? argv[1] : "";
  if (model == "closed" && argc > 2) {
    if (argc > 3) requests = std::strtoull(argv[3], nullptr, 10);
    return "    executor: constant-vus\n    vus: " + std::string{argv[2]} +
           "\n    duration: 1h\n";
  }
  if (model == "open" && argc > 3) {
    if (argc > 4) requests = std::strtoull(argv[4], nullptr, 10);
    return "    executor: constant-arrival-rate\n    rate: " + std::string{argv[2]} +
           "/s\n    duration: 1h\n    maxVUs: " + argv[3] + "\n";
  }
  std::fputs("usage: path closed USERS [REQUESTS] | path open RATE USERS [REQUESTS]\n", stderr);
  std::exit(2);
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t requests = kRequests;
  const std::string executor = executor_of(argc, argv, requests);
  const auto program = program_of(executor);
  const engine::Share share{};
  bench::AnsweringIo io{engine::UserTable::size_of(*program, share) + 1,
                        {.bytes = bench::kSmallAnswer},
                        engine::stamps_for(*program)};
  engine::Shard<bench::AnsweringIo> shard{*program, io, share};
  shard.begin(TimePoint{}, 0);
  run(shard, io, 20'000, Counted::kNo);
  const std::uint64_t before = io.answered();
  run(shard, io, requests, Counted::kYes);
  std::printf("%llu\n", static_cast<unsigned long long>(io.answered() - before));
  std::fflush(stdout);
  std::_Exit(0);  // the run goes on for an hour: its end is of no interest
}
