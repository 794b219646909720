#include <algorithm>
#include <array>

#include "base/limits.h"
#include "plan/join.h"
#include "plan/load_parts.h"

namespace gend::plan {

namespace {

// Reads the step whose action is `entry`; most look at the entry's value only.
using ReadStep = void (*)(Reader& reader, const YamlNode& step, const YamlNode& value,
                          StepText& into);

void read_http(Reader& reader, const YamlNode& step, const YamlNode&, StepText& into) {
  auto http = std::make_unique<HttpText>();
  for (const YamlNode::Entry& entry : step.entries) read_http_entry(reader, entry, *http);
  into.what = std::move(http);
}

template <StepKind kKind>
void read_wait(Reader& reader, const YamlNode&, const YamlNode& value, StepText& into) {
  const auto duration = reader.duration(value);
  if (duration && duration->value == Duration{}) {
    reader.complain(value.place, "it must be longer than 0");
  } else if (duration) {
    into.what = WaitText{kKind, duration->value};
  }
}

template <StepKind kKind>
void read_end(Reader& reader, const YamlNode&, const YamlNode& value, StepText& into) {
  const auto text = reader.message(value, Escaping::kNone, "a message");
  if (!text) return;
  // What changes while the plan runs, and what is secret, stays as it is written.
  const bool plain = text->text.lifetime == Lifetime::kFixed && text->secret.empty();
  EndText end{kKind, plain ? fixed_text(text->text) : value.text};
  constexpr std::size_t kMessageBytes = 256;
  const bool control = std::ranges::any_of(
      end.message, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (end.message.empty() || end.message.size() > kMessageBytes || control) {
    reader.complain(value.place, "a message is 1 to 256 bytes long, without control characters");
    return;
  }
  into.what = std::move(end);
}

template <void (*kRead)(Reader&, const YamlNode&, StepText&)>
void read_value(Reader& reader, const YamlNode&, const YamlNode& value, StepText& into) {
  kRead(reader, value, into);
}

template <void (*kRead)(Reader&, const YamlNode&, StepText&)>
void read_whole_step(Reader& reader, const YamlNode& step, const YamlNode&, StepText& into) {
  kRead(reader, step, into);
}

// The key that says what a step does; each step has exactly one.
struct ActionKey {
  std::string_view name;
  std::string_view type;  // as in key_table.h
  std::string_view doc;
  ReadStep read;  // null: known to the language, refused by this version
  // Whether the step has other keys beside this one.
  enum class Others : std::uint8_t { kNone, kSome } others = Others::kNone;
};
using enum ActionKey::Others;
constexpr std::array<ActionKey, 32> kActions{{
    {"get", "path or URL", "A GET request.", read_http, kSome},
    {"post", "path or URL", "A POST request.", read_http, kSome},
    {"put", "path or URL", "A PUT request.", read_http, kSome},
    {"patch", "path or URL", "A PATCH request.", read_http, kSome},
    {"delete", "path or URL", "A DELETE request.", read_http, kSome},
    {"head", "path or URL", "A HEAD request.", read_http, kSome},
    {"options", "path or URL", "An OPTIONS request.", read_http, kSome},
    {"think", "think time", "A pause, as a person would make.",
     [](Reader& r, const YamlNode&, const YamlNode& value, StepText& into) {
       Think think;
       read_think(r, value, think);
       into.what = think;
     }},
    {"pace", "duration", "The next iteration begins no sooner than this after this one.",
     read_wait<StepKind::kPace>},
    {"spread", "duration", "In its first iteration each user waits for its share of this window.",
     read_wait<StepKind::kSpread>},
    {"loop", "mapping", "Steps repeated.", read_value<read_loop>},
    {"if", "formula", "Steps under a condition.",
     read_whole_step<read_branch>, kSome},
    {"pick", "list of weighted flows", "One of several flows, chosen by weight.",
     [](Reader& r, const YamlNode&, const YamlNode& value, StepText& into) {
       PickText pick;
       read_pick(r, value, pick);
       into.what = std::move(pick);
     }},
    {"call", "text", "A named flow.", nullptr},  // read by read_step: its steps stand in its place
    {"group", "mapping", "Steps measured together.", read_value<read_group>},
    {"burst", "mapping", "Steps as fast as possible, by many hands of one user.",
     read_value<read_burst>},
    {"set", "mapping of values", "Values that the user keeps.", read_value<read_set>},
    {"metric", "mapping", "A value for a metric of the plan's own.", read_value<read_metric>},
    {"once", "list of steps", "Steps of a user's first iteration only.",
     [](Reader& r, const YamlNode&, const YamlNode& value, StepText& into) {
       OnceText once;
       ++r.flow().onces;
       read_flow(r, value, once.flow);
       --r.flow().onces;
       into.what = std::move(once);
     }},
    {"fail", "text", "The iteration has failed.", read_end<StepKind::kFail>},
    {"abort", "text", "The run ends.", read_end<StepKind::kAbort>},
    {"websocket", "path or URL", "A WebSocket session.", read_whole_step<read_websocket>, kSome},
    {"socketio", "path or URL", "A Socket.IO session.", read_whole_step<read_socketio>, kSome},
    {"send", "text or message", "A message, in a WebSocket session.", read_value<read_send>},
    {"emit", "list or text", "An event with its arguments, in a Socket.IO session.",
     read_whole_step<read_emit>, kSome},
    {"receive", "mapping or nothing", "Waits for a message, in a session.",
     read_value<read_receive>},
    {"listen", "mapping or nothing", "From here on every delivery is counted, in a session.",
     read_value<read_listen>},
    {"hold", "think time", "The session stays open for so long.", read_value<read_hold>},
    {"ping", "mapping or nothing", "A ping that is measured, in a WebSocket session.",
     read_value<read_ping>},
    {"echo", "mapping or nothing",
     "Sends back whatever comes until the peer closes, in a WebSocket session.",
     read_value<read_echo>},
    {"close", "mapping or nothing", "Ends the session around.", read_value<read_close>},
    {"sql", "text", "A database query.", nullptr},
}};

// What is said within a session.
constexpr std::array<std::string_view, 8> kOfSessions{"send", "emit", "receive", "listen",
                                                      "hold", "ping", "echo",    "close"};

// Other tools' words for steps, and what to write here.
struct ForeignStep {
  std::string_view name, remedy;
};
constexpr std::array<ForeignStep, 9> kForeignSteps{{
    {"connect", "`websocket: /ws` and `socketio: /socket.io/` connect by themselves"},
    {"disconnect", "use close: {}, or let the session's flow end"},
    {"onMessage", "use `receive` for one message, `listen` for all"},
    {"on", "use `receive` for one message, `listen` for all"},
    {"response", "use `receive`, or `ack` beside `emit`"},
    {"acknowledge", "use `ack` beside `emit`"},
    {"ack", "write it beside `emit`, in the same step"},
    {"subscribe", "`send` or `emit` what the server wants, then `listen`"},
    {"join", "`emit` what the server wants, then `listen`"},
}};

bool runs(const ActionKey& action) {
  return action.read != nullptr || action.name == "call";
}

const ActionKey* find_action(std::string_view name) {
  const auto found = std::ranges::find(kActions, name, &ActionKey::name);
  return found == kActions.end() ? nullptr : &*found;
}

void complain_no_action(Reader& reader, const YamlNode& node) {
  std::vector<std::string_view> names;
  for (const ActionKey& action : kActions) names.push_back(action.name);
  for (const YamlNode::Entry& entry : node.entries) {
    const auto foreign = std::ranges::find(kForeignSteps, entry.key->text, &ForeignStep::name);
    if (foreign != kForeignSteps.end()) {
      reader.complain(entry.key->place, fmt::format("unknown step {}", quote(entry.key->text)),
                      std::string{foreign->remedy});
      return;
    }
    const std::string_view near = nearest(entry.key->text, names);
    if (near.empty()) continue;
    reader.complain(entry.key->place, fmt::format("unknown step {}", quote(entry.key->text)),
                    fmt::format("did you mean \"{}\"?", near));
    return;
  }
  std::vector<std::string_view> known;
  for (const ActionKey& action : kActions) {
    const bool of_session = std::ranges::count(kOfSessions, action.name) > 0;
    if (runs(action) && (!of_session || !reader.flow().sessions.empty()))
      known.push_back(action.name);
  }
  reader.complain(node.place, "a step that does nothing known",
                  fmt::format("begin it with one of {}", joined(known)));
}

// The entry that says what the step does; nullptr after a complaint.
const YamlNode::Entry* action_of(Reader& reader, const YamlNode& node) {
  const YamlNode::Entry* action = nullptr;
  for (const YamlNode::Entry& entry : node.entries) {
    if (find_action(entry.key->text) == nullptr) continue;
    if (action != nullptr) {
      reader.complain(entry.key->place,
                      fmt::format("a step does one thing: {} or {}", quote(action->key->text),
                                  quote(entry.key->text)),
                      "begin a new step with `-`");
      return nullptr;
    }
    action = &entry;
  }
  if (action == nullptr) complain_no_action(reader, node);
  return action;
}

void complain_of_others(Reader& reader, const YamlNode& node, const YamlNode::Entry& action) {
  for (const YamlNode::Entry& entry : node.entries) {
    if (&entry == &action) continue;
    reader.complain(
        entry.key->place, fmt::format("unknown key {}", quote(entry.key->text)),
        fmt::format("`{}` takes no other keys; begin a new step with `-`", action.key->text));
  }
}

void read_step(Reader& reader, const YamlNode& node, FlowText& into) {
  if (!reader.is_mapping(node, "a step (get: /path, think: 1s, …)")) return;
  const YamlNode::Entry* entry = action_of(reader, node);
  if (entry == nullptr) return;
  const ActionKey& action = *find_action(entry->key->text);
  if (!runs(action)) return reader.not_yet(entry->key->place, entry->key->text);
  if (action.others == kNone) complain_of_others(reader, node, *entry);
  if (action.read == nullptr) return read_call(reader, *entry->value, into);
  StepText step;
  step.place = node.place;
  const std::size_t before = reader.reporter().count();
  action.read(reader, node, *entry->value, step);
  // Half a step would only cause complaints about what is missing in it.
  const auto* http = std::get_if<std::unique_ptr<HttpText>>(&step.what);
  const bool usable = reader.reporter().count() == before || (http != nullptr && *http != nullptr);
  if (usable) into.push_back(std::move(step));
}

}  // namespace

void describe_steps(std::vector<Section>& into) {
  Section section{"step", {}};
  for (const ActionKey& key : kActions) {
    section.keys.push_back({key.name, key.type, key.doc, runs(key)});
  }
  into.push_back(std::move(section));
}

void read_flow(Reader& reader, const YamlNode& node, FlowText& into) {
  if (!reader.is_sequence(node, "a list of steps")) return;
  FlowState& state = reader.flow();
  if (state.depth >= limits::kFlowDepth) {
    reader.complain(node.place,
                    fmt::format("steps within steps more than {} deep", limits::kFlowDepth));
    return;
  }
  if (state.steps + node.items.size() > limits::kSteps) {
    // Said once: whatever is called many times would say it as often.
    if (state.steps <= limits::kSteps) {
      reader.complain(node.place, fmt::format("more than {} steps in all, flows that are called "
                                              "counted each time",
                                              limits::kSteps));
    }
    state.steps = limits::kSteps + 1;
    return;
  }
  state.steps += node.items.size();
  ++state.depth;
  const std::size_t first = into.size();
  for (const YamlNode* item : node.items) {
    if (into.size() > first && std::holds_alternative<CloseText>(into.back().what)) {
      reader.complain(item->place, "never reached: the session is closed before",
                      "remove it, or put it behind the session's step");
      break;
    }
    read_step(reader, *item, into);
  }
  --state.depth;
}

}  // namespace gend::plan
