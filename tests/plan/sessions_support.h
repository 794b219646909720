#pragma once

#include <string>

#include "support.h"

// For tests of sessions.
namespace gend::plan::support {

// A plan whose one step is this session, with these lines in its flow (each indented by 10).
inline std::string with_session(const std::string& head, const std::string& flow) {
  return with_flow("      - " + head + "\n        flow:\n" + flow);
}

inline std::string text_of(const Template& text) {
  std::string out;
  for (const Piece& piece : text.pieces)
    out += piece.source == Source::kLiteral ? piece.text
           : piece.source == Source::kStamp ? "<stamp>"
                                            : "<value>";
  return out;
}

inline const stats::Series& series_at(const Program& program, stats::Kind kind,
                                      std::uint32_t slot) {
  for (const stats::Series& series : program.schema.series()) {
    if (series.kind == kind && series.slot == slot) return series;
  }
  FAIL("no such series");
  return program.schema.series().front();
}

inline std::string tag_of(const stats::Series& series, const std::string& name) {
  for (const auto& [key, value] : series.tags) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace gend::plan::support
