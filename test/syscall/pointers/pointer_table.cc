#include "pointer_table.h"

#include <asm/prctl.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

#include <cerrno>

namespace systest {

using enum Use;

static constexpr long kHere = AT_FDCWD;
static constexpr long kNoObject = 0x7fffffff;  // an identifier that nothing has
static constexpr long kBind = 2;               // MPOL_BIND
static constexpr long kIpcInfo = 3;            // IPC_INFO, which needs _GNU_SOURCE's structures

static constexpr PointerCase kPaths[] = {
    {"open", SYS_open, path, {kBad, O_RDONLY}, EFAULT},
    {"openat", SYS_openat, path, {kHere, kBad, O_RDONLY}, EFAULT},
    {"creat", SYS_creat, path, {kBad, 0644}, EFAULT},
    {"stat", SYS_stat, path, {kBad, kGood}, EFAULT},
    {"lstat", SYS_lstat, path, {kBad, kGood}, EFAULT},
    {"newfstatat", SYS_newfstatat, path, {kHere, kBad, kGood, 0}, EFAULT},
    {"statx", SYS_statx, path, {kHere, kBad, 0, 0x7ff, kGood}, EFAULT},
    {"access", SYS_access, path, {kBad, 0}, EFAULT},
    {"faccessat", SYS_faccessat, path, {kHere, kBad, 0}, EFAULT},
    {"truncate", SYS_truncate, path, {kBad, 0}, EFAULT},
    {"setxattr", SYS_setxattr, path, {kBad, kPath, kGood, 1, 0}, EFAULT},
    {"setxattr_name", SYS_setxattr, path, {kPath, kBad, kGood, 1, 0}, EFAULT},
    {"getxattr", SYS_getxattr, path, {kBad, kPath, kGood, 16}, EFAULT},
    {"lgetxattr_name", SYS_lgetxattr, path, {kPath, kBad, kGood, 16}, EFAULT},
    {"listxattr", SYS_listxattr, path, {kBad, kGood, 16}, EFAULT},
    {"removexattr", SYS_removexattr, path, {kBad, kPath}, EFAULT},
    {"lremovexattr_name", SYS_lremovexattr, path, {kPath, kBad}, EFAULT},
    {"chdir", SYS_chdir, path, {kBad}, EFAULT},
    {"chroot", SYS_chroot, path, {kBad}, EFAULT},
    {"memfd_create", SYS_memfd_create, path, {kBad, 0}, EFAULT},
    {"mkdir", SYS_mkdir, path, {kBad, 0755}, EFAULT},
    {"mkdirat", SYS_mkdirat, path, {kHere, kBad, 0755}, EFAULT},
    {"rmdir", SYS_rmdir, path, {kBad}, EFAULT},
    {"unlink", SYS_unlink, path, {kBad}, EFAULT},
    {"unlinkat", SYS_unlinkat, path, {kHere, kBad, 0}, EFAULT},
    {"link_from", SYS_link, path, {kBad, kNewPath}, EFAULT},
    {"link_to", SYS_link, path, {kPath, kBad}, EFAULT},
    {"linkat_from", SYS_linkat, path, {kHere, kBad, kHere, kNewPath, 0}, EFAULT},
    {"linkat_to", SYS_linkat, path, {kHere, kPath, kHere, kBad, 0}, EFAULT},
    {"symlink_text", SYS_symlink, path, {kBad, kNewPath}, EFAULT},
    {"symlink_at", SYS_symlink, path, {kPath, kBad}, EFAULT},
    {"symlinkat", SYS_symlinkat, path, {kPath, kHere, kBad}, EFAULT},
    {"rename_from", SYS_rename, path, {kBad, kNewPath}, EFAULT},
    {"rename_to", SYS_rename, path, {kPath, kBad}, EFAULT},
    {"renameat", SYS_renameat, path, {kHere, kBad, kHere, kNewPath}, EFAULT},
    {"renameat2", SYS_renameat2, path, {kHere, kPath, kHere, kBad, 0}, EFAULT},
    {"readlink", SYS_readlink, path, {kBad, kGood, 16}, EFAULT},
    {"readlinkat", SYS_readlinkat, path, {kHere, kBad, kGood, 16}, EFAULT},
    {"chmod", SYS_chmod, path, {kBad, 0644}, EFAULT},
    {"fchmodat", SYS_fchmodat, path, {kHere, kBad, 0644}, EFAULT},
    {"chown", SYS_chown, path, {kBad, 0, 0}, EFAULT},
    {"lchown", SYS_lchown, path, {kBad, 0, 0}, EFAULT},
    {"fchownat", SYS_fchownat, path, {kHere, kBad, 0, 0, 0}, EFAULT},
    {"utime", SYS_utime, path, {kBad, kGood}, EFAULT},
    {"utimensat", SYS_utimensat, path, {kHere, kBad, kGood, 0}, EFAULT},
    {"mknod", SYS_mknod, path, {kBad, S_IFIFO | 0644, 0}, EFAULT},
    {"mknodat", SYS_mknodat, path, {kHere, kBad, S_IFIFO | 0644, 0}, EFAULT},
    {"statfs", SYS_statfs, path, {kBad, kGood}, EFAULT},
    {"mount_target", SYS_mount, path, {kPath, kBad, kPath, 0, 0}, EFAULT},
    {"mount_type", SYS_mount, path, {kPath, kPath, kBad, 0, 0}, EINVAL},
    {"umount2", SYS_umount2, path, {kBad, 0}, EFAULT},
    {"execve", SYS_execve, path, {kBad, 0, 0}, EFAULT},
    {"mq_open", SYS_mq_open, path, {kBad, O_RDWR, 0, 0}, EFAULT},
    {"mq_unlink", SYS_mq_unlink, path, {kBad}, EFAULT},
};

static constexpr PointerCase kInputs[] = {
    {"write", SYS_write, in, {kFile, kBad, 64}, EFAULT},
    {"write_pipe", SYS_write, in, {kPipeIn, kBad, 64}, EFAULT},
    {"pwrite64", SYS_pwrite64, in, {kFile, kBad, 64, 0}, EFAULT},
    {"writev", SYS_writev, in, {kFile, kBad, 4}, EFAULT},
    {"readv", SYS_readv, in, {kFile, kBad, 4}, EFAULT},
    {"execve_argv", SYS_execve, in, {kPath, kBad, kGood}, EACCES},
    {"execve_envp", SYS_execve, in, {kPath, kGood, kBad}, EACCES},
    {"setrlimit", SYS_setrlimit, in, {RLIMIT_CORE, kBad}, EFAULT},
    {"prlimit64_new", SYS_prlimit64, in, {0, RLIMIT_CORE, kBad, 0}, 0},
    {"setgroups", SYS_setgroups, in, {4, kBad}, EFAULT},
    {"sethostname", SYS_sethostname, in, {kBad, 32}, EFAULT},
    {"rt_sigaction_new", SYS_rt_sigaction, in, {SIGUSR1, kBad, 0, 8}, 0},
    {"rt_sigprocmask_new", SYS_rt_sigprocmask, in, {SIG_BLOCK, kBad, 0, 8}, 0},
    {"rt_sigsuspend", SYS_rt_sigsuspend, in, {kBad, 8}, EFAULT},
    {"rt_sigtimedwait_set", SYS_rt_sigtimedwait, in, {kBad, 0, kTimespec, 8}, EFAULT},
    {"sigaltstack_new", SYS_sigaltstack, in, {kBad, 0}, 0},
    {"nanosleep", SYS_nanosleep, in, {kBad, 0}, EFAULT},
    {"clock_nanosleep", SYS_clock_nanosleep, in, {CLOCK_MONOTONIC, 0, kBad, 0}, EFAULT},
    {"clock_settime", SYS_clock_settime, in, {CLOCK_MONOTONIC, kBad}, EINVAL},
    {"settimeofday", SYS_settimeofday, in, {kBad, 0}, 0},
    {"setitimer_new", SYS_setitimer, in, {ITIMER_REAL, kBad, 0}, 0},
    {"utime_times", SYS_utime, in, {kPath, kBad}, 0},
    {"utimensat_times", SYS_utimensat, in, {kHere, kPath, kBad, 0}, 0},
    {"poll", SYS_poll, in, {kBad, 4, 0}, EFAULT},
    {"ppoll", SYS_ppoll, in, {kBad, 4, kTimespec, 0, 8}, EFAULT},
    {"ppoll_timeout", SYS_ppoll, in, {kGood, 0, kBad, 0, 8}, kNotTried},
    {"select_set", SYS_select, in, {8, kBad, 0, 0, kTimespec}, 0},
    {"select_timeout", SYS_select, in, {0, 0, 0, 0, kBad}, kNotTried},
    {"pselect6_mask", SYS_pselect6, in, {0, 0, 0, 0, kTimespec, kBad}, 0},
    {"futex_wait", SYS_futex, in, {kBad, FUTEX_WAIT, 1, 0, 0, 0}, EFAULT},
    {"fcntl_setlk", SYS_fcntl, in, {kFile, F_SETLK, kBad}, EFAULT},
    {"sched_setaffinity", SYS_sched_setaffinity, in, {0, 8, kBad}, EFAULT},
    {"sched_setscheduler", SYS_sched_setscheduler, in, {0, 0, kBad}, EINVAL},
    {"prctl_set_name", SYS_prctl, in, {PR_SET_NAME, kBad}, EFAULT},
    {"epoll_ctl_event", SYS_epoll_ctl, in, {kPipeIn, EPOLL_CTL_ADD, kPipeIn, kBad}, EFAULT},
    {"epoll_pwait_mask", SYS_epoll_pwait, in, {kPipeIn, kGood, 1, 0, kBad, 8}, EINVAL},
    {"epoll_pwait2_timeout", SYS_epoll_pwait2, in, {kPipeIn, kGood, 1, kBad, 0, 8}, EINVAL},
    {"timerfd_settime_value", SYS_timerfd_settime, in, {kPipeIn, 0, kBad, 0}, EFAULT},
    {"signalfd_mask", SYS_signalfd, in, {-1, kBad, 8}, EFAULT},
    {"signalfd4_mask", SYS_signalfd4, in, {-1, kBad, 8, 0}, EFAULT},
    {"ioctl_fionbio", SYS_ioctl, in, {kFile, FIONBIO, kBad}, EFAULT},
    {"semop", SYS_semop, in, {kNoObject, kBad, 1}, EFAULT},
    {"semtimedop", SYS_semtimedop, in, {kNoObject, kBad, 1, kTimespec}, EFAULT},
    {"semtimedop_timeout", SYS_semtimedop, in, {kNoObject, kGood, 1, kBad}, EINVAL},
    {"semctl_set", SYS_semctl, in, {kNoObject, 0, IPC_SET, kBad}, EFAULT},
    {"msgsnd", SYS_msgsnd, in, {kNoObject, kBad, 16, IPC_NOWAIT}, EFAULT},
    {"msgctl_set", SYS_msgctl, in, {kNoObject, IPC_SET, kBad}, EFAULT},
    {"shmctl_set", SYS_shmctl, in, {kNoObject, IPC_SET, kBad}, EFAULT},
    {"mq_open_attributes", SYS_mq_open, in, {kPath, O_RDWR, 0, kBad}, ENOENT},
    {"mq_timedsend", SYS_mq_timedsend, in, {kQueue, kBad, 16, 0, 0}, EFAULT},
    {"mq_timedsend_timeout", SYS_mq_timedsend, in, {kQueue, kGood, 16, 0, kBad}, 0},
    {"mq_timedreceive_timeout", SYS_mq_timedreceive, in, {kQueue, kGood, 16, 0, kBad}, 0},
    {"mq_notify", SYS_mq_notify, in, {kQueue, kBad}, 0},
    {"mq_getsetattr_new", SYS_mq_getsetattr, in, {kQueue, kBad, 0}, 0},
    {"futex_waitv", SYS_futex_waitv, in, {kBad, 1, 0, 0, 0}, EINVAL},
    {"futex_waitv_timeout", SYS_futex_waitv, in, {kGood, 1, 0, kBad, CLOCK_MONOTONIC}, EINVAL},
    {"set_mempolicy", SYS_set_mempolicy, in, {kBind, kBad, 64}, EINVAL},
    {"mbind_nodes", SYS_mbind, in, {kGood, 4096, kBind, kBad, 64, 0}, EINVAL},
    {"migrate_pages_to", SYS_migrate_pages, in, {0, 64, kGood, kBad}, EINVAL},
    {"move_pages_pages", SYS_move_pages, in, {0, 1, kBad, 0, kGood, 0}, EFAULT},
};

static constexpr PointerCase kOutputs[] = {
    {"read", SYS_read, out, {kFile, kBad, 64}, EFAULT},
    {"read_pipe", SYS_read, out, {kPipeOut, kBad, 64}, EFAULT},
    {"pread64", SYS_pread64, out, {kFile, kBad, 64, 0}, EFAULT},
    {"stat", SYS_stat, out, {kPath, kBad}, EFAULT},
    {"lstat", SYS_lstat, out, {kPath, kBad}, EFAULT},
    {"fstat", SYS_fstat, out, {kFile, kBad}, EFAULT},
    {"newfstatat", SYS_newfstatat, out, {kHere, kPath, kBad, 0}, EFAULT},
    {"statx", SYS_statx, out, {kHere, kPath, 0, 0x7ff, kBad}, EFAULT},
    {"statfs", SYS_statfs, out, {kPath, kBad}, EFAULT},
    {"fstatfs", SYS_fstatfs, out, {kFile, kBad}, EFAULT},
    {"getdents64", SYS_getdents64, out, {kDirectory, kBad, 4096}, EFAULT},
    {"getcwd", SYS_getcwd, out, {kBad, 4096}, EFAULT},
    {"pipe", SYS_pipe, out, {kBad}, EFAULT},
    {"pipe2", SYS_pipe2, out, {kBad, 0}, EFAULT},
    {"uname", SYS_uname, out, {kBad}, EFAULT},
    {"shmctl_info", SYS_shmctl, out, {0, kIpcInfo, kBad}, EFAULT},
    {"semctl_info", SYS_semctl, out, {0, 0, kIpcInfo, kBad}, EFAULT},
    {"msgctl_info", SYS_msgctl, out, {0, kIpcInfo, kBad}, EFAULT},
    {"msgctl_status", SYS_msgctl, out, {kMessages, IPC_STAT, kBad}, EFAULT},
    {"msgrcv", SYS_msgrcv, out, {kMessages, kBad, 16, 0, IPC_NOWAIT}, EFAULT},
    {"mq_timedreceive", SYS_mq_timedreceive, out, {kQueue, kBad, 16, 0, 0}, EFAULT},
    {"mq_timedreceive_priority", SYS_mq_timedreceive, out, {kQueue, kGood, 16, kBad, 0}, 0},
    {"mq_getsetattr_old", SYS_mq_getsetattr, out, {kQueue, 0, kBad}, 0},
    {"sysinfo", SYS_sysinfo, out, {kBad}, EFAULT},
    {"times", SYS_times, out, {kBad}, 0},
    {"getrusage", SYS_getrusage, out, {RUSAGE_SELF, kBad}, EFAULT},
    {"getrlimit", SYS_getrlimit, out, {RLIMIT_CORE, kBad}, EFAULT},
    {"prlimit64_old", SYS_prlimit64, out, {0, RLIMIT_CORE, 0, kBad}, 0},
    {"getgroups", SYS_getgroups, out, {8, kBad}, EFAULT},
    {"getresuid", SYS_getresuid, out, {kBad, kGood, kGood}, EFAULT},
    {"getresgid", SYS_getresgid, out, {kGood, kGood, kBad}, EFAULT},
    {"rt_sigaction_old", SYS_rt_sigaction, out, {SIGUSR1, 0, kBad, 8}, 0},
    {"rt_sigprocmask_old", SYS_rt_sigprocmask, out, {SIG_BLOCK, 0, kBad, 8}, 0},
    {"rt_sigpending", SYS_rt_sigpending, out, {kBad, 8}, EFAULT},
    {"sigaltstack_old", SYS_sigaltstack, out, {0, kBad}, 0},
    {"gettimeofday", SYS_gettimeofday, out, {kBad, 0}, 0},
    {"time", SYS_time, out, {kBad}, 0},
    {"clock_gettime", SYS_clock_gettime, out, {CLOCK_MONOTONIC, kBad}, EFAULT},
    {"clock_getres", SYS_clock_getres, out, {CLOCK_MONOTONIC, kBad}, 0},
    {"getitimer", SYS_getitimer, out, {ITIMER_REAL, kBad}, EFAULT},
    {"setitimer_old", SYS_setitimer, out, {ITIMER_REAL, kGood, kBad}, 0},
    {"getrandom", SYS_getrandom, out, {kBad, 64, 0}, EFAULT},
    {"sched_getaffinity", SYS_sched_getaffinity, out, {0, 8, kBad}, EFAULT},
    {"sched_getparam", SYS_sched_getparam, out, {0, kBad}, EINVAL},
    {"arch_prctl_get_fs", SYS_arch_prctl, out, {ARCH_GET_FS, kBad}, EFAULT},
    {"prctl_get_name", SYS_prctl, out, {PR_GET_NAME, kBad}, EFAULT},
    {"ioctl_fionread", SYS_ioctl, out, {kPipeOut, FIONREAD, kBad}, EFAULT},
    {"fcntl_getlk", SYS_fcntl, out, {kFile, F_GETLK, kBad}, EFAULT},
    {"readlink", SYS_readlink, out, {kPath, kBad, 16}, EINVAL},
    {"syslog", SYS_syslog, out, {3, kBad, 8192}, EINVAL},
    {"sendfile_offset", SYS_sendfile, out, {kPipeIn, kFile, kBad, 16}, 0},
    {"get_mempolicy_mode", SYS_get_mempolicy, out, {kBad, 0, 0, 0, 0}, 0},
    {"get_mempolicy_nodes", SYS_get_mempolicy, out, {0, kBad, 64, 0, 0}, 0},
    {"move_pages_status", SYS_move_pages, out, {0, 1, kGood, 0, kBad, 0}, EFAULT},
};

std::span<const PointerCase> path_cases() { return kPaths; }
std::span<const PointerCase> input_cases() { return kInputs; }
std::span<const PointerCase> output_cases() { return kOutputs; }

}  // namespace systest
