#include "target/ws_deflate.h"

#include "base/assert.h"
#include "base/limits.h"

namespace gend::target {
namespace {

constexpr std::string_view kTail{"\x00\x00\xff\xff", 4};  // RFC 7692 7.2.1
constexpr int kRawWindow = -15;

Bytef* bytes(const char* at) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(at));
}

}  // namespace

WsDeflate::WsDeflate() {
  constexpr int kMemory = 8;
  int made = ::deflateInit2(&deflate_, Z_BEST_SPEED, Z_DEFLATED, kRawWindow, kMemory,
                            Z_DEFAULT_STRATEGY);
  GEND_ASSERT(made == Z_OK);
  made = ::inflateInit2(&inflate_, kRawWindow);
  GEND_ASSERT(made == Z_OK);
}

WsDeflate::~WsDeflate() {
  ::deflateEnd(&deflate_);
  ::inflateEnd(&inflate_);
}

std::string_view WsDeflate::compress(std::string_view payload) {
  ::deflateReset(&deflate_);
  constexpr std::size_t kFlushBytes = 16;
  compressed_.resize(::deflateBound(&deflate_, payload.size()) + kFlushBytes);
  deflate_.next_in = bytes(payload.data());
  deflate_.avail_in = static_cast<uInt>(payload.size());
  deflate_.next_out = bytes(compressed_.data());
  deflate_.avail_out = static_cast<uInt>(compressed_.size());
  ::deflate(&deflate_, Z_SYNC_FLUSH);
  std::string_view made{compressed_.data(), compressed_.size() - deflate_.avail_out};
  GEND_ASSERT(made.ends_with(kTail));
  made.remove_suffix(kTail.size());
  return made;
}

std::optional<std::string_view> WsDeflate::inflate(std::string_view payload) {
  ::inflateReset(&inflate_);
  plain_.clear();
  for (const std::string_view part : {payload, kTail}) {
    inflate_.next_in = bytes(part.data());
    inflate_.avail_in = static_cast<uInt>(part.size());
    for (;;) {
      constexpr std::size_t kStep = 16 * 1024;
      const std::size_t before = plain_.size();
      plain_.resize(before + kStep);
      inflate_.next_out = bytes(plain_.data() + before);
      inflate_.avail_out = kStep;
      const int done = ::inflate(&inflate_, Z_SYNC_FLUSH);
      plain_.resize(before + kStep - inflate_.avail_out);
      if (done != Z_OK && done != Z_BUF_ERROR && done != Z_STREAM_END) return std::nullopt;
      if (plain_.size() > limits::kTargetMessageBytes) return std::nullopt;
      if (done == Z_STREAM_END) return plain_;
      if (inflate_.avail_out > 0) break;
    }
  }
  return plain_;
}

}  // namespace gend::target
