#include "net/netlink/protocol.h"

#include <linux/netlink.h>

#include "net/netlink/route.h"

namespace k::net {
namespace {

constexpr NetlinkProtocol kRoute{.answer = &answer_route_requests, .anyone_sends = false, .anyone_listens = true};
constexpr NetlinkProtocol kUserToUser{.answer = nullptr, .anyone_sends = true, .anyone_listens = false};

}  // namespace

const NetlinkProtocol* find_netlink_protocol(int number) {
  switch (number) {
    case NETLINK_ROUTE:
      return &kRoute;
    case NETLINK_USERSOCK:
      return &kUserToUser;
    default:
      return nullptr;
  }
}

}  // namespace k::net
