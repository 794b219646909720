#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>

#include "support/seed.h"

int main(int argc, char** argv) {
  std::printf("seed %llu (set GEND_TEST_SEED to repeat)\n",
              static_cast<unsigned long long>(gend::test::seed()));
  doctest::Context context{argc, argv};
  return context.run();
}
