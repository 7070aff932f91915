#include "test/unit/net/unix/socket_fixture.h"

using k::Ref;
using k::abi::kMsgPeek;
using k::abi::kSockDgram;
using k::abi::kSockStream;
using k::test::HostThread;
using k::test::UnixSocketTest;
namespace net = k::net;

namespace {

struct UnixRights : UnixSocketTest {
  static constexpr std::uint64_t kMany = 10'000;
  UnixRights() {
    net::set_caller_source([] { return net::Caller{.open_files_limit = kMany}; });
  }
  ~UnixRights() override { net::set_caller_source(nullptr); }

  Ref<k::fs::File> some_file() { return VfsTest::open("/file", O_RDWR | O_CREAT).value(); }
  /// The file in the next message; null when it has none.
  static k::RefOrNull<k::fs::File> receive_file(net::SocketFile& from, unsigned flags = 0) {
    net::ReceiveRequest request{.flags = k::lib::Flags{flags}, .takes_ancillary = true};
    EXPECT_EQ(receive(from, 1, request).value(), "f");
    return request.rights ? request.rights->files()[0] : nullptr;
  }
};

TEST_F(UnixRights, TheReceiverGetsTheSameFile) {
  auto [a, b] = pair(kSockStream);
  auto file = some_file();
  EXPECT_OK(send_file(*a, file));
  EXPECT_EQ(file->ref_count(), 2u);
  EXPECT_EQ(receive_file(*b, kMsgPeek).get(), file.get());
  EXPECT_EQ(receive_file(*b).get(), file.get());
  EXPECT_EQ(file->ref_count(), 1u);
}

TEST_F(UnixRights, DieWithTheReceiver) {
  auto file = some_file();
  {
    auto [a, b] = pair(kSockDgram);
    EXPECT_OK(send_file(*a, file));
    EXPECT_OK(send_file(*b, file));
    EXPECT_EQ(file->ref_count(), 3u);
  }
  EXPECT_EQ(file->ref_count(), 1u);
}

TEST_F(UnixRights, EndAReadOfAStream) {
  auto [a, b] = pair(kSockStream);
  EXPECT_OK(send(*a, "ab"));
  EXPECT_OK(send_file(*a, some_file()));
  EXPECT_OK(send(*a, "cd"));
  net::ReceiveRequest request{.takes_ancillary = true};
  EXPECT_EQ(receive(*b, 100, request).value(), "abf");
  EXPECT_TRUE(request.rights != nullptr);
  EXPECT_EQ(receive(*b, 100).value(), "cd");
}

TEST_F(UnixRights, BeyondTheLimitOfFilesTooManyAreInFlight) {
  net::set_caller_source([] { return net::Caller{.open_files_limit = 2}; });
  auto [a, b] = pair(kSockStream);
  auto file = some_file();
  for (int i = 0; i < 3; ++i) EXPECT_OK(send_file(*a, file));
  EXPECT_ERRNO(send_file(*a, file), toomanyrefs);
  EXPECT_TRUE(receive_file(*b));
  EXPECT_OK(send_file(*a, file));  // what has landed does not count
}

TEST_F(UnixRights, SocketsThatOnlyTheirMessagesReferToAreCollected) {
  auto witness = some_file();
  {
    auto [a, b] = pair(kSockStream);
    EXPECT_OK(send_file(*a, witness));
    EXPECT_OK(send_file(*a, b));
    EXPECT_OK(send_file(*b, a));
  }
  EXPECT_EQ(witness->ref_count(), 2u) << "each end keeps the other one open";
  {
    auto last = create(kSockStream);
  }  // a close lets the collector run
  EXPECT_EQ(witness->ref_count(), 1u);
}

TEST_F(UnixRights, ACycleThatIsStillInUseIsSpared) {
  auto [a, b] = pair(kSockStream);
  EXPECT_OK(send_file(*a, b));
  EXPECT_OK(send_file(*b, a));
  {
    auto gone = std::move(b);
  }
  {
    auto other = create(kSockStream);
  }
  auto back = receive_file(*a);
  ASSERT_TRUE(back);
  EXPECT_EQ(back.get(), a.get());
}

TEST_F(UnixRights, TheCollectorTakesNothingThatIsOnItsWay) {
  // A chain of hand-overs, each socket sent through the one before, while others make garbage cycles and close.
  auto witness = some_file();
  constexpr int kRounds = 150;
  HostThread litterer{[&] {
    for (int i = 0; i < kRounds; ++i) {
      auto [a, b] = pair(kSockStream);
      EXPECT_OK(send_file(*a, b));
      EXPECT_OK(send_file(*b, a));
    }
  }};
  auto [left, right] = pair(kSockDgram);
  HostThread sender{[&] {
    for (int i = 0; i < kRounds; ++i) {
      auto [a, b] = pair(kSockStream);
      EXPECT_OK(send(*a, "hello"));
      EXPECT_OK(send_file(*a, witness));
      EXPECT_OK(send_file(*left, b));
    }
  }};
  for (int i = 0; i < kRounds; ++i) {
    auto file = receive_file(*right);
    ASSERT_TRUE(file);
    net::SocketFile& socket = *net::socket_file(*file).value();
    EXPECT_EQ(receive(socket, 5).value(), "hello");
    EXPECT_EQ(receive_file(socket).get(), witness.get());
  }
  sender.join();
  litterer.join();
  {
    auto last = create(kSockStream);
  }
  EXPECT_EQ(witness->ref_count(), 1u);
}

}  // namespace
