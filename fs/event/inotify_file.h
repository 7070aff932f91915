/// InotifyFile: an inotify instance as an open file description.
/// Context     task context.
/// Errors      AGAIN, INVAL (the next event does not fit), FAULT, interrupted.
/// Source      inotify(7).
#pragma once

#include "fs/event/inotify.h"
#include "fs/vfs/anonymous_file.h"

namespace k::fs::event {

class InotifyFile final : public AnonymousFile, public mm::SlabAllocated<InotifyFile> {
 public:
  static constexpr FileClass kClass{"inotify"};
  /// Counted for `uid`. `flags`: O_NONBLOCK.
  static Result<Ref<InotifyFile>> create(Uid uid, lib::Flags flags);

  Inotify& instance() { return *instance_; }
  Result<std::size_t> read(IoBuffer& to, IoAt& at) override;
  sync::PollEvents poll(sync::PollTable* table) override;
  AsyncPlaces async_places() override { return {.first = &instance_->async()}; }
  Result<long> ioctl(unsigned command, IoctlArg argument) override;

 private:
  InotifyFile(Ref<Inotify> instance, lib::Flags flags) : AnonymousFile(kClass, flags), instance_(std::move(instance)) {}
  void closed() override { instance_->close(); }

  Ref<Inotify> instance_;
};

}  // namespace k::fs::event
