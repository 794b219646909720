#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "control/fd.h"
#include "control/file_store.h"
#include "control/peer.h"
#include "control/problem.h"
#include "control/stream_hub.h"

namespace gend::control {

struct HttpCall {
  std::string method;  // "GET"
  std::string path;    // "/v1/runs/…", without the query
  std::map<std::string, std::string> query{};
  std::string body;
  std::string host{};  // the header of this name: whom the client believes that it talks to
  Peer peer;
  // A body that went into a file as it came, instead of `body`; the handler finishes it.
  FileStore::Upload* upload = nullptr;
};

struct HttpReply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  // When set, the body: every line as it comes, until the end. Lives as long as the connection.
  std::unique_ptr<StreamHub::Subscription> stream;
};

HttpReply reply_with(const Problem& problem);

struct HttpLimits {
  unsigned connections = limits::kControlClients;
  std::size_t body_bytes = limits::kControlBodyBytes;
  std::size_t upload_bytes = limits::kDataFileBytes;
  unsigned idle_seconds = 15;  // a connection on which nothing moves for so long is closed
};

// HTTP/1.1 on a listening socket, by libmicrohttpd: one thread a connection, bounded. A handler may
// take its time (compiling a plan, resolving names) without holding up anybody else.
class HttpServer {
 public:
  using Handler = std::function<HttpReply(const HttpCall&)>;
  // Where the body of a request goes: null when it is an ordinary one, for HttpCall::body.
  using Receiver = std::function<std::unique_ptr<FileStore::Upload>(const std::string& method,
                                                                    const std::string& path)>;
  struct Handlers {
    Handler handle;
    Receiver receive{};  // may be empty
  };
  // They are called from many threads at once, until the server is destroyed.
  static Expected<std::unique_ptr<HttpServer>> start(Fd listener, Handlers handlers,
                                                     const HttpLimits& limits = {});
  ~HttpServer();  // closes every connection and waits for the calls under way
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  struct Impl;  // libmicrohttpd's side

 private:
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gend::control
