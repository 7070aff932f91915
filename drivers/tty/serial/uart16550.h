/// The 16550A serial port: registers and the operations on them.
///
/// Invariants  stateless but for the base port: buffering and locking are drivers/tty/serial/serial_tty.h's.
/// Context     any; the caller holds Rank::uart.
/// Source      National Semiconductor PC16550D datasheet, section 8 (registers).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace k::drivers {

class Uart16550 {
 public:
  static constexpr std::size_t kFifoBytes = 16;  // 8.5: depth of the transmit FIFO

  constexpr explicit Uart16550(std::uint16_t base) : base_(base) {}

  /// True when something answers at the base port like a 16550 (scratch register and interrupt identification).
  bool probe() const;
  /// 8N1 at 115200, FIFOs on, receive and line-status interrupts on, DTR, RTS and OUT2 asserted.
  void start() const;
  void set_divisor(std::uint16_t divisor) const;
  void set_transmit_interrupt(bool on) const;
  /// Ends a pending interrupt condition that nothing else reads; true while one is pending.
  bool interrupt_pending() const;

  /// Writes up to one FIFO's worth when the transmitter is empty; 0 when it is not.
  std::size_t transmit(std::span<const char> bytes) const;
  bool transmitter_idle() const;

  struct Received {
    char byte;
    bool is_break, overrun;
  };
  bool receive(Received& out) const;

 private:
  std::uint8_t read(std::uint16_t reg) const;
  void write(std::uint16_t reg, std::uint8_t value) const;

  std::uint16_t base_;
};

}  // namespace k::drivers
