/// A terminal's settings, in the kernel's own termios2 layout, with the questions the line discipline asks of them.
///
/// Source      termios(3), ioctl_tty(2), <asm/termbits.h>.
#pragma once

#include <asm/termbits.h>

#include <cstdint>

namespace k::drivers {

struct Termios {
  uapi::termios2 raw;

  bool input(uapi::tcflag_t f) const { return (raw.c_iflag & f) != 0; }
  bool output(uapi::tcflag_t f) const { return (raw.c_oflag & f) != 0; }
  bool local(uapi::tcflag_t f) const { return (raw.c_lflag & f) != 0; }
  /// Under EXTPROC the other end edits lines, and whatever it sends is read as it comes.
  bool canonical() const { return local(ICANON) && !local(EXTPROC); }
  /// True when `c` is the control character at `index` and that one is enabled.
  bool is(char c, unsigned index) const {
    const uapi::cc_t special = raw.c_cc[index];
    return special != 0 && static_cast<uapi::cc_t>(c) == special;
  }
  unsigned min() const { return raw.c_cc[VMIN]; }
  unsigned time_tenths() const { return raw.c_cc[VTIME]; }

  /// Makes c_ispeed and c_ospeed what the speed codes in c_cflag say.
  void read_speeds();

  /// Linux's settings of a fresh terminal: cooked, echoing, 38400 baud.
  static constexpr Termios initial(uapi::tcflag_t control = B38400 | CS8 | CREAD | HUPCL) {
    Termios t{};
    t.raw.c_iflag = ICRNL | IXON;
    t.raw.c_oflag = OPOST | ONLCR;
    t.raw.c_cflag = control;
    t.raw.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
    t.raw.c_cc[VINTR] = 3;
    t.raw.c_cc[VQUIT] = 28;
    t.raw.c_cc[VERASE] = 127;
    t.raw.c_cc[VKILL] = 21;
    t.raw.c_cc[VEOF] = 4;
    t.raw.c_cc[VMIN] = 1;
    t.raw.c_cc[VSTART] = 17;
    t.raw.c_cc[VSTOP] = 19;
    t.raw.c_cc[VSUSP] = 26;
    t.raw.c_cc[VREPRINT] = 18;
    t.raw.c_cc[VDISCARD] = 15;
    t.raw.c_cc[VWERASE] = 23;
    t.raw.c_cc[VLNEXT] = 22;
    t.raw.c_ispeed = 38400;
    t.raw.c_ospeed = 38400;
    return t;
  }
};

}  // namespace k::drivers
