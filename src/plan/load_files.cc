#include "plan/load_parts.h"
#include "plan/source.h"

namespace gend::plan {

std::vector<FileUse> files_of(const std::string& text, const Options& options) {
  const std::string source = normalized(text);
  Reporter reporter{"", source};
  if (!check_text(source, reporter)) return {};
  const YamlTree tree = YamlTree::parse(reporter);
  if (tree.root() == nullptr) return {};
  return load_profile(*tree.root(), options, reporter).gathered.files;
}

}  // namespace gend::plan
