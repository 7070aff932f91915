KERNEL_EXCLUDE += kernel/task/task.cc kernel/task/oom.cc kernel/task/futex_user.cc kernel/task/exit_resources.cc kernel/init/%
HOST_EXCLUDE += kernel/task/task.cc kernel/task/oom.cc kernel/task/futex_user.cc kernel/task/exit_resources.cc
