#include "observe/proc_text.h"

#include <string>

#include <doctest/doctest.h>

using namespace gend::observe;

TEST_CASE("/proc/stat: all processors together, and each one") {
  const auto stat = parse_stat(
      "cpu  10 20 30 400 50 6 7 8 9 10\n"
      "cpu0 1 2 3 40 5 0 1 0 0 0\n"
      "cpu3 9 18 27 360 45 6 6 8 9 10\n"
      "intr 12345 0 9\nctxt 99\nsoftirq 5 1 2 3\n");
  REQUIRE(stat.has_value());
  CHECK(stat->all.all() == 531);  // guest times are in user and nice already
  CHECK(stat->all.busy() == 81);
  CHECK(stat->all.softirq == 7);
  CHECK(stat->all.steal == 8);
  REQUIRE(stat->cores.size() == 2);
  CHECK(stat->cores[0].first == 0);
  CHECK(stat->cores[1].first == 3);
  CHECK(stat->cores[1].second.idle == 360);
}

TEST_CASE("/proc/stat that is none is nothing") {
  CHECK_FALSE(parse_stat(""));
  CHECK_FALSE(parse_stat("intr 1 2 3\n"));
  CHECK_FALSE(parse_stat("cpu 1 2 x 4\n"));
  CHECK_FALSE(parse_stat("cpu0 1 2 3 4\n"));
  CHECK(parse_stat("cpu 1 2 3 4"));
}

TEST_CASE("/proc/meminfo: kibibytes become bytes") {
  const auto memory = parse_meminfo(
      "MemTotal:       16303428 kB\nMemFree:          519736 kB\nMemAvailable:   11017192 kB\n");
  REQUIRE(memory.has_value());
  CHECK(memory->total == 16303428ULL * 1024);
  CHECK(memory->available == 11017192ULL * 1024);
  CHECK_FALSE(parse_meminfo("MemTotal: 16303428 kB\n"));
  CHECK_FALSE(parse_meminfo("MemTotal: many\nMemAvailable: 1 kB\n"));
}

TEST_CASE("/proc/net/dev: all interfaces but the loopback, names that touch their numbers too") {
  const auto net = parse_net_dev(
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs "
      "drop fifo colls carrier compressed\n"
      "    lo: 1000 10 1 2 0 0 0 0 1000 10 3 4 0 0 0 0\n"
      "  eth0: 2000 20 1 2 0 0 0 0 3000 30 3 4 0 0 0 0\n"
      "wlan0:70 1 0 0 0 0 0 0 80 1 0 5 0 0 0 0\n");
  REQUIRE(net.has_value());
  CHECK(net->received == 2070);
  CHECK(net->sent == 3080);
  CHECK(net->dropped == 15);
  CHECK_FALSE(parse_net_dev(""));
  CHECK_FALSE(parse_net_dev("  eth0: 2000 20\n"));
}

TEST_CASE("/proc/net/snmp and netstat: a name stands above its number, in its own group") {
  const std::string text =
      "Ip: Forwarding InReceives\nIp: 1 77\n"
      "Tcp: RtoAlgorithm MaxConn CurrEstab RetransSegs\nTcp: 1 -1 12 345\n"
      "Udp: InDatagrams\nUdp: 9\n";
  CHECK(counter_in(text, "Tcp", "RetransSegs") == 345);
  CHECK(counter_in(text, "Tcp", "MaxConn") == -1);
  CHECK(counter_in(text, "Ip", "InReceives") == 77);
  CHECK_FALSE(counter_in(text, "Tcp", "InReceives"));
  CHECK_FALSE(counter_in(text, "Icmp", "InMsgs"));
  CHECK_FALSE(counter_in("Tcp: RetransSegs\nUdp: 1\n", "Tcp", "RetransSegs"));
  CHECK_FALSE(counter_in("Tcp: A RetransSegs\nTcp: 1\n", "Tcp", "RetransSegs"));
  CHECK_FALSE(counter_in("", "Tcp", "RetransSegs"));
}

TEST_CASE("/proc/net/softnet_stat: hexadecimal, all processors together") {
  const auto softnet = parse_softnet(
      "0000f00d 0000000a 00000001 00000000\n0000f00d 00000006 0000000f 00000000\n");
  REQUIRE(softnet.has_value());
  CHECK(softnet->dropped == 16);
  CHECK(softnet->squeezed == 16);
  CHECK_FALSE(parse_softnet("0000f00d xyz 0\n"));
  CHECK_FALSE(parse_softnet(""));
}

TEST_CASE("/proc/loadavg: of one minute") {
  CHECK(parse_loadavg("1.25 0.50 0.10 2/345 6789\n") == 1.25);
  CHECK_FALSE(parse_loadavg("much"));
  CHECK_FALSE(parse_loadavg(""));
}
