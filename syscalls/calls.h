/// All handlers' declarations, for the table.
#pragma once

#include "syscalls/calls_creds.h"
#include "syscalls/calls_event.h"
#include "syscalls/calls_fs.h"
#include "syscalls/calls_ipc.h"
#include "syscalls/calls_memory.h"
#include "syscalls/calls_misc.h"
#include "syscalls/calls_mm.h"
#include "syscalls/calls_net.h"
#include "syscalls/calls_pidfd.h"
#include "syscalls/calls_process.h"
#include "syscalls/calls_sched.h"
#include "syscalls/calls_signal.h"
#include "syscalls/calls_threads.h"
#include "syscalls/calls_time.h"
#include "syscalls/calls_tty.h"
#include "syscalls/calls_timer.h"
