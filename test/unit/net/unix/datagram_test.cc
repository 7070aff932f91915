#include "test/unit/net/unix/socket_fixture.h"

using k::abi::kMsgPeek;
using k::abi::kMsgTrunc;
using k::abi::kSockDgram;
using k::abi::kSockSeqpacket;
using k::test::HostThread;
using k::test::UnixSocketTest;
namespace net = k::net;
using namespace std::string_view_literals;

namespace {

struct UnixDatagram : UnixSocketTest {
  k::Result<std::size_t> send_to(net::SocketFile& from, std::string_view name, std::string_view text,
                                 bool blocking = true) {
    const net::SocketAddress to = address(name);
    const k::fs::LookupContext names = context();
    return send(from, text, {.blocking = blocking, .to = &to, .names = &names});
  }
};

TEST_F(UnixDatagram, MessagesKeepTheirBoundaries) {
  for (const int type : {kSockDgram, kSockSeqpacket}) {
    auto [a, b] = pair(type);
    EXPECT_OK(send(*a, "first"));
    EXPECT_OK(send(*a, ""));
    EXPECT_OK(send(*a, "third"));
    net::ReceiveRequest request;
    EXPECT_EQ(receive(*b, 3, request).value(), "fir") << "the rest is lost";
    EXPECT_EQ(request.out_flags, kMsgTrunc);
    EXPECT_EQ(receive(*b, 100).value(), "");
    EXPECT_EQ(try_receive(*b, 100, kMsgPeek).value(), "third");
    EXPECT_EQ(receive(*b, 100).value(), "third");
    EXPECT_ERRNO(try_receive(*b, 1), again);
  }
}

TEST_F(UnixDatagram, TheReceiverLearnsTheSendersName) {
  auto server = create(kSockDgram), named = create(kSockDgram), nameless = create(kSockDgram);
  EXPECT_OK(bind(*server, "/server"));
  EXPECT_OK(bind(*named, "\0me"sv));
  EXPECT_OK(send_to(*named, "/server", "x"));
  EXPECT_OK(send_to(*nameless, "/server", "y"));
  net::SocketAddress from;
  EXPECT_EQ(receive(*server, 1, {.from = &from}).value(), "x");
  EXPECT_EQ(from.length, 5u);
  EXPECT_EQ(std::memcmp(from.bytes + 2, "\0me", 3), 0);
  EXPECT_EQ(receive(*server, 1, {.from = &from}).value(), "y");
  EXPECT_EQ(from.length, 0u);
}

TEST_F(UnixDatagram, OnlyThePeerMaySendToAConnectedSocket) {
  auto server = create(kSockDgram), friend_of = create(kSockDgram), stranger = create(kSockDgram);
  EXPECT_OK(bind(*server, "\0server"sv));
  EXPECT_OK(bind(*friend_of, "\0friend"sv));
  EXPECT_OK(connect(*server, "\0friend"sv));
  EXPECT_ERRNO(send_to(*stranger, "\0server"sv, "x"), perm);
  EXPECT_OK(send_to(*friend_of, "\0server"sv, "y"));
  EXPECT_EQ(receive(*server, 1).value(), "y");
}

TEST_F(UnixDatagram, ADeadPeerRefusesOnceAndIsForgotten) {
  auto server = create(kSockDgram), client = create(kSockDgram);
  EXPECT_OK(bind(*server, "/gone"));
  EXPECT_OK(connect(*client, "/gone"));
  {
    auto gone = std::move(server);
  }
  EXPECT_ERRNO(send(*client, "x"), connrefused);
  EXPECT_ERRNO(send(*client, "x"), notconn);
  EXPECT_ERRNO(connect(*client, "/gone"), connrefused);
}

TEST_F(UnixDatagram, AFullReceiverMakesTheSenderWait) {
  auto server = create(kSockDgram), client = create(kSockDgram);
  EXPECT_OK(bind(*server, "/full"));
  unsigned queued = 0;
  while (send_to(*client, "/full", "x", false)) ++queued;
  EXPECT_GE(queued, 10u) << "net.unix.max_dgram_qlen";
  std::atomic<bool> sent{false};
  HostThread sender{[&] { sent = send_to(*client, "/full", "last").has_value(); }};
  k::test::until([&] { return sender.state() == k::sched::ThreadState::interruptible; });
  EXPECT_FALSE(sent);
  EXPECT_EQ(receive(*server, 10).value(), "x");
  sender.join();
  EXPECT_TRUE(sent);
  for (unsigned i = 1; i < queued; ++i) EXPECT_EQ(receive(*server, 10).value(), "x");
  EXPECT_EQ(receive(*server, 10).value(), "last");
}

TEST_F(UnixDatagram, NoMessageOfManySendersIsLostOrMixed) {
  constexpr unsigned kSenders = 3;
  constexpr unsigned kSends = 800;
  auto server = create(kSockDgram);
  EXPECT_OK(bind(*server, "/busy"));
  std::vector<std::unique_ptr<HostThread>> senders;
  for (unsigned s = 0; s < kSenders; ++s) {
    senders.push_back(std::make_unique<HostThread>([&, s] {
      auto mine = create(kSockDgram);
      EXPECT_OK(connect(*mine, "/busy"));
      for (unsigned i = 0; i < kSends; ++i) {
        ASSERT_OK(send(*mine, std::string(1 + i, static_cast<char>('a' + s))));
      }
    }));
  }
  std::array<std::size_t, kSenders> next{};
  for (unsigned i = 0; i < kSenders * kSends; ++i) {
    const std::string text = receive(*server, 2 * kSends).value();
    ASSERT_FALSE(text.empty());
    ASSERT_EQ(text, std::string(++next[static_cast<unsigned>(text[0] - 'a')], text[0])) << "each sender's in order";
  }
  senders.clear();
  EXPECT_ERRNO(try_receive(*server, 1), again);
}

TEST_F(UnixDatagram, ReceiversMayGoWhileSendersWait) {
  for (int round = 0; round < 40; ++round) {
    auto server = create(kSockDgram);
    EXPECT_OK(bind(*server, "\0goes"sv));
    const auto flood = [&] {
      auto mine = create(kSockDgram);
      if (!connect(*mine, "\0goes"sv)) return;
      k::Result<std::size_t> sent = 1u;
      while (sent) sent = send(*mine, "x");
      EXPECT_EQ(sent.error(), k::Errno::connrefused);
    };
    HostThread one{flood}, other{flood};
    for (int i = 0; i < round; ++i) (void)try_receive(*server, 1);
    {
      auto gone = std::move(server);
    }
    one.join(), other.join();
  }
}

}  // namespace
