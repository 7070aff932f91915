#include "mm/vm/memory_policy.h"

namespace k::mm {
namespace {

constexpr std::uint32_t kOwnNodes = MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES;

}  // namespace

Result<void> MemoryPolicy::check_mode(std::uint32_t mode) {
  const std::uint32_t plain = mode & ~std::uint32_t{MPOL_MODE_FLAGS};
  if (plain >= uapi::MPOL_MAX || (mode & kOwnNodes) == kOwnNodes) return err(Errno::inval);
  if ((mode & MPOL_F_NUMA_BALANCING) != 0 && plain != uapi::MPOL_BIND) return err(Errno::inval);
  return {};
}

Result<MemoryPolicy> MemoryPolicy::create(std::uint32_t mode, const NodeSet& nodes) {
  constexpr MemoryPolicy kLocal{.mode = uapi::MPOL_LOCAL};
  const bool own_nodes = (mode & kOwnNodes) != 0;
  switch (mode & ~std::uint32_t{MPOL_MODE_FLAGS}) {
    case uapi::MPOL_DEFAULT:
      return nodes.empty() ? Result<MemoryPolicy>{MemoryPolicy{}} : err(Errno::inval);
    case uapi::MPOL_LOCAL:
      return nodes.empty() && !own_nodes ? Result<MemoryPolicy>{kLocal} : err(Errno::inval);
    case uapi::MPOL_PREFERRED:
      if (nodes.empty() && !own_nodes) return kLocal;
      break;
    default:
      break;
  }
  // Relative numbers count around the nodes that there are, so that each means one of them.
  const bool relative = (mode & MPOL_F_RELATIVE_NODES) != 0;
  if (relative ? nodes.empty() : !nodes.names_memory()) return err(Errno::inval);
  return MemoryPolicy{.mode = mode, .nodes = own_nodes ? nodes.first : kMachineNodes};
}

}  // namespace k::mm
