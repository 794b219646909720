#pragma once

#include "plan/render.h"

// For render.cc and evaluate.cc: one piece of a template.
namespace gend::plan {

RenderFault render_piece(const Piece& piece, const RenderContext& context, TextBuffer& out);

// As the inside of a JSON string, or percent-encoded, or as it is.
void write_escaped(std::string_view text, Escaping escaping, TextBuffer& out);

// The shortest text that reads back as the same number: "3", "0.5".
void write_real(double value, TextBuffer& out);

}  // namespace gend::plan
