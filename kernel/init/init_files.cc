#include "kernel/init/init_files.h"

#include <linux/fcntl.h>
#include "kernel/abi/stat.h"

#include "arch/include/arch/boot_info.h"
#include "arch/include/arch/memory.h"
#include "drivers/char/kmsg.h"
#include "drivers/char/memory_devices.h"
#include "drivers/tty/pty/pty.h"
#include "drivers/tty/serial/serial_tty.h"
#include "fs/devpts/devpts.h"
#include "fs/initramfs/initramfs.h"
#include "fs/nsfs/nsfs.h"
#include "fs/procfs/procfs.h"
#include "fs/sysfs/sysfs.h"
#include "fs/tmpfs/devtmpfs.h"
#include "fs/tmpfs/memory_file.h"
#include "fs/tmpfs/tmpfs.h"
#include "fs/vfs/anonymous.h"
#include "fs/vfs/init.h"
#include "fs/vfs/open.h"
#include "fs/vfs/operations.h"

#include "ipc/mqueue/mqueue.h"
#include "ipc/pipe_file.h"
#include "ipc/sysv/segment.h"
#include "kernel/log/log.h"
#include "kernel/task/message_listener.h"
#include "kernel/task/process.h"
#include "kernel/task/socket_caller.h"
#include "mm/phys/page_alloc.h"
#include "net/netlink/netlink_socket.h"
#include "net/socket/socket_file.h"
#include "net/unix/unix_socket.h"

namespace k::init {
namespace {

constexpr fs::DeviceNumber kConsole{5, 1};

fs::LookupContext context_of(const Task& self) { return {self.fs_context(), self.creds()}; }

/// Kernel threads, which may drop a space's last areas, have no number.
std::int32_t caller_id() { return sched::current().is_user ? task::current().process().id() : 0; }

Result<void> register_everything() {
  fs::register_tmpfs();
  TRY(fs::init_memory_files());
  TRY(fs::register_devtmpfs());
  TRY(fs::register_procfs());
  TRY(fs::register_sysfs());
  TRY(fs::init_anonymous_files());
  TRY(fs::init_nsfs());
  TRY(fs::register_devpts());
  drivers::register_pty();
  TRY(ipc::init());
  TRY(ipc::mqueue::init());
  ipc::mqueue::set_caller_source(task::kMessageQueueCaller);
  TRY(net::init());
  net::set_caller_source(&task::socket_caller);
  net::register_unix_sockets();
  net::register_netlink_sockets();
  ipc::sysv::set_pid_source(&caller_id);
  TRY(drivers::register_memory_devices());
  TRY(drivers::register_kmsg());
  return {};
}

/// What Linux's built-in archive holds, so that an initramfs without devices has a console.
Result<void> make_default_entries(const Task& self) {
  const fs::LookupContext context = context_of(self);
  const fs::WalkBase base = fs::WalkBase::cwd();
  TRY(fs::make_directory(context, base, "/dev", 0755));
  TRY(fs::make_node(context, base, "/dev/console", S_IFCHR | 0600, kConsole));
  return fs::make_directory(context, base, "/root", 0700);
}

void unpack(const Task& self) {
  const std::span<const std::byte> image = arch::boot_info().initramfs;
  if (image.empty()) return;
  if (const auto unpacked = fs::unpack_initramfs(context_of(self), image); !unpacked) {
    log::error("initramfs: unpacking stopped with error {}", static_cast<int>(unpacked.error()));
  }
  const PhysAddr base = arch::virt_to_phys(image.data());
  const std::size_t bytes = image.size();
  mm::release_boot_memory(base.page_down(), lib::align_up(base.page_offset() + bytes, kPageSize));
}

void open_console(Task& self) {
  fs::OpenHow how{.flags = lib::Flags{O_RDWR}};
  auto file = fs::open(context_of(self), fs::WalkBase::cwd(), "/dev/console", how);
  if (!file) {
    log::warn("Warning: unable to open an initial console.");
    return;
  }
  constexpr std::uint64_t kLimit = 3;
  for (unsigned fd = 0; fd < kLimit; ++fd) (void)self.fds().install(*file, fs::FdFlag::none, kLimit);
}

}  // namespace

Result<void> init_files(Task& self) {
  TRY(fs::init());
  TRY(register_everything());
  self.set_fs_context(TRY(fs::mount_root("tmpfs", "mode=755")));
  self.fs_context().set_umask(0);
  TRY(make_default_entries(self));
  unpack(self);
  self.fs_context().set_umask(022);
  TRY(drivers::start_serial_terminals());
  open_console(self);
  return {};
}

}  // namespace k::init
