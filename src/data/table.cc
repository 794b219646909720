#include "data/table.h"

#include <utility>

namespace gend::data {

struct Table::Impl {};

Table::Table(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Table::~Table() = default;

}  // namespace gend::data
