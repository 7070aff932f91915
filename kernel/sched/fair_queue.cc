#include "kernel/sched/fair_queue.h"

#include <algorithm>

namespace k::sched {
namespace {

constexpr std::int64_t kNiceZeroWeight = 1024;

/// Real time to virtual time of an entity.
std::int64_t to_virtual(std::uint64_t ns, std::uint32_t weight) {
  if (weight == kNiceZeroWeight) [[likely]]
    return static_cast<std::int64_t>(ns);
  return static_cast<std::int64_t>(ns) * kNiceZeroWeight / weight;
}

std::int64_t request(const FairEntity& e) { return to_virtual(FairQueue::kSliceNs, e.weight); }

std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

void FairQueue::Traits::update(FairEntity& e) {
  std::int64_t least = e.vruntime;
  if (e.node.left != nullptr) least = std::min(least, e.node.left->min_vruntime);
  if (e.node.right != nullptr) least = std::min(least, e.node.right->min_vruntime);
  e.min_vruntime = least;
}

std::int64_t FairQueue::average() const { return weight_ == 0 ? base_ : base_ + floor_divide(sum_, weight_); }

void FairQueue::add_to_average(const FairEntity& e) {
  sum_ += (e.vruntime - base_) * e.weight;
  weight_ += e.weight;
}

void FairQueue::remove_from_average(const FairEntity& e) {
  sum_ -= (e.vruntime - base_) * e.weight;
  weight_ -= e.weight;
  if (weight_ == 0) {
    base_ = e.vruntime;
    sum_ = 0;
  }
}

/// Keeps the sum small: virtual time only moves on.
void FairQueue::rebase() {
  constexpr std::int64_t kFar = std::int64_t{1} << 32;
  const std::int64_t bound = kFar * kNiceZeroWeight;
  if (sum_ < bound && sum_ > -bound) [[likely]]
    return;
  const std::int64_t shift = floor_divide(sum_, weight_);
  base_ += shift;
  sum_ -= shift * weight_;
}

void FairQueue::enqueue(FairEntity& e) {
  std::int64_t lag = e.lag;
  // Joining moves the average by lag * w / (W + w): enlarge the lag so that it is as it was once the entity has joined.
  if (lag != 0 && weight_ != 0) lag = lag * (weight_ + e.weight) / weight_;
  e.vruntime = average() - (weight_ == 0 ? 0 : lag);
  // A new entity asks for half a request first, so that fork does not delay its elders.
  e.deadline = e.vruntime + (e.started ? request(e) : request(e) / 2);
  e.started = true;
  add_to_average(e);
  tree_.insert(e);
}

void FairQueue::put_to_sleep(FairEntity& current) {
  const std::int64_t limit = 2 * request(current);
  current.lag = std::clamp(average() - current.vruntime, -limit, limit);
  remove_from_average(current);
}

void FairQueue::dequeue(FairEntity& e) {
  tree_.erase(e);
  put_to_sleep(e);
}

/// The earliest deadline among the eligible. The tree is ordered by deadline and knows the least vruntime of each subtree.
FairEntity* FairQueue::pick() const {
  FairEntity* e = tree_.root();
  if (e == nullptr || (e->node.left == nullptr && e->node.right == nullptr)) return e;
  const std::int64_t limit = average();
  while (e != nullptr) {
    FairEntity* const left = e->node.left;
    if (left != nullptr && left->min_vruntime <= limit) {
      e = left;
    } else if (e->vruntime <= limit) {
      return e;
    } else {
      e = e->node.right;
    }
  }
  // Only the entity that just gave way was eligible.
  return tree_.first();
}

FairEntity* FairQueue::take_next() {
  FairEntity* const e = pick();
  if (e != nullptr) tree_.erase(*e);
  return e;
}

FairEntity* FairQueue::take_next_but(FairEntity& except) {
  FairEntity* const other = take_next();
  if (other == nullptr) return &except;
  tree_.insert(except);
  return other;
}

void FairQueue::put_back(FairEntity& current) { tree_.insert(current); }

bool FairQueue::charge(FairEntity& current, std::uint64_t ns) {
  const std::int64_t v = to_virtual(ns, current.weight);
  current.vruntime += v;
  sum_ += v * current.weight;
  rebase();
  if (current.vruntime < current.deadline) return false;
  current.deadline = current.vruntime + request(current);
  return true;
}

void FairQueue::forfeit(FairEntity& current) { current.deadline = current.vruntime + 2 * request(current); }

bool FairQueue::should_preempt(const FairEntity& woken, const FairEntity& current, std::uint64_t ran_ns) const {
  return woken.deadline < current.deadline && ran_ns >= kMinRunNs && eligible(woken.vruntime);
}

std::uint64_t FairQueue::slice_left(const FairEntity& current) {
  const std::int64_t left = std::max<std::int64_t>(current.deadline - current.vruntime, 0);
  return static_cast<std::uint64_t>(left * current.weight / kNiceZeroWeight);
}

}  // namespace k::sched
