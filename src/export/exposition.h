#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gend::exporter {

// Writes the OpenMetrics text format and nothing else: escaping, number forms, the order of lines.
class Exposition {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;  // names must be valid

  // Begins a family; every sample until the next one belongs to it. `unit` must end its name.
  void family(std::string_view name, std::string_view type, std::string_view unit,
              std::string_view help);
  // `suffix` is what the type adds to the family's name: "_total", "_bucket", "_info", …
  void sample(std::string_view suffix, const Labels& labels, double value);
  void sample(std::string_view suffix, const Labels& labels, std::uint64_t value);

  std::string finish() &&;  // with the mandatory "# EOF"

 private:
  void line(std::string_view suffix, const Labels& labels, std::string_view value);
  std::string name_, out_;
};

}  // namespace gend::exporter
