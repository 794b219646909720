#pragma once

#include "plan/load_parts.h"

// For load_send.cc and load_emit.cc: what stands in a message.
namespace gend::plan {

// Reads what `read` reads where `${stamp}` may stand.
template <class Read>
auto with_stamps(Reader& reader, const Read& read) {
  const Scope& outer = reader.scope();
  Scope inner = outer;
  inner.stamps = Scope::Stamps::kAllowed;
  reader.use(inner);
  auto result = read();
  reader.use(outer);
  return result;
}

bool has_stamp(const Template& text);

// Bytes: base64, or {text: …}, or {file: …}. Empty after a complaint.
std::optional<Template> read_binary(Reader& reader, const YamlNode& node);

// Complains of a message that could never be sent.
bool is_good_size(Reader& reader, const YamlNode& node, const Template& payload);

}  // namespace gend::plan
