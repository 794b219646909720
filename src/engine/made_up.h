#pragma once

#include <concepts>

namespace gend::engine {

// An Io behind which nobody answers: it makes up what a plan wants to see (sim/model_io.h), and is
// told of what goes on. The engine asks for it with `if constexpr`, so that it costs a real run
// nothing.
//   io.asking(connection, vu, user, request)   before each request is sent
//   io.users_at_work(scenario, busy)           whenever that number changes
//   io.knows(part)      false: nobody can tell what this part of an answer would be, so
//   io.is_wanted(request, status)   says whether a check of it holds: it is no error
//   io.made_up(capture) what a capture of such a part gives
//   io.rounds_of_loops() by loop: rounds to take in place of asking its `while`; 0: ask
template <class Io>
concept MakesUpAnswers = requires { requires Io::kMakesUpAnswers; };

}  // namespace gend::engine
