#pragma once

#include <vector>

#include "plan/export.h"
#include "plan/key_table.h"
#include "plan/reader.h"

namespace gend::plan {

void read_exports(Reader& reader, const YamlNode& node, std::vector<Export>& into);
void describe_export(std::vector<Section>& into);

}  // namespace gend::plan
