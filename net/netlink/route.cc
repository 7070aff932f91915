#include "net/netlink/route.h"

#include <linux/rtnetlink.h>

#include "net/netlink/request.h"

namespace k::net {
namespace {

using namespace uapi;  // the RTM_* numbers

enum class Verb : std::uint8_t { make, remove, get, set };

/// Types come in fours, one for each verb.
constexpr Verb verb_of(unsigned type) { return static_cast<Verb>((type - RTM_BASE) & 3); }

constexpr bool is_listed(unsigned type) {
  switch (type) {
    case RTM_GETLINK:
    case RTM_GETADDR:
    case RTM_GETROUTE:
    case RTM_GETNEIGH:
    case RTM_GETRULE:
      return true;
    default:
      return false;
  }
}

Result<void> find_link(const NetlinkRequest& request) {
  const auto wanted = TRY(request.body<ifinfomsg>());
  return err(wanted.ifi_index > 0 ? Errno::nodev : Errno::inval);
}

/// A message too short to name a family is passed over.
Result<void> answer(NetlinkSocket& from, const NetlinkRequest& request) {
  if (request.type() > RTM_MAX) return err(Errno::opnotsupp);
  if (!request.body<rtgenmsg>()) return {};
  if (verb_of(request.type()) != Verb::get) {
    TRY(require_network_rights(false));
  } else if (request.asks_for_all()) {
    if (!is_listed(request.type())) return err(Errno::opnotsupp);
    return request.finish_list(from);
  } else if (request.type() == RTM_GETLINK) {
    return find_link(request);
  }
  return err(Errno::opnotsupp);
}

}  // namespace

void answer_route_requests(NetlinkSocket& from, std::span<const std::byte> text) {
  answer_requests(from, text, &answer);
}

}  // namespace k::net
