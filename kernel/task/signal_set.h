/// A set of signal numbers, 1 to 64, in the bit order of the kernel's sigset_t.
///
/// Source      signal(7), sigsetops(3); <asm/signal.h>.
#pragma once

#include <asm/signal.h>

#include <bit>
#include <cstdint>

namespace k::task {

inline constexpr int kSignals = 64;
constexpr bool is_signal(int number) { return number >= 1 && number <= kSignals; }
constexpr bool is_realtime(int number) { return number >= 32; }

class SignalSet {
 public:
  constexpr SignalSet() = default;
  constexpr explicit SignalSet(std::uint64_t bits) : bits_(bits) {}
  template <class... Signals>
  static constexpr SignalSet of(Signals... numbers) {
    return SignalSet{(bit(numbers) | ... | 0)};
  }

  constexpr bool has(int number) const { return (bits_ & bit(number)) != 0; }
  constexpr void add(int number) { bits_ |= bit(number); }
  constexpr void remove(int number) { bits_ &= ~bit(number); }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool any(SignalSet o) const { return (bits_ & o.bits_) != 0; }
  constexpr std::uint64_t bits() const { return bits_; }
  /// The lowest number in the set; the set is not empty.
  constexpr int lowest() const { return std::countr_zero(bits_) + 1; }

  constexpr SignalSet operator|(SignalSet o) const { return SignalSet{bits_ | o.bits_}; }
  constexpr SignalSet operator&(SignalSet o) const { return SignalSet{bits_ & o.bits_}; }
  constexpr SignalSet without(SignalSet o) const { return SignalSet{bits_ & ~o.bits_}; }
  constexpr bool operator==(const SignalSet&) const = default;

 private:
  static constexpr std::uint64_t bit(int number) { return std::uint64_t{1} << (number - 1); }
  std::uint64_t bits_ = 0;
};

/// Neither blocked, caught nor ignored.
inline constexpr SignalSet kUnblockable = SignalSet::of(SIGKILL, SIGSTOP);
/// Default action: stop the process.
inline constexpr SignalSet kStopSignals = SignalSet::of(SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU);
/// Default action: nothing.
inline constexpr SignalSet kIgnoredByDefault = SignalSet::of(SIGCHLD, SIGCONT, SIGURG, SIGWINCH);
/// Default action: terminate with a core dump (WCOREDUMP is never set: no core is written).
inline constexpr SignalSet kCoreSignals =
    SignalSet::of(SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS);
/// Raised by the instruction that runs: delivered before all others.
inline constexpr SignalSet kSynchronous = SignalSet::of(SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGSYS);

}  // namespace k::task
