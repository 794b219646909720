#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "stats/frame.h"
#include "stats/schema.h"

namespace gend::report {

// What is known of one run, whole or as far as it went: what reports, comparisons and charts are
// made from.
struct History {
  nlohmann::ordered_json summary;         // report::summary_json() of the run
  std::unique_ptr<stats::Schema> schema;  // never null in a history that was read
  std::vector<stats::Frame> frames;       // in order; a gap: nothing was kept there
  std::string plan_text;                  // as the user wrote it, secrets masked; may be empty
};

// The series of a schema as JSON, and back with every slot the same. The error says what is wrong.
// Values of tags that came from data or servers (facets) are masked as in summaries, with `secrets`
// as in RunResult: what is kept of a run must not hold them either. Two that look the same then are
// told apart by a number.
nlohmann::json schema_json(const stats::Schema& schema,
                           const std::vector<std::string>& secrets = {});
std::expected<std::unique_ptr<stats::Schema>, std::string> schema_of(const nlohmann::json& json);
// The same series in the same slots, as people outside may see them: tags that hold a secret are
// masked. Nothing when none does, which is nearly always.
std::unique_ptr<const stats::Schema> masked_schema(const stats::Schema& schema,
                                                   const std::vector<std::string>& secrets);

// A run file piece by piece, for whoever has the frames as bytes: a day of them, decoded, is more
// than a daemon should hold.
class RunFileWriter {
 public:
  RunFileWriter(const nlohmann::ordered_json& summary, const nlohmann::json& series,
                const std::string& plan_text);
  ~RunFileWriter();
  RunFileWriter(const RunFileWriter&) = delete;
  RunFileWriter& operator=(const RunFileWriter&) = delete;

  void add(std::string_view encoded_frame);  // of stats::encode(), in order
  std::string finish();  // the file; once, at the end

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

// A run file: "GENDRUN", a byte for the version, and deflated (zlib) a JSON header and the encoded
// frames, each with its length before it. What `genctl report RUN --format run` writes.
std::string encode(const History& history);
// The error is one line for the user of the file: no run file, of a newer gend, damaged.
std::expected<History, std::string> decode_history(std::string_view bytes);
bool is_run_file(std::string_view bytes);

// Puts what is newer of the same run behind what is known of it: its summary, and the intervals
// that are not there yet. False, and nothing is changed, when it does not fit: other series.
bool extend(History& known, History newer);

}  // namespace gend::report
