/// NetlinkRequest: one message with a struct nlmsghdr that user space sent to the kernel, and how it is answered.
///
/// Invariants  the header's length covers the header and ends inside what was sent.
/// Context     task context of who asks.
/// Errors      body: INVAL (too short). finish_list: NOMEM.
/// Source      netlink(7).
#pragma once

#include <linux/netlink.h>

#include <cstring>
#include <span>

#include "kernel/lib/result.h"

namespace k::net {

class NetlinkSocket;

class NetlinkRequest {
 public:
  static constexpr unsigned kAll = NLM_F_ROOT | NLM_F_MATCH;  // NLM_F_DUMP

  explicit NetlinkRequest(std::span<const std::byte> text) : text_(text) {
    std::memcpy(&header_, text.data(), sizeof header_);
  }
  const uapi::nlmsghdr& header() const { return header_; }
  std::span<const std::byte> text() const { return text_; }
  unsigned type() const { return header_.nlmsg_type; }
  bool has(unsigned flag) const { return (header_.nlmsg_flags & flag) != 0; }
  bool asks_for_all() const { return (header_.nlmsg_flags & kAll) == kAll; }
  template <class T>
  Result<T> body() const {
    T value;
    if (text_.size() < sizeof header_ + sizeof value) return err(Errno::inval);
    std::memcpy(&value, text_.data() + sizeof header_, sizeof value);
    return value;
  }
  /// The end of a list that was asked for.
  Result<void> finish_list(NetlinkSocket& to) const;

 private:
  uapi::nlmsghdr header_;
  std::span<const std::byte> text_;  // with the header
};

/// Calls `answer` for each request in `text`, and sends the acknowledgements: of every error, and of what asks for one.
void answer_requests(NetlinkSocket& from, std::span<const std::byte> text,
                     Result<void> (*answer)(NetlinkSocket& from, const NetlinkRequest& request));

}  // namespace k::net
