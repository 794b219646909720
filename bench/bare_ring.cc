// The honest limit: one thread, one io_uring, keep-alive GETs, nothing parsed, nothing measured but
// the count. What a request costs beyond this is ours; what it costs here is the kernel's.
//
//   bare_ring ADDRESS PORT PATH CONNECTIONS SECONDS WAIT_NR LINGER_US
//
// A response is taken to be over when as many bytes have come as the first one had. PATH may also be
//   ws:/ws/echo        WebSockets that send the same frame whenever it has come back
//   rooms:/ws/rooms    WebSockets in rooms of ten; each says something five times a second, which
//                      all ten receive. A "request" is then a message received.
#include <arpa/inet.h>
#include <liburing.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

constexpr unsigned kBuffers = 4096, kBufferSize = 4096;

// Linux 6.12; liburing 2.3 calls min_wait_usec `pad`.
struct GeteventsArg {
  std::uint64_t sigmask;
  std::uint32_t sigmask_size;
  std::uint32_t min_wait_usec;
  std::uint64_t ts;
};

std::int64_t now_ns() {
  timespec ts{};
  ::clock_gettime(CLOCK_MONOTONIC, &ts);
  return ts.tv_sec * 1'000'000'000LL + ts.tv_nsec;
}

[[noreturn]] void fail(const char* what, int error) {
  std::fprintf(stderr, "bare_ring: %s: %d\n", what, error);
  std::exit(1);
}

struct Bare {
  io_uring ring{};
  io_uring_buf_ring* buffers = nullptr;
  char* memory = nullptr;
  std::string request;
  std::vector<std::size_t> received;
  std::size_t response_size = 0;
  std::uint64_t responses = 0, enters = 0;
  std::vector<std::string> frames;  // by slot, where each has its own
  bool answers = true;              // each response brings the next request

  explicit Bare(unsigned connections) : received(connections) {
    io_uring_params params{};
    params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                   IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
    params.cq_entries = 65536;
    if (int e = ::io_uring_queue_init_params(4096, &ring, &params)) fail("io_uring_setup", e);
    ::io_uring_register_ring_fd(&ring);
    ::io_uring_register_files_sparse(&ring, connections);
    buffers = static_cast<io_uring_buf_ring*>(::mmap(nullptr, kBuffers * sizeof(io_uring_buf),
                                                     PROT_READ | PROT_WRITE,
                                                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    memory = static_cast<char*>(::mmap(nullptr, std::size_t{kBuffers} * kBufferSize,
                                       PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    io_uring_buf_reg reg{};
    reg.ring_addr = reinterpret_cast<std::uint64_t>(buffers);
    reg.ring_entries = kBuffers;
    if (int e = ::io_uring_register_buf_ring(&ring, &reg, 0)) fail("buffer ring", e);
    ::io_uring_buf_ring_init(buffers);
    for (unsigned i = 0; i < kBuffers; ++i) give_back(static_cast<unsigned short>(i), i);
    ::io_uring_buf_ring_advance(buffers, kBuffers);
  }

  void give_back(unsigned short id, unsigned offset) {
    ::io_uring_buf_ring_add(buffers, memory + std::size_t{id} * kBufferSize, kBufferSize, id,
                            ::io_uring_buf_ring_mask(kBuffers), static_cast<int>(offset));
  }

  void send(unsigned slot) {
    io_uring_sqe* sqe = ::io_uring_get_sqe(&ring);
    if (sqe == nullptr) {
      ::io_uring_submit(&ring);
      sqe = ::io_uring_get_sqe(&ring);
    }
    const std::string& bytes = frames.empty() ? request : frames[slot];
    ::io_uring_prep_send(sqe, static_cast<int>(slot), bytes.data(), bytes.size(),
                         MSG_WAITALL | MSG_NOSIGNAL);
    sqe->flags = IOSQE_FIXED_FILE;
    sqe->user_data = slot;
  }

  void receive(unsigned slot) {
    io_uring_sqe* sqe = ::io_uring_get_sqe(&ring);
    if (sqe == nullptr) {
      ::io_uring_submit(&ring);
      sqe = ::io_uring_get_sqe(&ring);
    }
    ::io_uring_prep_recv_multishot(sqe, static_cast<int>(slot), nullptr, 0, 0);
    sqe->flags = IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;
    sqe->user_data = slot | (1ULL << 32);
  }

  void wait(unsigned wait_nr, unsigned linger_us, std::int64_t most_ns = 999'999'999) {
    io_uring_sq& sq = ring.sq;
    const unsigned queued = sq.sqe_tail - sq.sqe_head;
    sq.sqe_head = sq.sqe_tail;
    io_uring_smp_store_release(sq.ktail, sq.sqe_tail);
    __kernel_timespec second{.tv_sec = 0, .tv_nsec = most_ns};
    GeteventsArg arg{0, _NSIG / 8, linger_us, reinterpret_cast<std::uint64_t>(&second)};
    ++enters;
    ::io_uring_enter2(static_cast<unsigned>(ring.enter_ring_fd), queued, wait_nr,
                      IORING_ENTER_GETEVENTS | (1U << 3) | (1U << 4),
                      reinterpret_cast<sigset_t*>(&arg), sizeof arg);
  }

  void drain() {
    unsigned returned = 0;
    const unsigned count = ::io_uring_cq_ready(&ring);
    unsigned head = *ring.cq.khead;
    for (unsigned i = 0; i < count; ++i, ++head) {
      const io_uring_cqe& cqe = ring.cq.cqes[head & ring.cq.ring_mask];
      const auto slot = static_cast<unsigned>(cqe.user_data);
      if (cqe.user_data >> 32 == 0) continue;  // a send is done
      if (cqe.res > 0) {
        received[slot] += static_cast<std::size_t>(cqe.res);
        give_back(static_cast<unsigned short>(cqe.flags >> IORING_CQE_BUFFER_SHIFT), returned++);
        while (response_size != 0 && received[slot] >= response_size) {
          received[slot] -= response_size;
          ++responses;
          if (answers) send(slot);
        }
      } else if (cqe.res != -ENOBUFS) {
        fail("the server closed a connection", cqe.res);
      }
      if ((cqe.flags & IORING_CQE_F_MORE) == 0) receive(slot);
    }
    ::io_uring_cq_advance(&ring, count);
    ::io_uring_buf_ring_advance(buffers, static_cast<int>(returned));
  }
};

int connect_to(const char* ip, int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, ip, &to.sin_addr);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) fail("connect", errno);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

std::size_t size_of_one_response(int fd, const std::string& request) {
  if (::write(fd, request.data(), request.size()) < 0) fail("write", errno);
  char bytes[65536];
  std::size_t size = 0;
  timeval quiet{.tv_sec = 0, .tv_usec = 200'000};  // nothing more within that: it was all
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &quiet, sizeof quiet);
  for (ssize_t n; (n = ::read(fd, bytes, sizeof bytes)) > 0;) size += static_cast<std::size_t>(n);
  return size;
}

// ---- WebSocket: no more than it takes to have the server talk ------------------------------------

std::string masked_frame(const std::string& text) {
  std::string frame{static_cast<char>(0x81)};
  if (text.size() < 126)
    frame += static_cast<char>(0x80 | text.size());
  else
    frame += {static_cast<char>(0x80 | 126), static_cast<char>(text.size() >> 8),
              static_cast<char>(text.size())};
  frame.append(4, '\0');  // a key of 0: the text stays as it is
  return frame + text;
}

void read_until(int fd, const char* end) {
  std::string bytes;
  char byte = 0;
  while (bytes.find(end) == std::string::npos) {
    if (::read(fd, &byte, 1) != 1) fail("handshake", errno);
    bytes += byte;
  }
}

void shake_hands(int fd, const std::string& path) {
  const std::string request = "GET " + path +
                              " HTTP/1.1\r\nHost: bare\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  if (::write(fd, request.data(), request.size()) < 0) fail("write", errno);
  read_until(fd, "\r\n\r\n");
}

constexpr const char* kEchoed = "hello, this is a message of some forty bytes";
std::string room_message(unsigned slot, unsigned rooms) {
  return "{\"type\":\"publish\",\"channel\":\"c" + std::to_string(slot % rooms + 10000) +
         "\",\"text\":\"a token of twenty-eight bytes\"}";
}
void subscribe(int fd, unsigned slot, unsigned rooms) {
  const std::string frame = masked_frame("{\"type\":\"subscribe\",\"channel\":\"c" +
                                         std::to_string(slot % rooms + 10000) + "\"}");
  if (::write(fd, frame.data(), frame.size()) < 0) fail("write", errno);
  read_until(fd, "}");
}

// Each connection in its turn, five times a second.
void say_what_is_due(Bare& bare, std::int64_t start, unsigned connections, std::uint64_t& said) {
  const std::int64_t gap = 1'000'000'000 / (5 * static_cast<std::int64_t>(connections));
  const auto due = static_cast<std::uint64_t>((now_ns() - start) / gap);
  for (; said < due; ++said) bare.send(static_cast<unsigned>(said % connections));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8) {
    std::fprintf(stderr, "usage: bare_ring ADDRESS PORT PATH CONNECTIONS SECONDS WAIT_NR LINGER_US\n");
    return 2;
  }
  const auto connections = static_cast<unsigned>(std::atoi(argv[4]));
  const double seconds = std::atof(argv[5]);
  const auto wait_nr = static_cast<unsigned>(std::atoi(argv[6]));
  const auto linger = static_cast<unsigned>(std::atoi(argv[7]));
  const std::string path = argv[3];
  const bool echoes = path.starts_with("ws:"), rooms = path.starts_with("rooms:");
  Bare bare{connections};
  if (echoes) {
    bare.request = masked_frame(kEchoed);
    bare.response_size = bare.request.size() - 4;
  } else if (rooms) {
    bare.answers = false;
    bare.response_size = masked_frame(room_message(0, 1)).size() - 4;
    for (unsigned slot = 0; slot < connections; ++slot)
      bare.frames.push_back(masked_frame(room_message(slot, connections / 10)));
  } else {
    bare.request = "GET " + path + " HTTP/1.1\r\nHost: " + argv[1] + ":" + argv[2] + "\r\n\r\n";
    const int probe = connect_to(argv[1], std::atoi(argv[2]));
    bare.response_size = size_of_one_response(probe, bare.request);
    ::close(probe);
  }
  for (unsigned slot = 0; slot < connections; ++slot) {
    int fd = connect_to(argv[1], std::atoi(argv[2]));
    if (echoes || rooms) shake_hands(fd, path.substr(path.find(':') + 1));
    if (rooms) subscribe(fd, slot, connections / 10);
    if (::io_uring_register_files_update(&bare.ring, slot, &fd, 1) != 1) fail("install", errno);
    ::close(fd);
    bare.receive(slot);
    if (bare.answers) bare.send(slot);
  }
  // Connecting is not what is compared: the clock and the CPU count start here.
  rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  const std::int64_t start = now_ns();
  const std::int64_t end = start + static_cast<std::int64_t>(seconds * 1e9);
  std::uint64_t said = 0;
  while (now_ns() < end) {
    if (rooms) say_what_is_due(bare, start, connections, said);
    bare.wait(wait_nr, linger, rooms ? 200'000 : 999'999'999);
    bare.drain();
  }
  ::getrusage(RUSAGE_SELF, &after);
  const double wall = static_cast<double>(now_ns() - start) / 1e9;
  const auto cpu = [](const rusage& r) {
    return static_cast<double>(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           static_cast<double>(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
  };
  const auto n = static_cast<double>(bare.responses);
  std::printf("{\"requests\":%llu,\"seconds\":%.3f,\"rate\":%.0f,\"cpu_us_per_request\":%.3f,"
              "\"enters_per_request\":%.3f}\n",
              static_cast<unsigned long long>(bare.responses), wall, n / wall,
              (cpu(after) - cpu(before)) / n * 1e6, static_cast<double>(bare.enters) / n);
}
