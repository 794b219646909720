#include "cli/watch_keys.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "cli/keys.h"

using namespace gend;
using namespace gend::cli;
using report::Asking;
using report::WatchPanel;
using report::WatchState;
using Json = nlohmann::ordered_json;

namespace {

std::vector<Key> all_of(Keys& keys) {
  std::vector<Key> all;
  while (const auto key = keys.next()) all.push_back(*key);
  return all;
}

std::vector<Key> keys_of(std::string_view bytes) {
  Keys keys;
  keys.feed(bytes);
  return all_of(keys);
}

Key letter(char c) { return {KeyKind::kText, c}; }

WatchState controlled(bool open_model) {
  WatchState state;
  state.summary["run"]["scenarios"] = {
      {{"executor", "externally-controlled"}, {"open_model", open_model}}};
  state.interval["state"] = "running";
  return state;
}

// The keys of a text; what the last of them wants.
Wanted type(WatchState& state, std::string_view text) {
  Wanted wanted;
  for (const char c : text)
    wanted = press(state, c == '\n' ? Key{KeyKind::kEnter} : letter(c), 10);
  return wanted;
}

}  // namespace

TEST_CASE("keys come out the same however the bytes are split over reads") {
  const std::string bytes = "a\x1b[A\x1bOB\x1b[5~\x1b[1;5C\x1b[Z\t\r\x7f\x1b[6;2~z";
  const std::vector<Key> expected{letter('a'),        {KeyKind::kUp},    {KeyKind::kDown},
                                  {KeyKind::kPageUp}, {KeyKind::kRight}, {KeyKind::kBackTab},
                                  {KeyKind::kTab},    {KeyKind::kEnter}, {KeyKind::kBackspace},
                                  {KeyKind::kPageDown}, letter('z')};
  CHECK(keys_of(bytes) == expected);
  for (std::size_t first = 0; first <= bytes.size(); ++first)
    for (std::size_t second = first; second <= bytes.size(); ++second) {
      Keys keys;
      std::vector<Key> got;
      for (const std::string& part :
           {bytes.substr(0, first), bytes.substr(first, second - first),
                              bytes.substr(second)}) {
        keys.feed(part);
        for (const Key key : all_of(keys)) got.push_back(key);
      }
      CHECK(got == expected);
    }
}

TEST_CASE("an escape alone is a key only when nothing follows it for a while") {
  Keys keys;
  keys.feed("\x1b");
  CHECK_FALSE(keys.next());
  keys.rest();
  CHECK(keys.next() == Key{KeyKind::kEscape});
  CHECK_FALSE(keys.next());
  keys.feed("\x1b");
  CHECK_FALSE(keys.next());
  keys.feed("[B");
  CHECK(keys.next() == Key{KeyKind::kDown});
}

TEST_CASE("a sequence that is never ended does not swallow what comes later") {
  Keys keys;
  keys.feed("\x1b[12");
  CHECK_FALSE(keys.next());
  keys.rest();
  CHECK_FALSE(keys.next());
  keys.feed("q");
  CHECK(keys.next() == letter('q'));
  CHECK(keys_of("\x1b[" + std::string(100, '1')).size() > 0);  // not kept for ever
}

TEST_CASE("sequences without a meaning here, control characters and other scripts are no keys") {
  CHECK(keys_of("\x1b[15~\x1b[<0;3;4M\x1bx\x01\x00\x1b[?1;2cä日").empty());
}

TEST_CASE("what is pasted presses no keys") {
  Keys keys;
  std::vector<Key> got;
  const std::string bytes = "1\x1b[200~sy\nq\x1b[A\x1b[20\x1b[201~2";
  for (const char c : bytes) {
    keys.feed({&c, 1});
    for (const Key key : all_of(keys)) got.push_back(key);
  }
  CHECK(got == std::vector<Key>{letter('1'), letter('2')});
  CHECK(keys_of(bytes) == got);
}

TEST_CASE("panels are chosen by number, by tab and by arrows, from their top") {
  WatchState state;
  state.scroll = 7;
  press(state, letter('3'), 10);
  CHECK(state.panel == WatchPanel::kErrors);
  CHECK(state.scroll == 0);
  press(state, {KeyKind::kTab}, 10);
  CHECK(state.panel == WatchPanel::kThresholds);
  press(state, {KeyKind::kLeft}, 10);
  CHECK(state.panel == WatchPanel::kErrors);
  press(state, letter('6'), 10);
  press(state, {KeyKind::kRight}, 10);
  CHECK(state.panel == WatchPanel::kOverview);
  press(state, {KeyKind::kBackTab}, 10);
  CHECK(state.panel == WatchPanel::kEvents);
  press(state, letter('7'), 10);
  CHECK(state.panel == WatchPanel::kEvents);
}

TEST_CASE("scrolling never goes above the top") {
  WatchState state;
  press(state, {KeyKind::kUp}, 10);
  CHECK(state.scroll == 0);
  press(state, {KeyKind::kPageDown}, 10);
  press(state, {KeyKind::kDown}, 10);
  CHECK(state.scroll == 11);
  press(state, {KeyKind::kPageUp}, 20);
  CHECK(state.scroll == 0);
}

TEST_CASE("q leaves, from the help too; any other key closes the help and does nothing else") {
  WatchState state;
  CHECK(press(state, letter('q'), 10).wish == Wish::kLeave);
  press(state, letter('?'), 10);
  CHECK(state.help);
  CHECK(press(state, letter('s'), 10).wish == Wish::kNothing);
  CHECK_FALSE(state.help);
  CHECK(state.asking == Asking::kNothing);
  press(state, letter('?'), 10);
  CHECK(press(state, letter('q'), 10).wish == Wish::kLeave);
}

TEST_CASE("a run is ended only after a yes, and cut off only when it is ending") {
  WatchState state;
  state.interval["state"] = "running";
  press(state, letter('s'), 10);
  CHECK(state.asking == Asking::kStop);
  CHECK(press(state, letter('s'), 10).wish == Wish::kNothing);
  CHECK(state.asking == Asking::kNothing);
  CHECK(type(state, "sn").wish == Wish::kNothing);
  CHECK(type(state, "sy").wish == Wish::kStop);
  state.interval["state"] = "stopping";
  CHECK(type(state, "sy").wish == Wish::kStopNow);
  CHECK(type(state, "y").wish == Wish::kNothing);
}

TEST_CASE("a number of users is typed, mended and sent") {
  WatchState state = controlled(false);
  press(state, letter('u'), 10);
  CHECK(state.asking == Asking::kUsers);
  type(state, "1q2x.3");
  CHECK(state.typed == "123");
  press(state, {KeyKind::kBackspace}, 10);
  const Wanted wanted = press(state, {KeyKind::kEnter}, 10);
  CHECK(wanted.wish == Wish::kUsers);
  CHECK(wanted.value == "12");
  CHECK(state.typed.empty());
  CHECK(type(state, "u\n").wish == Wish::kNothing);  // nothing typed, nothing sent
  type(state, "u7");
  press(state, {KeyKind::kEscape}, 10);
  CHECK(state.asking == Asking::kNothing);
  CHECK(state.typed.empty());
}

TEST_CASE("a rate may have its unit") {
  WatchState state = controlled(true);
  const Wanted wanted = type(state, "r600/min\n");
  CHECK(wanted.wish == Wish::kRate);
  CHECK(wanted.value == "600/min");
  type(state, "r" + std::string(500, '9'));
  CHECK(state.typed.size() <= 20);
}

TEST_CASE("pause is resume while it is paused") {
  WatchState state = controlled(false);
  CHECK(press(state, letter('p'), 10).wish == Wish::kPause);
  state.interval["paused"] = true;
  CHECK(press(state, letter('p'), 10).wish == Wish::kResume);
}

TEST_CASE("what the plan does not allow is said and not sent") {
  WatchState nothing;
  for (const char c : {'p', 'u', 'r'}) {
    CHECK(press(nothing, letter(c), 10).wish == Wish::kNothing);
    CHECK(nothing.asking == Asking::kNothing);
    CHECK_FALSE(nothing.message.empty());
  }
  press(nothing, letter('1'), 10);
  CHECK(nothing.message.empty());
  WatchState users = controlled(false);
  press(users, letter('r'), 10);
  CHECK(users.asking == Asking::kNothing);
}
