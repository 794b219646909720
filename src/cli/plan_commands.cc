#include <cstdio>
#include <utility>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/plan_file.h"
#include "cli/session.h"
#include "plan/json_schema.h"
#include "plan/load.h"

namespace gend::cli {

int check_plan(const Options& options) {
  const auto plan = read_plan(options);
  if (!plan) return complain(plan.error());
  const control::RunRequest& request = plan->request;
  const auto program = plan::compile(request.plan_name, request.plan_text, request.options);
  if (!program) {
    std::vector<std::string> lines;
    for (const plan::Complaint& complaint : program.error()) lines.push_back(complaint.str());
    return complain(with_paths(control::bad_plan(std::move(lines)), plan->files));
  }
  std::printf("%s: ok (%zu scenarios, %zu requests, %zu thresholds)\n",
              printable(request.plan_name).c_str(), (*program)->scenarios.size(),
              (*program)->requests.size(), (*program)->thresholds.size());
  return 0;
}

int explain_plan(const Options& options) {
  const auto plan = read_plan(options);
  if (!plan) return complain(plan.error());
  const auto session = Session::with_any(options);
  if (!session) return complain(session.error());
  const auto reply = post_plan(session->client(), "/v1/explain", *plan);
  if (!reply) return complain(reply.error());
  if (options.json) {
    std::fputs(reply->body.c_str(), stdout);
    return 0;
  }
  const auto json = nlohmann::ordered_json::parse(reply->body, nullptr, false);
  if (json.is_object() && json.contains("text") && json["text"].is_string())
    std::fputs(json["text"].get<std::string>().c_str(), stdout);
  return 0;
}

int print_schema(const Options&) {
  std::fputs(plan::json_schema().c_str(), stdout);
  return 0;
}

}  // namespace gend::cli
