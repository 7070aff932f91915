/// ttyS0 and ttyS1: a Tty on a 16550.
///
/// Invariants  output goes straight into the FIFO while that is empty; what does not fit waits in a ring that the
///             transmit interrupt drains, and the interrupt is enabled only while the ring holds something.
/// Lock order  Rank::uart, the innermost but for the log's.
/// Context     transmit: task or interrupt. on_interrupt: interrupt.
/// Errors      start_serial_terminals: ENOMEM; an absent port is skipped.
/// Source      ttyS(4); PC16550D datasheet.
#pragma once

#include <array>
#include <cstdint>

#include "drivers/tty/serial/uart16550.h"
#include "drivers/tty/tty.h"

namespace k::drivers {

class SerialTty final : public TtyDevice {
 public:
  SerialTty(std::uint16_t port, std::uint32_t device_number) : uart_(port), tty_(*this, device_number) {}
  Tty& tty() { return tty_; }
  /// Turns the port and its interrupt on and starts the terminal.
  Result<void> start(unsigned isa_irq, const char* name);

  std::size_t transmit(std::span<const char> bytes) override;
  std::size_t room() override;
  std::size_t pending_output() override;
  void discard_sent() override;
  void hold_sending(bool stopped) override;

 private:
  static constexpr std::size_t kRing = 4096;
  struct Output {
    std::array<char, kRing> bytes;
    std::uint32_t head = 0, tail = 0;
    bool stopped = false, interrupt_on = false;
    std::size_t size() const { return head - tail; }
  };

  static void on_interrupt(void* self);
  void interrupt();
  void drain_input();
  void drain_output(Output& out);

  Uart16550 uart_;
  sync::SpinGuarded<Output, sync::Rank::uart> output_;
  Tty tty_;
};

/// Finds the serial ports, registers /dev/ttyS*, /dev/console and /dev/tty. Boot, after kernel threads and interrupts work.
Result<void> start_serial_terminals();

}  // namespace k::drivers
