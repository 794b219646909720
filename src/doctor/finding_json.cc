#include "doctor/finding_json.h"

namespace gend::doctor {

using Json = nlohmann::ordered_json;

Json to_json(const Finding& finding) {
  Json json{{"group", finding.group}, {"name", finding.name},   {"state", name_of(finding.state)},
            {"found", finding.found}, {"means", finding.means}, {"fix", finding.fix}};
  if (finding.connections) json["connections"] = *finding.connections;
  return json;
}

Json to_json(const Wish& wish) {
  return {{"connections", wish.connections}, {"rate", wish.rate}};
}

}  // namespace gend::doctor
