# A Linux process has the C++ runtime's own.
HOST_EXCLUDE += kernel/lib/runtime.cc
