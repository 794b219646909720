#pragma once

#include <pthread.h>

#include <string>

namespace gend {

// What `top -H` and `ps -L` call the calling thread; at most 15 bytes, the rest is cut off (Linux).
inline void name_this_thread(const std::string& name) {
  ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
}

}  // namespace gend
