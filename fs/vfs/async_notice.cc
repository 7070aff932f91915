#include "fs/vfs/async_notice.h"

namespace k::fs {

void AsyncNotices::add(AsyncHook& hook) {
  sync::Locked hooks{hooks_};
  hooks->push_back(hook);
  hook.list_ = this;
  count_.fetch_add(1, std::memory_order_relaxed);
}

void AsyncNotices::remove(AsyncHook& hook) {
  AsyncNotices* const list = std::exchange(hook.list_, nullptr);
  if (list == nullptr) return;
  sync::Locked hooks{list->hooks_};
  hooks->erase(hook);
  list->count_.fetch_sub(1, std::memory_order_relaxed);
}

void AsyncNotices::tell_all(int reason) {
  sync::Locked hooks{hooks_};
  for (AsyncHook* hook = hooks->front(); hook != nullptr; hook = hooks->next(*hook)) hook->told(reason);
}

}  // namespace k::fs
