# Which files make which program. A folder's rules.mk may say:
#   KERNEL_EXCLUDE += PATTERN…    not part of the kernel
#   HOST_EXCLUDE += PATTERN…      not pure: not compiled for the host's unit tests
#   FLAGS_dir/file.cc += …        flags of one file, e.g. -fno-sanitize=all for a sanitizer's own runtime
#   EXTRA_OBJECTS += …            objects with rules of their own
# Patterns are make's: dir/% means all beneath dir.
LAYERS := kernel arch mm fs net ipc drivers syscalls
KERNEL_EXCLUDE := arch/host/%
HOST_EXCLUDE := arch/x86_64/% kernel/init/%

-include $(sort $(shell find $(wildcard $(LAYERS) bench test userspace) -name rules.mk 2>/dev/null))

FOUND := $(sort $(shell find $(wildcard $(LAYERS)) -name '*.cc' -o -name '*.S' 2>/dev/null))
KERNEL_SRCS := $(filter-out $(KERNEL_EXCLUDE),$(FOUND))
PURE_SRCS := $(filter %.cc,$(filter-out $(HOST_EXCLUDE),$(FOUND)))
UNIT_SRCS := $(sort $(shell find $(wildcard test/unit) -name '*.cc' 2>/dev/null))
