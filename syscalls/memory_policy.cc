// get_mempolicy, set_mempolicy, mbind, set_mempolicy_home_node.
#include <linux/capability.h>

#include "kernel/task/task.h"
#include "syscalls/calls_memory.h"
#include "syscalls/node_mask.h"

namespace k::sys {
namespace {

using PagesThere = mm::AddressSpace::PagesThere;

constexpr unsigned kMove = MPOL_MF_MOVE | MPOL_MF_MOVE_ALL;

/// What get_mempolicy stores at its first argument, and the nodes.
struct Told {
  std::uint32_t value;
  std::uint64_t nodes;
};

/// The node of the page at `address`, which is faulted in for it.
Result<Told> tell_node(Task& self, UserAddr address, const mm::MemoryPolicy& policy) {
  std::byte ignored;
  TRY(self.address_space().read(address, {&ignored, 1}));
  return Told{.value = 0, .nodes = policy.nodes};
}

Result<Told> tell(Task& self, UserAddr address, std::uint64_t flags) {
  if ((flags & ~std::uint64_t{MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED}) != 0) return err(Errno::inval);
  const bool of_address = (flags & MPOL_F_ADDR) != 0, node = (flags & MPOL_F_NODE) != 0;
  if ((flags & MPOL_F_MEMS_ALLOWED) != 0) {
    if (of_address || node) return err(Errno::inval);
    return Told{.value = 0, .nodes = mm::kMachineNodes};
  }
  if (!of_address && address.value != 0) return err(Errno::inval);
  const auto policy = of_address ? TRY(self.address_space().policy_at(address)) : self.memory_policy;
  if (!node) return Told{.value = policy.mode, .nodes = policy.nodes};
  if (of_address) return tell_node(self, address, policy);
  // The node that the thread's next page comes from.
  if (policy.plain_mode() != uapi::MPOL_INTERLEAVE) return err(Errno::inval);
  return Told{.value = 0, .nodes = policy.nodes};
}

}  // namespace

Result<void> get_mempolicy(Task& self, UserOut<std::uint32_t> mode, UserOut<std::uint64_t> nodes,
                           std::uint64_t max_node, UserAddr address, std::uint64_t flags) {
  if (!nodes.is_null() && max_node == 0) return err(Errno::inval);
  const Told told = TRY(tell(self, address, flags));
  if (!mode.is_null()) TRY(mode.write(told.value));
  if (!nodes.is_null()) TRY(write_nodes(nodes, max_node, told.nodes));
  return {};
}

Result<void> set_mempolicy(Task& self, std::uint32_t mode, UserIn<std::uint64_t> nodes, std::uint64_t max_node) {
  TRY(mm::MemoryPolicy::check_mode(mode));
  self.memory_policy = TRY(mm::MemoryPolicy::create(mode, TRY(read_nodes(nodes, max_node))));
  return {};
}

/// mbind(2). Pages that would have to move are nowhere better than where they are: MPOL_MF_MOVE has done all it can.
Result<void> mbind(Task& self, UserAddr start, std::size_t length, std::uint32_t mode, UserIn<std::uint64_t> mask,
                   std::uint64_t max_node, Flags flags) {
  TRY(mm::MemoryPolicy::check_mode(mode));
  const mm::NodeSet nodes = TRY(read_nodes(mask, max_node));
  if (!flags.only(MPOL_MF_STRICT | kMove)) return err(Errno::inval);
  if (flags.has(MPOL_MF_MOVE_ALL) && !self.creds().has(CAP_SYS_NICE)) return err(Errno::perm);
  if (start.page_offset() != 0) return err(Errno::inval);
  const std::uint64_t bytes = lib::align_up(length, kPageSize);
  if (start.value + bytes < start.value) return err(Errno::inval);
  if (bytes == 0) return {};
  const auto policy = TRY(mm::MemoryPolicy::create(mode, nodes));
  const bool strict = flags.has(MPOL_MF_STRICT) && !flags.any(kMove) && !policy.is_default();
  return self.address_space().set_policy(start, bytes, policy,
                                         strict && !nodes.names_memory() ? PagesThere::refused : PagesThere::allowed);
}

Result<void> set_mempolicy_home_node(Task& self, UserAddr start, std::size_t length, std::uint64_t node,
                                     std::uint64_t flags) {
  if (start.page_offset() != 0 || flags != 0 || node != 0) return err(Errno::inval);
  const std::uint64_t bytes = lib::align_up(length, kPageSize);
  if (start.value + bytes < start.value) return err(Errno::inval);
  if (bytes == 0) return {};
  return self.address_space().check_home_node(start, bytes);
}

}  // namespace k::sys
