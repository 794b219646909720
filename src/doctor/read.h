#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/facts.h"

// The part of the facts that files tell. `root` is a folder with proc and sys in it: "" on a host,
// another in tests.
namespace gend::doctor {

// Everything but limits, ring, interfaces' offloads and target.
void read_files(const std::string& root, Facts& into);

// Names of the interfaces that carry a default route (/proc/net/route, /proc/net/ipv6_route), each
// once; loopback is never among them.
std::vector<std::string> default_interfaces(const std::string& root);

// Queues, speed, MTU and driver; a name that does not exist has none of them.
Interface read_interface(const std::string& root, const std::string& name);

// The path of this process's cgroup (v2) below /sys/fs/cgroup: "/system.slice/gend.service".
std::string cgroup_of(std::string_view proc_self_cgroup);

}  // namespace gend::doctor
