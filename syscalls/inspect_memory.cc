// process_vm_readv, process_vm_writev, process_madvise.
#include <linux/capability.h>
#include <linux/mman.h>

#include "kernel/task/ptrace_access.h"
#include "syscalls/calls_pidfd.h"
#include "syscalls/fs_args.h"
#include "syscalls/pidfd_args.h"

namespace k::sys {
namespace {

enum class Direction : bool { read, write };

struct Transfer {
  UserIn<mm::IoSegment> here;
  std::uint64_t here_count;
  UserIn<mm::IoSegment> there;
  std::uint64_t there_count, flags;
};

/// Stops at the first byte that either side cannot give or take. FAULT when it is the very first.
Result<std::size_t> move(mm::AddressSpace& space, std::span<const mm::IoSegment> there, IoBuffer& here,
                         Direction direction) {
  std::size_t total = 0;
  for (const mm::IoSegment& piece : there) {
    const std::size_t wanted = std::min(piece.bytes, here.remaining());
    const std::size_t moved = direction == Direction::read ? space.read_into(UserAddr{piece.base}, wanted, here)
                                                           : space.write_from(UserAddr{piece.base}, wanted, here);
    total += moved;
    if (moved < wanted) return total > 0 ? Result<std::size_t>{total} : err(Errno::fault);
  }
  return total;
}

Result<std::size_t> transfer(Task& self, std::int32_t pid, const Transfer& t, Direction direction) {
  if (t.flags != 0) return err(Errno::inval);
  VectorArg here, there;
  TRY(here.read(t.here, static_cast<int>(t.here_count)));  // the call's count is cut to 32 bits
  IoBuffer buffer = here.buffer();
  if (buffer.empty()) return 0;
  if (t.there_count > INT32_MAX) return err(Errno::inval);
  TRY(there.read(t.there, static_cast<int>(t.there_count), VectorArg::Memory::of_another));
  if (there.buffer().empty()) return 0;
  const auto view = TRY(task::view_thread(self, pid, task::CallerIds::real));
  if (!view.space) return err(Errno::srch);
  return move(*view.space, there.segments(), buffer, direction);
}

bool may_be_asked_of_others(int advice) {
  return advice == MADV_COLD || advice == MADV_PAGEOUT || advice == MADV_WILLNEED || advice == MADV_COLLAPSE;
}

}  // namespace

Result<std::size_t> process_vm_readv(Task& self, std::int32_t pid, UserIn<mm::IoSegment> here, std::uint64_t here_count,
                                     UserIn<mm::IoSegment> there, std::uint64_t there_count, std::uint64_t flags) {
  return transfer(self, pid, {here, here_count, there, there_count, flags}, Direction::read);
}

Result<std::size_t> process_vm_writev(Task& self, std::int32_t pid, UserIn<mm::IoSegment> here,
                                      std::uint64_t here_count, UserIn<mm::IoSegment> there, std::uint64_t there_count,
                                      std::uint64_t flags) {
  return transfer(self, pid, {here, here_count, there, there_count, flags}, Direction::write);
}

Result<std::size_t> process_madvise(Task& self, Fd pidfd, UserIn<mm::IoSegment> ranges, std::size_t count, int advice,
                                    std::uint32_t flags) {
  if (flags != 0) return err(Errno::inval);
  VectorArg vector;
  TRY(vector.read(ranges, static_cast<int>(count)));
  const auto target = TRY(PidfdArg::find(self, pidfd));
  const auto process = TRY(target->process());
  if (!may_be_asked_of_others(advice)) return err(Errno::inval);
  const auto view = task::view_process(self, *process, task::CallerIds::file_system);
  if (!view) return err(view.error() == Errno::perm ? Errno::acces : view.error());
  if (!view->space) return err(Errno::srch);
  if (!self.creds().has(CAP_SYS_NICE)) return err(Errno::perm);
  std::size_t total = 0;
  for (const mm::IoSegment& range : vector.segments()) {
    const auto advised = view->space->advise(UserAddr{range.base}, range.bytes, advice);
    if (!advised) return total > 0 ? Result<std::size_t>{total} : err(advised.error());
    total += range.bytes;
  }
  return total;
}

}  // namespace k::sys
