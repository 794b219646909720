#include "cli/asking.h"

#include <utility>

#include "cli/messages.h"

namespace gend::cli {

using Json = nlohmann::ordered_json;

Error strange_answer(const std::string& path) {
  return {path + ": the daemon's answer is not what this genctl understands",
          "do genctl version's two lines agree?", ExitCode::kNoDaemon};
}

std::string text_of(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

double number_of(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number() ? found->get<double>() : 0;
}

Answer ask(const control::Client& client, const std::string& path) {
  const auto reply = client.get(path);
  if (!reply) return {{}, {}, complain(reply.error())};
  if (!reply->ok()) return {{}, {}, complain(*reply)};
  Json json = Json::parse(reply->body, nullptr, false);
  if (json.is_discarded()) return {{}, {}, complain(strange_answer(path))};
  return {std::move(json), reply->body, 0};
}

std::string chosen_run(const Options& options, const control::Client& client) {
  if (!options.run.empty()) return options.run;
  const Answer answer = ask(client, "/v1/status");
  if (!answer.json || !answer.json->contains("run") || !(*answer.json)["run"].is_object())
    return {};
  return text_of((*answer.json)["run"], "id");
}

int no_active_run() {
  return complain(Error{"no run is going on", "genctl runs lists those that were",
                        ExitCode::kUsage});
}

}  // namespace gend::cli
