/// The choice of routine behind arch::zero_page and arch::copy_page.
///
/// Invariants  made once, on the boot CPU, by timing each on one page: what wins on hardware loses on an emulator and
/// vice versa.
#pragma once

namespace k::arch {

/// `from` and `to` are two pages to try on.
void choose_page_routines(void* to, const void* from);

}  // namespace k::arch
