#include "fs/vfs/fs_context.h"

#include "fs/vfs/ref_walk.h"

namespace k::fs {

void FsContext::Place::drop() const {
  lib::release(view.dentry);
  lib::release(view.mount);
}

Result<Ref<FsContext>> FsContext::create(const PathRef& root) {
  Box<Place> root_place{new (std::nothrow) Place(root)}, cwd_place{new (std::nothrow) Place(root)};
  auto* context =
      root_place && cwd_place ? new (std::nothrow) FsContext(root_place.get(), cwd_place.get(), 022) : nullptr;
  if (context == nullptr) {
    if (root_place) root_place->drop();
    if (cwd_place) cwd_place->drop();
    return err(Errno::nomem);
  }
  (void)root_place.release();
  (void)cwd_place.release();
  return Ref<FsContext>::adopt(*context);
}

FsContext::~FsContext() {
  for (auto* slot : {&root_, &cwd_}) {
    Place* const place = slot->load(std::memory_order_relaxed);
    place->drop();
    delete place;
  }
}

Result<Ref<FsContext>> FsContext::copy() const {
  auto twin = TRY(create(root_ref()));
  TRY(twin->set_cwd(cwd_ref()));
  twin->set_umask(umask());
  return twin;
}

/// A place that was just replaced may be going away: then there is a new one to look at.
PathRef FsContext::share(const std::atomic<Place*>& slot) {
  for (;;) {
    sync::rcu::ReadGuard guard;
    if (auto held = try_share(slot.load(std::memory_order_acquire)->view)) return *std::move(held);
  }
}

PathRef FsContext::root_ref() const { return share(root_); }
PathRef FsContext::cwd_ref() const { return share(cwd_); }

/// The references go at once, so that the former place can be unmounted; the record after a grace period.
Result<void> FsContext::replace(std::atomic<Place*>& slot, const PathRef& path) {
  auto* place = new (std::nothrow) Place(path);
  if (place == nullptr) return err(Errno::nomem);
  Place* old = slot.exchange(place, std::memory_order_acq_rel);
  old->drop();
  sync::rcu::call(*old, [](sync::rcu::Head* head) { delete static_cast<Place*>(head); });
  return {};
}

Result<void> FsContext::set_root(const PathRef& path) { return replace(root_, path); }
Result<void> FsContext::set_cwd(const PathRef& path) { return replace(cwd_, path); }

}  // namespace k::fs
