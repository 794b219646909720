// The honest limit: one thread, one io_uring, keep-alive GETs, nothing parsed, nothing measured but
// the count. What a request costs beyond this is ours; what it costs here is the kernel's.
//
//   bare_ring ADDRESS PORT PATH CONNECTIONS SECONDS WAIT_NR LINGER_US
//             [BUFFER_BYTES BUFFERS]
//
// A response is taken to be over when as many bytes have come as the first one had. There are 4,096
// receive buffers of 4,096 bytes each when nothing else is said; BUFFERS must be a power of two. The
// kernel takes them in turn, so that all of their memory passes through the caches.
// PATH may also be
//   ws:/ws/echo        WebSockets that send the same frame whenever it has come back
//   rooms:/ws/rooms    WebSockets in rooms of ten; each says something five times a second, which
//                      all ten receive. A "request" is then a message received.
#include <liburing.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bare.h"

namespace {

using bare::connect_to;
using bare::fail;
using bare::now_ns;

// Linux 6.12; liburing 2.3 calls min_wait_usec `pad`.
struct GeteventsArg {
  std::uint64_t sigmask;
  std::uint32_t sigmask_size;
  std::uint32_t min_wait_usec;
  std::uint64_t ts;
};

struct Bare {
  unsigned buffer_size, buffer_count;
  io_uring ring{};
  io_uring_buf_ring* buffers = nullptr;
  char* memory = nullptr;
  std::string request;
  std::vector<std::size_t> received;
  std::size_t response_size = 0;
  std::uint64_t responses = 0, enters = 0;
  std::vector<std::string> frames;  // by slot, where each has its own
  bool answers = true;              // each response brings the next request

  Bare(unsigned connections, unsigned buffer_bytes, unsigned buffers_wanted)
      : buffer_size(buffer_bytes), buffer_count(buffers_wanted), received(connections) {
    io_uring_params params{};
    params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                   IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
    params.cq_entries = 65536;
    if (int e = ::io_uring_queue_init_params(4096, &ring, &params)) fail("io_uring_setup", e);
    ::io_uring_register_ring_fd(&ring);
    ::io_uring_register_files_sparse(&ring, connections);
    buffers = static_cast<io_uring_buf_ring*>(::mmap(nullptr, buffer_count * sizeof(io_uring_buf),
                                                     PROT_READ | PROT_WRITE,
                                                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    memory = static_cast<char*>(::mmap(nullptr, std::size_t{buffer_count} * buffer_size,
                                       PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    io_uring_buf_reg reg{};
    reg.ring_addr = reinterpret_cast<std::uint64_t>(buffers);
    reg.ring_entries = buffer_count;
    if (int e = ::io_uring_register_buf_ring(&ring, &reg, 0)) fail("buffer ring", e);
    ::io_uring_buf_ring_init(buffers);
    for (unsigned i = 0; i < buffer_count; ++i) give_back(static_cast<unsigned short>(i), i);
    ::io_uring_buf_ring_advance(buffers, static_cast<int>(buffer_count));
  }

  void give_back(unsigned short id, unsigned offset) {
    ::io_uring_buf_ring_add(buffers, memory + std::size_t{id} * buffer_size, buffer_size, id,
                            ::io_uring_buf_ring_mask(buffer_count), static_cast<int>(offset));
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

// ---- WebSocket: no more than it takes to have the server talk ----------------------------------

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

struct Wanted {
  const char* ip;
  const char* port;
  std::string path;
  unsigned connections;
  double seconds;
  unsigned wait_nr, linger_us, buffer_bytes, buffers;
  bool echoes, rooms;
};

void prepare(Bare& bare, const Wanted& wanted) {
  if (wanted.echoes) {
    bare.request = masked_frame(kEchoed);
    bare.response_size = bare.request.size() - 4;
  } else if (wanted.rooms) {
    bare.answers = false;
    bare.response_size = masked_frame(room_message(0, 1)).size() - 4;
    for (unsigned slot = 0; slot < wanted.connections; ++slot)
      bare.frames.push_back(masked_frame(room_message(slot, wanted.connections / 10)));
  } else {
    bare.request = bare::get_request(wanted.path, wanted.ip, wanted.port);
    bare.response_size =
        bare::size_of_one_response(wanted.ip, std::atoi(wanted.port), bare.request);
  }
}

void connect_all(Bare& bare, const Wanted& wanted) {
  for (unsigned slot = 0; slot < wanted.connections; ++slot) {
    int fd = connect_to(wanted.ip, std::atoi(wanted.port));
    if (wanted.echoes || wanted.rooms)
      shake_hands(fd, wanted.path.substr(wanted.path.find(':') + 1));
    if (wanted.rooms) subscribe(fd, slot, wanted.connections / 10);
    if (::io_uring_register_files_update(&bare.ring, slot, &fd, 1) != 1) fail("install", errno);
    ::close(fd);
    bare.receive(slot);
    if (bare.answers) bare.send(slot);
  }
}

void run(Bare& bare, const Wanted& wanted) {
  const bare::Count count;
  const std::int64_t end = count.start() + static_cast<std::int64_t>(wanted.seconds * 1e9);
  std::uint64_t said = 0;
  bare.responses = bare.enters = 0;
  while (now_ns() < end) {
    if (wanted.rooms) say_what_is_due(bare, count.start(), wanted.connections, said);
    bare.wait(wanted.wait_nr, wanted.linger_us, wanted.rooms ? 200'000 : 999'999'999);
    bare.drain();
  }
  count.print(bare.responses, bare.enters);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8 && argc != 10) {
    std::fprintf(stderr,
                 "usage: bare_ring ADDRESS PORT PATH CONNECTIONS SECONDS WAIT_NR LINGER_US "
                 "[BUFFER_BYTES BUFFERS]\n");
    return 2;
  }
  const auto number = [&](int at) { return static_cast<unsigned>(std::atoi(argv[at])); };
  const std::string path = argv[3];
  const Wanted wanted{.ip = argv[1],
                      .port = argv[2],
                      .path = path,
                      .connections = number(4),
                      .seconds = std::atof(argv[5]),
                      .wait_nr = number(6),
                      .linger_us = number(7),
                      .buffer_bytes = argc == 10 ? number(8) : 4096,
                      .buffers = argc == 10 ? number(9) : 4096,
                      .echoes = path.starts_with("ws:"),
                      .rooms = path.starts_with("rooms:")};
  Bare bare{wanted.connections, wanted.buffer_bytes, wanted.buffers};
  prepare(bare, wanted);
  connect_all(bare, wanted);
  run(bare, wanted);
}
