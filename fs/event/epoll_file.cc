#include "fs/event/epoll_file.h"

#include "fs/vfs/superblock.h"

namespace k::fs::event {

Result<Ref<EpollFile>> EpollFile::create() {
  auto epoll = TRY(Epoll::create());
  auto* file = new (std::nothrow) EpollFile(std::move(epoll));
  if (file == nullptr) return err(Errno::nomem);
  return Ref<EpollFile>::adopt(*file);
}

void EpollFile::show_info(lib::TextBuffer& out) const {
  epoll_->for_each_item([&](const EpollItem& item) {
    const std::uint32_t events = item.wanted.load(std::memory_order_relaxed) | item.modes;
    const Inode& inode = item.file.inode();
    const DeviceNumber device = inode.superblock().device();
    out.print("tfd: {:8} events: {:8x} data: {:16x}  pos:{} ino:{:x} sdev:{:x}\n", item.fd, events, item.data,
              item.file.position(), inode.number(), device.major << 20 | device.minor);
  });
}

}  // namespace k::fs::event
