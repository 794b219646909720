#include "plan/compile_rooms.h"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "base/limits.h"
#include "plan/load_parts.h"

namespace gend::plan {

namespace {

constexpr std::string_view kOther = "other";

template <class Add>
DeliverySeries series_with(const Add& add) {
  return {.latency = add("delivery_latency"),
          .spread = add("delivery_spread"),
          .lost = add("delivery_lost"),
          .duplicated = add("delivery_duplicated"),
          .reordered = add("delivery_reordered"),
          .late = add("delivery_late"),
          .reach = add("delivery_reach"),
          .missed_away = add("delivery_missed_away")};
}

std::string name_of(const Template& room, const data::Table& table, std::uint64_t row) {
  std::string name;
  char scratch[20];
  for (const Piece& piece : room.pieces) {
    if (piece.source == Source::kLiteral)
      name += piece.text;
    else
      name += table.cell(row, static_cast<std::size_t>(piece.b), scratch);
  }
  return name;
}

}  // namespace

std::size_t RoomCompiler::source_of(const Template& room) const {
  std::size_t data = kFixed;
  for (const Piece& piece : room.pieces) {
    if (piece.source == Source::kLiteral) continue;
    if (piece.source != Source::kColumn) return kNone;
    const auto of_piece = static_cast<std::size_t>(piece.a);
    if (data != kFixed && data != of_piece) return kNone;
    data = of_piece;
  }
  return data;
}

bool RoomCompiler::is_good_name(const ListenText& text, const std::string& name) {
  const bool control = std::ranges::any_of(
      name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (!name.empty() && !control && name.size() <= kTagBytes) return true;
  reporter_.complain(text.place,
                     fmt::format("{} cannot be a room's name: {}", quote(name),
                                 name.empty() ? "it is empty"
                                 : control    ? "it holds a control character"
                                              : fmt::format("{} bytes, at most {}", name.size(),
                                                            kTagBytes)),
                     "change the data, or the room");
  return false;
}

void RoomCompiler::note(std::string text) {
  if (noted_.insert(text).second) program_.notes.push_back(std::move(text));
}

RoomCompiler::Rooms RoomCompiler::rooms_of(const Template& room, std::size_t data,
                                           const ListenText& text) {
  Rooms rooms;
  if (data == kFixed) {
    rooms.names.push_back(fixed_text(room));
    return rooms;
  }
  const data::Table* table = program_.data[data].table.get();
  if (table == nullptr) return rooms;  // which was complained of
  if (table->rows() > limits::kDataNumbered) {
    note(fmt::format("data {} has too many rows to know the rooms of {} before the run: their "
                     "latencies are counted together",
                     quote(profile_.names->data[data].name), quote(text.room_source)));
    return rooms;
  }
  std::unordered_set<std::string> known;
  for (std::uint64_t row = 0; row < table->rows(); ++row) {
    std::string name = name_of(room, *table, row);
    if (!known.insert(name).second) continue;
    if (rooms.names.size() == limits::kTagValues) {
      ++rooms.folded;
    } else {
      if (!is_good_name(text, name)) return {};
      rooms.names.push_back(std::move(name));
    }
  }
  std::ranges::sort(rooms.names);
  return rooms;
}

void RoomCompiler::add(const ListenText& text, const stats::Tags& tags,
                       const std::string& scenario, Listen& into) {
  stats::Schema& schema = program_.schema;
  into.series =
      series_with([&](std::string_view metric) { return schema.add(metric, tags); });
  const std::size_t data = source_of(into.room);
  if (data == kNone) {
    note(fmt::format("the rooms of {} are known in the run only: their latencies are counted "
                     "together",
                     quote(text.room_source)));
    return;
  }
  Rooms rooms = rooms_of(into.room, data, text);
  if (rooms.folded > 0) {
    note(fmt::format("{} names {} rooms: those beyond the first {} are counted together, as {}",
                     quote(text.room_source), limits::kTagValues + rooms.folded,
                     limits::kTagValues, quote(kOther)));
    std::erase(rooms.names, kOther);
    rooms.names.emplace_back(kOther);
  }
  for (const std::string& room : rooms.names) {
    const stats::Tags of_room{{"room", room}, {"scenario", scenario}};
    into.room_series.push_back(
        series_with([&](std::string_view metric) { return schema.add_facet(metric, of_room); }));
  }
  into.rooms = std::move(rooms.names);
}

}  // namespace gend::plan
