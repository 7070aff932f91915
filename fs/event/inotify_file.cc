#include "fs/event/inotify_file.h"

#include <asm/ioctls.h>

namespace k::fs::event {

Result<Ref<InotifyFile>> InotifyFile::create(Uid uid, lib::Flags flags) {
  auto instance = TRY(Inotify::create(uid));
  auto* file = new (std::nothrow) InotifyFile(std::move(instance), flags);
  if (file == nullptr) return err(Errno::nomem);
  return Ref<InotifyFile>::adopt(*file);
}

/// As many whole events as fit; waits only for the first.
Result<std::size_t> InotifyFile::read(IoBuffer& to, IoAt& at) {
  std::size_t done = 0;
  for (;;) {
    const auto moved = instance_->read(to);
    if (!moved) return done > 0 && moved.error() == Errno::inval ? Result<std::size_t>{done} : moved;
    done += *moved;
    if (*moved > 0) continue;
    if (done > 0) return done;
    if (!at.blocking) return err(Errno::again);
    TRY(instance_->queue().wait_until([&] { return instance_->readable(); }));
  }
}

sync::PollEvents InotifyFile::poll(sync::PollTable* table) {
  if (table != nullptr) table->watch(instance_->queue());
  return instance_->readable() ? sync::kReadable : sync::PollEvents{};
}

Result<long> InotifyFile::ioctl(unsigned command, IoctlArg argument) {
  if (command != FIONREAD) return err(Errno::notty);
  TRY(argument.write(static_cast<int>(instance_->queued_bytes())));
  return 0;
}

}  // namespace k::fs::event
