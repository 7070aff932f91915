// eventfd, eventfd2.
#include "fs/event/event_counter.h"
#include "kernel/abi/eventfd.h"
#include "syscalls/calls_event.h"
#include "syscalls/fs_args.h"

namespace k::sys {

using fs::event::EventCounter;

Result<Fd> eventfd2(Task& self, unsigned initial, Flags flags) {
  if (!flags.only(abi::kEfdSemaphore | abi::kEfdCloexec | abi::kEfdNonblock)) return err(Errno::inval);
  const auto reads = flags.has(abi::kEfdSemaphore) ? EventCounter::Reads::one : EventCounter::Reads::all;
  auto file = TRY(EventCounter::create(initial, reads, Flags{flags.bits() & abi::kEfdNonblock}));
  return Fd{TRY(self.fds().install(std::move(file), cloexec_flag(flags), TRY(limit_for_new_file(self))))};
}

Result<Fd> eventfd(Task& self, unsigned initial) { return eventfd2(self, initial, Flags{}); }

}  // namespace k::sys
