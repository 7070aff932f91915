/// IdTable: the objects of one kind by identifier and by key.
///
/// Invariants  an identifier is sequence * 32768 + index; the sequence number grows whenever the search for an index wraps
///             around, so a stale identifier does not soon name another object. A key other than IPC_PRIVATE is there at most
///             once. A slot holds one reference.
/// Lock order  Rank::ipc_ids for adding, removing and keys; find() and at() read under RCU and take no lock.
/// Context     task context; find() and at() any.
/// Errors      INVAL (no such identifier), NOENT, EXIST, NOSPC, NOMEM.
/// Source      semget(2), msgget(2), shmget(2), ftok(3).
#pragma once

#include <array>
#include <atomic>

#include "ipc/sysv/object.h"
#include "kernel/lib/flags.h"

namespace k::ipc::sysv {

class IdTable {
 public:
  static constexpr unsigned kIndexBits = 15, kMaxObjects = 1u << kIndexBits;
  static constexpr int kMaxSequence = INT32_MAX >> kIndexBits;

  constexpr IdTable() = default;
  ~IdTable();
  IdTable(const IdTable&) = delete;
  IdTable& operator=(const IdTable&) = delete;

  /// By identifier: INVAL when it names nothing (any more). The caller then checks `removed` under the object's lock.
  Result<Ref<Object>> find(int id) const;
  /// By index: the identifier's low bits, as SEM_STAT and its like take it.
  Result<Ref<Object>> at(unsigned index) const;
  /// The first object whose index is at least `index`, for listings; null behind the last one.
  RefOrNull<Object> next(unsigned index) const;

  /// Takes the object out and marks it removed, once: IDRM when somebody else did.
  Result<void> remove(Object& object);
  /// Takes its key away, so that a new object may have it (a segment that lives until its last detach).
  void make_private(Object& object);

  struct Usage {
    unsigned objects;
    int highest_index;  // -1: none
  };
  Usage usage() const;

 protected:
  struct ByKey {
    static lib::TreapNode<Object>& node(Object& o) { return o.key_node_; }
    static bool less(const Object& a, const Object& b) { return a.table_key_ < b.table_key_; }
    static void update(Object&) {}
  };
  struct State {
    lib::Treap<Object, ByKey> keys;
    unsigned objects = 0, search_from = 0;
    int last_index = -1, sequence = 0;
  };
  using Guard = sync::Guarded<State, sync::Rank::ipc_ids>;

  static Object* find_key(const State& state, Key key);
  /// Publishes `object` under `key`: NOSPC beyond `limit` objects.
  Result<int> add(State& state, Ref<Object> object, Key key, unsigned limit);

  mutable Guard state_;

 private:
  static constexpr unsigned kChunkSlots = 64, kChunks = kMaxObjects / kChunkSlots;
  struct Chunk {
    std::atomic<Object*> slots[kChunkSlots]{};
  };
  std::atomic<Object*>* slot(unsigned index) const;
  Result<unsigned> take_index(State& state);
  Result<bool> is_free(unsigned index);
  static void forget_key(State& state, Object& object);

  std::array<std::atomic<Chunk*>, kChunks> chunks_{};
};

/// An IdTable whose objects are all `T`.
template <class T>
class ObjectTable : public IdTable {
 public:
  Result<Ref<T>> find(int id) const { return typed(IdTable::find(id)); }
  Result<Ref<T>> at(unsigned index) const { return typed(IdTable::at(index)); }
  RefOrNull<T> next(unsigned index) const { return RefOrNull<T>::adopt(static_cast<T*>(IdTable::next(index).leak())); }

  /// semget(2) and its like. `make()` returns a new Result<Ref<T>>; `accept(T&)` says, before permissions are looked at, whether
  /// an object that is there fits the request. `flags` are IPC_CREAT, IPC_EXCL and the permission bits.
  template <class Make, class Accept>
  Result<int> get(Key key, lib::Flags flags, const fs::Credentials& who, unsigned limit, Make make, Accept accept) {
    sync::Locked state{state_};
    Object* const there = key == IPC_PRIVATE ? nullptr : find_key(*state, key);
    if (there == nullptr) {
      if (key != IPC_PRIVATE && !flags.has(IPC_CREAT)) return err(Errno::noent);
      return add(*state, TRY(make()), key, limit);
    }
    if (flags.has(IPC_CREAT) && flags.has(IPC_EXCL)) return err(Errno::exist);
    TRY(accept(static_cast<T&>(*there)));
    sync::LockHeld held{there->lock};
    TRY(may_access(there->permissions, who, flags.bits()));
    return there->id();
  }

 private:
  static Result<Ref<T>> typed(Result<Ref<Object>> found) {
    if (!found) return err(found.error());
    return Ref<T>::adopt(static_cast<T&>(*found->leak()));
  }
};

}  // namespace k::ipc::sysv
