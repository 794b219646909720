#include "ring/features.h"

#include <liburing.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>

#include "ring/uabi.h"

namespace gend::ring {
namespace {

std::string kernel_release() {
  utsname name{};
  return ::uname(&name) == 0 ? name.release : "unknown kernel";
}

std::optional<long> read_number(const char* path) {
  std::ifstream in{path};
  long value = 0;
  if (in >> value) return value;
  return std::nullopt;
}

Error explain_eperm(const std::string& what) {
  const long disabled = read_number("/proc/sys/kernel/io_uring_disabled").value_or(0);
  if (disabled == 2)
    return {what + ": io_uring is switched off on this host (kernel.io_uring_disabled = 2)",
            "run `sysctl kernel.io_uring_disabled=0` as root, and put it into /etc/sysctl.d/"};
  if (disabled == 1) {
    const long group = read_number("/proc/sys/kernel/io_uring_group").value_or(-1);
    return {what +
                ": io_uring is limited to a group on this host (kernel.io_uring_disabled = 1, "
                "kernel.io_uring_group = " +
                std::to_string(group) + ")",
            "put gend's user into that group, or run `sysctl kernel.io_uring_disabled=0`"};
  }
  if (seccomp_filter_installed())
    return {what +
                ": a seccomp filter of this service or container forbids io_uring "
                "(kernel.io_uring_disabled is 0, /proc/self/status says Seccomp: 2)",
            "allow io_uring_setup, io_uring_enter and io_uring_register: in a systemd unit "
            "SystemCallFilter=@system-service does; with containers use a seccomp profile that "
            "lists them"};
  return {what +
              ": not permitted, though kernel.io_uring_disabled is 0 and no seccomp filter is "
              "installed",
          "a security module (SELinux, AppArmor) may forbid it: look into the audit log"};
}

// What profile E asks for; refused flags are dropped one by one below.
constexpr unsigned kBestFlags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                                IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CLAMP |
                                IORING_SETUP_TASKRUN_FLAG;

// A small ring, and two pages for a buffer ring and its one buffer that outlive it.
struct TrialRing {
  static constexpr std::size_t kPage = 4096;
  io_uring ring{};
  int error = 0;
  void* pages;

  explicit TrialRing(unsigned flags)
      : pages{::mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                     0)} {
    error = pages == MAP_FAILED ? ENOMEM : -::io_uring_queue_init(8, &ring, flags);
  }
  ~TrialRing() {
    if (error == 0) ::io_uring_queue_exit(&ring);
    if (pages != MAP_FAILED) ::munmap(pages, 2 * kPage);
  }
  TrialRing(const TrialRing&) = delete;
  TrialRing& operator=(const TrialRing&) = delete;
};

// A wait with a deadline in the past: ETIME where absolute deadlines are understood, else EINVAL.
bool absolute_wait_works(io_uring& ring) {
  __kernel_timespec past{.tv_sec = 1, .tv_nsec = 0};
  uabi::GeteventsArg arg{.sigmask = 0,
                         .sigmask_size = _NSIG / 8,
                         .min_wait_usec = 0,
                         .ts = reinterpret_cast<std::uint64_t>(&past)};
  const int result =
      ::io_uring_enter2(static_cast<unsigned>(ring.ring_fd), 0, 1,
                        IORING_ENTER_GETEVENTS | uabi::kEnterExtArg | uabi::kEnterAbsTimer,
                        reinterpret_cast<sigset_t*>(&arg), sizeof arg);
  return result == -ETIME || (result < 0 && errno == ETIME);
}

// Multishot receive does not show in the opcode probe: it is tried on a socket pair.
bool multishot_receive_works(TrialRing& trial) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) return false;
  bool works = false;
  io_uring_buf_reg reg{};
  reg.ring_addr = reinterpret_cast<std::uint64_t>(trial.pages);
  reg.ring_entries = 4;
  if (::io_uring_register_buf_ring(&trial.ring, &reg, 0) == 0) {
    auto* buffers = static_cast<io_uring_buf_ring*>(trial.pages);
    ::io_uring_buf_ring_init(buffers);
    ::io_uring_buf_ring_add(buffers, static_cast<char*>(trial.pages) + TrialRing::kPage,
                            TrialRing::kPage, 0, ::io_uring_buf_ring_mask(4), 0);
    ::io_uring_buf_ring_advance(buffers, 1);
    io_uring_sqe* sqe = ::io_uring_get_sqe(&trial.ring);
    ::io_uring_prep_recv_multishot(sqe, pair[0], nullptr, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    if (::write(pair[1], "x", 1) == 1 && ::io_uring_submit_and_wait(&trial.ring, 1) >= 0) {
      io_uring_cqe* cqe = nullptr;
      if (::io_uring_peek_cqe(&trial.ring, &cqe) == 0)
        works = cqe->res == 1 && (cqe->flags & IORING_CQE_F_MORE) != 0;
    }
  }
  ::close(pair[0]);
  ::close(pair[1]);
  return works;
}

Profile highest(const Features& found) {
  const bool d = found.absolute_wait && found.min_wait;
  if (d && found.no_iowait) return Profile::kE;
  if (d) return Profile::kD;
  return Profile::kA;  // B and C differ from A in nothing that gend uses; they can be forced
}

// Takes away what a lower profile does not have, so that its code paths run on a newer kernel.
void limit_to(Features& features, Profile profile) {
  if (profile < Profile::kE) features.no_iowait = false;
  if (profile < Profile::kD) features.absolute_wait = features.min_wait = false;
  features.profile = profile;
}

}  // namespace

// The Seccomp: line of /proc/self/status: 0 none, 1 strict, 2 filter.
bool seccomp_filter_installed() {
  std::ifstream in{"/proc/self/status"};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("Seccomp:")) return line.find_first_of("12") != std::string::npos;
  return false;
}

std::string Features::describe() const {
  std::string text = "io_uring profile ";
  text += static_cast<char>(profile);
  text += " on " + kernel;
  text += (setup_flags & IORING_SETUP_DEFER_TASKRUN) != 0 ? " (deferred task work"
                                                          : " (cooperative task work";
  if (absolute_wait) text += ", absolute wait";
  if (min_wait) text += ", batched wait";
  if (no_iowait) text += ", no iowait";
  return text + ")";
}

Error explain_setup_failure(int error, const char* call, unsigned entries) {
  const std::string what = std::string{call} + "(" + std::to_string(entries) + ")";
  if (error == EPERM || error == EACCES) return explain_eperm(what);
  if (error == ENOSYS)
    return {what + ": this kernel (" + kernel_release() + ") has no io_uring, or a filter hides it",
            "gend needs Linux 6.1 or later with io_uring compiled in; in a container, allow the "
            "io_uring system calls"};
  if (error == ENOMEM) {
    rlimit limit{};
    ::getrlimit(RLIMIT_MEMLOCK, &limit);
    // Measured on 6.18: 4096 entries with 65536 completions take 1.33 MiB; buffer rings add 16
    // bytes an entry. Two shards of one user share the budget.
    return {what + ": not enough lockable memory: rings are charged to RLIMIT_MEMLOCK, which is " +
                std::to_string(limit.rlim_cur) + " bytes, for all processes of the user together",
            "raise it: LimitMEMLOCK=1G in the systemd unit, or `ulimit -l` before starting gend"};
  }
  if (error == EMFILE || error == ENFILE)
    return {what + ": no descriptor is left", "raise LimitNOFILE= or `ulimit -n`"};
  if (error == EINVAL)
    return {what + ": this kernel (" + kernel_release() + ") refuses what gend needs of io_uring",
            "gend needs Linux 6.1 or later"};
  return {what + ": " + std::strerror(error), ""};
}

Expected<Features> probe(char wanted) {
  if (wanted != 0 && (wanted < 'A' || wanted > 'E'))
    return std::unexpected{Error{std::string{"io_uring profile '"} + wanted + "' does not exist",
                                 "use one of A, B, C, D, E", ExitCode::kUsage}};
  Features found{.kernel = kernel_release()};
  constexpr unsigned kLadder[] = {
      kBestFlags, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN |
                      IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CLAMP};
  int error = EINVAL;
  for (const unsigned flags : kLadder) {
    TrialRing trial{flags};
    error = trial.error;
    if (error == EINVAL) continue;
    if (error != 0) return std::unexpected{explain_setup_failure(error, "io_uring_setup", 8)};
    found.setup_flags = flags;
    // First of all: a completion in the ring would end the wait that must time out.
    found.absolute_wait = absolute_wait_works(trial.ring);
    found.min_wait = (trial.ring.features & uabi::kFeatMinTimeout) != 0;
    found.no_iowait = (trial.ring.features & uabi::kFeatNoIowait) != 0;
    if (!multishot_receive_works(trial)) error = EINVAL;
    break;
  }
  if (error != 0) return std::unexpected{explain_setup_failure(EINVAL, "io_uring_setup", 8)};
  found.profile = highest(found);
  if (wanted == 0) return found;
  const auto profile = static_cast<Profile>(wanted);
  if (profile > found.profile && !(found.profile == Profile::kA && profile <= Profile::kC))
    return std::unexpected{
        Error{std::string{"io_uring profile "} + wanted + " is not available: " + found.describe(),
              "leave out --uring-profile, or ask for a lower one"}};
  limit_to(found, profile);
  return found;
}

}  // namespace gend::ring
