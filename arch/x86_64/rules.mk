# The kernel moves itself before it runs: packed relative relocations keep the list small.
KERNEL_LDFLAGS += --pack-dyn-relocs=relr
# Code that runs before the kernel is at its own addresses, or that builds what instrumentation relies on.
$(foreach f,$(wildcard arch/x86_64/boot/*.cc),$(eval FLAGS_$(f) += -fno-sanitize=all -fno-stack-protector))
