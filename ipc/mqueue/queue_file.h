/// QueueFile: an open message queue description; what mq_* calls take is a descriptor of it.
/// Context     task context. Errors: as Queue's; INVAL for write(2).
/// Source      mq_overview(7), "Linux implementation of message queue descriptors".
#pragma once

#include "fs/vfs/file.h"
#include "ipc/mqueue/inodes.h"
#include "mm/phys/slab_reservation.h"

namespace k::ipc::mqueue {

class QueueFile final : public fs::File, public mm::SlabAllocated<QueueFile> {
 public:
  using Memory = mm::SlabReservation<QueueFile>;
  /// The inode counts a writer already where `flags` ask for writing. Infallible with `reserved` memory.
  static Result<Ref<fs::File>> create(const fs::PathRef& path, lib::Flags flags, Memory* reserved = nullptr);
  static constexpr fs::FileClass kClass{"mqueue"};
  const fs::FileClass* file_class() const override { return &kClass; }

  Queue& queue() const { return queue_inode().queue(); }
  QueueInode& queue_inode() const { return static_cast<QueueInode&>(inode()); }

  /// The one line "QSIZE:…", at the position.
  Result<std::size_t> read(IoBuffer& to, fs::IoAt& at) override;
  sync::PollEvents poll(sync::PollTable* table) override { return queue().poll(table); }
  Result<long> ioctl(unsigned command, IoctlArg argument) override;
  void descriptor_closed() override { queue().stop_listening(); }

 private:
  QueueFile(const fs::PathRef& path, lib::Flags flags);
  void closed() override;
};

}  // namespace k::ipc::mqueue
