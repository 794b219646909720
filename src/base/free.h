#pragma once

namespace gend {

// Gives what a C library made back to it, for std::unique_ptr: unique_ptr<BIO, Free<BIO_free>>.
template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};

}  // namespace gend
