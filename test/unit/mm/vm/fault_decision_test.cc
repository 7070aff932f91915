#include "mm/vm/fault_decision.h"

namespace mm = k::mm;
using k::arch::Pte;
using mm::Access;
using mm::AreaFlag;
using mm::AreaFlags;
using mm::FaultAction;

namespace {

constexpr AreaFlags kReadWrite = AreaFlag::read | AreaFlag::write;
constexpr AreaFlags kShared = kReadWrite | AreaFlag::shared;
constexpr Pte kReadOnly = Pte::leaf(k::PhysAddr{0x1000}, {});
constexpr Pte kWritable = Pte::leaf(k::PhysAddr{0x1000}, {.write = true});
constexpr Pte kZero = kReadOnly.with(Pte::kSpecial);

FaultAction action(bool source, AreaFlags area, Access access, mm::EntryView entry = {}) {
  return mm::decide(source, area, access, entry);
}

TEST(FaultDecision, RefusesWhatTheAreaForbids) {
  EXPECT_EQ(action(false, AreaFlag::read, Access::write), FaultAction::refuse);
  EXPECT_EQ(action(false, {}, Access::read), FaultAction::refuse);
  EXPECT_EQ(action(false, kReadWrite, Access::execute), FaultAction::refuse);
  EXPECT_EQ(action(true, AreaFlag::read, Access::write, {.pte = kReadOnly}), FaultAction::refuse);
}

TEST(FaultDecision, WriteAndExecuteImplyReadOnX86) {
  EXPECT_EQ(action(false, AreaFlag::write, Access::read), FaultAction::map_zero_page);
  EXPECT_EQ(action(true, AreaFlag::execute, Access::read), FaultAction::map_source_page);
}

TEST(FaultDecision, FirstAccess) {
  EXPECT_EQ(action(false, kReadWrite, Access::read), FaultAction::map_zero_page);
  EXPECT_EQ(action(false, kReadWrite, Access::write), FaultAction::map_fresh_page);
  EXPECT_EQ(action(true, kReadWrite, Access::read), FaultAction::map_source_page);
  EXPECT_EQ(action(true, kReadWrite, Access::write), FaultAction::map_source_copy);
  EXPECT_EQ(action(true, kShared, Access::read), FaultAction::map_source_page);
  EXPECT_EQ(action(true, kShared, Access::write), FaultAction::map_source_page);
}

TEST(FaultDecision, AnEntryThatAllowsTheAccessNeedsNothing) {
  EXPECT_EQ(action(false, kReadWrite, Access::write, {.pte = kWritable}), FaultAction::nothing);
  EXPECT_EQ(action(false, kReadWrite, Access::read, {.pte = kReadOnly}), FaultAction::nothing);
  EXPECT_EQ(action(true, kShared, Access::read, {.pte = kReadOnly}), FaultAction::nothing);
}

TEST(FaultDecision, WriteToAWriteProtectedPrivatePage) {
  EXPECT_EQ(action(false, kReadWrite, Access::write, {.pte = kZero}), FaultAction::replace_by_fresh);
  EXPECT_EQ(action(false, kReadWrite, Access::write, {.pte = kReadOnly, .anonymous = true, .sole_owner = true}),
            FaultAction::take_page);
  EXPECT_EQ(action(false, kReadWrite, Access::write, {.pte = kReadOnly, .anonymous = true}), FaultAction::copy_page);
  EXPECT_EQ(action(true, kReadWrite, Access::write, {.pte = kReadOnly, .sole_owner = true}), FaultAction::copy_page)
      << "a page of the source is never the process's own, however few references it has";
}

TEST(FaultDecision, FirstWriteThroughASharedMappingIsReported) {
  EXPECT_EQ(action(true, kShared, Access::write, {.pte = kReadOnly}), FaultAction::write_source_page);
}

TEST(FaultDecision, WhatIsForcedNeedsTheRightToTheRight) {
  EXPECT_EQ(action(false, AreaFlag::may_read, Access::forced_read), FaultAction::map_zero_page);
  EXPECT_EQ(action(true, AreaFlag::may_read, Access::forced_read), FaultAction::map_source_page);
  EXPECT_EQ(action(false, AreaFlag::may_write, Access::forced_read), FaultAction::refuse);
  EXPECT_EQ(action(false, AreaFlag::may_write, Access::forced_write), FaultAction::map_fresh_page);
  EXPECT_EQ(action(true, AreaFlag::may_write, Access::forced_write), FaultAction::map_source_copy);
  EXPECT_EQ(action(false, AreaFlag::may_read, Access::forced_write), FaultAction::refuse);
  EXPECT_EQ(action(true, AreaFlag::may_write | AreaFlag::shared, Access::forced_write), FaultAction::refuse);
  EXPECT_EQ(action(true, kShared, Access::forced_write), FaultAction::map_source_page) << "it may be written anyway";
}

TEST(FaultDecision, AForcedWriteLeavesTheRightsOfOnesOwnPage) {
  constexpr AreaFlags kArea = AreaFlag::read | AreaFlag::may_write;
  EXPECT_EQ(action(false, kArea, Access::forced_write, {.pte = kReadOnly, .anonymous = true, .sole_owner = true}),
            FaultAction::nothing);
  EXPECT_EQ(action(false, kArea, Access::forced_write, {.pte = kReadOnly, .anonymous = true}), FaultAction::copy_page);
  EXPECT_EQ(action(false, kArea, Access::forced_write, {.pte = kZero}), FaultAction::replace_by_fresh);
  EXPECT_EQ(action(true, kArea, Access::forced_write, {.pte = kReadOnly, .sole_owner = true}), FaultAction::copy_page);
}

}  // namespace
