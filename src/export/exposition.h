#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stats/histogram.h"
#include "stats/schema.h"

namespace gend::exporter {

// Takes families of samples one after the other; what becomes of them (text, remote write) is its
// own affair.
class Exposition {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;  // names must be valid

  virtual ~Exposition() = default;
  Exposition(const Exposition&) = delete;
  Exposition& operator=(const Exposition&) = delete;

  // Begins a family; every sample until the next one belongs to it. `unit` must end its name.
  virtual void family(std::string_view name, std::string_view type, std::string_view unit,
                      std::string_view help) = 0;
  // `suffix` is what the type adds to the family's name: "_total", "_bucket", "_info", …
  virtual void sample(std::string_view suffix, const Labels& labels, double value) = 0;
  virtual void sample(std::string_view suffix, const Labels& labels, std::uint64_t value) = 0;
  // A whole trend that is not empty: as classic buckets (buckets.h) unless there is a better way.
  virtual void histogram(const Labels& labels, const stats::Histogram& trend,
                         stats::Contains contains);

 protected:
  Exposition() = default;
};

// Writes the OpenMetrics text format and nothing else: escaping, number forms, the order of lines.
class OpenMetricsText final : public Exposition {
 public:
  void family(std::string_view name, std::string_view type, std::string_view unit,
              std::string_view help) override;
  void sample(std::string_view suffix, const Labels& labels, double value) override;
  void sample(std::string_view suffix, const Labels& labels, std::uint64_t value) override;

  std::string finish() &&;  // with the mandatory "# EOF"

 private:
  void line(std::string_view suffix, const Labels& labels, std::string_view value);
  std::string name_, out_;
};

}  // namespace gend::exporter
