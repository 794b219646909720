#pragma once

#include <string>
#include <vector>

#include "doctor/judge.h"

// The groups of findings, each in a file of its own, and the words that they share.
namespace gend::doctor {

void judge_ring(const Facts& facts, const Wish& wish, std::vector<Finding>& into);
void judge_connections(const Facts& facts, const Wish& wish, std::vector<Finding>& into);
void judge_time(const Facts& facts, std::vector<Finding>& into);
void judge_processors(const Facts& facts, std::vector<Finding>& into);
void judge_memory(const Facts& facts, const Wish& wish, std::vector<Finding>& into);
void judge_network(const Facts& facts, const Wish& wish, std::vector<Finding>& into);
void judge_rate(const Facts& facts, const Wish& wish, std::vector<Finding>& into);

// How something that suffices for so many fits what is wished for.
State state_of(std::uint64_t capacity, std::uint64_t wished);

// Sets a kernel parameter now, and for ever in a file of /etc/sysctl.d that is named after `topic`.
std::vector<std::string> sysctl_fix(const std::string& key, const std::string& value,
                                    const std::string& topic);
// Raises a limit of the process that generates the load: in its systemd unit (`directive`), or for
// this shell and for later logins (`item`: as in limits.conf).
std::vector<std::string> limit_fix(const Facts& facts, const std::string& directive,
                                   const std::string& item, const std::string& value);

std::string mib(std::uint64_t bytes);  // "1,024 MiB"

}  // namespace gend::doctor
