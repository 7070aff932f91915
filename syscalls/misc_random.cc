#include <linux/random.h>

#include <algorithm>
#include <array>

#include "kernel/irq/entropy.h"
#include "kernel/task/task.h"
#include "syscalls/calls_misc.h"

namespace k::sys {
namespace {

constexpr std::size_t kPiece = 256;  // never interrupted, never short: getrandom(2)
constexpr std::size_t kMaxTransfer = 0x7fff'f000;

}  // namespace

Result<std::size_t> getrandom(Task& self, UserAddr buffer, std::size_t size, Flags flags) {
  if (!flags.only(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) return err(Errno::inval);
  if (flags.has(GRND_RANDOM | GRND_INSECURE)) return err(Errno::inval);
  size = std::min(size, kMaxTransfer);
  std::size_t done = 0;
  while (done < size) {
    std::array<std::byte, kPiece> piece;
    const std::size_t n = std::min(size - done, piece.size());
    irq::fill_random(std::span{piece}.first(n));
    if (arch::copy_to_user(buffer + done, piece.data(), n) != 0)
      return done == 0 ? Result<std::size_t>{err(Errno::fault)} : done;
    done += n;
    if (self.signal_pending()) break;
  }
  return done;
}

}  // namespace k::sys
