#include "ipc/pipe.h"

#include <deque>
#include <random>

#include "arch/host/fake_user_memory.h"
#include "ipc/pipe_file.h"
#include "test/unit/support/vfs.h"

namespace ipc = k::ipc;
using ipc::Block;
using ipc::End;
using ipc::Ends;
using ipc::Packets;
using k::IoBuffer;
using k::test::VfsTest;

namespace {

struct PipeTest : VfsTest {
  PipeTest() : pipe(ipc::Pipe::create().value()) { pipe->open_ends(Ends{End::read} | End::write); }
  k::Result<std::size_t> put(std::string_view text, Packets packets = Packets::no) {
    IoBuffer from = IoBuffer::kernel(std::as_bytes(std::span{text}));
    return pipe->write(from, Block::no, packets);
  }
  k::Result<std::string> get(std::size_t n) {
    std::string text(n, '\0');
    IoBuffer to = IoBuffer::kernel(std::as_writable_bytes(std::span{text}));
    text.resize(TRY(pipe->read(to, Block::no)));
    return text;
  }
  k::Ref<ipc::Pipe> pipe;
};

TEST_F(PipeTest, DrainsQueuedBytesBeforeReportingEndOfFile) {
  k::arch::host::FakeUserMemory user{std::string_view{"hi......"}};
  IoBuffer from = IoBuffer::user(user.base(), 2);
  ASSERT_EQ(pipe->write(from, Block::no, Packets::no).value(), 2u);
  pipe->close_ends(End::write);
  EXPECT_EQ(get(8).value(), "hi");
  EXPECT_EQ(get(8).value(), "");  // end of file, not EAGAIN
}

TEST_F(PipeTest, AnEmptyPipeWithAWriterSaysAgain) {
  EXPECT_ERRNO(get(1), again);
  EXPECT_EQ(get(0).value(), "");
}

TEST_F(PipeTest, WithoutReadersAWriteIsRefused) {
  pipe->close_ends(End::read);
  EXPECT_ERRNO(put("x"), pipe);
  EXPECT_EQ(put("").value(), 0u);
}

TEST_F(PipeTest, AShortWriteLandsWholeOrNotAtAll) {
  EXPECT_EQ(put(std::string(65'536 - 4096 + 1, 'x')).value(), 65'536u - 4096 + 1);
  EXPECT_EQ(put(std::string(4095, 'y')).value(), 4095u) << "the last page has room";
  EXPECT_ERRNO(put("z"), again);
  EXPECT_EQ(get(65'000)->size(), 65'000u);
}

TEST_F(PipeTest, AtomicWritesKeepTogetherUnderAnyFilling) {
  std::mt19937 random{7};
  std::string model;
  for (int i = 0; i < 20'000; ++i) {
    if (random() % 2 == 0) {
      const std::string text(1 + random() % (random() % 8 == 0 ? 4096 : 50), static_cast<char>('a' + i % 26));
      const auto n = put(text);
      if (n) {
        ASSERT_EQ(*n, text.size());
        model += text;
      } else {
        ASSERT_EQ(n.error(), k::Errno::again);
      }
    } else {
      const std::size_t wanted = 1 + random() % 9000;
      const auto text = get(wanted);
      if (model.empty()) {
        ASSERT_FALSE(text.has_value());
      } else {
        ASSERT_EQ(*text, model.substr(0, wanted));
        model.erase(0, wanted);
      }
    }
    ASSERT_EQ(pipe->queued_bytes(), model.size());
  }
}

TEST_F(PipeTest, ALongWriteFillsThePipeAndTellsHowFarItCame) {
  EXPECT_EQ(put(std::string(100'000, 'x')).value(), 65'536u);
  EXPECT_ERRNO(put("y"), again);
}

TEST_F(PipeTest, PacketsKeepTheirBoundaries) {
  EXPECT_EQ(put("first", Packets::yes).value(), 5u);
  EXPECT_EQ(put("second", Packets::yes).value(), 6u);
  EXPECT_EQ(get(3).value(), "fir") << "the rest of a packet is lost";
  EXPECT_EQ(get(100).value(), "second");
}

TEST_F(PipeTest, ResizingKeepsWhatIsQueued) {
  EXPECT_EQ(put(std::string(10'000, 'a')).value(), 10'000u);
  EXPECT_EQ(get(5000)->size(), 5000u);
  EXPECT_EQ(pipe->set_capacity(1 << 20).value(), 1u << 20);
  EXPECT_EQ(put(std::string(500'000, 'b')).value(), 500'000u);
  EXPECT_ERRNO(pipe->set_capacity(4096), busy);
  EXPECT_EQ(get(495'000)->size(), 495'000u);
  EXPECT_EQ(pipe->set_capacity(20'000).value(), 32'768u);
  EXPECT_EQ(get(20'000).value(), std::string(10'000, 'b'));
  EXPECT_EQ(pipe->set_capacity(1).value(), 4096u);
}

TEST_F(PipeTest, AFaultLosesNoByte) {
  EXPECT_EQ(put("0123456789").value(), 10u);
  k::arch::host::FakeUserMemory user{16};
  user.fault_at(4);
  IoBuffer to = IoBuffer::user(user.base(), 10);
  EXPECT_EQ(pipe->read(to, Block::no).value(), 4u);
  EXPECT_EQ(get(10).value(), "456789");
  user.fault_at(0);
  EXPECT_EQ(put("x").value(), 1u);
  IoBuffer bad = IoBuffer::user(user.base(), 1);
  EXPECT_ERRNO(pipe->read(bad, Block::no), fault);
  EXPECT_EQ(get(1).value(), "x");
}

TEST_F(PipeTest, ReadersAndWritersWaitForEachOther) {
  constexpr std::size_t kBytes = 1'000'000;
  k::test::HostThread writer{[&] {
    std::string text(7777, '\0');
    for (std::size_t done = 0; done < kBytes;) {
      const std::size_t n = std::min(text.size(), kBytes - done);
      for (std::size_t i = 0; i < n; ++i) text[i] = static_cast<char>((done + i) * 31 >> 3);
      IoBuffer from = IoBuffer::kernel(std::as_bytes(std::span{text}.first(n)));
      ASSERT_EQ(pipe->write(from, Block::yes, Packets::no).value(), n);
      done += n;
    }
    pipe->close_ends(End::write);
  }};
  std::size_t seen = 0;
  for (;;) {
    std::array<char, 5000> piece;
    IoBuffer to = IoBuffer::kernel(std::as_writable_bytes(std::span<char>{piece}));
    const std::size_t n = pipe->read(to, Block::yes).value();
    if (n == 0) break;
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(piece[i], static_cast<char>((seen + i) * 31 >> 3));
    seen += n;
  }
  EXPECT_EQ(seen, kBytes);
}

TEST_F(PipeTest, PollTellsWhatWouldNotWait) {
  const auto has = [](k::sync::PollEvents e, k::sync::PollEvent bit) { return e.has(bit); };
  EXPECT_FALSE(has(pipe->poll_read(nullptr, 0), k::sync::PollEvent::in));
  EXPECT_TRUE(has(pipe->poll_write(nullptr), k::sync::PollEvent::out));
  EXPECT_OK(put(std::string(65'536, 'x')));
  EXPECT_TRUE(has(pipe->poll_read(nullptr, 0), k::sync::PollEvent::in));
  EXPECT_FALSE(has(pipe->poll_write(nullptr), k::sync::PollEvent::out));
  pipe->close_ends(End::write);
  EXPECT_TRUE(has(pipe->poll_read(nullptr, 0), k::sync::PollEvent::hup));
  pipe->close_ends(End::read);
  EXPECT_TRUE(has(pipe->poll_write(nullptr), k::sync::PollEvent::err));
}

TEST_F(PipeTest, AFifoConnectsThoseWhoOpenItsName) {
  EXPECT_OK(k::fs::make_node(context(), here(), "fifo", S_IFIFO | 0666, {}));
  EXPECT_ERRNO(open("fifo", O_WRONLY | O_NONBLOCK), nxio);
  auto reader = open("fifo", O_RDONLY | O_NONBLOCK).value();
  auto writer = open("fifo", O_WRONLY | O_NONBLOCK).value();
  EXPECT_EQ(k::test::write_text(*writer, "through").value(), 7u);
  EXPECT_EQ(k::test::read_all(*reader), "through");
}

TEST_F(PipeTest, OpeningAFifoWaitsForTheOtherEnd) {
  EXPECT_OK(k::fs::make_node(context(), here(), "fifo", S_IFIFO | 0666, {}));
  k::test::HostThread writer{[&] {
    auto end = open("fifo", O_WRONLY).value();
    EXPECT_OK(k::test::write_text(*end, "x"));
  }};
  auto reader = open("fifo", O_RDONLY).value();
  EXPECT_EQ(k::test::read_all(*reader), "x");
}

}  // namespace
