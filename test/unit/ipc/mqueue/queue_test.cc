#include "ipc/mqueue/queue.h"

#include "test/unit/support/vfs.h"

namespace {

using k::IoBuffer;
using k::ipc::mqueue::Listener;
using k::ipc::mqueue::Message;
using k::ipc::mqueue::Patience;
using k::ipc::mqueue::Queue;

constexpr Patience kAtOnce{.blocks = false};

struct Ear final : Listener {
  Ear(int& told, bool mine) : Listener(1, 0), told(told), mine(mine) {}
  bool is_caller() const override { return mine; }
  std::int32_t process() const override { return 77; }
  void tell() override { ++told; }
  int& told;
  bool mine;
};

struct MqueueQueue : k::test::VfsTest {
  k::Result<void> send(std::string_view text, unsigned priority = 0, Patience patience = kAtOnce) {
    IoBuffer from = IoBuffer::kernel(std::as_bytes(std::span{text}));
    return queue.send(TRY(Message::create(priority, from)), patience);
  }
  k::Result<std::string> take(Patience patience = kAtOnce) {
    const auto message = TRY(queue.receive(patience));
    std::string text(message->bytes, '\0');
    IoBuffer to = IoBuffer::kernel(std::as_writable_bytes(std::span{text}));
    TRY(message->text.write(to, message->bytes));
    return text;
  }
  k::Result<void> listen(bool mine = true) { return queue.listen(k::make_ref<Ear>(told, mine).value()); }
  Queue queue{{.messages = 2, .message_bytes = 100}};
  int told = 0;
};

TEST_F(MqueueQueue, SaysAgainWhenItIsEmptyOrFull) {
  EXPECT_ERRNO(take(), again);
  EXPECT_OK(send("one"));
  EXPECT_OK(send("two"));
  EXPECT_ERRNO(send("three"), again);
  EXPECT_EQ(take().value(), "one");
  EXPECT_OK(send("three"));
}

TEST_F(MqueueQueue, TellsItsListenerOnceOfTheFirstMessage) {
  EXPECT_OK(listen());
  EXPECT_ERRNO(listen(), busy);
  EXPECT_EQ(queue.status().listener, 77);
  EXPECT_OK(send("one"));
  EXPECT_OK(send("two"));
  EXPECT_EQ(told, 1);
  EXPECT_EQ(queue.status().listener, 0);
  EXPECT_OK(listen());
  EXPECT_EQ(take().value(), "one");
  EXPECT_OK(send("three"));
  EXPECT_EQ(told, 1) << "it was not empty";
}

TEST_F(MqueueQueue, OnlyTheListenerItselfStopsListening) {
  EXPECT_FALSE(queue.stop_listening());
  EXPECT_OK(listen(false));
  EXPECT_FALSE(queue.stop_listening());
  EXPECT_ERRNO(listen(), busy);
  queue.drop();
  EXPECT_OK(listen());
  EXPECT_TRUE(queue.stop_listening());
}

TEST_F(MqueueQueue, PassedTimesEndWaiting) {
  EXPECT_ERRNO(take({.until = 1}), timedout);
  EXPECT_OK(send("one", 0, {.until = 1}));
  EXPECT_OK(send("two", 0, {.until = 1}));
  EXPECT_ERRNO(send("three", 0, {.until = 1}), timedout);
  EXPECT_EQ(queue.status().messages, 2u);
}

TEST_F(MqueueQueue, PollTellsWhatWouldNotBlock) {
  using k::sync::kReadable;
  using k::sync::kWritable;
  EXPECT_EQ(queue.poll(nullptr), kWritable);
  EXPECT_OK(send("one"));
  EXPECT_EQ(queue.poll(nullptr), kReadable | kWritable);
  EXPECT_OK(send("two"));
  EXPECT_EQ(queue.poll(nullptr), kReadable);
}

TEST_F(MqueueQueue, SendersAndReceiversWaitForEachOther) {
  constexpr int kMessages = 3000;
  k::test::HostThread sender{[&] {
    for (int i = 0; i < kMessages; ++i) EXPECT_OK(send(std::to_string(i), 5, {}));
  }};
  for (int i = 0; i < kMessages; ++i) ASSERT_EQ(take({}).value(), std::to_string(i));
}

}  // namespace
