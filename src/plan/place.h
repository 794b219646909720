#pragma once

namespace gend::plan {

// Where something stands in the plan file. Columns count characters, not bytes.
struct Place {
  int line = 0;    // from 1; 0: the whole file
  int column = 0;  // from 1
  friend auto operator<=>(const Place&, const Place&) = default;
};

// A value together with the place it was written at, for complaints that come later.
template <class T>
struct Given {
  T value{};
  Place place;
};

}  // namespace gend::plan
