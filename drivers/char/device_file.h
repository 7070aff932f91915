/// DeviceFile<T>: the base of simple character device files, whose offset means nothing.
#pragma once

#include "fs/vfs/char_device.h"

namespace k::drivers {

template <class T>
class DeviceFile : public fs::File, public mm::SlabAllocated<T> {
 public:
  DeviceFile(const fs::PathRef& path, lib::Flags flags) : File(path, flags, Position::ignored) {}

  static Result<Ref<fs::File>> open(const fs::OpenRequest& request) {
    auto* file = new (std::nothrow) T(request.path, request.flags);
    if (file == nullptr) return err(Errno::nomem);
    return Ref<fs::File>::adopt(*file);
  }

 protected:
  static std::size_t swallow(IoBuffer& from) {
    const std::size_t n = from.remaining();
    from.advance(n);
    return n;
  }
};

}  // namespace k::drivers
