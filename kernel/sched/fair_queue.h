/// FairQueue: earliest eligible virtual deadline first (EEVDF), one per CPU.
///
/// Each entity asks for slices of kSliceNs; its request has a virtual deadline. Of the entities that have not had more than
/// their share ("eligible": vruntime at most the weighted average), the one with the earliest deadline runs.
///
/// Invariants  the running entity counts in the average but is not in the tree. Lag (average minus vruntime) is kept over
///             sleep, so nobody gains by sleeping; it is bounded, so nobody is punished or rewarded for long. The sum of the lags
///             is zero. O(log n) for every operation.
/// Context     pure; the run queue's lock guards it. Runs in test/unit/kernel/sched/fair_queue_test.cc.
/// Source      Stoica and Abdel-Wahab, "Earliest Eligible Virtual Deadline First", 1995.
#pragma once

#include <cstdint>

#include "kernel/lib/treap.h"
#include "kernel/sched/fair_entity.h"

namespace k::sched {

class FairQueue {
 public:
  static constexpr std::uint64_t kSliceNs = 3'000'000;
  /// A running entity is not preempted by a wake-up before it ran this long.
  static constexpr std::uint64_t kMinRunNs = 300'000;

  /// Makes `e` runnable: places it by its lag and queues it.
  void enqueue(FairEntity& e);
  /// Takes a queued entity out (moved to another CPU, changed weight).
  void dequeue(FairEntity& e);

  /// The entity to run next, taken out of the tree and made current; null when none is queued.
  FairEntity* take_next();
  /// As take_next, but the current one has just given way: `except` only when it is alone.
  FairEntity* take_next_but(FairEntity& except);
  /// The current entity stays runnable: back into the tree.
  void put_back(FairEntity& current);
  /// The current entity sleeps: its lag is kept.
  void put_to_sleep(FairEntity& current);

  /// The current entity ran for `ns`. True when its request is served: another may be due.
  bool charge(FairEntity& current, std::uint64_t ns);
  /// sched_yield(2): gives up the rest of the request.
  void forfeit(FairEntity& current);
  /// Whether `woken`, just queued, should replace `current` that has run for `ran_ns`.
  bool should_preempt(const FairEntity& woken, const FairEntity& current, std::uint64_t ran_ns) const;
  /// Real nanoseconds until the current request is served.
  static std::uint64_t slice_left(const FairEntity& current);

  /// Takes a queued entity out of the tree to run.
  void make_current(FairEntity& e) { tree_.erase(e); }

  bool empty() const { return tree_.empty(); }
  std::int64_t average() const;
  /// In deadline order, for stealing.
  FairEntity* first() const { return tree_.first(); }
  static FairEntity* next(const FairEntity& e) { return Tree::next(e); }

 private:
  struct Traits {
    static lib::TreapNode<FairEntity>& node(FairEntity& e) { return e.node; }
    static bool less(const FairEntity& a, const FairEntity& b) { return a.deadline < b.deadline; }
    static void update(FairEntity& e);
  };
  using Tree = lib::Treap<FairEntity, Traits>;

  bool eligible(std::int64_t vruntime) const { return (vruntime - base_) * weight_ <= sum_; }
  FairEntity* pick() const;
  void add_to_average(const FairEntity& e);
  void remove_from_average(const FairEntity& e);
  void rebase();

  Tree tree_;
  std::int64_t base_ = 0;    // vruntimes are summed relative to it
  std::int64_t sum_ = 0;     // of (vruntime - base) * weight over all entities, the current one included
  std::int64_t weight_ = 0;  // of all entities
};

}  // namespace k::sched
