/// AF_NETLINK: netlink(7). Messages between sockets by NETLINK_USERSOCK, and what the kernel's side of NETLINK_ROUTE answers.
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sockets/sockets.h"
#include "support/signals.h"

using namespace systest;

namespace {

Fd make_netlink(int protocol = NETLINK_USERSOCK) { return Fd{socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)}; }

sockaddr_nl address(unsigned port, unsigned groups = 0) {
  sockaddr_nl a{};
  a.nl_family = AF_NETLINK;
  a.nl_pid = port;
  a.nl_groups = groups;
  return a;
}

int bind_to(int socket, const sockaddr_nl& a) { return bind(socket, (const sockaddr*)&a, sizeof a); }
int connect_to(int socket, const sockaddr_nl& a) { return connect(socket, (const sockaddr*)&a, sizeof a); }
ssize_t send_to(int socket, std::string_view text, const sockaddr_nl& a, int flags = 0) {
  return sendto(socket, text.data(), text.size(), flags, (const sockaddr*)&a, sizeof a);
}

sockaddr_nl own_address(int socket) {
  sockaddr_nl a{};
  socklen_t length = sizeof a;
  EXPECT_OK(getsockname(socket, (sockaddr*)&a, &length));
  EXPECT_EQ(length, sizeof a);
  EXPECT_EQ(a.nl_family, AF_NETLINK);
  return a;
}

struct Datagram {
  std::string text;
  sockaddr_nl from;
};
Datagram take(int socket) {
  char memory[4096];
  Datagram d{};
  socklen_t length = sizeof d.from;
  const ssize_t n = recvfrom(socket, memory, sizeof memory, MSG_DONTWAIT, (sockaddr*)&d.from, &length);
  EXPECT_GE(n, 0) << strerror(errno);
  d.text.assign(memory, (size_t)std::max<ssize_t>(n, 0));
  return d;
}

struct RouteRequest {
  nlmsghdr header{};
  union {
    rtgenmsg any;
    ifinfomsg link;
  };
  RouteRequest(unsigned short type, unsigned short flags, unsigned length) : link{} {
    header.nlmsg_len = NLMSG_HDRLEN + length;
    header.nlmsg_type = type;
    header.nlmsg_flags = flags;
    header.nlmsg_seq = 77;
  }
  std::string_view bytes() const { return {(const char*)&header, header.nlmsg_len}; }
};

/// The error in the answer to `request`, a positive number; -1 when there is no answer.
int answer_to(const RouteRequest& request) {
  const Fd s = make_netlink(NETLINK_ROUTE);
  EXPECT_EQ(send_to(s, request.bytes(), address(0)), (ssize_t)request.bytes().size());
  char memory[512];
  const ssize_t n = recv(s, memory, sizeof memory, MSG_DONTWAIT);
  if (n < 0) return -1;
  const auto* const header = (const nlmsghdr*)memory;
  EXPECT_EQ(header->nlmsg_type, NLMSG_ERROR);
  EXPECT_EQ(header->nlmsg_seq, 77u);
  EXPECT_EQ(header->nlmsg_pid, own_address(s).nl_pid);
  const auto* const error = (const nlmsgerr*)NLMSG_DATA(header);
  EXPECT_EQ(memcmp(&error->msg, &request.header, sizeof error->msg), 0) << "the request's header comes back";
  return -error->error;
}

}  // namespace

TEST(Netlink, KnowsItsTypesAndProtocols) {
  EXPECT_GE((int)Fd{socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE)}, 0);
  EXPECT_ERRNO(ESOCKTNOSUPPORT, socket(AF_NETLINK, SOCK_STREAM, NETLINK_ROUTE));
  EXPECT_ERRNO(EPROTONOSUPPORT, socket(AF_NETLINK, SOCK_RAW, 32));
  EXPECT_ERRNO(EPROTONOSUPPORT, socket(AF_NETLINK, SOCK_RAW, -1));
  EXPECT_ERRNO(EPROTONOSUPPORT, socket(AF_NETLINK, SOCK_RAW, 31));
  int pair[2];
  EXPECT_ERRNO(EOPNOTSUPP, socketpair(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, pair));
}

TEST(Netlink, TheFirstPortIsTheProcess) {
  const Fd one = make_netlink(), other = make_netlink();
  EXPECT_EQ(own_address(one).nl_pid, 0u) << "not bound yet";
  EXPECT_OK(bind_to(one, address(0)));
  EXPECT_EQ(own_address(one).nl_pid, (unsigned)getpid());
  EXPECT_OK(bind_to(other, address(0)));
  EXPECT_LT((int)own_address(other).nl_pid, 0) << "the process's own number is taken";
  const Fd elsewhere = make_netlink(NETLINK_ROUTE);
  EXPECT_OK(bind_to(elsewhere, address(0)));
  EXPECT_EQ(own_address(elsewhere).nl_pid, (unsigned)getpid()) << "each protocol has its own ports";
}

TEST(Netlink, APortIsBoundOnce) {
  Fd one = make_netlink();
  const Fd other = make_netlink();
  EXPECT_OK(bind_to(one, address(1234)));
  EXPECT_EQ(own_address(one).nl_pid, 1234u);
  EXPECT_OK(bind_to(one, address(1234)));
  EXPECT_ERRNO(EINVAL, bind_to(one, address(1235)));
  EXPECT_ERRNO(EADDRINUSE, bind_to(other, address(1234)));
  one = Fd{};
  EXPECT_OK(bind_to(other, address(1234)));
}

TEST(Netlink, BindAndConnectCheckTheAddress) {
  const Fd s = make_netlink();
  sockaddr_nl a = address(5);
  EXPECT_ERRNO(EINVAL, bind(s, (const sockaddr*)&a, sizeof a - 1));
  EXPECT_ERRNO(EINVAL, connect(s, (const sockaddr*)&a, sizeof a - 1));
  EXPECT_ERRNO(EINVAL, connect(s, (const sockaddr*)&a, 1));
  a.nl_family = AF_UNIX;
  EXPECT_ERRNO(EINVAL, bind_to(s, a));
  EXPECT_ERRNO(EINVAL, connect_to(s, a));
  EXPECT_ERRNO(EINVAL, send_to(s, "x", a));
  EXPECT_ERRNO(EOPNOTSUPP, listen(s, 1));
  EXPECT_ERRNO(EOPNOTSUPP, accept(s, nullptr, nullptr));
  EXPECT_ERRNO(EOPNOTSUPP, shutdown(s, SHUT_RDWR));
}

TEST(Netlink, OneSocketSendsToAnother) {
  const Fd sender = make_netlink(), receiver = make_netlink();
  EXPECT_OK(bind_to(receiver, address(4321)));
  pollfd look{receiver, POLLIN | POLLOUT, 0};
  EXPECT_EQ(poll(&look, 1, 0), 1);
  EXPECT_EQ(look.revents, POLLOUT);
  EXPECT_EQ(send_to(sender, "hello", address(4321)), 5);
  EXPECT_EQ(send_to(sender, "next", address(4321)), 4);
  EXPECT_EQ(poll(&look, 1, 0), 1);
  EXPECT_EQ(look.revents, POLLIN | POLLOUT);
  const Datagram d = take(receiver);
  EXPECT_EQ(d.text, "hello");
  EXPECT_EQ(d.from.nl_family, AF_NETLINK);
  EXPECT_EQ(d.from.nl_pid, own_address(sender).nl_pid);
  EXPECT_NE(d.from.nl_pid, 0u) << "sending gives the sender a port";
  EXPECT_EQ(d.from.nl_groups, 0u);
  char start[2];
  EXPECT_EQ(recv(receiver, start, sizeof start, MSG_PEEK | MSG_TRUNC), 4);
  EXPECT_EQ(recv(receiver, start, sizeof start, 0), 2) << "the rest is lost";
  EXPECT_ERRNO(EAGAIN, recv(receiver, start, sizeof start, MSG_DONTWAIT));
}

TEST(Netlink, ConnectSetsTheTarget) {
  const Fd sender = make_netlink(), receiver = make_netlink();
  EXPECT_OK(bind_to(receiver, address(4322)));
  EXPECT_OK(connect_to(sender, address(4322)));
  sockaddr_nl peer{};
  socklen_t length = sizeof peer;
  EXPECT_OK(getpeername(sender, (sockaddr*)&peer, &length));
  EXPECT_EQ(peer.nl_pid, 4322u);
  EXPECT_EQ(write(sender, "abc", 3), 3);
  EXPECT_EQ(take(receiver).text, "abc");
  const Fd stranger = make_netlink();
  EXPECT_OK(connect_to(receiver, own_address(sender)));
  EXPECT_ERRNO(ECONNREFUSED, send_to(stranger, "x", address(4322))) << "it hears its peer alone";
  EXPECT_EQ(write(sender, "d", 1), 1);
}

TEST(Netlink, NobodyThereRefuses) {
  const Fd s = make_netlink();
  EXPECT_ERRNO(ECONNREFUSED, send_to(s, "x", address(99999)));
  EXPECT_ERRNO(ECONNREFUSED, send_to(s, "x", address(0))) << "the kernel has no side of this protocol";
  EXPECT_ERRNO(ENODATA, send_to(s, "", address(99999)));
  EXPECT_ERRNO(EOPNOTSUPP, send_to(s, "x", address(0), MSG_OOB));
  int small = 1;
  EXPECT_OK(setsockopt(s, SOL_SOCKET, SO_SNDBUF, &small, sizeof small));
  EXPECT_ERRNO(EMSGSIZE, send_to(s, std::string(8192, 'x'), address(99999)));
}

TEST(Netlink, AFullReceiverHoldsTheSenderUp) {
  const Fd sender = make_netlink(), receiver = make_netlink();
  int small = 1;
  EXPECT_OK(setsockopt(receiver, SOL_SOCKET, SO_RCVBUF, &small, sizeof small));
  EXPECT_OK(bind_to(receiver, address(4323)));
  const std::string text(512, 'x');
  int count = 0;
  while (count < 100 && send_to(sender, text, address(4323), MSG_DONTWAIT) == 512) ++count;
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_GT(count, 0);
  EXPECT_LT(count, 100);
  const pid_t child = spawn([&] { EXPECT_EQ(send_to(sender, text, address(4323)), 512); });
  await_state(child, 'S');
  for (int i = 0; i < count; ++i) EXPECT_EQ(take(receiver).text, text);
  EXPECT_EQ(reap(child), 0);
  EXPECT_EQ(take(receiver).text, text);
}

TEST(Netlink, AGroupHearsWhatIsSentToIt) {
  const Fd sender = make_netlink(), member = make_netlink(), other = make_netlink();
  EXPECT_OK(bind_to(member, address(0, 1 << 3)));
  EXPECT_EQ(own_address(member).nl_groups, 1u << 3);
  EXPECT_OK(bind_to(other, address(0, 1 << 4)));
  EXPECT_OK(bind_to(sender, address(0, 1 << 3)));
  // The sender's own port is the target: the group is told first, and never the sender.
  EXPECT_EQ(send_to(sender, "news", address(own_address(other).nl_pid, 1 << 3)), 4);
  const Datagram d = take(member);
  EXPECT_EQ(d.text, "news");
  EXPECT_EQ(d.from.nl_groups, 1u << 3);
  EXPECT_EQ(take(other).text, "news") << "by its port";
  char byte;
  EXPECT_ERRNO(EAGAIN, recv(other, &byte, 1, MSG_DONTWAIT));
  EXPECT_ERRNO(EAGAIN, recv(sender, &byte, 1, MSG_DONTWAIT));
  EXPECT_OK(bind_to(member, address(own_address(member).nl_pid, 0)));
  EXPECT_EQ(own_address(member).nl_groups, 0u) << "it left";
}

TEST(Netlink, GroupsWantACapability) {
  const pid_t child = spawn([&] {
    EXPECT_OK(setresuid(1000, 1000, 1000));
    const Fd user = make_netlink(), route = make_netlink(NETLINK_ROUTE);
    EXPECT_ERRNO(EPERM, bind_to(user, address(0, 1)));
    EXPECT_OK(bind_to(route, address(0, 1))) << "whoever wants may hear of links";
    EXPECT_ERRNO(EPERM, send_to(route, "x", address(17)));
    EXPECT_ERRNO(EPERM, connect_to(route, address(17)));
    EXPECT_ERRNO(ECONNREFUSED, send_to(user, "x", address(17)));
  });
  EXPECT_EQ(reap(child), 0);
}

TEST(Netlink, AClosedReceiverIsGone) {
  const Fd sender = make_netlink();
  Fd receiver = make_netlink();
  EXPECT_OK(bind_to(receiver, address(4324)));
  EXPECT_EQ(send_to(sender, "x", address(4324)), 1);
  receiver = Fd{};
  EXPECT_ERRNO(ECONNREFUSED, send_to(sender, "x", address(4324)));
}

TEST(NetlinkRoute, WhatIsNoRequestIsNotAnswered) {
  EXPECT_EQ(answer_to(RouteRequest{RTM_GETLINK, 0, sizeof(ifinfomsg)}), -1);
  EXPECT_EQ(answer_to(RouteRequest{NLMSG_NOOP, NLM_F_REQUEST, 0}), -1);
}

TEST(NetlinkRoute, AnAcknowledgementIsSentWhenAskedFor) {
  EXPECT_EQ(answer_to(RouteRequest{NLMSG_NOOP, NLM_F_REQUEST | NLM_F_ACK, 0}), 0);
}

TEST(NetlinkRoute, UnknownTypesAndMissingLinksAreErrors) {
  EXPECT_EQ(answer_to(RouteRequest{RTM_MAX + 1, NLM_F_REQUEST, sizeof(rtgenmsg)}), EOPNOTSUPP);
  RouteRequest link{RTM_GETLINK, NLM_F_REQUEST, sizeof(ifinfomsg)};
  link.link.ifi_index = 999;
  EXPECT_EQ(answer_to(link), ENODEV);
}

TEST(NetlinkRoute, ADumpEndsWithDone) {
  for (const int type : {RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE}) {
    const Fd s = make_netlink(NETLINK_ROUTE);
    const RouteRequest request{(unsigned short)type, NLM_F_REQUEST | NLM_F_DUMP, sizeof(rtgenmsg)};
    EXPECT_GT(send_to(s, request.bytes(), address(0)), 0);
    bool done = false;
    for (int i = 0; i < 100 && !done; ++i) {
      char memory[16384];
      ssize_t n = recv(s, memory, sizeof memory, MSG_DONTWAIT);
      ASSERT_GT(n, 0) << strerror(errno);
      for (auto* h = (nlmsghdr*)memory; NLMSG_OK(h, (size_t)n); h = NLMSG_NEXT(h, n)) {
        EXPECT_TRUE(h->nlmsg_flags & NLM_F_MULTI);
        EXPECT_EQ(h->nlmsg_seq, 77u);
        if (h->nlmsg_type == NLMSG_DONE) done = true;
      }
    }
    EXPECT_TRUE(done);
  }
}

TEST(NetlinkRoute, ChangesWantACapability) {
  const pid_t child = spawn([&] {
    EXPECT_OK(setresuid(1000, 1000, 1000));
    EXPECT_EQ(answer_to(RouteRequest{RTM_SETLINK, NLM_F_REQUEST, sizeof(ifinfomsg)}), EPERM);
  });
  EXPECT_EQ(reap(child), 0);
}
