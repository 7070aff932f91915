/// The heap: size classes over slab caches, whole blocks above them. Reached through kernel/lib/alloc.h.
///
/// Invariants  a block's alignment is that of its class, at least 16.
/// Context     any but NMI.
/// Errors      null.
#pragma once

#include <cstddef>

namespace k::mm {

void* heap_allocate(std::size_t bytes, std::size_t align);
void heap_deallocate(void* block);
/// Bytes usable in a block, for tests and for callers that grow in place.
std::size_t heap_usable(const void* block);

}  // namespace k::mm
