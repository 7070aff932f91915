#include "drivers/tty/serial/uart16550.h"

#include <algorithm>

#include "arch/include/arch/port_io.h"

namespace k::drivers {
namespace {

// Register offsets (datasheet table II); DLL and DLM stand behind LCR.DLAB.
constexpr std::uint16_t kData = 0, kInterruptEnable = 1, kInterruptId = 2, kFifoControl = 2, kLineControl = 3,
                        kModemControl = 4, kLineStatus = 5, kModemStatus = 6, kScratch = 7;
// 8.2 Interrupt Enable Register
constexpr std::uint8_t kIerReceived = 1, kIerTransmitEmpty = 2, kIerLineStatus = 4;
// 8.3 Interrupt Identification Register
constexpr std::uint8_t kIirNone = 1, kIirFifosOn = 0xc0;
// 8.4 FIFO Control Register: on, both cleared, receive trigger at 8 bytes
constexpr std::uint8_t kFcrOn = 1, kFcrClear = 6, kFcrTrigger8 = 0x80;
// 8.5 Line Control Register
constexpr std::uint8_t kLcr8N1 = 3, kLcrDlab = 0x80;
// 8.6 Modem Control Register
constexpr std::uint8_t kMcrDtr = 1, kMcrRts = 2, kMcrOut2 = 8;
// 8.7 Line Status Register
constexpr std::uint8_t kLsrDataReady = 1, kLsrOverrun = 2, kLsrBreak = 0x10, kLsrTransmitHolding = 0x20,
                       kLsrIdle = 0x40;

}  // namespace

std::uint8_t Uart16550::read(std::uint16_t reg) const {
  return arch::port_in8(static_cast<std::uint16_t>(base_ + reg));
}
void Uart16550::write(std::uint16_t reg, std::uint8_t value) const {
  arch::port_out8(static_cast<std::uint16_t>(base_ + reg), value);
}

bool Uart16550::probe() const {
  write(kScratch, 0x5a);
  if (read(kScratch) != 0x5a) return false;
  write(kFifoControl, kFcrOn);
  return (read(kInterruptId) & kIirFifosOn) == kIirFifosOn;
}

void Uart16550::start() const {
  write(kInterruptEnable, 0);
  set_divisor(1);
  write(kLineControl, kLcr8N1);
  write(kFifoControl, kFcrOn | kFcrClear | kFcrTrigger8);
  write(kModemControl, kMcrDtr | kMcrRts | kMcrOut2);
  write(kInterruptEnable, kIerReceived | kIerLineStatus);
}

void Uart16550::set_divisor(std::uint16_t divisor) const {
  const std::uint8_t lcr = read(kLineControl);
  write(kLineControl, lcr | kLcrDlab);
  write(kData, static_cast<std::uint8_t>(divisor));
  write(kInterruptEnable, static_cast<std::uint8_t>(divisor >> 8));
  write(kLineControl, lcr);
}

void Uart16550::set_transmit_interrupt(bool on) const {
  const std::uint8_t base = kIerReceived | kIerLineStatus;
  write(kInterruptEnable, on ? base | kIerTransmitEmpty : base);
}

bool Uart16550::interrupt_pending() const {
  if ((read(kInterruptId) & kIirNone) != 0) return false;
  (void)read(kModemStatus);
  return true;
}

std::size_t Uart16550::transmit(std::span<const char> bytes) const {
  if ((read(kLineStatus) & kLsrTransmitHolding) == 0) return 0;
  const std::size_t n = std::min(bytes.size(), kFifoBytes);
  for (std::size_t i = 0; i < n; ++i) write(kData, static_cast<std::uint8_t>(bytes[i]));
  return n;
}

bool Uart16550::transmitter_idle() const { return (read(kLineStatus) & kLsrIdle) != 0; }

bool Uart16550::receive(Received& out) const {
  const std::uint8_t status = read(kLineStatus);
  if ((status & kLsrDataReady) == 0) return false;
  out = {static_cast<char>(read(kData)), (status & kLsrBreak) != 0, (status & kLsrOverrun) != 0};
  return true;
}

}  // namespace k::drivers
