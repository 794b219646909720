#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "base/timer_queue.h"
#include "http/request_parser.h"
#include "net/io.h"
#include "target/app.h"
#include "target/hub.h"
#include "target/message.h"
#include "target/route.h"
#include "target/truth.h"

namespace gend::target {

// One thread of gentarget: accepts, parses, answers, on a ring of its own.
class Server {
 public:
  struct Options {
    ring::Features features;
    unsigned connections = 16384;
    int listening_fd = -1;
    unsigned index = 0;
    App* app = nullptr;  // shared by all threads; none: only the plain routes
  };
  static Expected<std::unique_ptr<Server>> create(const Options& options, Truth& truth);
  ~Server();

  // On its own thread, until stop() is called from any.
  Expected<void> run();
  void stop();

 private:
  // One connection. The timer holds an answer back: a delay, or a freeze of the server.
  struct Session : Timer {
    net::ConnectionId id = net::kNoConnection;
    bool open = false;
    bool answering = false;  // a response is held back or being sent
    bool keep_alive = true;
    bool prepared = false;  // `head` is the whole answer already
    bool upgraded = false;  // a WebSocket: the hub's
    bool polling = false;   // a request of Engine.IO: the hub knows when and what to answer
    std::uint64_t serial = 0;  // of that request
    Fault fault = Fault::kNone;
    Action action = Action::kAnswer;
    int status = 200;
    std::size_t route = kPlainRoute;
    TimePoint received_at{};
    std::uint64_t body_left = 0;  // still to be handed over after the head
    std::uint64_t body_size = 0;
    std::string head;     // what is being sent: head and small bodies
    std::string extra;    // header lines of a plain answer
    std::string pending;  // bytes that came while a response was under way
    http::Kept kept;
    http::RequestParser parser;
    std::unique_ptr<Opening> opening;  // what it becomes with the answer
  };

  Server(const Options& options, Truth& truth, std::unique_ptr<net::Io> io);
  void on_event(const net::Event& event);
  void on_accepted(Session& session, net::ConnectionId id);
  void on_bytes(Session& session, std::string_view bytes, TimePoint now);
  void on_request(Session& session, TimePoint now);
  void on_sent(Session& session, TimePoint now);
  void answer(Session& session);
  void apply_headers(Session& session, TimePoint now, Duration& delay);
  void prepare(Session& session, TimePoint now, Duration& delay);
  Request request_of(const Session& session, TimePoint now) const;
  void fail(Session& session);
  void upgrade(Session& session);
  void poll(Session& session);
  bool answer_poll(const EngineLink& link, int status, std::string_view body);
  std::string control_body(Session& session);
  void refuse(Session& session, int status);
  void continue_pending(Session& session, TimePoint now);
  void close(Session& session);
  void forget(Session& session);

  Options options_;
  Truth& truth_;
  Counts& counts_;
  std::unique_ptr<net::Io> io_;
  std::unique_ptr<Hub> hub_;  // with an application
  TimerQueue timers_;
  Lane lane_;
  Response response_;  // of the request being handled
  std::unique_ptr<Session[]> sessions_;
  std::uint64_t serials_ = 0;
  std::atomic<bool> stopping_{false};
};

}  // namespace gend::target
