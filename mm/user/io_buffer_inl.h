/// Inline parts of mm/user/io_buffer.h.
#pragma once

#include "mm/user/io_buffer.h"
#include "mm/user/user_ptr.h"

namespace k::mm {

template <class T>
Result<T> IoctlArg::read() const {
  return UserIn<T>{UserAddr{raw_}}.read();
}
template <class T>
Result<void> IoctlArg::write(const T& value) const {
  return UserOut<T>{UserAddr{raw_}}.write(value);
}

}  // namespace k::mm
