/// Object: what semaphore sets, message queues and shared memory segments have in common.
///
/// Invariants  `removed` once IPC_RMID took it out of its table: whoever still holds a reference answers IDRM. The memory
///             goes a grace period after the last reference, so that IdTable looks it up without a lock; what it holds goes at
///             once, in closed().
/// Lock order  Rank::ipc_object, a spin lock of the object's own, inside Rank::ipc_ids. A kind of object guards its state by it too.
/// Context     the last reference is dropped in task context without spin locks.
#pragma once

#include "ipc/sysv/permissions.h"
#include "kernel/lib/treap.h"
#include "kernel/sync/guarded.h"
#include "kernel/sync/rcu.h"

namespace k::ipc::sysv {

class Object : public lib::RefCounted {
 public:
  using Lock = sync::Spin<sync::Rank::ipc_object>;

  explicit Object(const Permissions& permissions) : permissions(permissions) {}
  virtual ~Object() = default;
  void on_last_ref() {
    closed();
    sync::rcu::free_later(this);
  }

  /// What the calls name it by: sequence number and index.
  int id() const { return id_; }
  unsigned sequence() const;

  Lock lock;
  Permissions permissions HT_GUARDED_BY(lock);
  bool removed HT_GUARDED_BY(lock) = false;

  sync::rcu::Head rcu_head;

 protected:
  /// The last reference is gone.
  virtual void closed() {}

 private:
  friend class IdTable;
  int id_ = -1;
  Key table_key_ = IPC_PRIVATE;  // under the table's lock: IPC_PRIVATE when it is not among the keys
  lib::TreapNode<Object> key_node_;
};

}  // namespace k::ipc::sysv
