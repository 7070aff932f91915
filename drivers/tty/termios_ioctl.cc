// ioctl_tty(2): settings. Either end of a pseudo-terminal asks for the slave's.
#include <asm/ioctls.h>

#include <algorithm>

#include "drivers/tty/tty.h"

namespace k::drivers {

using sync::Locked;
using uapi::termios2;  // TCGETS2 and its kin name the plain struct

namespace {

/// struct termios (no speeds), as TCGETS and TCSETS know it: the beginning of termios2, and padding.
struct OldLayout {
  static constexpr std::size_t kFields = offsetof(uapi::termios, c_cc) + sizeof(uapi::termios::c_cc);
  static_assert(kFields == offsetof(uapi::termios2, c_cc) + sizeof(uapi::termios2::c_cc));
  std::array<std::byte, sizeof(uapi::termios)> bytes{};
};

OldLayout to_old(const Termios& t) {
  OldLayout old;
  std::copy_n(reinterpret_cast<const std::byte*>(&t.raw), OldLayout::kFields, old.bytes.begin());
  return old;
}

void from_old(Termios& t, const OldLayout& old) {
  std::copy_n(old.bytes.begin(), OldLayout::kFields, reinterpret_cast<std::byte*>(&t.raw));
}

bool drains(unsigned command) { return command != TCSETS && command != TCSETS2; }
bool flushes(unsigned command) { return command == TCSETSF || command == TCSETSF2; }
bool has_speeds(unsigned command) { return command == TCSETS2 || command == TCSETSW2 || command == TCSETSF2; }

}  // namespace

Result<long> Tty::termios_ioctl(unsigned command, IoctlArg arg) {
  Termios now{};
  {
    Locked s{state_};
    now = s->line.termios();
  }
  if (command == TCGETS) {
    TRY(arg.write(to_old(now).bytes));
    return 0;
  }
  if (command == TCGETS2) {
    TRY(arg.write(now.raw));
    return 0;
  }
  TRY(job_control().check_access(*this, TtyAccess::change));
  if (has_speeds(command)) {
    now.raw = TRY(arg.read<uapi::termios2>());
  } else {
    from_old(now, OldLayout{TRY(arg.read<decltype(OldLayout::bytes)>())});
  }
  now.read_speeds();
  TRY(apply_termios(now, command));
  return 0;
}

Result<void> Tty::apply_termios(const Termios& t, unsigned command) {
  if (flushes(command)) discard_raw_input();
  if (drains(command)) TRY(wait_output_drained());
  {
    Locked s{state_};
    if (flushes(command)) s->line.flush_input();
    install(*s, t);
    move_input(*s);
  }
  readable_.wake_all(sync::kReadable);  // what counts as readable may have changed
  writable_.wake_all(sync::kWritable);
  return {};
}

void Tty::install(State& s, const Termios& t) {
  Termios wanted = t;
  device_.adapt_settings(s.line.termios(), wanted);
  s.line.set_termios(wanted);
}

}  // namespace k::drivers
