#include <doctest/doctest.h>

#include <set>

#include "base/host_capacity.h"
#include "doctor/finding_json.h"
#include "doctor/host_of.h"

using namespace gend;
using doctor::State;
using test::finding_of;
using test::good_host;
using test::has;
using test::joined;

TEST_CASE("a host without fault has nothing but ok, and every finding says what it means") {
  const auto findings = doctor::judge(good_host(), {});
  std::set<std::string> names;
  for (const doctor::Finding& each : findings) {
    CHECK_MESSAGE(each.state == State::kOk, each.name);
    CHECK_MESSAGE(each.fix.empty(), each.name);
    CHECK_FALSE(each.group.empty());
    CHECK_FALSE(each.found.empty());
    CHECK_FALSE(each.means.empty());
    CHECK_MESSAGE(names.insert(each.name).second, each.name);
  }
  CHECK(doctor::worst_of(findings) == State::kOk);
  CHECK(findings.size() >= 20);
}

TEST_CASE("facts of which nothing could be read are judged all the same") {
  const auto findings = doctor::judge({}, {});
  CHECK(doctor::worst_of(findings) == State::kProblem);  // without a ring nothing goes
  for (const doctor::Finding& each : findings)
    CHECK_MESSAGE((each.name == "ring" || !each.found.empty()), each.name);
}

TEST_CASE("the connections of a table are the inverse of the slots that they need") {
  CHECK(connections_in_slots(0) == 0);
  CHECK(connections_in_slots(64) == 0);
  CHECK(connections_in_slots(65) == 1);
  CHECK(connections_in_slots(320) == 256);  // 256 + max(64, 64)
  CHECK(connections_in_slots(20'000) == 19'000);
  for (std::uint64_t slots = 64; slots < 6000; ++slots) {
    const std::uint64_t n = connections_in_slots(slots);
    CHECK(ring_slots(n) <= slots);
    CHECK(ring_slots(n + 1) > slots);
  }
  CHECK(shards_for(38'000, 20'000) == 2);   // 19,000 each
  CHECK(shards_for(38'001, 20'000) == 3);
  CHECK(shards_for(1, 20'000) == 1);
  CHECK(shards_for(10, 64) == 0);
}

TEST_CASE("descriptors: each shard's table is bounded by the hard limit") {
  doctor::Facts facts = good_host();
  facts.limits.nofile_soft = 1024;
  facts.limits.nofile_hard = 20'000;
  facts.shards = 2;
  const auto ok = finding_of(facts, "descriptors", {.connections = 19'000});
  CHECK(ok.state == State::kOk);
  CHECK(ok.connections == 38'000U);
  CHECK(has(ok.means, "19,000 connections a shard, 38,000 with 2 shards"));
  CHECK(has(ok.means, "10,000 need 1 shard, 38,000 need 2 shards, 100,000 need 6 shards"));
  CHECK(finding_of(facts, "descriptors", {.connections = 19'001}).state == State::kLimit);
  CHECK(finding_of(facts, "descriptors", {.connections = 38'000}).state == State::kLimit);
  const auto bad = finding_of(facts, "descriptors", {.connections = 38'001});
  CHECK(bad.state == State::kProblem);
  CHECK(has(joined(bad.fix), "prlimit --pid $$ --nofile=1048576:1048576"));
  CHECK(has(joined(bad.fix), "/etc/security/limits.d/90-gend-nofile.conf"));
  CHECK_FALSE(has(joined(bad.fix), "nr_open"));
}

TEST_CASE("descriptors: the unit of a service is what is changed, and nr_open where it is lower") {
  doctor::Facts facts = good_host();
  facts.unit = "gend.service";
  facts.limits.nofile_hard = facts.limits.nofile_soft = 64;
  facts.nr_open = 65'536;
  const auto bad = finding_of(facts, "descriptors");
  CHECK(bad.state == State::kProblem);
  CHECK(bad.connections == 0U);
  CHECK(has(joined(bad.fix), "sudo sysctl -w fs.nr_open='1048576'"));
  CHECK(has(joined(bad.fix), R"(printf '[Service]\nLimitNOFILE=1048576\n')"));
  CHECK(has(joined(bad.fix), "/etc/systemd/system/gend.service.d/90-nofile.conf"));
  CHECK(has(joined(bad.fix), "systemctl restart gend.service"));
}

TEST_CASE("descriptors: gend needs some beside its connections") {
  doctor::Facts facts = good_host();
  facts.limits.nofile_soft = 63;
  CHECK(finding_of(facts, "descriptors").state == State::kProblem);
  facts.limits.nofile_soft = 64;
  CHECK(finding_of(facts, "descriptors").state == State::kOk);
}

TEST_CASE("ports: the range is the number for one source and one address of the target") {
  doctor::Facts facts = good_host();
  CHECK(finding_of(facts, "ports").connections == 28'232U);
  CHECK(finding_of(facts, "ports", {.connections = 14'117}).state == State::kLimit);
  const auto bad = finding_of(facts, "ports", {.connections = 100'000});
  CHECK(bad.state == State::kProblem);
  CHECK(has(bad.means, "28,232 x source addresses"));
  CHECK(has(bad.means, "100,000 of them need 4 sources, with the widest range 2"));
  CHECK(has(joined(bad.fix), "sudo sysctl -w net.ipv4.ip_local_port_range='1024 65535'"));
  CHECK(has(joined(bad.fix), "/etc/sysctl.d/90-gend-ports.conf"));
  facts.target = doctor::Target{.name = "shop", .addresses = 2, .address = "10.0.0.7:80",
                                .source = "10.0.0.1"};
  CHECK(finding_of(facts, "ports").connections == 56'464U);
  facts.limits.port_first = 1024;
  facts.limits.port_last = 65'535;
  CHECK(finding_of(facts, "ports", {.connections = 1'000'000}).fix.empty());  // no wider there is
  facts.limits.port_first = facts.limits.port_last = 0;
  CHECK(finding_of(facts, "ports").state == State::kNote);
}

TEST_CASE("TIME_WAIT matters to connections of their own for each request") {
  doctor::Facts facts = good_host();
  CHECK(has(finding_of(facts, "time_wait").means, "470/s"));  // 28,232 / 60 s
  CHECK(finding_of(facts, "time_wait", {.rate = 470}).state == State::kOk);
  const auto note = finding_of(facts, "time_wait", {.rate = 471});
  CHECK(note.state == State::kNote);
  CHECK(has(joined(note.fix), "net.ipv4.tcp_tw_reuse='1'"));
  facts.tcp_tw_reuse = 0;
  CHECK(finding_of(facts, "time_wait").state == State::kNote);
  facts.tcp_tw_reuse = 1;
  CHECK(finding_of(facts, "time_wait", {.rate = 20'000}).state == State::kOk);
  facts.tcp_tw_reuse = 2;  // helps where target and load are on one host
  facts.interfaces = {{.name = "lo", .mtu = 65'536, .loopback = true}};
  facts.target = doctor::Target{.name = "t", .addresses = 1, .address = "127.0.0.1:80",
                                .source = "127.0.0.1"};
  CHECK(finding_of(facts, "time_wait", {.rate = 20'000}).state == State::kOk);
}

TEST_CASE("conntrack: what is in use is taken off, and a table that is not there is no limit") {
  doctor::Facts facts = good_host();
  CHECK(finding_of(facts, "conntrack").state == State::kOk);
  facts.conntrack_max = 65'536;
  facts.conntrack_count = 60'000;
  CHECK(finding_of(facts, "conntrack").connections == 5'536U);
  CHECK(finding_of(facts, "conntrack", {.connections = 5'000}).state == State::kLimit);
  const auto bad = finding_of(facts, "conntrack", {.connections = 6'000});
  CHECK(bad.state == State::kProblem);
  CHECK(has(joined(bad.fix), "net.netfilter.nf_conntrack_max='131072'"));  // 60,000 + 4 x 6,000
  facts.conntrack_count = 70'000;  // shrunk below what is in it
  CHECK(finding_of(facts, "conntrack").connections == 0U);
}

TEST_CASE("the queue of connections to accept is this host's only with a target on it") {
  doctor::Facts facts = good_host();
  facts.somaxconn = 128;
  CHECK(finding_of(facts, "accept_queue").state == State::kOk);
  facts.interfaces = {{.name = "lo", .mtu = 65'536, .loopback = true}};
  facts.target = doctor::Target{.name = "t", .addresses = 1, .address = "127.0.0.1:80",
                                .source = "127.0.0.1"};
  const auto note = finding_of(facts, "accept_queue");
  CHECK(note.state == State::kNote);
  CHECK(has(joined(note.fix), "net.core.somaxconn='1024'"));
}

TEST_CASE("open files of the whole host") {
  doctor::Facts facts = good_host();
  facts.file_max = 900;
  CHECK(finding_of(facts, "open_files").state == State::kProblem);
  CHECK(has(joined(finding_of(facts, "open_files").fix), "fs.file-max='4000'"));
}

TEST_CASE("a ring that cannot be made stops every load, with its cause and its remedy") {
  doctor::Facts facts = good_host();
  facts.ring.clear();
  facts.profile = 0;
  facts.ring_trouble = "io_uring is switched off on this host";
  facts.ring_remedy = "run sysctl";
  facts.limits.io_uring_disabled = 2;
  const auto bad = finding_of(facts, "ring");
  CHECK(bad.state == State::kProblem);
  CHECK(has(bad.found, "switched off"));
  CHECK(has(bad.means, "run sysctl"));
  CHECK(has(joined(bad.fix), "sudo sysctl -w kernel.io_uring_disabled='0'"));
  CHECK(finding_of(facts, "seccomp").state == State::kOk);
  facts.limits.io_uring_disabled = 0;
  facts.limits.seccomp = true;
  CHECK(finding_of(facts, "ring").fix.empty());
  CHECK(finding_of(facts, "seccomp").state == State::kProblem);
  facts = good_host();
  facts.limits.seccomp = true;  // it lets io_uring through
  CHECK(finding_of(facts, "seccomp").state == State::kOk);
}

TEST_CASE("kernels before 6.12 work and cost more") {
  doctor::Facts facts = good_host();
  facts.profile = 'A';
  CHECK(finding_of(facts, "ring").state == State::kNote);
}

TEST_CASE("lockable memory is told as a number of rings") {
  doctor::Facts facts = good_host();
  facts.limits.memlock_soft = 8 << 20;
  CHECK(has(finding_of(facts, "locked_memory").means, "room for 5 rings"));
  CHECK(finding_of(facts, "locked_memory").state == State::kOk);
  facts.shards = 6;
  CHECK(finding_of(facts, "locked_memory").state == State::kNote);
  CHECK(has(joined(finding_of(facts, "locked_memory").fix), "--memlock="));
  facts.unit = "gend.service";
  CHECK(has(joined(finding_of(facts, "locked_memory").fix), "LimitMEMLOCK=1G"));
}

TEST_CASE("clock and timers") {
  doctor::Facts facts = good_host();
  for (const char* fast : {"kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page"}) {
    facts.clocksource = fast;
    CHECK(finding_of(facts, "clock").state == State::kOk);
  }
  facts.clocksource = "hpet";
  CHECK(finding_of(facts, "clock").state == State::kNote);
  CHECK(has(joined(finding_of(facts, "clock").fix), "echo tsc | sudo tee"));
  facts.clocksources = {"hpet"};
  CHECK(finding_of(facts, "clock").fix.empty());
  facts.clocksource.clear();
  CHECK(finding_of(facts, "clock").state == State::kNote);
  facts.timer_slack_ns = 10'000'000;
  CHECK(finding_of(facts, "timer_slack").state == State::kOk);
  CHECK(has(finding_of(facts, "timer_slack").found, "10,000,000 ns"));
}

TEST_CASE("processors: allowed, quota, governor, SMT, steal") {
  doctor::Facts facts = good_host();
  facts.limits.cpus = 2;
  CHECK(finding_of(facts, "allowed").state == State::kNote);  // 4 shards on 2
  facts.shards = 2;
  CHECK(finding_of(facts, "allowed").state == State::kNote);  // 2 of 4 may be used
  facts.cpus_online = 2;
  CHECK(finding_of(facts, "allowed").state == State::kOk);
  facts.quota_us = 150'000;
  facts.period_us = 100'000;
  CHECK(finding_of(facts, "quota").state == State::kNote);
  CHECK(has(finding_of(facts, "quota").found, "1.5 of 2 processors"));
  facts.unit = "gend.service";
  CHECK(has(joined(finding_of(facts, "quota").fix), "set-property gend.service CPUQuota="));
  facts.quota_us = 200'000;
  CHECK(finding_of(facts, "quota").state == State::kOk);
  facts.period_us = 0;
  CHECK(finding_of(facts, "quota").state == State::kOk);
  facts.governors = {"powersave"};
  CHECK(finding_of(facts, "governor").state == State::kNote);
  CHECK(has(joined(finding_of(facts, "governor").fix), "cpupower frequency-set -g performance"));
  facts.governors = {"performance", "powersave"};
  CHECK(finding_of(facts, "governor").state == State::kNote);
  facts.governors.clear();
  CHECK(has(finding_of(facts, "governor").means, "virtual machine"));
  facts.smt = true;
  CHECK(has(finding_of(facts, "smt").found, "on"));
  facts.steal_share = 0.02;
  CHECK(finding_of(facts, "steal").state == State::kNote);
}

TEST_CASE("memory: 9 KiB a connection, of the host and of the cgroup") {
  doctor::Facts facts = good_host();
  facts.limits.memory_available = 9 * 1024 * 1000;
  CHECK(finding_of(facts, "available").connections == 1000U);
  CHECK(finding_of(facts, "available").state == State::kLimit);
  CHECK(finding_of(facts, "available", {.connections = 1001}).state == State::kProblem);
  facts.limits.memory_available = 0;
  CHECK(finding_of(facts, "available").state == State::kNote);
  facts.cgroup_memory_max = 9 * 1024 * 1000;
  facts.cgroup_memory_used = 9 * 1024 * 200;
  CHECK(finding_of(facts, "cgroup").connections == 800U);
  CHECK(finding_of(facts, "cgroup").state == State::kLimit);  // what is used may be page cache
  CHECK(finding_of(facts, "cgroup", {.connections = 1001}).state == State::kProblem);
  facts.unit = "gend.service";
  CHECK(has(joined(finding_of(facts, "cgroup").fix), "set-property gend.service MemoryMax="));
  facts.cgroup_memory_used = *facts.cgroup_memory_max + 1;
  CHECK(finding_of(facts, "cgroup").connections == 0U);
}

TEST_CASE("memory: buffers of sockets, swap, huge pages") {
  doctor::Facts facts = good_host();
  facts.tcp_mem = {500, 1000, 1500};
  CHECK(finding_of(facts, "socket_buffers").connections == 750U);
  CHECK(finding_of(facts, "socket_buffers").state == State::kNote);
  CHECK(has(joined(finding_of(facts, "socket_buffers").fix), "net.ipv4.tcp_mem='4096 6144 8192'"));
  facts.tcp_mem = {1};
  CHECK(finding_of(facts, "socket_buffers").name.empty());
  facts.swap_total = 4ULL << 30;
  facts.swap_free = 4ULL << 30;
  CHECK(finding_of(facts, "swap").state == State::kOk);
  facts.swap_free = 1ULL << 30;
  CHECK(finding_of(facts, "swap").state == State::kNote);
  CHECK(has(finding_of(facts, "swap").found, "3,072 MiB in use"));
  facts.huge_pages = "never";
  CHECK(finding_of(facts, "huge_pages").state == State::kOk);
}

TEST_CASE("network: queues, offloads, no route, a target on this host") {
  doctor::Facts facts = good_host();
  doctor::Interface& card = facts.interfaces.front();
  card.rx_queues = 1;
  const auto narrow = finding_of(facts, "interface_eth0");
  CHECK(narrow.state == State::kNote);
  CHECK(narrow.fix == std::vector<std::string>{
                          "echo f | sudo tee /sys/class/net/eth0/queues/rx-0/rps_cpus"});
  card.rps_queues = 1;
  CHECK(finding_of(facts, "interface_eth0").state == State::kOk);
  card.offloads = doctor::Offloads{.tso = false, .gso = true, .gro = false, .tx_checksum = true};
  const auto off = finding_of(facts, "offloads_eth0");
  CHECK(off.state == State::kNote);
  CHECK(off.fix == std::vector<std::string>{"sudo ethtool -K eth0 tso on gro on"});
  facts.netdev_max_backlog = 300;
  CHECK(finding_of(facts, "backlog").state == State::kNote);
  card.loopback = true;
  CHECK(finding_of(facts, "interface_eth0").state == State::kNote);
  facts.interfaces.clear();
  CHECK(finding_of(facts, "route").state == State::kNote);
}

TEST_CASE("a target that gend would refuse stops the load") {
  doctor::Facts facts = good_host();
  facts.target = doctor::Target{.name = "shop", .trouble = "does not resolve", .remedy = "mend it"};
  CHECK(finding_of(facts, "target").state == State::kProblem);
  CHECK(has(finding_of(facts, "target").means, "mend it"));
  facts.target = doctor::Target{.name = "shop", .addresses = 1, .address = "10.1.1.1:80"};
  CHECK(finding_of(facts, "target").state == State::kProblem);  // no route
  facts.target->source = "10.0.0.1";
  CHECK(finding_of(facts, "target").state == State::kOk);
}

TEST_CASE("the rate is judged against what this host was calibrated for") {
  doctor::Facts facts = good_host();
  CHECK(finding_of(facts, "ceiling", {.rate = 200'000}).state == State::kOk);
  CHECK(finding_of(facts, "ceiling", {.rate = 200'001}).state == State::kLimit);
  CHECK(has(finding_of(facts, "ceiling", {.rate = 300'000}).means, "75 % of it"));
  CHECK(finding_of(facts, "ceiling", {.rate = 800'000}).state == State::kLimit);
  CHECK(finding_of(facts, "ceiling", {.rate = 800'001}).state == State::kProblem);
  facts.ceiling_stale = {"kernel 6.1 then, 6.12 now"};
  const auto stale = finding_of(facts, "ceiling", {.rate = 900'000});
  CHECK(stale.state == State::kNote);
  CHECK(has(stale.means, "kernel 6.1 then"));
  CHECK(joined(stale.fix) == "genctl calibrate\n");
  facts.ceiling.reset();
  CHECK(finding_of(facts, "ceiling", {.rate = 1}).state == State::kNote);
}

TEST_CASE("a finding as JSON has all its members, and connections where they are the matter") {
  doctor::Facts facts = good_host();
  const auto json = doctor::to_json(finding_of(facts, "ports", {.connections = 100'000}));
  CHECK(json["group"] == "connections");
  CHECK(json["state"] == "problem");
  CHECK(json["connections"] == 28'232);
  CHECK(json["fix"].size() == 2);
  CHECK_FALSE(doctor::to_json(finding_of(facts, "clock")).contains("connections"));
  CHECK(doctor::to_json(doctor::Wish{.connections = 7, .rate = 2})["rate"] == 2);
}
