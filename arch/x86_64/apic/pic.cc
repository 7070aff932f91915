// The two 8259 controllers of a PC, silenced. Source: 8259A datasheet, initialisation command words.
#include "arch/include/arch/port_io.h"
#include "arch/x86_64/apic/io_apic.h"

namespace k::arch::apic {

void disable_pic() {
  constexpr std::uint16_t kFirst = 0x20, kSecond = 0xa0;
  constexpr std::uint8_t kInit = 0x11, kFirstVector = 0x20, kSecondVector = 0x28;
  port_out8(kFirst, kInit);
  port_out8(kSecond, kInit);
  // A spurious interrupt can still come: not as an exception.
  port_out8(kFirst + 1, kFirstVector);
  port_out8(kSecond + 1, kSecondVector);
  port_out8(kFirst + 1, 4);  // the second hangs on line 2
  port_out8(kSecond + 1, 2);
  port_out8(kFirst + 1, 1);  // 8086 mode
  port_out8(kSecond + 1, 1);
  port_out8(kFirst + 1, 0xff);
  port_out8(kSecond + 1, 0xff);
}

}  // namespace k::arch::apic
