/// What comes with a signal: the kernel's part of siginfo_t.
///
/// Invariants  the same leading bytes as siginfo_t, without its unused tail; padding is always zeroed, so that a copy to
///             user memory leaks nothing.
/// Source      sigaction(2), <asm-generic/siginfo.h>.
#pragma once

#include <asm/siginfo.h>
#include <asm/signal.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace k::task {

struct SignalInfo {
  std::int32_t number = 0, error = 0, code = 0;
  std::int32_t padding = 0;
  union Fields {
    std::uint64_t raw[4];
    struct {
      std::int32_t pid;
      std::uint32_t uid;
      std::uint64_t value;  // rt_sigqueueinfo: sigval
    } sender;
    struct {
      std::int32_t id, overrun;
      std::uint64_t value;
      std::int32_t private_id;
    } timer;
    struct {
      std::int32_t pid;
      std::uint32_t uid;
      std::int32_t status;
      std::int64_t user_ticks, system_ticks;
    } child;
    struct {
      std::uint64_t address;
      std::int16_t address_lsb;
      std::uint64_t lower, upper;
    } fault;
    struct {
      std::int64_t band;
      std::int32_t fd;
    } poll;
    struct {
      std::uint64_t call_address;
      std::int32_t number;
      std::uint32_t arch;
    } syscall;
    constexpr Fields() : raw{} {}
  } fields;

  /// kill(2): the sender's pid and real user id.
  static SignalInfo from_user(int number, int code, std::int32_t pid, std::uint32_t uid) {
    SignalInfo i{number, 0, code};
    i.fields.sender.pid = pid;
    i.fields.sender.uid = uid;
    return i;
  }
  static SignalInfo from_kernel(int number) { return SignalInfo{number, 0, SI_KERNEL}; }
  static SignalInfo fault(int number, int code, std::uint64_t address) {
    SignalInfo i{number, 0, code};
    i.fields.fault.address = address;
    return i;
  }
  /// Sent by a process, so its sender's rights count (si_code <= 0).
  bool is_from_user() const { return code <= 0; }

  uapi::siginfo_t to_user() const {
    uapi::siginfo_t out;
    std::memset(&out, 0, sizeof out);
    std::memcpy(&out, this, sizeof *this);
    return out;
  }

 private:
  SignalInfo(int n, int e, int c) : number(n), error(e), code(c) {}

 public:
  SignalInfo() = default;
};
static_assert(sizeof(SignalInfo) == 48);
static_assert(offsetof(SignalInfo, fields) == 16);

}  // namespace k::task
