#include "kernel/task/wait_rules.h"

namespace task = k::task;
using task::IdKind;
using task::WaitRequest;

namespace {

constexpr task::ChildView kChild{.id = 10, .group = 5, .exit_signal = SIGCHLD};
constexpr task::ChildView kCloneChild{.id = 11, .group = 5, .exit_signal = 0};

WaitRequest request(IdKind kind, int id, unsigned options = 0) {
  WaitRequest r;
  r.kind = kind;
  r.id = id;
  r.options = k::lib::Flags{options};
  return r;
}

}  // namespace

TEST(WaitRules, SelectByProcessGroupOrAll) {
  EXPECT_TRUE(task::wait_selects(request(IdKind::all, 0), kChild));
  EXPECT_TRUE(task::wait_selects(request(IdKind::process, 10), kChild));
  EXPECT_FALSE(task::wait_selects(request(IdKind::process, 9), kChild));
  EXPECT_TRUE(task::wait_selects(request(IdKind::group, 5), kChild));
  EXPECT_FALSE(task::wait_selects(request(IdKind::group, 6), kChild));
}

TEST(WaitRules, CloneChildrenNeedTheirOption) {
  EXPECT_FALSE(task::wait_selects(request(IdKind::all, 0), kCloneChild));
  EXPECT_TRUE(task::wait_selects(request(IdKind::all, 0, __WCLONE), kCloneChild));
  EXPECT_FALSE(task::wait_selects(request(IdKind::all, 0, __WCLONE), kChild));
  EXPECT_TRUE(task::wait_selects(request(IdKind::all, 0, static_cast<unsigned>(__WALL)), kCloneChild));
  EXPECT_TRUE(task::wait_selects(request(IdKind::all, 0, static_cast<unsigned>(__WALL)), kChild));
}

TEST(WaitRules, DescribesTheEndAsSiginfoDoes) {
  EXPECT_EQ(task::describe_end(task::exited_status(7)).code, CLD_EXITED);
  EXPECT_EQ(task::describe_end(task::exited_status(7)).detail, 7);
  EXPECT_EQ(task::describe_end(task::signalled_status(SIGKILL)).code, CLD_KILLED);
  EXPECT_EQ(task::describe_end(task::signalled_status(SIGKILL)).detail, SIGKILL);
}

TEST(WaitRules, ExitCodesAreOneByte) { EXPECT_EQ(task::exited_status(0x1ff), 0xff00); }
