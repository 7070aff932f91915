/// Fragment: some bytes of a page frame, with a reference to the frame. What packets are made of.
///
/// Invariants  a fragment is one reference; whoever shares its bytes takes another, so that loopback and splice move references
///             and not bytes. Small fragments are carved from a page of the running CPU, which is used from its start again
///             when nobody else refers to it any more.
/// Context     task context.
/// Errors      NOMEM.
#pragma once

#include <cstdint>

#include "kernel/lib/result.h"
#include "mm/phys/frame.h"
#include "mm/phys/page_alloc.h"

namespace k::net {

struct Fragment {
  mm::Frame* frame;
  std::uint32_t offset, length;

  std::byte* data() const { return static_cast<std::byte*>(mm::page_pointer(*frame)) + offset; }
  void drop() const { mm::put_frame(*frame); }
};

/// Room for `bytes`, at most a page, with undefined content.
Result<Fragment> allocate_fragment(std::size_t bytes);

}  // namespace k::net
