#include "net/netlink/request.h"

#include <algorithm>
#include <array>

#include "net/netlink/netlink_socket.h"

namespace k::net {
namespace {

constexpr std::size_t kHeader = sizeof(uapi::nlmsghdr);

/// One message of the kernel's: a header that repeats the request's sequence number, a number, and what follows it.
Result<void> reply(NetlinkSocket& to, const NetlinkRequest& request, std::uint16_t type, std::uint16_t flags,
                   int number, std::span<const std::byte> more) {
  const std::size_t length = kHeader + sizeof number + more.size();
  Box<std::byte[]> bytes{new (std::nothrow) std::byte[length]};
  if (bytes == nullptr) return err(Errno::nomem);
  const uapi::nlmsghdr header{.nlmsg_len = static_cast<std::uint32_t>(length),
                              .nlmsg_type = type,
                              .nlmsg_flags = flags,
                              .nlmsg_seq = request.header().nlmsg_seq,
                              .nlmsg_pid = to.port()};
  std::memcpy(bytes.get(), &header, kHeader);
  std::memcpy(bytes.get() + kHeader, &number, sizeof number);
  std::ranges::copy(more, bytes.get() + kHeader + sizeof number);
  to.deliver_now(TRY(make_ref<NetlinkPayload>(std::move(bytes), length)), NetlinkOrigin{});
  return {};
}

/// An error brings the whole request back, success its header.
void acknowledge(NetlinkSocket& to, const NetlinkRequest& request, Result<void> result) {
  const int error = result ? 0 : -static_cast<int>(result.error());
  const auto more = result ? request.text().first(kHeader) : request.text();
  if (!reply(to, request, NLMSG_ERROR, result ? NLM_F_CAPPED : 0, error, more)) to.lose_message();
}

}  // namespace

Result<void> NetlinkRequest::finish_list(NetlinkSocket& to) const {
  return reply(to, *this, NLMSG_DONE, NLM_F_MULTI, 0, {});
}

void answer_requests(NetlinkSocket& from, std::span<const std::byte> text,
                     Result<void> (*answer)(NetlinkSocket& from, const NetlinkRequest& request)) {
  while (text.size() >= kHeader) {
    const std::size_t length = NetlinkRequest{text}.header().nlmsg_len;
    if (length < kHeader || length > text.size()) return;
    const NetlinkRequest request{text.first(length)};
    if (request.has(NLM_F_REQUEST)) {
      const bool is_control = request.type() < NLMSG_MIN_TYPE;
      const Result<void> result = is_control ? Result<void>{} : answer(from, request);
      if (!result || request.has(NLM_F_ACK)) acknowledge(from, request, result);
    }
    constexpr std::size_t kAlign = NLMSG_ALIGNTO - 1;
    text = text.subspan(std::min((length + kAlign) & ~kAlign, text.size()));
  }
}

}  // namespace k::net
