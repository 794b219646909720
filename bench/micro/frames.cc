// ws/…: masking, writing and reading WebSocket frames of text; wslay does the same into and out of
// memory. Compression is only timed.
#include <algorithm>
#include <cstring>
#include <string>

#include <benchmark/benchmark.h>
#include <wslay/wslay.h>

#include "agree.h"
#include "base/rng.h"
#include "parts.h"
#include "ws/deflate.h"
#include "ws/frame.h"
#include "ws/message_reader.h"

namespace {

using namespace gend;
using namespace gend::bench;

constexpr std::size_t kBuffer = 16 * 1024;  // of a read

std::int64_t sum_of(const benchmark::State& state, std::size_t each) {
  return state.iterations() * static_cast<std::int64_t>(each);
}

// ---- masking --------------------------------------------------------------------------------

void mask_bytes(char* to, const char* from, std::size_t size, std::uint32_t key) {
  char bytes[4];
  std::memcpy(bytes, &key, 4);
  for (std::size_t i = 0; i < size; ++i) to[i] = static_cast<char>(from[i] ^ bytes[i % 4]);
}
void mask_ours(char* to, const char* from, std::size_t size, std::uint32_t key) {
  ws::mask(to, from, size, key);
}
void masking(benchmark::State& state, void (*mask)(char*, const char*, std::size_t, std::uint32_t),
             std::size_t size) {
  std::string bytes(size, 'm'), ours(size, '\0'), theirs(size, '\0');
  mask_ours(ours.data(), bytes.data(), size, ws::kFixedKey);
  mask(theirs.data(), bytes.data(), size, ws::kFixedKey);
  agree(ours == theirs, "masking byte by byte");
  for (auto _ : state) {
    mask(bytes.data(), bytes.data(), size, ws::kFixedKey);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(sum_of(state, size));
}

// ---- writing --------------------------------------------------------------------------------

struct Output {
  char* at;
  std::uint32_t key;
};

std::size_t write_wslay(wslay_frame_context_ptr context, Output& output, char* to,
                        std::string_view text) {
  output.at = to;
  wslay_frame_iocb frame{};
  frame.fin = 1;
  frame.opcode = WSLAY_TEXT_FRAME;
  frame.mask = 1;
  frame.payload_length = text.size();
  frame.data = reinterpret_cast<const std::uint8_t*>(text.data());
  frame.data_length = text.size();
  agree(wslay_frame_send(context, &frame) == static_cast<ssize_t>(text.size()), "wslay");
  return static_cast<std::size_t>(output.at - to);
}

wslay_frame_context_ptr wslay_writer(Output& output) {
  wslay_frame_callbacks callbacks{};
  callbacks.send_callback = [](const std::uint8_t* data, std::size_t size, int, void* user) {
    auto& to = *static_cast<Output*>(user);
    std::memcpy(to.at, data, size);
    to.at += size;
    return static_cast<ssize_t>(size);
  };
  callbacks.genmask_callback = [](std::uint8_t* to, std::size_t size, void* user) {
    std::memcpy(to, &static_cast<Output*>(user)->key, size);
    return 0;
  };
  wslay_frame_context_ptr context = nullptr;
  agree(wslay_frame_context_init(&context, &callbacks, &output) == 0, "wslay");
  return context;
}

void writing(benchmark::State& state, std::size_t payload) {
  Rng rng{1};
  const std::string text(payload, 't');
  std::string out(ws::frame_bytes(payload), '\0');
  for (auto _ : state) {
    ws::write_frame(out.data(), ws::Opcode::kText, text,
                    ws::next_key(ws::Masking::kRandom, rng));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(sum_of(state, out.size()));
}

void writing_wslay(benchmark::State& state, std::size_t payload) {
  Rng rng{1};
  const std::string text(payload, 't');
  std::string out(ws::frame_bytes(payload), '\0'), ours(out);
  Output output{out.data(), ws::kFixedKey};
  const wslay_frame_context_ptr context = wslay_writer(output);
  agree(write_wslay(context, output, out.data(), text) == ours.size(), "wslay");
  ws::write_frame(ours.data(), ws::Opcode::kText, text, ws::kFixedKey);
  agree(out == ours, "wslay");
  for (auto _ : state) {
    output.key = ws::next_key(ws::Masking::kRandom, rng);
    write_wslay(context, output, out.data(), text);
    benchmark::ClobberMemory();
  }
  wslay_frame_context_free(context);
  state.SetBytesProcessed(sum_of(state, out.size()));
}

// ---- reading --------------------------------------------------------------------------------

// Frames of a server, at most a read's buffer full of them.
std::string server_frames(std::size_t payload, long& frames) {
  std::string frame = payload < 126
                          ? std::string{'\x81', static_cast<char>(payload)}
                          : std::string{'\x81', 126, static_cast<char>(payload >> 8),
                                        static_cast<char>(payload)};
  frame += std::string(payload, 't');
  std::string all = frame;
  for (frames = 1; all.size() + frame.size() <= kBuffer; ++frames) all += frame;
  return all;
}

void reading(benchmark::State& state, std::size_t payload, ws::Utf8Check check) {
  long frames = 0;
  const std::string bytes = server_frames(payload, frames);
  ws::Spill spill;
  ws::MessageReader reader;
  ws::ReaderOptions options;
  options.utf8 = check;
  reader.begin(options);
  for (auto _ : state) {
    long messages = 0;
    std::string_view piece = bytes;
    while (reader.next(piece, spill).kind == ws::MessageReader::Kind::kText) ++messages;
    agree(messages == frames, "what was written");
  }
  reader.end(spill);
  state.SetItemsProcessed(state.iterations() * frames);
  state.SetBytesProcessed(sum_of(state, bytes.size()));
}

struct Input {
  std::string_view rest;
  long messages = 0;
};

wslay_event_context_ptr wslay_reader(Input& input) {
  wslay_event_callbacks callbacks{};
  callbacks.recv_callback = [](wslay_event_context_ptr context, std::uint8_t* to, std::size_t size,
                               int, void* user) {
    std::string_view& rest = static_cast<Input*>(user)->rest;
    if (rest.empty()) {
      wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
      return ssize_t{-1};
    }
    const std::size_t take = std::min(size, rest.size());
    std::memcpy(to, rest.data(), take);
    rest.remove_prefix(take);
    return static_cast<ssize_t>(take);
  };
  callbacks.on_msg_recv_callback = [](wslay_event_context_ptr, const wslay_event_on_msg_recv_arg*,
                                      void* user) { ++static_cast<Input*>(user)->messages; };
  wslay_event_context_ptr context = nullptr;
  agree(wslay_event_context_client_init(&context, &callbacks, &input) == 0, "wslay");
  return context;
}

void reading_wslay(benchmark::State& state, std::size_t payload) {
  long frames = 0;
  const std::string bytes = server_frames(payload, frames);
  Input input;
  const wslay_event_context_ptr context = wslay_reader(input);
  for (auto _ : state) {
    input = {bytes};
    agree(wslay_event_recv(context) == 0 && input.messages == frames, "wslay");
  }
  wslay_event_context_free(context);
  state.SetItemsProcessed(state.iterations() * frames);
  state.SetBytesProcessed(sum_of(state, bytes.size()));
}

// ---- compression --------------------------------------------------------------------------------

std::string compressible(std::size_t size) {
  Rng rng{1};
  std::string text;
  while (text.size() < size) text += "{\"id\":" + std::to_string(rng.below(1'000'000)) + "},";
  text.resize(size);
  return text;
}
void deflating(benchmark::State& state, std::size_t payload) {
  const std::string text = compressible(payload);
  ws::Deflater deflater;
  for (auto _ : state) benchmark::DoNotOptimize(deflater.deflate(text));
}
void inflating(benchmark::State& state, std::size_t payload) {
  const std::string text = compressible(payload);
  ws::Deflater deflater;
  ws::Inflater inflater;
  const std::string compressed{deflater.deflate(text)};
  agree(inflater.inflate(compressed, 1'000'000).message == text, "what was written");
  for (auto _ : state) benchmark::DoNotOptimize(inflater.inflate(compressed, 1'000'000));
}

template <class Run, class... Arguments>
void add(const std::string& name, Run* run, Arguments... arguments) {
  benchmark::RegisterBenchmark(name.c_str(), run, arguments...);
}

}  // namespace

void gend::bench::add_frames() {
  for (const std::size_t size : {16UL, 100UL, 1000UL, kBuffer}) {
    const std::string of = "ws/mask_" + std::to_string(size);
    add(of + "/gend", masking, &mask_ours, size);
    add(of + "/bytes", masking, &mask_bytes, size);
  }
  for (const std::size_t size : {16UL, 100UL, 1000UL, 16'000UL}) {
    const std::string bytes = std::to_string(size);
    add("ws/write_" + bytes + "/gend", writing, size);
    add("ws/write_" + bytes + "/wslay", writing_wslay, size);
    add("ws/read_" + bytes + "/gend", reading, size, ws::Utf8Check::kYes);
    add("ws/read_" + bytes + "/wslay", reading_wslay, size);
    add("ws/read_unchecked_" + bytes + "/gend", reading, size, ws::Utf8Check::kNo);
  }
  for (const std::size_t size : {100UL, 1000UL}) {
    add("ws/deflate_" + std::to_string(size) + "/gend", deflating, size);
    add("ws/inflate_" + std::to_string(size) + "/gend", inflating, size);
  }
}
