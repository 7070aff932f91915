/// Before every unit test: GoogleTest, precompiled, and glibc's macros that UAPI uses as field names taken away.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#undef st_atime
#undef st_mtime
#undef st_ctime
#undef sa_handler
#undef sa_sigaction
#undef si_pid
#undef si_uid
#undef si_status
#undef si_utime
#undef si_stime
#undef si_value
#undef si_int
#undef si_ptr
#undef si_addr
#undef si_addr_lsb
#undef si_lower
#undef si_upper
#undef si_pkey
#undef si_band
#undef si_fd
#undef si_timerid
#undef si_overrun
#undef si_call_addr
#undef si_syscall
#undef si_arch
#undef sigev_notify_function
#undef sigev_notify_attributes
