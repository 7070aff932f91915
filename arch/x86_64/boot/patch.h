/// Instructions chosen by CPU feature, patched before the kernel's text becomes read-only.
#pragma once

namespace k::arch::boot {

void patch_smap_sites();

}  // namespace k::arch::boot
