#include "fs/vfs/dentry_cache.h"

#include "fs/vfs/superblock.h"
#include "kernel/sync/spin/guarded.h"

namespace k::fs {
namespace {

using BucketLock = sync::Spin<sync::Rank::dentry>;
constexpr std::size_t kLocks = 64;

constinit std::atomic<Dentry*>* buckets = nullptr;
constinit unsigned bucket_shift = 0;  // 64 - log2(buckets)
constinit BucketLock bucket_locks[kLocks];
constinit sync::Spin<sync::Rank::dentry_move> move_lock;

BucketLock& lock_of(const std::atomic<Dentry*>& bucket) {
  return bucket_locks[static_cast<std::size_t>(&bucket - buckets) % kLocks];
}

}  // namespace

constinit std::atomic<std::uint32_t> DentryCache::moves_{0};

Result<void> DentryCache::init(std::size_t count) {
  HT_ASSERT(std::has_single_bit(count) && buckets == nullptr);
  auto* table =
      static_cast<std::atomic<Dentry*>*>(lib::allocate(count * sizeof *buckets, alignof(std::atomic<Dentry*>)));
  if (table == nullptr) return err(Errno::nomem);
  for (std::size_t i = 0; i < count; ++i) new (&table[i]) std::atomic<Dentry*>{nullptr};
  bucket_shift = 64 - static_cast<unsigned>(std::countr_zero(count));
  buckets = table;
  return {};
}

inline std::atomic<Dentry*>& DentryCache::bucket_of(const Dentry& parent, std::uint32_t hash) {
  const std::uint64_t key = hash ^ reinterpret_cast<std::uintptr_t>(&parent) >> 6;
  return buckets[key * 0x9e37'79b9'7f4a'7c15 >> bucket_shift];
}

Dentry* DentryCache::find(const Dentry& parent, const Name& name) {
  const std::size_t length = name.text.size();
  for (Dentry* d = bucket_of(parent, name.hash).load(std::memory_order_acquire); d != nullptr;
       d = d->next_.load(std::memory_order_acquire)) {
    const Dentry::NameRecord* record = d->record_.load(std::memory_order_acquire);
    if (record->hash != name.hash || record->length != length) continue;
    if (d->parent() != &parent || std::memcmp(record->text(), name.text.data(), length) != 0) continue;
    // The same record before and after the parent was read: (parent, name) was this entry's place in between.
    if (d->record_.load(std::memory_order_acquire) == record) return d;
  }
  return nullptr;
}

void DentryCache::link(Dentry& dentry) {
  auto& bucket = bucket_of(*dentry.parent(), dentry.record_.load(std::memory_order_relaxed)->hash);
  sync::LockHeld held{lock_of(bucket)};
  dentry.next_.store(bucket.load(std::memory_order_relaxed), std::memory_order_relaxed);
  dentry.flags_.fetch_or(Dentry::kHashed, std::memory_order_relaxed);
  bucket.store(&dentry, std::memory_order_release);
}

void DentryCache::unlink(Dentry& dentry) {
  auto& bucket = bucket_of(*dentry.parent(), dentry.record_.load(std::memory_order_relaxed)->hash);
  sync::LockHeld held{lock_of(bucket)};
  std::atomic<Dentry*>* from = &bucket;
  while (from->load(std::memory_order_relaxed) != &dentry) from = &from->load(std::memory_order_relaxed)->next_;
  from->store(dentry.next_.load(std::memory_order_relaxed), std::memory_order_release);
  dentry.flags_.fetch_and(static_cast<std::uint8_t>(~Dentry::kHashed), std::memory_order_relaxed);
}

void DentryCache::insert(Dentry& dentry) {
  dentry.ref();
  if (Superblock& sb = dentry.superblock(); sb.entries() == Entries::in_file_system) sync::Locked {
      sb.cached_
    } -> push_back(dentry);
  link(dentry);
}

void DentryCache::remove(Dentry& dentry) {
  unlink(dentry);
  if (Superblock& sb = dentry.superblock(); sb.entries() == Entries::in_file_system) {
    sync::Locked cached{sb.cached_};
    cached->erase(cached->iterator_to(dentry));
  }
  lib::release(&dentry);
}

/// Odd while entries are on their way, so that a look-up that misses knows to ask again.
class DentryCache::Moving {
 public:
  Moving() { moves_.store(moves_.load(std::memory_order_relaxed) + 1, std::memory_order_seq_cst); }
  ~Moving() { moves_.store(moves_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }
  Moving(const Moving&) = delete;
  Moving& operator=(const Moving&) = delete;

 private:
  sync::LockHeld<decltype(move_lock)> held_{move_lock};
};

Result<DentryCache::NameReservation> DentryCache::reserve_name(const Name& name) {
  Dentry::NameRecord* record = Dentry::NameRecord::create(name);
  if (record == nullptr) return err(Errno::nomem);
  return NameReservation{record};
}

/// Readers see the old record, then one that matches nothing, then the new record with the new parent.
void DentryCache::rename(Dentry& dentry, Dentry& new_parent, NameReservation& name) {
  dentry.set_record(Dentry::no_name());
  dentry.parent_.store(&new_parent, std::memory_order_release);
  dentry.set_record(std::exchange(name.record_, nullptr));
}

void DentryCache::move(Dentry& dentry, Dentry& new_parent, NameReservation name) {
  Dentry* const old_parent = dentry.parent();
  if (old_parent != &new_parent) new_parent.ref();
  {
    Moving moving;
    unlink(dentry);
    rename(dentry, new_parent, name);
    link(dentry);
  }
  if (old_parent != &new_parent) lib::release(old_parent);
}

void DentryCache::exchange(Dentry& a, NameReservation name_of_b, Dentry& b, NameReservation name_of_a) {
  Dentry *const parent_a = a.parent(), *const parent_b = b.parent();
  Moving moving;
  unlink(a);
  unlink(b);
  rename(a, *parent_b, name_of_b);
  rename(b, *parent_a, name_of_a);
  link(a);
  link(b);
}

}  // namespace k::fs
