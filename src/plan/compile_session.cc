#include <algorithm>

#include <fmt/format.h>

#include "plan/compile_flow.h"
#include "plan/join.h"

// Sessions and what is said within them.
namespace gend::plan {

namespace {

SessionSeries series_of(const Session& session, const stats::Tags& tags, stats::Schema& schema) {
  const auto add = [&](std::string_view metric) { return schema.add(metric, tags); };
  const bool is_ws = session.kind == SessionKind::kWebSocket;
  SessionSeries series;
  series.connecting = add(is_ws ? "ws_connecting" : "sio_connecting");
  series.connect_failed = add("ws_connect_failed");
  series.sessions = add("ws_sessions");
  series.duration = add("ws_session_duration");
  series.failed = add("ws_session_failed");
  series.errors = add("ws_errors");
  series.sent = add("ws_msgs_sent");
  series.received = add("ws_msgs_received");
  series.reconnects = add("ws_reconnects");
  series.unasked = add("ws_msgs_unasked");
  if (is_ws) {
    series.ping = add("ws_ping");
    return series;
  }
  if (session.transports == Transports::kUpgrade) series.upgrade = add("sio_upgrade");
  series.disconnects = add("sio_disconnects");
  series.ping_missed = add("sio_ping_missed");
  return series;
}

std::vector<Check> checks_of(const std::vector<CheckText>& texts, Program& program) {
  std::vector<Check> checks;
  for (const CheckText& text : texts) checks.push_back(check_of(text, program));
  return checks;
}

// Fills `checks`, `expects`, `captures` and `stops_on_failure` of a Receive or an Ack.
template <class Answered>
void add_answer(const AnswerText& text, const TagValues& tags, Answered& into, Program& program) {
  into.checks = checks_of(text.checks, program);
  into.expects = checks_of(text.expects, program);
  for (const CaptureText& capture : text.captures)
    into.captures.push_back(capture_of(capture, program));
  into.stops_on_failure = text.has_expect;
  add_inspection_series(tags, into.captures, program.schema);
  add_inspection_series(tags, into.checks, program.schema);
  add_inspection_series(tags, into.expects, program.schema);
}

StatusRanges statuses_of(const Session& session) {
  const bool polls = session.kind == SessionKind::kSocketIo &&
                     session.transports != Transports::kWebSocket;
  const std::uint16_t status = polls ? 200 : 101;
  return {{status, status}};
}

}  // namespace

TagValues FlowCompiler::tags_of_step(const TagsText& of_step) const {
  TagValues all = fixed_tags(scenario_->tags, of_step);
  for (const auto& [name, value] : tags()) {
    if (name == "group" || name == "flow") all[name] = value;
  }
  return all;
}

TagValues FlowCompiler::tags_of_session(std::size_t session) const {
  const SessionText& text = *sessions_[session].text;
  TagValues all = tags_of_step(text.handshake.tags);
  all["scenario"] = scenario_->name;
  all["name"] = program_.sessions[sessions_[session].index].request.name;
  return all;
}

// The last `listen` that stands directly in the flow: what a reconnect does again ends with it.
std::uint32_t FlowCompiler::last_listen(std::uint32_t open, std::uint32_t session) const {
  for (std::uint32_t at = next_step(); --at > open;) {
    const Step& step = program_.steps[at];
    const bool is_direct = step.depth == program_.steps[open].depth + 1;
    if (is_direct && step.kind == StepKind::kListen &&
        program_.listens[step.body].session == session)
      return at;
  }
  return 0;
}

// What a run did that no browser does must stand in its report.
void FlowCompiler::note_fixed_mask(const Session& session) {
  if (!session.fixed_mask) return;
  std::string note = fmt::format(
      "{} masks all of its frames with one key (masking: fixed): cheaper than what browsers do, "
      "who draw a new key for each",
      quote(session.request.name));
  if (std::ranges::find(program_.notes, note) == program_.notes.end())
    program_.notes.push_back(std::move(note));
}

FlowCompiler::Exits FlowCompiler::add_what(const SessionText& text, const Exits& from) {
  const auto index = static_cast<std::uint32_t>(program_.sessions.size());
  Session made = text.session;
  made.request = requests_.compile(text.handshake);
  if (!text.handshake.expected_statuses) made.request.expected_statuses = statuses_of(made);
  if (cookies_ == Scenario::Cookies::kOff) made.request.sends_cookies = false;
  const bool ends = made.request.stops_on_failure;
  note_fixed_mask(made);
  const std::uint32_t open = emit(StepKind::kSessionOpen, index, from);
  made.open_step = open;
  program_.sessions.push_back(std::move(made));
  sessions_.push_back({.index = index, .text = &text, .closes = {}});
  sessions_used_ = std::max(sessions_used_, static_cast<std::uint32_t>(sessions_.size()));
  {
    Session& session = program_.sessions[index];
    const TagValues tags = tags_of_session(sessions_.size() - 1);
    session.series = series_of(session, {tags.begin(), tags.end()}, program_.schema);
    add_inspection_series(tags, session.request.captures, program_.schema);
    add_inspection_series(tags, session.request.checks, program_.schema);
    add_inspection_series(tags, session.request.expects, program_.schema);
  }
  Exits exits = add_inner(text.flow, {{.step = open, .way = Exit::Way::kSuccess}});
  const std::uint32_t listen = last_listen(open, index);
  if (ends)
    ends_.push_back(open);
  else
    exits.push_back({.step = open, .way = Exit::Way::kFailure});
  for (const std::uint32_t close : sessions_.back().closes) exits.push_back({.step = close});
  sessions_.pop_back();
  const std::uint32_t end = emit(StepKind::kSessionEnd, index, exits);
  program_.sessions[index].end_step = end;
  program_.sessions[index].rejoin_step = listen;
  return {{.step = end}};
}

FlowCompiler::Exits FlowCompiler::add_what(const SendText& text, const Exits& from) {
  Send send{.session = index_of(text.session), .message = text.message, .reply = {}};
  if (text.reply) {
    Reply& reply = send.reply.emplace(text.reply->reply);
    reply.key = extraction_of(reply.key, text.reply->pattern, program_);
    TagValues tags = tags_of_session(text.session);
    reply.duration = program_.schema.add("ws_msg_duration", {tags.begin(), tags.end()});
    tags["check"] = "reply in time";
    reply.series = program_.schema.add("checks", {tags.begin(), tags.end()});
  }
  const std::uint32_t here = emit(StepKind::kSend, program_.sends.size(), from);
  program_.sends.push_back(std::move(send));
  return {{.step = here}};
}

FlowCompiler::Exits FlowCompiler::add_what(const EmitText& text, const Exits& from) {
  Emit made = text.emit;
  made.session = index_of(text.session);
  bool ends = false;
  if (text.ack) {
    TagValues tags = tags_of_session(text.session);
    tags["event"] = made.event;
    Ack& ack = made.ack.emplace(text.ack->ack);
    ack.duration = program_.schema.add("sio_ack", {tags.begin(), tags.end()});
    add_answer(text.ack->answer, tags, ack, program_);
    ends = ack.stops_on_failure;
  }
  const std::uint32_t here = emit(StepKind::kEmit, program_.emits.size(), from);
  program_.emits.push_back(std::move(made));
  if (ends) ends_.push_back(here);
  return {{.step = here, .way = ends ? Exit::Way::kSuccess : Exit::Way::kBoth}};
}

FlowCompiler::Exits FlowCompiler::add_what(const ReceiveText& text, const Exits& from) {
  Receive receive{.session = index_of(text.session),
                  .match = {.event = text.event, .all = checks_of(text.match, program_)},
                  .timeout = text.timeout};
  TagValues tags = tags_of_session(text.session);
  if (text.event) tags["event"] = *text.event;
  receive.duration = program_.schema.add("ws_msg_duration", {tags.begin(), tags.end()});
  add_answer(text.answer, tags, receive, program_);
  std::vector<std::string> names;
  for (const Check& check : receive.match.all) names.push_back(check.name);
  tags["check"] = names.empty() ? "message in time"
                                : fmt::format("message in time: {}", joined(names));
  receive.series = program_.schema.add("checks", {tags.begin(), tags.end()});
  const std::uint32_t here = emit(StepKind::kReceive, program_.receives.size(), from);
  const bool ends = receive.stops_on_failure;
  program_.receives.push_back(std::move(receive));
  if (ends) ends_.push_back(here);
  return {{.step = here, .way = ends ? Exit::Way::kSuccess : Exit::Way::kBoth}};
}

FlowCompiler::Exits FlowCompiler::add_what(const ListenText& text, const Exits& from) {
  Listen listen = text.listen;
  listen.session = index_of(text.session);
  Session& session = program_.sessions[listen.session];
  session.listens = true;
  if (listen.room.pieces.empty()) append(listen.room, session.request.name);
  const TagValues tags = tags_of_session(text.session);
  rooms_.add(text, {tags.begin(), tags.end()}, scenario_->name, listen);
  const std::uint32_t here = emit(StepKind::kListen, program_.listens.size(), from);
  program_.listens.push_back(std::move(listen));
  return {{.step = here}};
}

FlowCompiler::Exits FlowCompiler::add_what(const CloseText& text, const Exits& from) {
  Close close = text.close;
  close.session = index_of(text.session);
  const std::uint32_t here = emit(StepKind::kClose, program_.closes.size(), from);
  program_.closes.push_back(std::move(close));
  sessions_[text.session].closes.push_back(here);
  return {};
}

FlowCompiler::Exits FlowCompiler::add_what(const UseText& text, const Exits& from) {
  return {{.step = emit(text.kind, index_of(text.session), from)}};
}

}  // namespace gend::plan
