#include <cstdio>
#include <memory>
#include <string>

#include "cli/asking.h"
#include "cli/commands.h"
#include "cli/follow.h"
#include "cli/full_view.h"
#include "cli/messages.h"
#include "cli/screen.h"
#include "cli/session.h"
#include "report/text.h"

namespace gend::cli {

int watch_run(const Options& options) {
  const auto session = Session::with_daemon(options);
  if (!session) return complain(session.error());
  const std::string id = chosen_run(options, session->client());
  if (id.empty()) return no_active_run();
  const Interrupts interrupts;
  const Screen screen = screen_of_stdout();
  const bool full = screen.style == Style::kLive && !options.plain && has_full_screen();
  std::unique_ptr<RunView> view;
  if (full) view = std::make_unique<FullView>(session->client(), id, screen.text.colour);
  else view = std::make_unique<Progress>(screen);
  const auto followed =
      follow(session->client(), id, view.get(), interrupts, OnInterrupt::kLeave);
  if (!followed) return complain(followed.error());
  if (followed->summary && followed->summary->is_object())
    std::fputs(report::summary_text(*followed->summary, screen.text).c_str(), stdout);
  else if (full)
    std::printf("run %s goes on; genctl watch shows it again\n", printable(id).c_str());
  return 0;
}

}  // namespace gend::cli
