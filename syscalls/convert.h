/// From registers to typed arguments: Convert<T>::from(raw) and, for the tracer, Convert<T>::trace(line, value).
///
/// Invariants  a handler's C++ signature is the manual page: `Result<int> dup2(Task&, Fd from, Fd to)`. Every type that
///             occurs in one has a Convert here (or beside the type); nothing is cast in a handler.
/// Context     from: syscall entry, never sleeps. trace: task context; reads user strings.
/// Errors      none: a bad pointer shows when the handler reads or writes it.
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernel/lib/flags.h"
#include "mm/user/io_buffer.h"
#include "mm/user/user_ptr.h"
#include "syscalls/trace_line.h"

namespace k::sys {

using lib::Flags;

/// A descriptor number as user space gave it.
struct Fd {
  int number = -1;
  bool operator==(const Fd&) const = default;
};
/// Permission bits of open(2), mkdir(2), chmod(2).
struct FileMode {
  std::uint32_t bits = 0;
};
/// A signal number as user space gave it.
struct SignalNumber {
  int number = 0;
};

template <class T>
struct Convert;

template <class T>
  requires std::is_integral_v<T>
struct Convert<T> {
  static T from(std::uint64_t raw) { return static_cast<T>(raw); }
  static void trace(TraceLine& line, T value) {
    if constexpr (std::is_signed_v<T>) {
      line.put_signed(value);
    } else {
      line.put_unsigned(value);
    }
  }
};

template <>
struct Convert<Fd> {
  static Fd from(std::uint64_t raw) { return Fd{static_cast<int>(raw)}; }
  static void trace(TraceLine& line, Fd fd) { line.put_fd(fd.number); }
};
template <>
struct Convert<FileMode> {
  static FileMode from(std::uint64_t raw) { return FileMode{static_cast<std::uint32_t>(raw)}; }
  static void trace(TraceLine& line, FileMode mode) { line.put_octal(mode.bits); }
};
template <>
struct Convert<SignalNumber> {
  static SignalNumber from(std::uint64_t raw) { return SignalNumber{static_cast<int>(raw)}; }
  static void trace(TraceLine& line, SignalNumber signal) { line.put_signed(signal.number); }
};
template <>
struct Convert<Flags> {
  static Flags from(std::uint64_t raw) { return Flags{static_cast<unsigned>(raw)}; }
  static void trace(TraceLine& line, Flags flags) { line.put_hex(flags.bits()); }
};
template <>
struct Convert<UserAddr> {
  static UserAddr from(std::uint64_t raw) { return UserAddr{raw}; }
  static void trace(TraceLine& line, UserAddr at) { line.put_pointer(at); }
};
template <>
struct Convert<UserCStr> {
  static UserCStr from(std::uint64_t raw) { return UserCStr{UserAddr{raw}}; }
  static void trace(TraceLine& line, UserCStr string) { line.put_string(string); }
};
template <>
struct Convert<IoctlArg> {
  static IoctlArg from(std::uint64_t raw) { return IoctlArg{raw}; }
  static void trace(TraceLine& line, IoctlArg arg) { line.put_hex(arg.value()); }
};

/// UserIn<T>, UserOut<T>, UserInOut<T>.
template <template <class> class Pointer, class T>
  requires requires(Pointer<T> p) { p.address(); }
struct Convert<Pointer<T>> {
  static Pointer<T> from(std::uint64_t raw) { return Pointer<T>{UserAddr{raw}}; }
  static void trace(TraceLine& line, Pointer<T> pointer) { line.put_pointer(pointer.address()); }
};

}  // namespace k::sys
