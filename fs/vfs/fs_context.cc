#include "fs/vfs/fs_context.h"

#include "kernel/sync/spin/guarded.h"

namespace k::fs {

Result<Ref<FsContext>> FsContext::create(PathRef root) {
  auto root_place = TRY(make<Place>(root));
  auto cwd_place = TRY(make<Place>(std::move(root)));
  auto* context = new (std::nothrow) FsContext(root_place.get(), cwd_place.get(), 022);
  if (context == nullptr) return err(Errno::nomem);
  (void)root_place.release();
  (void)cwd_place.release();
  return Ref<FsContext>::adopt(*context);
}

FsContext::~FsContext() {
  delete root_.load(std::memory_order_relaxed);
  delete cwd_.load(std::memory_order_relaxed);
}

Result<Ref<FsContext>> FsContext::copy() const {
  auto twin = TRY(create(root_ref()));
  TRY(twin->set_cwd(cwd_ref()));
  twin->set_umask(umask());
  return twin;
}

// A record in the slot holds its places until a grace period after it was replaced, so sharing them needs no try.
PathRef FsContext::root_ref() const {
  sync::rcu::ReadGuard guard;
  return PathRef::share(root());
}

PathRef FsContext::cwd_ref() const {
  sync::rcu::ReadGuard guard;
  return PathRef::share(cwd());
}

Result<void> FsContext::replace(std::atomic<Place*>& slot, PathRef path) {
  auto place = TRY(make<Place>(std::move(path)));
  Place* old = slot.exchange(place.release(), std::memory_order_acq_rel);
  sync::rcu::call(*old, [](sync::rcu::Head* head) { delete static_cast<Place*>(head); });
  return {};
}

Result<void> FsContext::set_root(PathRef path) { return replace(root_, std::move(path)); }
Result<void> FsContext::set_cwd(PathRef path) { return replace(cwd_, std::move(path)); }

}  // namespace k::fs
