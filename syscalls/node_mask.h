/// Sets of NUMA nodes in user memory, of max_node - 1 bits.
/// Context     task context.
/// Errors      FAULT; INVAL: longer than a page, or a node that no kernel has.
/// Source      set_mempolicy(2), get_mempolicy(2).
#pragma once

#include "mm/user/user_ptr.h"
#include "mm/vm/memory_policy.h"

namespace k::sys {

/// Empty for a null pointer.
Result<mm::NodeSet> read_nodes(UserIn<std::uint64_t> mask, std::uint64_t max_node);
/// Whole words; those behind the first are zero.
Result<void> write_nodes(UserOut<std::uint64_t> mask, std::uint64_t max_node, std::uint64_t nodes);

}  // namespace k::sys
