#include "net/socket/socket_options.h"

#include <asm/socket.h>
#include <linux/time_types.h>

#include <algorithm>

#include "kernel/time/deadline.h"

namespace k::net {
namespace {

struct Linger {
  std::int32_t on, seconds;
};

template <class T>
Result<T> read_as(std::span<const std::byte> value) {
  T out;
  if (value.size() < sizeof out) return err(Errno::inval);
  std::memcpy(&out, value.data(), sizeof out);
  return out;
}

/// Options that are on or off and that nothing but the family looks at.
constexpr bool is_switch(int name) {
  constexpr int kSwitches[] = {SO_DEBUG,     SO_REUSEADDR, SO_DONTROUTE, SO_BROADCAST, SO_KEEPALIVE,
                               SO_OOBINLINE, SO_PASSCRED,  SO_PASSSEC,   SO_RXQ_OVFL,  SO_NOFCS};
  return std::ranges::find(kSwitches, name) != std::end(kSwitches);
}

void set_buffer_size(Socket& socket, int name, int bytes, std::uint32_t most) {
  const std::uint32_t wanted = std::min(static_cast<std::uint32_t>(bytes), most) * 2;
  if (name == SO_SNDBUF || name == SO_SNDBUFFORCE) {
    socket.options().send_buffer.store(std::max(wanted, kMinSendBuffer), std::memory_order_relaxed);
    socket.limits_changed();
  } else {
    socket.options().receive_buffer.store(std::max(wanted, kMinReceiveBuffer), std::memory_order_relaxed);
  }
}

/// {0, 0} waits for ever, a negative time not at all.
Result<std::uint64_t> timeout_of(std::span<const std::byte> value) {
  const auto t = TRY(read_as<uapi::__kernel_old_timeval>(value));
  constexpr std::int64_t kUsPerSecond = 1'000'000, kNsPerUs = 1'000;
  if (t.tv_usec < 0 || t.tv_usec >= kUsPerSecond) return err(Errno::dom);
  if (t.tv_sec < 0) return 1;
  if (static_cast<std::uint64_t>(t.tv_sec) >= UINT64_MAX / time::kNsPerSecond - 1) return 0;
  return static_cast<std::uint64_t>(t.tv_sec) * time::kNsPerSecond + static_cast<std::uint64_t>(t.tv_usec * kNsPerUs);
}

uapi::__kernel_old_timeval timeval_of(std::uint64_t ns) {
  if (ns == 1) return {};
  return {static_cast<std::int64_t>(ns / time::kNsPerSecond),
          static_cast<std::int64_t>(ns % time::kNsPerSecond / 1'000)};
}

Result<void> set_timeout(std::atomic<std::uint64_t>& timeout, std::span<const std::byte> value) {
  timeout.store(TRY(timeout_of(value)), std::memory_order_relaxed);
  return {};
}

Result<void> set_linger(Socket& socket, std::span<const std::byte> value) {
  const auto linger = TRY(read_as<Linger>(value));
  std::uint64_t packed;
  std::memcpy(&packed, &linger, sizeof packed);
  socket.options().linger.store(linger.on != 0 ? packed | 1 : packed & ~std::uint64_t{UINT32_MAX});
  return {};
}

Result<void> set_number(Socket& socket, int name, int number, const fs::Credentials& who) {
  SocketOptions& options = socket.options();
  const bool is_admin = who.has(CAP_NET_ADMIN);
  switch (name) {
    case SO_PRIORITY:
      if ((number < 0 || number > 6) && !is_admin) return err(Errno::perm);
      options.priority.store(static_cast<std::uint32_t>(number), std::memory_order_relaxed);
      return {};
    case SO_MARK:
      if (!is_admin && !who.has(CAP_NET_RAW)) return err(Errno::perm);
      options.mark.store(static_cast<std::uint32_t>(number), std::memory_order_relaxed);
      return {};
    case SO_RCVLOWAT:
      options.receive_low_water.store(number < 0 ? INT32_MAX : std::max(number, 1), std::memory_order_relaxed);
      return {};
    case SO_PEEK_OFF:
      return socket.set_peek_offset(number);
    case SO_SNDBUFFORCE:
    case SO_RCVBUFFORCE:
      if (!is_admin) return err(Errno::perm);
      set_buffer_size(socket, name, std::max(number, 0), INT32_MAX / 2);
      return {};
    case SO_SNDBUF:
    case SO_RCVBUF:
      set_buffer_size(socket, name, number, kMaxBuffer);
      return {};
    default:
      return err(Errno::noprotoopt);
  }
}

}  // namespace

Result<void> set_option(Socket& socket, int name, std::span<const std::byte> value, const fs::Credentials& who) {
  const int number = TRY(read_as<int>(value));
  if (name == SO_DEBUG && number != 0 && !who.has(CAP_NET_ADMIN)) return err(Errno::acces);
  if (is_switch(name)) {
    socket.options().set(name, number != 0);
    return {};
  }
  switch (name) {
    case SO_RCVTIMEO_OLD:
    case SO_RCVTIMEO_NEW:
      return set_timeout(socket.options().receive_timeout_ns, value);
    case SO_SNDTIMEO_OLD:
    case SO_SNDTIMEO_NEW:
      return set_timeout(socket.options().send_timeout_ns, value);
    case SO_LINGER:
      return set_linger(socket, value);
    case SO_REUSEPORT:
      return socket.set_reuse_port(number != 0);
    case SO_TYPE:
    case SO_PROTOCOL:
    case SO_DOMAIN:
    case SO_ERROR:
      return err(Errno::noprotoopt);
    default:
      return set_number(socket, name, number, who);
  }
}

Result<OptionValue> get_option(Socket& socket, int name) {
  const SocketOptions& options = socket.options();
  if (is_switch(name)) return OptionValue::of<int>(options.is_on(name));
  switch (name) {
    case SO_TYPE:
      return OptionValue::of(socket.type());
    case SO_DOMAIN:
      return OptionValue::of(socket.family());
    case SO_PROTOCOL:
      return OptionValue::of(socket.protocol());
    case SO_ERROR:
      return OptionValue::of(socket.take_error());
    case SO_ACCEPTCONN:
      return OptionValue::of<int>(socket.is_listening());
    case SO_SNDBUF:
      return OptionValue::of(options.send_buffer.load());
    case SO_RCVBUF:
      return OptionValue::of(options.receive_buffer.load());
    case SO_RCVLOWAT:
      return OptionValue::of(options.receive_low_water.load());
    case SO_SNDLOWAT:
      return OptionValue::of<int>(1);
    case SO_RCVTIMEO_OLD:
    case SO_RCVTIMEO_NEW:
      return OptionValue::of(timeval_of(options.receive_timeout_ns.load()));
    case SO_SNDTIMEO_OLD:
    case SO_SNDTIMEO_NEW:
      return OptionValue::of(timeval_of(options.send_timeout_ns.load()));
    case SO_LINGER:
      return OptionValue::of(options.linger.load());
    case SO_PRIORITY:
      return OptionValue::of(options.priority.load());
    case SO_MARK:
      return OptionValue::of(options.mark.load());
    case SO_PEERCRED: {
      const Identity peer = socket.peer_identity();
      return OptionValue::of(std::array{static_cast<std::uint32_t>(peer.pid), peer.uid, peer.gid});
    }
    case SO_PEEK_OFF:
      return OptionValue::of(TRY(socket.peek_offset()));
    case SO_REUSEPORT:
      return OptionValue::of<int>(0);
    default:
      return err(Errno::noprotoopt);
  }
}

}  // namespace k::net
