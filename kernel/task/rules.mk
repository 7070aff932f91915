
HOST_EXCLUDE += kernel/task/task.cc kernel/task/oom.cc
