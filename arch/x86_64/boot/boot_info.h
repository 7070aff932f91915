/// Makes arch::boot_info() from what the loader handed over.
#pragma once

namespace k::arch::boot {

/// May run again after more early frames were taken.
void publish_boot_info();

}  // namespace k::arch::boot
