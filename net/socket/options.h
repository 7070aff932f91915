/// SocketOptions: the values of SOL_SOCKET options that every family keeps.
///
/// Invariants  each value is atomic and read without a lock; sizes are stored doubled, as Linux stores them.
/// Context     any.
/// Source      socket(7), <asm-generic/socket.h>.
#pragma once

#include <atomic>
#include <cstdint>

namespace k::net {

inline constexpr std::uint32_t kMaxBuffer = 212992;       // net.core.wmem_max and rmem_max
inline constexpr std::uint32_t kMinSendBuffer = 4608;     // SOCK_MIN_SNDBUF
inline constexpr std::uint32_t kMinReceiveBuffer = 2304;  // SOCK_MIN_RCVBUF

struct SocketOptions {
  std::atomic<std::uint32_t> send_buffer{kMaxBuffer}, receive_buffer{kMaxBuffer};
  std::atomic<std::int32_t> receive_low_water{1};
  std::atomic<std::uint64_t> send_timeout_ns{0}, receive_timeout_ns{0};  // 0: for ever
  std::atomic<std::uint64_t> switches{0};                                // bit n: option number n is on
  std::atomic<std::uint64_t> linger{0};                                  // l_onoff, l_linger
  std::atomic<std::uint32_t> priority{0}, mark{0};

  bool is_on(int option) const { return (switches.load(std::memory_order_relaxed) >> option & 1) != 0; }
  void set(int option, bool on) {
    const std::uint64_t bit = std::uint64_t{1} << option;
    if (on) {
      switches.fetch_or(bit);
    } else {
      switches.fetch_and(~bit);
    }
  }
};

}  // namespace k::net
