/// The file tree of the first program: root, devices, the unpacked initramfs, standard input and output.
/// Context     the first process.
/// Errors      NOMEM. A damaged initramfs or a missing console is reported in the log and survived.
#pragma once

#include "kernel/task/task.h"

namespace k::init {

Result<void> init_files(Task& self);

}  // namespace k::init
