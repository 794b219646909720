#pragma once

namespace gend {

// The control API as other programs see it (docs/operations.md has the endpoints). The version is
// sent with every answer in the header below; it grows only when an answer changes its meaning.
inline constexpr int kControlApiVersion = 1;
inline constexpr const char* kControlApiHeader = "gend-api";

inline constexpr const char* kDefaultControlSocket = "/run/gend/control.sock";
inline constexpr const char* kDefaultMetricsSocket = "/run/gend/metrics.sock";
inline constexpr const char* kDefaultConfigFile = "/etc/gend/gend.yaml";
inline constexpr const char* kCalibrationName = "calibration.json";  // in the state directory
inline constexpr const char* kControlGroup = "gend";
inline constexpr const char* kMetricsGroup = "gend-metrics";

}  // namespace gend
