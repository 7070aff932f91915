#include "test/unit/net/unix/socket_fixture.h"

using k::abi::kSockDgram;
using k::abi::kSockSeqpacket;
using k::abi::kSockStream;
using k::test::HostThread;
using k::test::UnixSocketTest;
namespace net = k::net;
using namespace std::string_view_literals;

namespace {

using UnixConnection = UnixSocketTest;
using UnixName = UnixSocketTest;

TEST_F(UnixName, PathsEndAtTheNulAndAbstractNamesAtTheirLength) {
  EXPECT_EQ(net::UnixName::parse(address("/a\0b"sv))->text(), "/a");
  EXPECT_EQ(net::UnixName::parse(address("\0a\0b"sv))->text(), "\0a\0b"sv);
  EXPECT_TRUE(net::UnixName::parse(address(""))->is_empty());
  EXPECT_ERRNO(net::UnixName::parse(address(std::string(109, 'x'))), inval);
  net::SocketAddress other = address("/a");
  other.bytes[0] = std::byte{2};
  EXPECT_ERRNO(net::UnixName::parse(other), inval);
}

TEST_F(UnixName, AnAbstractNameIsFreeAgainWhenItsSocketIsClosed) {
  auto first = create(kSockStream), second = create(kSockStream), datagram = create(kSockDgram);
  EXPECT_OK(bind(*first, "\0name"sv));
  EXPECT_ERRNO(bind(*second, "\0name"sv), addrinuse);
  EXPECT_OK(bind(*datagram, "\0name"sv));          // of another type
  EXPECT_ERRNO(bind(*first, "\0other"sv), inval);  // it has one
  {
    auto gone = std::move(first);
  }
  EXPECT_OK(bind(*second, "\0name"sv));
}

TEST_F(UnixName, APathStaysBehindAndRefuses) {
  auto server = listener("/door", 1);
  EXPECT_TRUE(find("/door")->inode().is(k::fs::FileType::socket));
  {
    auto gone = std::move(server);
  }
  auto client = create(kSockStream), late = create(kSockStream);
  EXPECT_ERRNO(connect(*client, "/door"), connrefused);
  EXPECT_ERRNO(bind(*late, "/door"), addrinuse);
  EXPECT_ERRNO(connect(*client, "/nowhere"), noent);
}

TEST_F(UnixName, EachSocketThatBindsAnyNameGetsItsOwn) {
  constexpr unsigned kThreads = 3, kEach = 200;
  std::array<std::vector<std::string>, kThreads> names;
  std::vector<std::unique_ptr<HostThread>> threads;
  std::vector<File> all;
  std::mutex all_mutex;
  for (unsigned t = 0; t < kThreads; ++t) {
    threads.push_back(std::make_unique<HostThread>([&, t] {
      for (unsigned i = 0; i < kEach; ++i) {
        auto file = create(kSockStream);
        ASSERT_OK(bind(*file, ""));
        net::SocketAddress name;
        ASSERT_OK(file->socket().local_name(name));
        ASSERT_EQ(name.length, 8u) << "the family, NUL and five digits";
        names[t].emplace_back(reinterpret_cast<const char*>(name.bytes), name.length);
        const std::lock_guard hold{all_mutex};
        all.push_back(std::move(file));
      }
    }));
  }
  threads.clear();
  std::set<std::string> distinct;
  for (const auto& some : names) distinct.insert(some.begin(), some.end());
  EXPECT_EQ(distinct.size(), kThreads * kEach);
}

TEST_F(UnixConnection, IsMadeBeforeItIsAccepted) {
  auto server = listener("/s", 5);
  auto client = create(kSockStream);
  EXPECT_ERRNO(send(*client, "x"), notconn);
  EXPECT_OK(connect(*client, "/s"));
  EXPECT_ERRNO(connect(*client, "/s"), isconn);
  EXPECT_OK(send(*client, "early"));
  auto accepted = accept(*server).value();
  EXPECT_EQ(receive(*accepted, 100).value(), "early");
  net::SocketAddress name;
  EXPECT_OK(client->socket().peer_name(name));
  EXPECT_EQ(std::memcmp(name.bytes + 2, "/s", 3), 0);
}

TEST_F(UnixConnection, RefusesAnotherTypeAndWhoDoesNotListen) {
  auto server = create(kSockStream);
  EXPECT_ERRNO(server->socket().listen(1), inval);  // without a name
  EXPECT_OK(bind(*server, "/s"));
  auto client = create(kSockStream), packets = create(kSockSeqpacket);
  EXPECT_ERRNO(connect(*client, "/s"), connrefused);
  EXPECT_ERRNO(connect(*packets, "/s"), prototype);
  EXPECT_ERRNO(accept(*server, false), inval);
}

TEST_F(UnixConnection, AFullBacklogMakesConnectWait) {
  auto server = listener("/s", 0);
  auto first = create(kSockStream), second = create(kSockStream);
  EXPECT_OK(connect(*first, "/s"));
  EXPECT_ERRNO(connect(*second, "/s", false), again);
  HostThread waiter{[&] { EXPECT_OK(connect(*second, "/s")); }};
  k::test::until([&] { return waiter.state() == k::sched::ThreadState::interruptible; });
  auto one = accept(*server).value(), two = accept(*server).value();
  waiter.join();
  EXPECT_ERRNO(accept(*server, false), again);
}

TEST_F(UnixConnection, ClosingTheListenerResetsWhoWaitsToBeAccepted) {
  auto server = listener("/s", 5);
  auto client = create(kSockStream);
  EXPECT_OK(connect(*client, "/s"));
  {
    auto gone = std::move(server);
  }
  EXPECT_ERRNO(receive(*client, 1), connreset);
  EXPECT_EQ(receive(*client, 1).value(), "");
}

TEST_F(UnixConnection, EveryConnectionIsAcceptedOnceAndAnswered) {
  constexpr unsigned kClients = 3, kAcceptors = 2, kEach = 250;
  auto server = listener("\0busy"sv, 2);
  std::atomic<unsigned> answered{0}, accepted{0};
  std::vector<std::unique_ptr<HostThread>> clients, acceptors;
  for (unsigned c = 0; c < kClients; ++c) {
    clients.push_back(std::make_unique<HostThread>([&, c] {
      for (unsigned i = 0; i < kEach; ++i) {
        auto mine = create(kSockStream);
        ASSERT_OK(connect(*mine, "\0busy"sv));
        const std::string question = std::to_string(c * kEach + i);
        ASSERT_OK(send(*mine, question));
        EXPECT_EQ(receive(*mine, 100).value(), question);
        ++answered;
      }
    }));
  }
  for (unsigned a = 0; a < kAcceptors; ++a) {
    acceptors.push_back(std::make_unique<HostThread>([&] {
      while (auto one = accept(*server)) {
        ++accepted;
        ASSERT_OK(send(**one, receive(**one, 100).value()));
      }
    }));
  }
  clients.clear();
  EXPECT_OK(server->socket().shutdown(net::ShutdownHow::both));
  acceptors.clear();
  EXPECT_EQ(answered, kClients * kEach);
  EXPECT_EQ(accepted, kClients * kEach);
}

TEST_F(UnixConnection, TheListenerMayGoWhileOthersConnect) {
  for (int round = 0; round < 100; ++round) {
    auto server = listener("\0brief"sv, 1);
    const auto come = [&] {
      auto mine = create(kSockStream);
      const auto connected = connect(*mine, "\0brief"sv);
      if (!connected) {
        EXPECT_EQ(connected.error(), k::Errno::connrefused);
        return;
      }
      const auto got = receive(*mine, 1);
      EXPECT_TRUE(got ? got->empty() : got.error() == k::Errno::connreset);
    };
    HostThread one{come}, two{come}, three{come};
    if (round % 2 == 0) (void)accept(*server, false);
    {
      auto gone = std::move(server);
    }
    one.join(), two.join(), three.join();
  }
}

}  // namespace
