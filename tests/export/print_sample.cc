// Prints what is exported of a known run, for a parser that is not ours: "idle" or "run".
#include <cstdio>
#include <string_view>

#include "export/openmetrics.h"
#include "report/sample_run.h"

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view{argv[1]} == "idle") {
    std::fputs(gend::exporter::openmetrics(nullptr).c_str(), stdout);
    return 0;
  }
  gend::test::SampleRun run;
  run.result.name = "quote \" backslash \\ newline \n bad \xff";
  std::fputs(gend::exporter::openmetrics(&run.result).c_str(), stdout);
  return 0;
}
