#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "data/cells.h"
#include "data/table.h"

// How a file becomes a table: what its readers share.
namespace gend::data {

class Complaints {
 public:
  void add(std::uint64_t line, std::string what, std::string remedy) {
    if (list_.size() < limits::kDataComplaints)
      list_.push_back({line, std::move(what), std::move(remedy)});
    else
      more_ = true;
  }
  bool full() const { return more_; }  // reading on would tell nothing new
  bool empty() const { return list_.empty(); }
  // In the order of the lines.
  std::vector<Complaint> take() && {
    std::stable_sort(list_.begin(), list_.end(),
                     [](const Complaint& a, const Complaint& b) { return a.line < b.line; });
    if (more_) list_.push_back({0, "and more", "mend these first"});
    return std::move(list_);
  }

 private:
  std::vector<Complaint> list_;
  bool more_ = false;
};

// What a reader fills. Rows with a mistake are not kept: there is a complaint, so there will be no
// table.
struct Loading {
  explicit Loading(std::size_t text_size) : cells{text_size} {}
  std::vector<std::string> columns;  // one empty name: plain values
  Cells cells;                       // columns.size() for each row
  Complaints complaints;
};

void read_separated(std::string_view text, char separator, Loading& into);
void read_json(std::string_view text, Loading& into);
void read_ndjson(std::string_view text, Loading& into);

// Bytes that are no UTF-8, and NUL bytes, which no reader looks for. False when the rest makes no
// sense (UTF-16).
bool check_encoding(std::string_view text, Complaints& complaints);

}  // namespace gend::data
