/// SignalFile: the file behind signalfd(2).
///
/// Invariants  it holds a set only; what is read are the signals of whoever reads, so an inherited descriptor tells the child of its
///             own. Sleepers and pollers wait in their process's queue, which the sender of a signal wakes.
/// Lock order  Process::signals; nothing is held while copying to user memory.
/// Context     task context.
/// Errors      AGAIN, INVAL (no room for one record), FAULT, interrupted.
/// Source      signalfd(2).
#pragma once

#include "fs/vfs/anonymous_file.h"
#include "kernel/task/signal_set.h"
#include "mm/phys/slab.h"

namespace k::task {

class SignalFile final : public fs::AnonymousFile, public mm::SlabAllocated<SignalFile> {
 public:
  static constexpr fs::FileClass kClass{"[signalfd]"};
  /// `flags`: O_NONBLOCK.
  static Result<Ref<SignalFile>> create(SignalSet set, lib::Flags flags);

  Result<std::size_t> read(IoBuffer& to, fs::IoAt& at) override;
  sync::PollEvents poll(sync::PollTable* table) override;
  void show_info(lib::TextBuffer& out) const override;

  void set_signals(SignalSet set);

 private:
  SignalFile(SignalSet set, lib::Flags flags) : AnonymousFile(kClass, flags.with(O_RDWR)), set_(set.bits()) {}
  SignalSet signals() const { return SignalSet{set_.load(std::memory_order_relaxed)}; }

  std::atomic<std::uint64_t> set_;
};

}  // namespace k::task
