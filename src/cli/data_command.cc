#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/fixture_folder.h"
#include "cli/messages.h"

namespace gend::cli {

namespace {

std::optional<Error> too_much(const FixtureOptions& options) {
  const demo::Sizes& sizes = options.sizes;
  const auto product = [](std::uint32_t a, std::uint32_t b) { return std::uint64_t{a} * b; };
  const auto refuse = [](std::uint64_t rows, std::string_view what) {
    return Error{fmt::format("{} {}, at most {}", rows, what, kFixtureRows), {}, ExitCode::kUsage};
  };
  const std::uint64_t users = product(sizes.villages, sizes.users_per_village);
  if (users > kFixtureRows) return refuse(users, "users");
  const std::uint64_t members = product(sizes.communities, sizes.members);
  if (members > kFixtureRows) return refuse(members, "members");
  if (options.kind == FixtureKind::kShop && options.customers > users)
    return Error{fmt::format("{} customers, but only {} users ({} villages of {})",
                             options.customers, users, sizes.villages, sizes.users_per_village),
                 "lower --customers, or raise --villages", ExitCode::kUsage};
  return std::nullopt;
}

// What gentarget has to be told, so that it knows these accounts.
std::string target_options(const FixtureOptions& options) {
  const demo::Sizes usual, &sizes = options.sizes;
  std::string out;
  const auto add = [&](std::string_view name, std::uint32_t mine, std::uint32_t its) {
    if (mine != its) out += fmt::format(" --{} {}", name, mine);
  };
  add("villages", sizes.villages, usual.villages);
  add("users-per-village", sizes.users_per_village, usual.users_per_village);
  add("products", sizes.products, usual.products);
  if (options.secret != demo::kDefaultSecret) out += " --jwt-secret …";
  return out;
}

int write(const DataOptions& options) {
  if (const auto error = too_much(options.fixtures)) return complain(*error);
  FixtureFolder folder{options.out, options.fixtures.kind};
  const std::vector<Fixture> files = fixtures(options.fixtures);
  const auto written = folder.write(files, options.force ? FixtureFolder::Existing::kReplaced
                                                         : FixtureFolder::Existing::kKept);
  if (!written) return complain(written.error());
  for (const Fixture& file : files)
    std::printf("%s: %s\n", printable(folder.path_of(file.name)).c_str(), file.about.c_str());
  const std::string manifest = folder.path_of(folder.manifest());
  std::printf("%s: what --teardown removes\n", printable(manifest).c_str());
  const demo::Sizes usual, &sizes = options.fixtures.sizes;
  if (const std::string needed = target_options(options.fixtures); !needed.empty())
    std::printf("gentarget knows these accounts when it is started with%s\n", needed.c_str());
  if (sizes.communities > usual.communities || sizes.members != usual.members ||
      sizes.tenants_per_tier > usual.tenants_per_tier)
    std::printf("gentarget has %u communities of %u members and %u tenants of each tier: it does "
                "not know all of these accounts\n",
                usual.communities, usual.members, usual.tenants_per_tier);
  return 0;
}

int remove(const DataOptions& options) {
  FixtureFolder folder{options.out, options.fixtures.kind};
  const auto removed = folder.remove();
  if (!removed) return complain(removed.error());
  for (const std::string& path : removed->removed)
    std::printf("%s: removed\n", printable(path).c_str());
  for (const std::string& path : removed->gone)
    std::printf("%s: was gone already\n", printable(path).c_str());
  for (const std::string& path : removed->kept)
    std::printf("%s: kept, it was changed since it was written\n", printable(path).c_str());
  return 0;
}

}  // namespace

int handle_data(const Options& options) {
  return options.data.teardown ? remove(options.data) : write(options.data);
}

}  // namespace gend::cli
