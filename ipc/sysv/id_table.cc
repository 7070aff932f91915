#include "ipc/sysv/id_table.h"

#include <algorithm>

#include "kernel/lib/alloc.h"

namespace k::ipc::sysv {
namespace {

constexpr unsigned kMinCycle = 64;  // indices are searched in at least so wide a range, as Linux does

unsigned index_of(int id) { return static_cast<unsigned>(id) & (IdTable::kMaxObjects - 1); }

}  // namespace

unsigned Object::sequence() const { return static_cast<unsigned>(id_) >> IdTable::kIndexBits; }

IdTable::~IdTable() {
  while (RefOrNull<Object> object = next(0)) (void)remove(*object);
  for (auto& chunk : chunks_) delete chunk.load(std::memory_order_relaxed);
}

std::atomic<Object*>* IdTable::slot(unsigned index) const {
  Chunk* const chunk = chunks_[index / kChunkSlots].load(std::memory_order_acquire);
  return chunk == nullptr ? nullptr : &chunk->slots[index % kChunkSlots];
}

Result<Ref<Object>> IdTable::at(unsigned index) const {
  if (index >= kMaxObjects) return err(Errno::inval);
  const sync::rcu::ReadGuard guard;
  const auto* const place = slot(index);
  if (place == nullptr) return err(Errno::inval);
  Object* const object = sync::rcu::load(*place);
  if (object == nullptr || !object->try_ref()) return err(Errno::inval);
  return Ref<Object>::adopt(*object);
}

Result<Ref<Object>> IdTable::find(int id) const {
  if (id < 0) return err(Errno::inval);
  auto object = TRY(at(index_of(id)));
  if (object->id() != id) return err(Errno::inval);
  return object;
}

RefOrNull<Object> IdTable::next(unsigned index) const {
  while (index < kMaxObjects) {
    if (slot(index) == nullptr) {
      index = (index / kChunkSlots + 1) * kChunkSlots;
    } else if (auto object = at(index)) {
      return *std::move(object);
    } else {
      ++index;
    }
  }
  return nullptr;
}

Object* IdTable::find_key(const State& state, Key key) {
  Object* at = state.keys.root();
  while (at != nullptr && at->table_key_ != key)
    at = key < at->table_key_ ? state.keys.left(*at) : state.keys.right(*at);
  return at;
}

Result<bool> IdTable::is_free(unsigned index) {
  auto& chunk = chunks_[index / kChunkSlots];
  if (chunk.load(std::memory_order_relaxed) == nullptr)
    chunk.store(TRY(make<Chunk>()).release(), std::memory_order_release);
  return slot(index)->load(std::memory_order_relaxed) == nullptr;
}

/// The next free index, going round in a range that grows with the number of objects.
Result<unsigned> IdTable::take_index(State& state) {
  const unsigned range = std::min(std::max(state.objects * 3 / 2, kMinCycle), kMaxObjects);
  const unsigned start = state.search_from < range ? state.search_from : 0;
  for (unsigned tried = 0; tried < range; ++tried) {
    const unsigned index = (start + tried) % range;
    if (TRY(is_free(index))) return index;
  }
  return err(Errno::nospc);
}

Result<int> IdTable::add(State& state, Ref<Object> object, Key key, unsigned limit) {
  if (state.objects >= std::min(limit, kMaxObjects)) return err(Errno::nospc);
  const unsigned index = TRY(take_index(state));
  if (static_cast<int>(index) <= state.last_index && ++state.sequence >= kMaxSequence) state.sequence = 0;
  state.last_index = static_cast<int>(index);
  state.search_from = index + 1;
  ++state.objects;
  const int id = state.sequence << kIndexBits | static_cast<int>(index);
  object->id_ = id;
  object->table_key_ = key;
  if (key != IPC_PRIVATE) state.keys.insert(*object);
  sync::rcu::assign(*slot(index), object.leak());
  return id;
}

void IdTable::forget_key(State& state, Object& object) {
  if (object.table_key_ == IPC_PRIVATE) return;
  state.keys.erase(object);
  object.table_key_ = IPC_PRIVATE;
}

Result<void> IdTable::remove(Object& object) {
  {
    sync::Locked state{state_};
    sync::LockHeld held{object.lock};
    if (object.removed) return err(Errno::idrm);
    object.removed = true;
    forget_key(*state, object);
    slot(index_of(object.id()))->store(nullptr, std::memory_order_release);
    --state->objects;
  }
  const Ref<Object> of_the_slot = Ref<Object>::adopt(object);
  return {};
}

void IdTable::make_private(Object& object) {
  sync::Locked state{state_};
  forget_key(*state, object);
  sync::LockHeld held{object.lock};
  object.permissions.key = IPC_PRIVATE;
}

IdTable::Usage IdTable::usage() const {
  sync::Locked state{state_};
  int highest = -1;
  for (unsigned i = kMaxObjects; i-- > 0 && state->objects > 0;) {
    const auto* const place = slot(i);
    if (place == nullptr) {
      i -= i % kChunkSlots;
    } else if (place->load(std::memory_order_relaxed) != nullptr) {
      highest = static_cast<int>(i);
      break;
    }
  }
  return {state->objects, highest};
}

}  // namespace k::ipc::sysv
