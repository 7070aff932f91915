#include "drivers/tty/termios.h"

#include <array>

namespace k::drivers {
namespace {

/// B0 to B38400, then B57600 (CBAUDEX | 1) to B4000000. Source: <asm-generic/termbits.h>.
constexpr std::array<uapi::speed_t, 31> kSpeeds{0,       50,      75,      110,     134,     150,     200,    300,
                                                600,     1200,    1800,    2400,    4800,    9600,    19200,  38400,
                                                57600,   115200,  230400,  460800,  500000,  576000,  921600, 1000000,
                                                1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000};

uapi::speed_t speed_of(uapi::tcflag_t code, uapi::speed_t other) {
  if (code == BOTHER) return other;
  if ((code & CBAUDEX) != 0) code = (code & ~static_cast<uapi::tcflag_t>(CBAUDEX)) + 15;
  return code < kSpeeds.size() ? kSpeeds[code] : 0;
}

}  // namespace

void Termios::read_speeds() {
  const uapi::tcflag_t out = raw.c_cflag & CBAUD;
  const uapi::tcflag_t in = (raw.c_cflag >> IBSHIFT) & CBAUD;
  raw.c_ospeed = speed_of(out, raw.c_ospeed);
  raw.c_ispeed = in == B0 ? raw.c_ospeed : speed_of(in, raw.c_ispeed);
}

}  // namespace k::drivers
