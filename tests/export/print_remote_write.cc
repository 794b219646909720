// Writes the requests of a known run into a folder, for decoders that are not ours: FOLDER
// gend|k6 buckets|native.
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "export/encoder.h"
#include "export/seconds.h"

int main(int argc, char** argv) {
  using namespace gend;
  if (argc != 4) return 2;
  test::SampleRun run;
  run.result.id = "the-run";
  exporter::Destination to;
  to.every = std::chrono::seconds{1};
  to.names = std::string_view{argv[2]} == "k6" ? exporter::Names::kK6 : exporter::Names::kGend;
  to.trends = std::string_view{argv[3]} == "native" ? exporter::Trends::kNative
                                                    : exporter::Trends::kBuckets;
  to.labels = {{"env", "stage"}, {"scenario", "never: a series' own label goes first"}};
  const auto encoder = exporter::make_encoder(to, run.schema);
  std::vector<exporter::Message> out;
  encoder->add(test::sample_second(run), out);
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::ofstream file{std::string{argv[1]} + "/" + std::to_string(i), std::ios::binary};
    file << out[i].bytes;
  }
  return 0;
}
