/// Objects of kernel/task that readers may still look at when the last reference is gone.
/// Context     free_later: any but NMI.
#pragma once

#include "kernel/sync/rcu.h"

namespace k::task {

template <class T>
class RcuFreed : private sync::rcu::Head {
 public:
  /// Deletes the object after a grace period.
  void free_later() {
    sync::rcu::call(*this, [](sync::rcu::Head* head) { delete static_cast<T*>(static_cast<RcuFreed*>(head)); });
  }
};

}  // namespace k::task
