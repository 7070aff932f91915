#include <linux/msg.h>

#include "ipc/sysv/message_queue.h"
#include "test/unit/support/vfs.h"

namespace {

namespace sysv = k::ipc::sysv;
using k::lib::Flags;
using sysv::Message;
using sysv::Selection;

bool takes(std::int64_t wanted, unsigned flags, std::int64_t type) {
  const auto message = Message::create(type, 0).value();
  return Selection::of(wanted, Flags{flags}).takes(*message);
}

TEST(SysvSelection, ZeroTakesAny) {
  EXPECT_TRUE(takes(0, 0, 1));
  EXPECT_TRUE(takes(0, MSG_EXCEPT, INT64_MAX));
}

TEST(SysvSelection, ATypeTakesItsOwnOrAllOthers) {
  EXPECT_TRUE(takes(5, 0, 5));
  EXPECT_FALSE(takes(5, 0, 6));
  EXPECT_FALSE(takes(5, MSG_EXCEPT, 5));
  EXPECT_TRUE(takes(5, MSG_EXCEPT, 6));
}

TEST(SysvSelection, ANegativeTypeIsABound) {
  EXPECT_TRUE(takes(-5, 0, 5));
  EXPECT_TRUE(takes(-5, MSG_EXCEPT, 1));
  EXPECT_FALSE(takes(-5, 0, 6));
  EXPECT_TRUE(takes(INT64_MIN, 0, INT64_MAX)) << "has no positive counterpart";
}

TEST(SysvSelection, CopyCountsPlaces) {
  const auto wanted = Selection::of(-1, Flags{MSG_COPY});
  EXPECT_EQ(wanted.mode, Selection::Mode::by_index);
  EXPECT_EQ(wanted.type, -1);
}

struct SysvQueue : k::test::VfsTest {
  SysvQueue() : id(sysv::MessageQueue::get(owner, IPC_PRIVATE, Flags{0600}, caller()).value()) {}
  sysv::Caller caller() const { return {*who_, 1}; }
  k::Ref<sysv::MessageQueue> queue() { return owner.message_queues.find(id).value(); }
  k::Result<void> send(std::int64_t type, std::size_t bytes = 0) {
    return queue()->send(TRY(Message::create(type, bytes)), Flags{IPC_NOWAIT}, caller());
  }
  k::Result<std::int64_t> take(std::int64_t type, unsigned flags = 0, std::size_t room = 100) {
    Selection wanted = Selection::of(type, Flags{flags});
    wanted.most_bytes = room;
    return TRY(queue()->receive(wanted, Flags{flags | IPC_NOWAIT}, caller()))->type;
  }
  sysv::Namespace owner;
  int id;
};

TEST_F(SysvQueue, GivesTheFirstThatIsWantedAndTheLowestUpToABound) {
  for (const int type : {5, 3, 4, 3}) EXPECT_OK(send(type));
  EXPECT_EQ(take(4).value(), 4);
  EXPECT_ERRNO(take(7), nomsg);
  EXPECT_ERRNO(take(-2), nomsg);
  EXPECT_EQ(take(-9).value(), 3);
  EXPECT_EQ(take(3, MSG_EXCEPT).value(), 5);
  EXPECT_EQ(take(0).value(), 3);
}

TEST_F(SysvQueue, ATooLongMessageStaysUnlessItMayBeCut) {
  EXPECT_OK(send(1, 50));
  EXPECT_ERRNO(take(0, 0, 49), toobig);
  EXPECT_EQ(take(0, MSG_NOERROR, 49).value(), 1);
  EXPECT_ERRNO(take(0), nomsg);
}

TEST_F(SysvQueue, RoomIsBytesAndMessages) {
  EXPECT_OK(send(1, 16'384));
  EXPECT_ERRNO(send(1, 1), again);
  EXPECT_OK(send(1, 0));
  EXPECT_EQ(owner.messages.load(), 2u);
  EXPECT_EQ(owner.message_bytes.load(), 16'384u);
  EXPECT_EQ(take(0, 0, 16'384).value(), 1);
  EXPECT_OK(send(1, 16'384));
  EXPECT_OK(queue()->remove(caller()));
  EXPECT_EQ(owner.messages.load(), 0u);
}

}  // namespace
