#include "ipc/mqueue/queue_file.h"

#include <asm/ioctls.h>

#include <array>

#include "kernel/lib/format.h"

namespace k::ipc::mqueue {

QueueFile::QueueFile(const fs::PathRef& path, lib::Flags flags) : File(path, flags, Position::kept) { hear_closing(); }

Result<Ref<fs::File>> QueueFile::create(const fs::PathRef& path, lib::Flags flags, Memory* reserved) {
  auto* file =
      reserved != nullptr ? ::new (reserved->use()) QueueFile(path, flags) : new (std::nothrow) QueueFile(path, flags);
  if (file == nullptr) return err(Errno::nomem);
  if (file->writable()) path.mount().add_writer();
  return Ref<fs::File>::adopt(*file);
}

void QueueFile::closed() {
  if (writable()) mount()->drop_writer();
}

Result<std::size_t> QueueFile::read(IoBuffer& to, fs::IoAt& at) {
  const Queue::Status s = queue().status();
  std::array<char, 80> line;
  const std::size_t length = lib::format_to(line, "QSIZE:{:<10} NOTIFY:{:<5} SIGNO:{:<5} NOTIFY_PID:{:<6}\n", s.bytes,
                                            s.method, s.signal, s.listener);
  if (at.offset >= length) return 0u;
  const std::size_t n = TRY(to.copy_in(line.data() + at.offset, length - at.offset));
  if (n > 0) queue_inode().touch(false);
  return n;
}

/// As any regular file answers.
Result<long> QueueFile::ioctl(unsigned command, IoctlArg argument) {
  if (command != FIONREAD) return err(Errno::notty);
  TRY(argument.write(static_cast<int>(static_cast<std::int64_t>(inode().size() - position()))));
  return 0;
}

}  // namespace k::ipc::mqueue
