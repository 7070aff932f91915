#include "ipc/mqueue/message.h"

#include <map>
#include <random>

#include "arch/host/fake_user_memory.h"
#include "test/unit/support/alloc_failure.h"
#include "test/unit/support/vfs.h"

namespace {

using k::IoBuffer;
using k::arch::host::FakeUserMemory;
using k::ipc::mqueue::Message;
using k::ipc::mqueue::MessageList;

k::Result<Message::Owner> message_of(std::string_view text, unsigned priority = 0) {
  IoBuffer from = IoBuffer::kernel(std::as_bytes(std::span{text}));
  return Message::create(priority, from);
}

std::string text_of(const Message& message) {
  std::string text(message.bytes, '\0');
  IoBuffer to = IoBuffer::kernel(std::as_writable_bytes(std::span{text}));
  EXPECT_OK(message.text.write(to, message.bytes));
  return text;
}

std::string long_text(std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>(i * 7 % 251);
  return text;
}

TEST(MqueueMessage, KeepsTextsOfAnyLength) {
  for (const std::size_t bytes : {0u, 1u, 3999u, 4000u, 4096u, 4097u, 8192u, 100'000u}) {
    const auto message = message_of(long_text(bytes), 3).value();
    EXPECT_EQ(message->priority, 3u);
    EXPECT_EQ(message->bytes, bytes);
    EXPECT_EQ(text_of(*message), long_text(bytes));
  }
}

TEST(MqueueMessage, ABadSourceMakesNoMessage) {
  FakeUserMemory user{long_text(10'000)};
  for (const std::size_t good : {0u, 1u, 4000u, 9999u}) {
    user.fault_at(good);
    IoBuffer from = IoBuffer::user(user.base(), 10'000);
    EXPECT_ERRNO(Message::create(0, from), fault);
  }
}

TEST(MqueueMessage, ABadDestinationIsAFault) {
  const auto message = message_of(long_text(10'000)).value();
  FakeUserMemory user{10'000};
  for (const std::size_t good : {0u, 1u, 9999u}) {
    user.fault_at(good);
    IoBuffer to = IoBuffer::user(user.base(), 10'000);
    EXPECT_ERRNO(message->text.write(to, 10'000), fault);
  }
}

TEST(MqueueMessage, EachAllocationMayFail) {
  const unsigned allocations = k::test::fail_each_allocation(
      [] {
        const auto message = message_of(long_text(20'000));
        EXPECT_TRUE(message || message.error() == k::Errno::nomem);
        return message.has_value();
      },
      [] {});
  EXPECT_EQ(allocations, 5u);
}

TEST(MqueueMessageList, HighestPriorityFirstThenOldest) {
  MessageList list;
  EXPECT_EQ(list.pop(), nullptr);
  for (const auto& [text, priority] : std::initializer_list<std::pair<const char*, unsigned>>{
           {"low", 0}, {"old", 7}, {"new", 7}, {"top", 32767}, {"last", 0}}) {
    list.push(message_of(text, priority).value());
  }
  EXPECT_EQ(list.count(), 5u);
  EXPECT_EQ(list.bytes(), 16u);
  for (const char* expected : {"top", "old", "new", "low", "last"}) EXPECT_EQ(text_of(*list.pop()), expected);
  EXPECT_EQ(list.bytes(), 0u);
  EXPECT_TRUE(list.empty());
}

TEST(MqueueMessageList, AgreesWithAModel) {
  std::mt19937 random{11};
  MessageList list;
  std::multimap<unsigned, std::string, std::greater<>> model;  // equal keys stay in order of insertion
  for (unsigned i = 0; i < 20'000; ++i) {
    if (random() % 5 < 3) {
      const unsigned priority = random() % 4 == 0 ? random() % 32768 : random() % 5;
      model.emplace(priority, std::to_string(i));
      list.push(message_of(std::to_string(i), priority).value());
    } else if (const auto message = list.pop(); model.empty()) {
      ASSERT_EQ(message, nullptr);
    } else {
      ASSERT_EQ(message->priority, model.begin()->first);
      ASSERT_EQ(text_of(*message), model.begin()->second);
      model.erase(model.begin());
    }
    ASSERT_EQ(list.count(), model.size());
  }
}

}  // namespace
