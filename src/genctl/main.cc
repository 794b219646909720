#include "cli/commands.h"

int main(int argc, char** argv) { return gend::cli::genctl_main(argc, argv); }
