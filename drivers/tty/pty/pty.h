/// A pseudo-terminal pair: a terminal (the slave) whose wire is the master's reads and writes.
///
/// Invariants  the object is the slave; master and slave files, the session and the slave's node in devpts share it. What the
///             slave sends waits in a queue until the master reads it; what the master sends goes through the slave's line
///             discipline in the writer's context. When the master closes, the slave is hung up for good.
/// Lock order  the slave's Rank::tty, then Rank::pty.
/// Context     task context.
/// Errors      reads: EIO when no slave is open any more; EAGAIN, EINTR. See pty(7).
/// Source      pty(7), ioctl_tty(2), Linux's tty_ioctl(4) for packet mode.
#pragma once

#include <optional>

#include "drivers/tty/pty/output_queue.h"
#include "drivers/tty/tty.h"
#include "fs/vfs/pty.h"

namespace k::drivers {

class Pty final : public Tty, private TtyDevice {
 public:
  explicit Pty(Ref<fs::PtyEntry> entry);

  unsigned index() const { return entry_->index(); }
  fs::PtyEntry& entry() { return *entry_; }

  // The master's calls.
  Result<std::size_t> master_read(IoBuffer& to, bool nonblock);
  Result<std::size_t> master_write(IoBuffer& from, bool nonblock);
  sync::PollEvents master_poll(sync::PollTable* table);
  fs::AsyncPlaces master_async_places() { return {.first = &master_async_, .has_default_owner = true}; }
  Result<long> master_ioctl(unsigned command, IoctlArg arg, TtyCaller caller);
  void master_closed();

 private:
  // TtyDevice: the slave's side of the wire.
  std::size_t transmit(std::span<const char> bytes) override;
  std::size_t room() override;
  std::size_t pending_output() override { return 0; }  // as Linux: sent is what the master may read
  void discard_sent() override;
  void hold_sending(bool stopped) override;
  bool is_pseudo() const override { return true; }
  bool is_cut_off() const override { return master_gone_.load(std::memory_order_acquire); }
  Result<void> opened() override;
  void closed() override;
  void adapt_settings(const Termios& from, Termios& to) override;
  void on_input_flushed() override;

  Result<std::optional<std::size_t>> try_master_read(IoBuffer& to);
  bool master_would_wait();
  Result<void> offer_all(std::span<const char> bytes, bool nonblock, std::size_t& sent);
  void tell_master(unsigned set, unsigned clear);

  Result<long> pair_ioctl(unsigned command, IoctlArg arg);
  Result<long> job_ioctl(unsigned command, IoctlArg arg, TtyCaller caller);
  Result<long> master_queue_ioctl(unsigned command, IoctlArg arg);
  Result<long> master_flush(unsigned which);
  Result<long> master_flow(unsigned action);
  Result<long> signal_slave(int signal);
  Result<long> set_packet_mode(bool on);

  const Ref<fs::PtyEntry> entry_;
  sync::Guarded<PtyOutput, sync::Rank::pty> output_;
  sync::WaitQueue master_readable_;
  fs::AsyncNotices master_async_;
  Turn master_turn_;
  std::atomic<bool> locked_{true};        // by TIOCSPTLCK: a new pair's slave cannot be opened
  std::atomic<bool> master_held_{false};  // by tcflow(3) on the master
  std::atomic<bool> master_gone_{false};
};

/// Becomes what opening ptmx makes.
void register_pty();

}  // namespace k::drivers
