#include "fs/vfs/file_lock.h"

#include "fs/vfs/lock_graph.h"

namespace k::fs {

FileLocks::~FileLocks() {
  State& state = state_.unguarded();
  for (Records* family : {&state.records, &state.wholes}) family->clear_and_dispose([](Record* r) { delete r; });
}

const RecordLock* FileLocks::conflict(const Records& records, const RecordLock& wanted) {
  for (const Record& record : records) {
    if (record.lock.conflicts_with(wanted)) return &record.lock;
  }
  return nullptr;
}

/// Takes the range of `hole` away from its owner's locks. A lock that it splits needs one record more: `spare`.
void FileLocks::carve(Records& records, const RecordLock& hole, Box<Record>& spare) {
  for (auto at = records.begin(); at != records.end();) {
    RecordLock& lock = at->lock;
    auto here = at++;
    if (lock.owner != hole.owner || !lock.overlaps(hole)) continue;
    const bool left = lock.first<hole.first, right = lock.last> hole.last;
    if (left && right) {
      spare->lock = lock;
      spare->lock.first = hole.last + 1;
      lock.last = hole.first - 1;
      records.push_back(*spare.release());
    } else if (left) {
      lock.last = hole.first - 1;
    } else if (right) {
      lock.first = hole.last + 1;
    } else {
      records.erase_and_dispose(here, [](Record* r) { delete r; });
    }
  }
}

/// Enters `added`, melting neighbours of the same owner and type into it.
void FileLocks::merge_in(Records& records, Record& added) {
  for (auto at = records.begin(); at != records.end();) {
    auto here = at++;
    const RecordLock& lock = here->lock;
    if (lock.owner != added.lock.owner || lock.type != added.lock.type) continue;
    const bool touches_left = lock.last + 1 == added.lock.first && lock.last != UINT64_MAX;
    const bool touches_right = added.lock.last + 1 == lock.first && added.lock.last != UINT64_MAX;
    if (!touches_left && !touches_right) continue;
    if (touches_left) added.lock.first = lock.first;
    if (touches_right) added.lock.last = lock.last;
    records.erase_and_dispose(here, [](Record* r) { delete r; });
  }
  records.push_back(added);
}

/// The owner whose lock is in the way, or null when `wanted` is now set.
LockOwner FileLocks::try_set(Records State::* family, const RecordLock& wanted, Box<Record>& record,
                             Box<Record>& spare) {
  sync::Locked state{state_};
  Records& records = (*state).*family;
  if (wanted.type != LockType::unlock) {
    if (const RecordLock* other = conflict(records, wanted)) return other->owner;
  }
  carve(records, wanted, spare);
  if (wanted.type != LockType::unlock) {
    record->lock = wanted;
    merge_in(records, *record.release());
  }
  return nullptr;
}

Result<void> FileLocks::set(Records State::* family, const RecordLock& wanted, LockWait wait) {
  auto record = TRY(make<Record>());
  auto spare = TRY(make<Record>());
  if (try_set(family, wanted, record, spare) != nullptr) {
    if (wait == LockWait::no) return err(Errno::again);
    LockEdge edge{wanted.owner};
    bool circle = false;
    TRY(released_.wait_until([&] {
      const LockOwner holder = try_set(family, wanted, record, spare);
      // Only processes that wait for each other's record locks are looked at: fcntl(2), "Open file description locks".
      circle = holder != nullptr && wanted.pid > 0 && !edge.wait_for(holder);
      return holder == nullptr || circle;
    }));
    if (circle) return err(Errno::deadlk);
  }
  released_.wake_all();  // an unlock or a downgrade may let others in
  return {};
}

void FileLocks::drop(Records State::* family, LockOwner owner) {
  {
    sync::Locked state{state_};
    ((*state).*family)
        .remove_and_dispose_if([&](const Record& r) { return r.lock.owner == owner; }, [](Record* r) { delete r; });
  }
  released_.wake_all();
}

Result<void> FileLocks::set_record(const RecordLock& wanted, LockWait wait) {
  return set(&State::records, wanted, wait);
}

RecordLock FileLocks::test_record(const RecordLock& wanted) {
  sync::Locked state{state_};
  const RecordLock* found = conflict(state->records, wanted);
  return found != nullptr ? *found : RecordLock{};
}

void FileLocks::drop_records_of(LockOwner owner) { drop(&State::records, owner); }

Result<void> FileLocks::set_whole(LockOwner owner, LockType type, LockWait wait) {
  return set(&State::wholes, RecordLock{.owner = owner, .type = type, .first = 0, .last = UINT64_MAX}, wait);
}

void FileLocks::drop_whole_of(LockOwner owner) { drop(&State::wholes, owner); }

}  // namespace k::fs
