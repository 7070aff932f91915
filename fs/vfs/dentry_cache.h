/// DentryCache: the hash table of all dentries.
///
/// Invariants  a look-up writes nothing and takes no lock: chains are walked under RCU. It may miss an entry that is being
///             moved; moves() tells, and the caller then asks under the directory's lock. Every hashed dentry carries one
///             reference of the cache's.
/// Lock order  insert, remove, move: under the directory's entries_lock() (both directories' for a move); inside,
///             Rank::dentry for the bucket.
/// Context     find: RCU read section. Others: task context.
/// Errors      reserve_name, init: NOMEM.
#pragma once

#include "fs/vfs/dentry.h"

namespace k::fs {

class DentryCache {
 public:
  /// Sizes the table; a power of two. Boot, once.
  static Result<void> init(std::size_t buckets);

  /// The entry `name` of `parent`, or null when it is not cached. No reference is taken.
  static Dentry* find(const Dentry& parent, const Name& name);
  /// Equal and even before and after a miss: the miss was real.
  static std::uint32_t moves() { return moves_.load(std::memory_order_acquire); }

  static void insert(Dentry& dentry);
  /// Takes the entry out. Whoever holds it keeps a working object without a place.
  static void remove(Dentry& dentry);

  /// A name record set aside, so that the move itself cannot fail.
  class NameReservation {
   public:
    NameReservation(NameReservation&& o) noexcept : record_(std::exchange(o.record_, nullptr)) {}
    NameReservation& operator=(NameReservation&&) = delete;
    ~NameReservation() { lib::deallocate(record_); }

   private:
    friend class DentryCache;
    explicit NameReservation(Dentry::NameRecord* record) : record_(record) {}
    Dentry::NameRecord* record_;
  };
  static Result<NameReservation> reserve_name(const Name& name);
  /// Gives `dentry` a new place. What was there has been removed.
  static void move(Dentry& dentry, Dentry& new_parent, NameReservation name);
  /// Swaps the places of two entries; each reservation has the other one's name.
  static void exchange(Dentry& a, NameReservation name_of_b, Dentry& b, NameReservation name_of_a);

 private:
  static std::atomic<Dentry*>& bucket_of(const Dentry& parent, std::uint32_t hash);
  static void link(Dentry& dentry);
  static void unlink(Dentry& dentry);
  static void rename(Dentry& dentry, Dentry& new_parent, NameReservation& name);
  class Moving;
  static std::atomic<std::uint32_t> moves_;
};

}  // namespace k::fs
