// Runs a command on given CPUs and writes what it used, as wait4 says it, as one line of JSON.
//
//   launch CPUS FILE COMMAND…          (CPUS: 0, or 0,1)
//
// It is small on purpose: the peak of a process begins with what its parent had when it was
// started, so that nothing started by an interpreter of 30 MB could be seen to need less.
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

bool stay_on(const std::string& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (std::size_t at = 0; at < cpus.size();) {
    const std::size_t end = cpus.find(',', at);
    CPU_SET(static_cast<unsigned>(std::atoi(cpus.c_str() + at)), &set);
    at = end == std::string::npos ? cpus.size() : end + 1;
  }
  return ::sched_setaffinity(0, sizeof set, &set) == 0;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: launch CPUS FILE COMMAND...\n");
    return 2;
  }
  const pid_t child = ::fork();
  if (child == 0) {
    if (!stay_on(argv[1])) std::fprintf(stderr, "launch: no such CPU: %s\n", argv[1]);
    ::execvp(argv[3], argv + 3);
    std::perror(argv[3]);
    ::_exit(127);
  }
  int status = 0;
  rusage used{};
  if (child < 0 || ::wait4(child, &status, 0, &used) != child) return 126;
  std::FILE* out = std::fopen(argv[2], "w");
  if (out == nullptr) return 126;
  std::fprintf(out,
               "{\"user\":%.6f,\"system\":%.6f,\"voluntary_switches\":%ld,"
               "\"involuntary_switches\":%ld,\"peak_bytes\":%ld}\n",
               seconds(used.ru_utime), seconds(used.ru_stime), used.ru_nvcsw, used.ru_nivcsw,
               used.ru_maxrss * 1024);
  std::fclose(out);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
