#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "target/client.h"
#include "target/fanout.h"
#include "target/sio_packet.h"

namespace gend::target {

class App;

// What Socket.IO clients of one thread say to the villages, and what they are answered. Knows
// neither connections nor transports: answers go to the client's outgoing packets.
class VillageServer {
 public:
  VillageServer(const App& app, Fanout& fanout, SessionCounts& counts)
      : app_{app}, fanout_{fanout}, counts_{counts} {}

  // What becomes of the session after a packet.
  enum class Verdict : std::uint8_t { kGoOn, kClose };
  // A message of Engine.IO, without its type.
  Verdict on_text(Client& client, std::string_view packet, TimePoint now);
  Verdict on_binary(Client& client, std::string_view bytes, TimePoint now);

  // One packet of Engine.IO to the client, by whichever transport it has.
  void say(Client& client, std::string_view packet);
  void say_binary(Client& client, std::string_view bytes);

 private:
  struct Event {
    std::size_t space;
    SioPacket packet;
    std::string_view name;
    std::string_view first;  // the first argument, raw; empty: there is none
    std::string_view arguments;  // the array without the name
  };
  Verdict on_packet(Client& client, const SioPacket& packet, TimePoint now);
  void connect(Client& client, const SioPacket& packet);
  void disconnect(Client& client, std::size_t space);
  Verdict on_event(Client& client, const Event& event, TimePoint now);
  void join(Client& client, const Event& event);
  void leave(Client& client, const Event& event);
  void spread(Client& client, const Event& event, TimePoint now);
  void echo(Client& client, const Event& event);
  void acknowledge(Client& client, const Event& event, std::string_view arguments);
  void send(Client& client, const SioPacket& packet);
  void refuse(Client& client, std::string_view name_space, std::string_view why,
              std::string_view data);
  // The village that a raw argument names, if the client may enter it there.
  std::optional<std::uint32_t> village_of(const Client& client, std::size_t space,
                                          std::string_view raw) const;
  Room* room_of(std::size_t space, std::uint32_t village);

  const App& app_;
  Fanout& fanout_;
  SessionCounts& counts_;
  std::string packet_;  // being written
  std::string room_name_;
};

}  // namespace gend::target
