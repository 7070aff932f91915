// signalfd, signalfd4.
#include <linux/signalfd.h>

#include "kernel/task/signal_file.h"
#include "syscalls/calls_event.h"
#include "syscalls/fs_args.h"

namespace k::sys {

using task::SignalFile;
using task::SignalSet;

Result<Fd> signalfd4(Task& self, Fd fd, UserIn<std::uint64_t> mask, std::size_t mask_size, Flags flags) {
  if (mask_size != sizeof(std::uint64_t)) return err(Errno::inval);
  const SignalSet set{TRY(mask.read())};
  if (!flags.only(SFD_CLOEXEC | SFD_NONBLOCK)) return err(Errno::inval);
  if (fd.number != -1) {
    const auto file = TRY(self.fds().get(fd.number));
    auto* const signals = fs::file_cast<SignalFile>(*file);
    if (signals == nullptr) return err(Errno::inval);
    signals->set_signals(set);
    return fd;
  }
  auto file = TRY(SignalFile::create(set, Flags{flags.bits() & SFD_NONBLOCK}));
  return Fd{TRY(self.fds().install(std::move(file), cloexec_flag(flags), TRY(limit_for_new_file(self))))};
}

Result<Fd> signalfd(Task& self, Fd fd, UserIn<std::uint64_t> mask, std::size_t mask_size) {
  return signalfd4(self, fd, mask, mask_size, Flags{});
}

}  // namespace k::sys
