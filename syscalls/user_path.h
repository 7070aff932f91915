/// A path argument, copied from user memory.
///
/// Context     task context.
/// Errors      FAULT, NAMETOOLONG, NOENT (empty where that has no meaning), NOMEM.
/// Source      path_resolution(7).
#pragma once

#include <array>
#include <string_view>

#include "fs/vfs/path_walk.h"
#include "kernel/lib/alloc.h"
#include "mm/user/user_ptr.h"

namespace k::sys {

class UserPath {
 public:
  static constexpr std::size_t kPathMax = 4096;  // with the NUL

  static Result<UserPath> read(UserCStr from, fs::EmptyPath empty = fs::EmptyPath::refuse) {
    Box<Buffer> buffer = TRY(make<Buffer>());
    const std::size_t length = TRY(from.read(buffer->text));
    if (length == 0 && empty == fs::EmptyPath::refuse) return err(Errno::noent);
    return UserPath{std::move(buffer), length};
  }
  std::string_view view() const { return {buffer_->text, length_}; }

 private:
  struct Buffer {
    Buffer() {}  // the text is filled by read()
    char text[kPathMax];
  };
  UserPath(Box<Buffer> buffer, std::size_t length) : buffer_(std::move(buffer)), length_(length) {}

  Box<Buffer> buffer_;
  std::size_t length_;
};

}  // namespace k::sys
