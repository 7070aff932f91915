#include "ipc/sysv/semaphore_set.h"

#include "ipc/sysv/undo_list.h"
#include "test/unit/support/vfs.h"

namespace {

namespace sysv = k::ipc::sysv;
using k::lib::Flags;
using sysv::SemaphoreSet;
using uapi::sembuf;

struct SysvSemaphores : k::test::VfsTest {
  SysvSemaphores() : id(SemaphoreSet::get(owner, IPC_PRIVATE, 3, Flags{0600}, caller()).value()) {}
  sysv::Caller caller(int process = 1) const { return {*who_, process}; }
  k::Ref<SemaphoreSet> set() { return owner.semaphore_sets.find(id).value(); }
  /// Never waits: IPC_NOWAIT is added to each.
  k::Result<void> operate(std::initializer_list<sembuf> operations, sysv::UndoList* undos = nullptr, int process = 1) {
    std::vector<sembuf> all{operations};
    for (sembuf& o : all) o.sem_flg |= IPC_NOWAIT;
    return set()->operate(all, caller(process), undos, k::Deadline::never());
  }
  std::vector<int> values() {
    std::vector<int> v;
    for (unsigned i = 0; i < 3; ++i) v.push_back(set()->look(i, caller())->value);
    return v;
  }
  using Values = std::vector<int>;
  sysv::Namespace owner;
  int id;
};

TEST_F(SysvSemaphores, OperationsHappenAllOrNone) {
  EXPECT_OK(operate({{0, 2, 0}, {1, 1, 0}}));
  EXPECT_ERRNO(operate({{0, -1, 0}, {2, 5, 0}, {1, -2, 0}}), again);
  EXPECT_EQ(values(), (Values{2, 1, 0}));
  EXPECT_OK(operate({{0, -1, 0}, {2, 5, 0}, {1, -1, 0}}));
  EXPECT_EQ(values(), (Values{1, 0, 5}));
}

TEST_F(SysvSemaphores, OperationsSeeTheOnesBeforeThem) {
  EXPECT_OK(operate({{0, 3, 0}, {0, -3, 0}, {0, 0, 0}}));
  EXPECT_ERRNO(operate({{0, -3, 0}, {0, 3, 0}}), again);
  EXPECT_ERRNO(operate({{0, 1, 0}, {0, 0, 0}}), again);
  EXPECT_EQ(values(), (Values{0, 0, 0}));
}

TEST_F(SysvSemaphores, ZeroWaitsForZero) {
  EXPECT_OK(operate({{1, 0, 0}}));
  EXPECT_OK(operate({{1, 1, 0}}));
  EXPECT_ERRNO(operate({{1, 0, 0}}), again);
}

TEST_F(SysvSemaphores, ValuesStayInRange) {
  EXPECT_OK(operate({{0, 32767, 0}}));
  EXPECT_ERRNO(operate({{1, 1, 0}, {0, 1, 0}}), range);
  EXPECT_EQ(values(), (Values{32767, 0, 0}));
  EXPECT_ERRNO(operate({{3, 1, 0}}), fbig);
}

TEST_F(SysvSemaphores, TheLastProcessIsThatOfASuccess) {
  EXPECT_OK(operate({{0, 1, 0}, {1, 0, 0}}, nullptr, 7));
  EXPECT_ERRNO(operate({{0, -2, 0}}, nullptr, 8), again);
  EXPECT_EQ(set()->look(0, caller())->process, 7);
  EXPECT_EQ(set()->look(1, caller())->process, 7) << "waiting for zero counts";
  EXPECT_EQ(set()->look(2, caller())->process, 0);
}

TEST_F(SysvSemaphores, UndoIsGivenBackAtTheEnd) {
  auto undos = sysv::UndoList::create().value();
  EXPECT_OK(operate({{0, 5, SEM_UNDO}, {1, 2, 0}}, undos.get()));
  EXPECT_OK(operate({{0, -1, SEM_UNDO}}, undos.get()));
  EXPECT_ERRNO(operate({{0, 1, SEM_UNDO}, {2, -1, 0}}, undos.get()), again);
  EXPECT_EQ(values(), (Values{4, 2, 0}));
  sysv::UndoList::leave(std::move(undos), 9);
  EXPECT_EQ(values(), (Values{0, 2, 0}));
  EXPECT_EQ(set()->look(0, caller())->process, 9);
}

TEST_F(SysvSemaphores, SettingAValueForgetsAdjustments) {
  auto undos = sysv::UndoList::create().value();
  EXPECT_OK(operate({{0, 5, SEM_UNDO}, {1, 5, SEM_UNDO}}, undos.get()));
  EXPECT_OK(set()->set_one(0, 3, caller()));
  sysv::UndoList::leave(std::move(undos), 9);
  EXPECT_EQ(values(), (Values{3, 0, 0}));
}

TEST_F(SysvSemaphores, AdjustmentsStayInRange) {
  auto undos = sysv::UndoList::create().value();
  EXPECT_OK(operate({{0, 32767, SEM_UNDO}}, undos.get()));
  EXPECT_OK(operate({{0, -32767, 0}}));
  EXPECT_OK(operate({{0, 1, SEM_UNDO}}, undos.get()));
  EXPECT_ERRNO(operate({{0, 1, SEM_UNDO}}, undos.get()), range);
  EXPECT_EQ(values(), (Values{1, 0, 0}));
}

TEST_F(SysvSemaphores, SemaphoresOfAllSetsAreCounted) {
  EXPECT_EQ(owner.semaphores.load(), 3);
  EXPECT_OK(set()->remove(caller()));
  EXPECT_EQ(owner.semaphores.load(), 0);
}

}  // namespace
