// What frames cost: masking, writing, reading, checking text; and wslay reading the same bytes,
// which it has to copy.
//
//   ws_frames [MILLIONS OF FRAMES]
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <wslay/wslay.h>

#include "base/rng.h"
#include "ws/deflate.h"
#include "ws/frame.h"
#include "ws/message_reader.h"

namespace {

using namespace gend;

constexpr std::size_t kBuffer = 16 * 1024;  // of a read

double now_ns() {  // of this thread's own time: others may be busy
  timespec ts{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
  return static_cast<double>(ts.tv_sec) * 1e9 + static_cast<double>(ts.tv_nsec);
}

// Nanoseconds of one call, of `times`.
template <class Call>
double cost(long times, Call&& call) {
  const double begin = now_ns();
  for (long i = 0; i < times; ++i) call();
  return (now_ns() - begin) / static_cast<double>(times);
}

std::string server_frames(std::size_t payload, std::size_t bytes) {
  std::string frame = payload < 126
                          ? std::string{'\x81', static_cast<char>(payload)}
                          : std::string{'\x81', 126, static_cast<char>(payload >> 8),
                                        static_cast<char>(payload)};
  frame += std::string(payload, 't');
  std::string frames;
  while (frames.size() < bytes) frames += frame;
  return frames;
}

struct Input {
  std::string_view rest;
  long messages = 0;
};

ssize_t receive(wslay_event_context_ptr context, std::uint8_t* to, std::size_t size, int,
                void* user) {
  auto& input = *static_cast<Input*>(user);
  if (input.rest.empty()) {
    wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
    return -1;
  }
  const std::size_t take = std::min(size, input.rest.size());
  std::memcpy(to, input.rest.data(), take);
  input.rest.remove_prefix(take);
  return static_cast<ssize_t>(take);
}

void hear(wslay_event_context_ptr, const wslay_event_on_msg_recv_arg*, void* user) {
  ++static_cast<Input*>(user)->messages;
}

double wslay_reading(std::string_view bytes, long frames) {
  wslay_event_callbacks callbacks{};
  callbacks.recv_callback = &receive;
  callbacks.on_msg_recv_callback = &hear;
  wslay_event_context_ptr context = nullptr;
  Input input;
  if (wslay_event_context_client_init(&context, &callbacks, &input) != 0) std::exit(1);
  const double begin = now_ns();
  while (input.messages < frames) {
    input.rest = bytes;
    if (wslay_event_recv(context) != 0) std::exit(1);
  }
  const double taken = now_ns() - begin;
  wslay_event_context_free(context);
  return taken / static_cast<double>(input.messages);
}

double reading(std::string_view bytes, long frames, ws::Utf8Check check) {
  ws::Spill spill;
  ws::MessageReader reader;
  ws::ReaderOptions options;
  options.utf8 = check;
  reader.begin(options);
  long messages = 0;
  const double begin = now_ns();
  while (messages < frames)
    for (std::size_t at = 0; at < bytes.size(); at += kBuffer) {
      std::string_view piece = bytes.substr(at, kBuffer);
      while (reader.next(piece, spill).kind != ws::MessageReader::Kind::kNeedMore) ++messages;
    }
  const double taken = now_ns() - begin;
  reader.end(spill);
  return taken / static_cast<double>(messages);
}

void frames_of(std::size_t payload, long frames) {
  Rng rng{1};
  const std::string text(payload, 't');
  std::string out(ws::frame_bytes(payload), '\0');
  const double write = cost(frames, [&] {
    ws::write_frame(out.data(), ws::Opcode::kText, text, ws::next_key(ws::Masking::kRandom, rng));
    asm volatile("" : : "r"(out.data()) : "memory");
  });
  const std::string bytes = server_frames(payload, 1024 * 1024);
  std::printf("%6zu B  write %7.1f ns  read %7.1f ns  unchecked %7.1f ns  wslay %7.1f ns\n",
              payload, write, reading(bytes, frames, ws::Utf8Check::kYes),
              reading(bytes, frames, ws::Utf8Check::kNo), wslay_reading(bytes, frames));
}

void deflate_of(std::size_t payload, long times) {
  Rng rng{1};
  std::string text;
  while (text.size() < payload) text += "{\"id\":" + std::to_string(rng.below(1'000'000)) + "},";
  text.resize(payload);
  ws::Deflater deflater;
  ws::Inflater inflater;
  const std::string compressed{deflater.deflate(text)};
  const double in = cost(times, [&] { inflater.inflate(compressed, 1'000'000); });
  const double out = cost(times, [&] { deflater.deflate(text); });
  std::printf("%6zu B  deflate %7.0f ns  inflate %7.0f ns  %zu B compressed\n", payload, out, in,
              compressed.size());
}

}  // namespace

int main(int argc, char** argv) {
  const long frames = (argc > 1 ? std::atol(argv[1]) : 4) * 1'000'000;
  std::string bytes(kBuffer, 'm');
  const double mask = cost(frames / 20, [&] {
    ws::mask(bytes.data(), bytes.data(), bytes.size(), ws::kFixedKey);
    asm volatile("" : : "r"(bytes.data()) : "memory");
  });
  std::printf("mask in place: %.1f GB/s\n", static_cast<double>(kBuffer) / mask);
  for (const std::size_t payload : {16, 100, 1000}) frames_of(payload, frames);
  frames_of(16'000, frames / 20);
  for (const std::size_t payload : {100, 1000}) deflate_of(payload, frames / 100);
  return 0;
}
