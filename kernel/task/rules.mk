KERNEL_EXCLUDE += kernel/task/task.cc kernel/task/oom.cc kernel/init/%
HOST_EXCLUDE += kernel/task/task.cc kernel/task/oom.cc
