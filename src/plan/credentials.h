#pragma once

#include "plan/render.h"

namespace gend::plan {

// Appends what stands behind "Basic " or "Bearer " in an Authorization header. A token with a cache
// slot is signed once and then taken from the user's values. `credential` is one of the program's;
// a token needs context.signers.
RenderFault render_credential(const Credential& credential, const RenderContext& context,
                              TextBuffer& out);

}  // namespace gend::plan
