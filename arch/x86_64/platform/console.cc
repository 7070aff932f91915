// COM1, polled: the console before (and, on panic, without) the tty driver.
// Source: NS16550A datasheet, 8.
#include "arch/x86_64/platform/console.h"

#include "arch/include/arch/cpu.h"
#include "arch/include/arch/platform.h"
#include "arch/include/arch/port_io.h"

namespace k::arch {
namespace {

constexpr std::uint16_t kPort = 0x3f8;
constexpr std::uint16_t kData = kPort, kInterruptEnable = kPort + 1, kFifoControl = kPort + 2, kLineControl = kPort + 3,
                        kModemControl = kPort + 4, kLineStatus = kPort + 5;
constexpr std::uint8_t kTransmitterEmpty = 0x20, kNoDevice = 0xff;

void put(char c) {
  for (unsigned tries = 0; (port_in8(kLineStatus) & kTransmitterEmpty) == 0; ++tries) {
    if (tries == 100'000) return;  // a stuck or missing UART must not stop the kernel
    pause();
  }
  port_out8(kData, static_cast<std::uint8_t>(c));
}

}  // namespace

void init_console() {
  port_out8(kInterruptEnable, 0);
  port_out8(kLineControl, 0x80);  // divisor latch
  port_out8(kData, 1);            // 115200 baud
  port_out8(kInterruptEnable, 0);
  port_out8(kLineControl, 0x03);  // 8 data bits, no parity, one stop bit
  port_out8(kFifoControl, 0x07);
  port_out8(kModemControl, 0x03);
}

void console_write_raw(std::string_view text) {
  if (port_in8(kLineStatus) == kNoDevice) return;
  for (const char c : text) {
    if (c == '\n') put('\r');
    put(c);
  }
}

}  // namespace k::arch
