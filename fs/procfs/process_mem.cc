// /proc/PID/mem: a program's memory as a file, whose offsets are addresses. Source: proc_pid_mem(5).
#include "fs/procfs/process.h"
#include "kernel/task/task.h"

namespace k::fs::proc {
namespace {

using Force = mm::AddressSpace::Force;
using Move = std::size_t (mm::AddressSpace::*)(UserAddr, std::size_t, IoBuffer&, Force);

/// Up to the first byte that is not there. When that is the very first: IO if it is the subject's, FAULT if it is the caller's.
Result<std::size_t> move(const Subject& subject, IoBuffer& buffer, std::uint64_t offset, Move move) {
  TRY(subject.check_access());
  const auto space = subject.memory();
  if (!space || buffer.empty()) return 0u;
  const std::size_t moved = (space.get()->*move)(UserAddr{offset}, buffer.remaining(), buffer, Force::yes);
  if (moved > 0) return moved;
  std::byte one;
  const bool is_there = space->read_some(UserAddr{offset}, {&one, 1}, Force::yes) == 1;
  return err(is_there && move == &mm::AddressSpace::read_into ? Errno::fault : Errno::io);
}

}  // namespace

Result<std::size_t> read_mem(const Subject& subject, IoBuffer& to, std::uint64_t offset) {
  return move(subject, to, offset, &mm::AddressSpace::read_into);
}

Result<std::size_t> write_mem(const Subject& subject, IoBuffer& from, std::uint64_t offset) {
  return move(subject, from, offset, &mm::AddressSpace::write_from);
}

}  // namespace k::fs::proc
