#include "arch/host/fake_user_memory.h"
#include "test/unit/net/unix/socket_fixture.h"

using k::IoBuffer;
using k::abi::kMsgPeek;
using k::abi::kMsgWaitall;
using k::abi::kSockStream;
using k::test::HostThread;
using k::test::UnixSocketTest;
namespace net = k::net;

namespace {

using UnixStream = UnixSocketTest;

TEST_F(UnixStream, BytesOfSeveralSendsComeTogetherAndInOrder) {
  auto [a, b] = pair(kSockStream);
  EXPECT_EQ(send(*a, "one ").value(), 4u);
  EXPECT_EQ(send(*a, "two ").value(), 4u);
  EXPECT_EQ(send(*b, "back").value(), 4u);
  EXPECT_EQ(receive(*b, 6).value(), "one tw");
  EXPECT_EQ(receive(*b, 100).value(), "o ");
  EXPECT_EQ(receive(*a, 100).value(), "back");
  EXPECT_ERRNO(try_receive(*b, 1), again);
}

TEST_F(UnixStream, WhatWasSentIsReadBeforeTheEnd) {
  auto [a, b] = pair(kSockStream);
  EXPECT_OK(send(*a, "last words"));
  {
    auto gone = std::move(a);
  }
  EXPECT_EQ(receive(*b, 100).value(), "last words");
  EXPECT_EQ(receive(*b, 100).value(), "");
  net::SendRequest request;
  EXPECT_ERRNO(send(*b, "x", request), pipe);
  EXPECT_TRUE(request.broken_pipe);
}

TEST_F(UnixStream, UnreadBytesResetThePeerOnce) {
  auto [a, b] = pair(kSockStream);
  EXPECT_OK(send(*a, "never read"));
  {
    auto gone = std::move(b);
  }
  EXPECT_ERRNO(receive(*a, 1), connreset);
  EXPECT_EQ(receive(*a, 1).value(), "");
}

TEST_F(UnixStream, ShutdownOfWritingEndsOneDirection) {
  auto [a, b] = pair(kSockStream);
  EXPECT_OK(a->socket().shutdown(net::ShutdownHow::write));
  EXPECT_ERRNO(send(*a, "x"), pipe);
  EXPECT_EQ(receive(*b, 1).value(), "");
  EXPECT_EQ(send(*b, "still").value(), 5u);
  EXPECT_EQ(receive(*a, 5).value(), "still");
}

TEST_F(UnixStream, PeekingLeavesTheBytes) {
  auto [a, b] = pair(kSockStream);
  EXPECT_OK(send(*a, "ab"));
  EXPECT_OK(send(*a, "cd"));
  EXPECT_EQ(try_receive(*b, 3, kMsgPeek).value(), "abc");
  EXPECT_OK(b->socket().set_peek_offset(1));
  EXPECT_EQ(try_receive(*b, 2, kMsgPeek).value(), "bc");
  EXPECT_EQ(b->socket().peek_offset().value(), 3);
  EXPECT_EQ(receive(*b, 4).value(), "abcd");
  EXPECT_EQ(b->socket().peek_offset().value(), 0);
}

TEST_F(UnixStream, AFaultLosesNoByte) {
  auto [a, b] = pair(kSockStream);
  EXPECT_OK(send(*a, "0123456789"));
  k::arch::host::FakeUserMemory user{16};
  net::ReceiveRequest request;
  user.fault_at(0);
  IoBuffer nowhere = IoBuffer::user(user.base(), 10);
  EXPECT_ERRNO(b->socket().receive(nowhere, request), fault);
  user.fault_at(4);
  IoBuffer partly = IoBuffer::user(user.base(), 10);
  EXPECT_EQ(b->socket().receive(partly, request).value(), 4u);
  EXPECT_EQ(receive(*b, 10).value(), "456789");
}

TEST_F(UnixStream, AFullBufferTakesMoreOnceAQuarterIsLeft) {
  auto [a, b] = pair(kSockStream);
  const auto writable = [&] { return a->socket().poll(nullptr).has(k::sync::PollEvent::out); };
  const std::string piece(4096, 'x');
  std::size_t sent = 0;
  while (const auto n = send(*a, piece, {.blocking = false})) sent += *n;
  EXPECT_GE(sent, net::kMaxBuffer / 2);
  EXPECT_FALSE(writable());
  EXPECT_ERRNO(send(*a, "x", {.blocking = false}), again);
  for (std::size_t read = 0; read < sent;) read += receive(*b, 10'000)->size();
  EXPECT_TRUE(writable());
}

TEST_F(UnixStream, MemoryThatRunsOutLeavesNothingQueued) {
  auto [a, b] = pair(kSockStream);
  k::lib::g_fail_allocation_at = 1;
  EXPECT_ERRNO(send(*a, "x"), nomem);
  EXPECT_ERRNO(try_receive(*b, 1), again);
  EXPECT_OK(send(*a, "y"));
  EXPECT_EQ(receive(*b, 1).value(), "y");
}

char byte_at(std::size_t position) { return static_cast<char>(position * 31 >> 3); }

TEST_F(UnixStream, WriterAndReaderWaitForEachOther) {
  constexpr std::size_t kBytes = 1'500'000;
  auto [a, b] = pair(kSockStream);
  HostThread writer{[&, file = std::move(a)]() mutable {
    std::string text;
    for (std::size_t done = 0; done < kBytes; done += text.size()) {
      text.resize(std::min<std::size_t>(1 + done % 9'999, kBytes - done));
      for (std::size_t i = 0; i < text.size(); ++i) text[i] = byte_at(done + i);
      ASSERT_EQ(send(*file, text).value(), text.size());
    }
    auto closed = std::move(file);
  }};
  std::size_t seen = 0;
  for (;;) {
    const std::string piece = receive(*b, 1 + seen % 7'777).value();
    if (piece.empty()) break;
    for (const char byte : piece) ASSERT_EQ(byte, byte_at(seen++));
  }
  EXPECT_EQ(seen, kBytes);
}

TEST_F(UnixStream, EachSendOfManyWritersArrivesInOnePiece) {
  constexpr unsigned kWriters = 3, kReaders = 2, kSends = 1'500;
  constexpr std::size_t kRecord = 16;
  auto [a, b] = pair(kSockStream);
  std::atomic<unsigned> records{0};
  std::vector<std::unique_ptr<HostThread>> threads;
  for (unsigned w = 0; w < kWriters; ++w) {
    threads.push_back(std::make_unique<HostThread>([&, w] {
      for (unsigned i = 0; i < kSends; ++i) ASSERT_OK(send(*a, std::string(kRecord, static_cast<char>('a' + w))));
    }));
  }
  for (unsigned r = 0; r < kReaders; ++r) {
    threads.push_back(std::make_unique<HostThread>([&] {
      for (;;) {
        const std::string record = receive(*b, kRecord, {.flags = k::lib::Flags{kMsgWaitall}}).value();
        if (record.empty()) return;
        EXPECT_EQ(record, std::string(record.size(), record.front()));
        ++records;
      }
    }));
  }
  for (unsigned w = 0; w < kWriters; ++w) threads[w]->join();
  EXPECT_OK(a->socket().shutdown(net::ShutdownHow::write));
  for (const auto& thread : threads) thread->join();
  EXPECT_EQ(records, kWriters * kSends);
}

TEST_F(UnixStream, ClosingWakesWhoReadsAndWhoWrites) {
  for (int round = 0; round < 60; ++round) {
    auto [a, b] = pair(kSockStream);
    std::atomic<std::size_t> sent{0};
    HostThread writer{[&] {
      const std::string text(5'000, 'w');
      for (;;) {
        const auto n = send(*a, text);
        if (!n) {
          EXPECT_TRUE(n.error() == k::Errno::pipe || n.error() == k::Errno::connreset);
          return;
        }
        sent += *n;
      }
    }};
    HostThread reader{[&] {
      const auto got = receive(*a, 1);
      EXPECT_TRUE(got ? got->empty() : got.error() == k::Errno::connreset);
    }};
    k::test::until([&] { return sent > 1'000u * static_cast<unsigned>(round); });
    {
      auto gone = std::move(b);
    }
    writer.join(), reader.join();
  }
}

}  // namespace
