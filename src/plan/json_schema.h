#pragma once

#include <string>

namespace gend::plan {

// A JSON Schema (draft 7) of plan files, for editors: made of the same tables of keys that read
// plans (key_table.h). docs/plan.schema.json is its output. It is lenient where only reading tells:
// what a text holds, which keys go together.
std::string json_schema();

}  // namespace gend::plan
