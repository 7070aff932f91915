#include "fs/event/inotify_user.h"

#include <algorithm>

#include "fs/event/inotify.h"
#include "kernel/sync/guarded.h"
#include "mm/phys/page_alloc.h"

namespace k::fs::event {
namespace {

using Users = lib::Queue<InotifyUser, &InotifyUser::node>;
constinit Guarded<Users, sync::Rank::users> g_users;

/// A hundredth of the memory, for what a watch holds: itself, an inode and its entry.
std::uint32_t watches_for_memory() {
  constexpr std::uint64_t kLeast = 8192, kMost = 1 << 20;
  constexpr std::uint64_t kCost = sizeof(InotifyWatch) + 2 * sizeof(Inode);
  const std::uint64_t bytes = mm::memory_counters().total_frames / 100 * kPageSize;
  return static_cast<std::uint32_t>(std::clamp(bytes / kCost, kLeast, kMost));
}

}  // namespace

InotifyLimits& inotify_limits() {
  static InotifyLimits limits{.watches = watches_for_memory()};
  return limits;
}

bool InotifyUser::take(std::atomic<std::uint32_t>& count, const std::atomic<std::uint32_t>& most) {
  std::uint32_t now = count.load(std::memory_order_relaxed);
  do {
    if (now >= most.load(std::memory_order_relaxed)) return false;
  } while (!count.compare_exchange_weak(now, now + 1, std::memory_order_relaxed));
  return true;
}

Result<Ref<InotifyUser>> InotifyUser::of(Uid uid) {
  auto fresh = TRY(make_ref<InotifyUser>(uid));
  Locked users{g_users};
  for (InotifyUser* user = users->front(); user != nullptr; user = Users::next(*user)) {
    if (user->uid_ == uid && user->try_ref()) return Ref<InotifyUser>::adopt(*user);
  }
  users->push_back(*fresh);
  fresh->listed_ = true;
  return fresh;
}

void InotifyUser::on_last_ref() {
  if (listed_) {
    Locked users{g_users};
    users->erase(*this);
  }
  delete this;
}

}  // namespace k::fs::event
