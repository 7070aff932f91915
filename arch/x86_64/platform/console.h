/// The early console's set-up; its output is arch::console_write_raw.
#pragma once

namespace k::arch {

void init_console();

}  // namespace k::arch
