/// Credentials: who acts, as the permission checks see it.
///
/// Invariants  immutable once published; a change makes a copy and swaps the reference, so a reader needs no lock.
///             Groups are sorted. A capability is in `effective` only if it is in `permitted`.
/// Context     any.
/// Errors      create, copy: ENOMEM.
/// Source      credentials(7), capabilities(7).
#pragma once

#include <cstdint>
#include <span>

#include <linux/capability.h>

#include "kernel/lib/ref.h"

namespace k::fs {

using Uid = std::uint32_t;
using Gid = std::uint32_t;
inline constexpr Uid kRootUid = 0;
inline constexpr std::uint32_t kNoId = ~std::uint32_t{0};  // "leave as it is" in chown(2)

/// CAP_* numbers of <linux/capability.h>.
class CapabilitySet {
 public:
  constexpr CapabilitySet() = default;
  constexpr explicit CapabilitySet(std::uint64_t bits) : bits_(bits & kAllBits) {}
  static constexpr CapabilitySet all() { return CapabilitySet{kAllBits}; }
  constexpr bool has(unsigned capability) const { return (bits_ >> capability & 1) != 0; }
  constexpr CapabilitySet with(unsigned capability) const {
    return CapabilitySet{bits_ | std::uint64_t{1} << capability};
  }
  constexpr CapabilitySet without(unsigned capability) const {
    return CapabilitySet{bits_ & ~(std::uint64_t{1} << capability)};
  }
  constexpr CapabilitySet operator&(CapabilitySet o) const { return CapabilitySet{bits_ & o.bits_}; }
  constexpr CapabilitySet operator|(CapabilitySet o) const { return CapabilitySet{bits_ | o.bits_}; }
  constexpr CapabilitySet minus(CapabilitySet o) const { return CapabilitySet{bits_ & ~o.bits_}; }
  constexpr bool subset_of(CapabilitySet o) const { return (bits_ & ~o.bits_) == 0; }
  constexpr std::uint64_t bits() const { return bits_; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool operator==(const CapabilitySet&) const = default;

 private:
  static constexpr std::uint64_t kAllBits = (std::uint64_t{1} << (CAP_LAST_CAP + 1)) - 1;
  std::uint64_t bits_ = 0;
};

/// Supplementary groups, sorted, shared between credentials that have the same.
class GroupList : public lib::RefCounted {
 public:
  static Result<Ref<GroupList>> create(std::span<const Gid> groups);
  std::span<const Gid> groups() const { return {members_, count_}; }
  bool contains(Gid gid) const;
  void on_last_ref();

 private:
  GroupList(Gid* members, std::size_t count) : members_(members), count_(count) {}
  Gid* members_;
  std::size_t count_;
};

struct Credentials : lib::RefCounted {
  Uid uid = 0, euid = 0, suid = 0, fsuid = 0;
  Gid gid = 0, egid = 0, sgid = 0, fsgid = 0;
  CapabilitySet effective, permitted, inheritable, bounding = CapabilitySet::all(), ambient;
  unsigned securebits = 0;
  bool no_new_privileges = false;
  RefOrNull<GroupList> groups;  // null: none

  Credentials() = default;
  /// The boot process: root with every capability.
  static Result<Ref<Credentials>> create_root();
  /// An unshared copy to be changed before it is published.
  Result<Ref<Credentials>> copy() const;

  bool has(unsigned capability) const { return effective.has(capability); }
  /// Whether files of group `gid` are this subject's group's.
  bool in_group(Gid other) const { return other == fsgid || (groups && groups->contains(other)); }
  /// The same for calls on processes, which look at the effective group.
  bool in_effective_group(Gid other) const { return other == egid || (groups && groups->contains(other)); }
};

}  // namespace k::fs
