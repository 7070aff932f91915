/// The NUMA calls as functions, and a policy as a value.
#pragma once

#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ostream>

#include "support/check.h"

namespace systest {

using Mask = unsigned long;
inline constexpr unsigned long kMaskBits = 64;  // as max_node: the first 63 nodes

inline long set_mempolicy(int mode, const Mask* mask = nullptr, unsigned long max_node = kMaskBits) {
  return syscall(SYS_set_mempolicy, mode, mask, max_node);
}
inline long get_mempolicy(int* mode, Mask* mask, unsigned long max_node, const void* address, unsigned long flags) {
  return syscall(SYS_get_mempolicy, mode, mask, max_node, address, flags);
}
inline long mbind(void* start, unsigned long length, int mode, const Mask* mask = nullptr, unsigned flags = 0) {
  return syscall(SYS_mbind, start, length, mode, mask, kMaskBits, flags);
}
inline long set_home_node(void* start, unsigned long length, unsigned long node, unsigned long flags = 0) {
  return syscall(SYS_set_mempolicy_home_node, start, length, node, flags);
}
inline long move_pages(pid_t pid, unsigned long count, void* const* pages, const int* nodes, int* status,
                       int flags = 0) {
  return syscall(SYS_move_pages, pid, count, pages, nodes, status, flags);
}
inline long migrate_pages(pid_t pid, unsigned long max_node, const Mask* from, const Mask* to) {
  return syscall(SYS_migrate_pages, pid, max_node, from, to);
}

struct Policy {
  int mode;
  Mask nodes;
  friend bool operator==(Policy, Policy) = default;
};
inline void PrintTo(Policy p, std::ostream* os) {
  *os << "mode " << std::hex << p.mode << ", nodes " << p.nodes << std::dec;
}

inline constexpr Policy kDefaultPolicy{MPOL_DEFAULT, 0};
/// A call that failed reads as mode -1.
inline Policy own_policy() {
  Policy p{-1, ~0UL};
  if (get_mempolicy(&p.mode, &p.nodes, kMaskBits, nullptr, 0) != 0) p.mode = -1;
  return p;
}
inline Policy policy_at(const void* address) {
  Policy p{-1, ~0UL};
  if (get_mempolicy(&p.mode, &p.nodes, kMaskBits, address, MPOL_F_ADDR) != 0) p.mode = -1;
  return p;
}

}  // namespace systest
