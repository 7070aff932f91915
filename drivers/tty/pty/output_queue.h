/// What the slave of a pseudo-terminal has sent and the master has not read, with the state that packet mode reports.
///
/// Invariants  at most kCapacity bytes. Of them, the first kReceived count as received by the master: discarding spares them.
/// Context     the owner's lock (drivers/tty/pty/pty.h).
/// Errors      take: EFAULT from the destination.
/// Source      ioctl_tty(2), TIOCPKT.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "mm/user/io_buffer.h"

namespace k::drivers {

class PtyOutput {
 public:
  // Linux's master buffers 4095 bytes in its line discipline and 8 KiB on the way there.
  static constexpr std::size_t kReceived = 4095, kCapacity = kReceived + 8192;

  std::size_t size() const { return head_ - tail_; }
  std::size_t room() const { return stopped ? 0 : kCapacity - size(); }
  std::size_t push(std::span<const char> bytes);
  /// Moves what fits into `to`.
  Result<std::size_t> take(IoBuffer& to);
  void discard();
  void clear() { tail_ = head_; }

  bool stopped = false;       // by flow control
  bool packet_mode = false;   // TIOCPKT
  std::uint8_t status = 0;    // TIOCPKT_* to be reported
  unsigned slaves = 0;        // open file descriptions of the slave
  bool slave_closed = false;  // the last of them was closed

 private:
  static constexpr std::uint32_t kRing = 16384;  // a power of two, so that positions may wrap
  static_assert(kRing >= kCapacity);
  std::uint32_t head_ = 0, tail_ = 0;
  std::array<char, kRing> bytes_;
};

}  // namespace k::drivers
