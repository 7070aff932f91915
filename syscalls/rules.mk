# glibc declares sched_param as <linux/sched/types.h> does: what sees every call is not for the host.
HOST_EXCLUDE += syscalls/dispatch.cc syscalls/sched_%
HOST_EXCLUDE += syscalls/futex.cc
