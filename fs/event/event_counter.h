/// EventCounter: the file behind eventfd(2).
///
/// Invariants  the count is one atomic: a read takes it (or 1 of it), a write adds to it; it never exceeds 2^64 - 2. One wait
///             queue serves readers and pollers, so a poller hooks once; writers without room wait in their own.
/// Context     task context; read and write may sleep.
/// Errors      AGAIN, INVAL (under 8 bytes, writing 2^64 - 1), FAULT, interrupted.
/// Source      eventfd(2).
#pragma once

#include "fs/vfs/anonymous_file.h"
#include "kernel/sync/wait_queue.h"
#include "mm/phys/slab.h"

namespace k::fs::event {

class EventCounter final : public AnonymousFile, public mm::SlabAllocated<EventCounter> {
 public:
  static constexpr FileClass kClass{"[eventfd]"};
  enum class Reads : bool { all, one };  // one: EFD_SEMAPHORE

  /// `flags`: O_NONBLOCK.
  static Result<Ref<EventCounter>> create(std::uint64_t initial, Reads reads, lib::Flags flags);

  Result<std::size_t> read(IoBuffer& to, IoAt& at) override;
  Result<std::size_t> write(IoBuffer& from, IoAt& at) override;
  sync::PollEvents poll(sync::PollTable* table) override;
  void show_info(lib::TextBuffer& out) const override;

 private:
  static constexpr std::uint64_t kMost = ~std::uint64_t{0} - 1;

  EventCounter(std::uint64_t initial, Reads reads, lib::Flags flags)
      : AnonymousFile(kClass, flags.with(O_RDWR)), count_(initial), reads_(reads) {}
  /// What a read takes, 0: nothing there.
  std::uint64_t take();
  bool put(std::uint64_t n);

  std::atomic<std::uint64_t> count_;
  Reads reads_;
  sync::WaitQueue queue_, writers_;
};

}  // namespace k::fs::event
