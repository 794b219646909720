#include "control/http_server.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string_view>

#include <microhttpd.h>
#include <spdlog/spdlog.h>

#include "gend/control_api.h"

namespace gend::control {

struct HttpServer::Impl {
  Handlers handlers;
  HttpLimits limits;
  MHD_Daemon* daemon = nullptr;
};

namespace {

using namespace std::chrono_literals;

// Between two looks at whether the connection is still wanted.
constexpr Duration kStreamWait = 500ms;
// A streaming client that takes nothing for so long is gone.
constexpr unsigned kStreamIdleSeconds = 30;

// Mapped for each connection, touched as far as it is needed: a file comes in pieces of this size.
constexpr std::size_t kConnectionMemory = 256 * 1024;

// What belongs to one request while it arrives.
struct Pending {
  std::string body;
  std::size_t received = 0;
  std::unique_ptr<FileStore::Upload> upload;
};

struct Streaming {
  std::unique_ptr<StreamHub::Subscription> source;
  std::string line;
  std::size_t sent = 0;
};

ssize_t next_piece(void* self, std::uint64_t, char* buffer, std::size_t room) {
  auto& streaming = *static_cast<Streaming*>(self);
  if (streaming.sent == streaming.line.size()) {
    streaming.line.clear();
    streaming.sent = 0;
    switch (streaming.source->next(streaming.line, kStreamWait)) {
      case StreamHub::Subscription::Got::kEnd: return MHD_CONTENT_READER_END_OF_STREAM;
      case StreamHub::Subscription::Got::kNothing: return 0;  // asked again at once
      case StreamHub::Subscription::Got::kLine: break;
    }
  }
  const std::size_t n = std::min(room, streaming.line.size() - streaming.sent);
  std::memcpy(buffer, streaming.line.data() + streaming.sent, n);
  streaming.sent += n;
  return static_cast<ssize_t>(n);
}

void end_stream(void* self) { delete static_cast<Streaming*>(self); }

MHD_Response* response_of(HttpReply& reply) {
  if (!reply.stream)
    return MHD_create_response_from_buffer(reply.body.size(), reply.body.data(),
                                           MHD_RESPMEM_MUST_COPY);
  // 4 KiB holds the usual line; owned by the response from here on.
  auto* streaming = new Streaming{std::move(reply.stream), {}, 0};
  return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, next_piece, streaming,
                                           end_stream);
}

MHD_Result send(MHD_Connection* connection, HttpReply reply) {
  if (reply.stream)
    MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, kStreamIdleSeconds);
  MHD_Response* response = response_of(reply);
  if (!response) return MHD_NO;
  MHD_add_response_header(response, "Content-Type", reply.content_type.c_str());
  MHD_add_response_header(response, kControlApiHeader, std::to_string(kControlApiVersion).c_str());
  for (const auto& [name, value] : reply.headers)
    MHD_add_response_header(response, name.c_str(), value.c_str());
  const MHD_Result queued =
      MHD_queue_response(connection, static_cast<unsigned>(reply.status), response);
  MHD_destroy_response(response);
  return queued;
}

MHD_Result keep_argument(void* into, MHD_ValueKind, const char* name, const char* value) {
  static_cast<std::map<std::string, std::string>*>(into)->emplace(name, value ? value : "");
  return MHD_YES;
}

std::map<std::string, std::string> query_of(MHD_Connection* connection) {
  std::map<std::string, std::string> query;
  MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, keep_argument, &query);
  return query;
}

std::string host_of(MHD_Connection* connection) {
  const char* const host =
      MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
  return host ? host : "";
}

Peer peer_of(MHD_Connection* connection) {
  const MHD_ConnectionInfo* info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return control::peer_of(info ? info->connect_fd : -1);
}

// The one place where an exception of a library may arrive that nobody below expected: the client
// gets 500, the daemon and its run go on.
HttpReply call_safely(const HttpServer::Handler& handler, const HttpCall& call) {
  std::string what = "unknown";
  try {
    return handler(call);
  } catch (const std::exception& e) {
    what = e.what();
  } catch (...) {
  }
  spdlog::error("{} {}: unexpected: {}", call.method, call.path, what);
  return reply_with({.status = 500, .type = "internal", .title = "gend made a mistake",
                     .detail = what, .remedy = "report this as a bug", .errors = {},
                     .exit_code = ExitCode::kHostCannotCarry});
}

MHD_Result take_upload(const HttpLimits& limits, Pending& pending, const char* data,
                       std::size_t& size) {
  // Read on for a while, as below.
  if (pending.received > limits.upload_bytes + 4 * limits.body_bytes) return MHD_NO;
  pending.upload->add({data, size});
  size = 0;
  return MHD_YES;
}

MHD_Result on_request(void* self, MHD_Connection* connection, const char* url, const char* method,
                      const char*, const char* data, std::size_t* size, void** memory) {
  const auto& impl = *static_cast<const HttpServer::Impl*>(self);
  auto* pending = static_cast<Pending*>(*memory);
  if (!pending) {
    *memory = pending = new Pending;
    if (impl.handlers.receive) pending->upload = impl.handlers.receive(method, url);
    return MHD_YES;
  }
  if (*size > 0) {
    pending->received += *size;
    if (pending->upload) return take_upload(impl.limits, *pending, data, *size);
    // Read on for a while, so that a client which sends first and reads later gets its answer.
    if (pending->received > 4 * impl.limits.body_bytes) return MHD_NO;
    if (pending->received <= impl.limits.body_bytes) pending->body.append(data, *size);
    *size = 0;
    return MHD_YES;
  }
  if (!pending->upload && pending->received > impl.limits.body_bytes)
    return send(connection,
                reply_with({.status = 413, .type = "too-large", .title = "The request is too large",
                            .detail = "the body has " + std::to_string(pending->received) +
                                      " bytes, at most " + std::to_string(impl.limits.body_bytes) +
                                      " are taken",
                            .remedy = {}, .errors = {}, .exit_code = ExitCode::kUsage}));
  return send(connection, call_safely(impl.handlers.handle,
                                      {.method = method, .path = url, .query = query_of(connection),
                                       .body = std::move(pending->body),
                                       .host = host_of(connection), .peer = peer_of(connection),
                                       .upload = pending->upload.get()}));
}

void on_completed(void*, MHD_Connection*, void** memory, MHD_RequestTerminationCode) {
  delete static_cast<Pending*>(*memory);
  *memory = nullptr;
}

__attribute__((format(printf, 2, 0))) void on_log(void*, const char* format, va_list arguments) {
  std::array<char, 512> text;
  std::vsnprintf(text.data(), text.size(), format, arguments);
  std::string_view line{text.data()};
  if (line.ends_with('\n')) line.remove_suffix(1);
  spdlog::debug("http: {}", line);
}

}  // namespace

HttpReply reply_with(const Problem& problem) {
  HttpReply reply;
  reply.status = problem.status;
  reply.content_type = "application/problem+json";
  reply.body = to_json(problem);
  return reply;
}

Expected<std::unique_ptr<HttpServer>> HttpServer::start(Fd listener, Handlers handlers,
                                                        const HttpLimits& limits) {
  auto impl = std::make_unique<Impl>();
  impl->handlers = std::move(handlers);
  impl->limits = limits;
  impl->daemon = MHD_start_daemon(
      MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL | MHD_USE_ITC |
          MHD_USE_ERROR_LOG,
      0, nullptr, nullptr, on_request, impl.get(),
      MHD_OPTION_EXTERNAL_LOGGER, on_log, nullptr,
      MHD_OPTION_LISTEN_SOCKET, listener.get(),
      MHD_OPTION_CONNECTION_LIMIT, limits.connections,
      MHD_OPTION_CONNECTION_TIMEOUT, limits.idle_seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemory,
      MHD_OPTION_NOTIFY_COMPLETED, on_completed, nullptr,
      MHD_OPTION_END);
  if (!impl->daemon)
    return std::unexpected{Error{"the HTTP server could not be started",
                                 "is the limit on threads or descriptors reached?",
                                 ExitCode::kHostCannotCarry}};
  // From here on libmicrohttpd closes it.
  [[maybe_unused]] const int handed_over = listener.release();
  return std::unique_ptr<HttpServer>{new HttpServer{std::move(impl)}};
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}

HttpServer::~HttpServer() { MHD_stop_daemon(impl_->daemon); }

}  // namespace gend::control
