# The guest's base initramfs, and Debian's Linux kernel, which is the oracle of the tests and the rival of the bench.
IMAGE := build/image/base.cpio
SKELETON := $(shell find rootfs/files -type f)

$(IMAGE): $(USERSPACE) $(SKELETON) rootfs/mkimage rootfs/lib/hardtack/image.py rootfs/lib/hardtack/cpio.py build/deps/image.ok
	$(call say,IMAGE,$@)
	$(Q)rootfs/mkimage $@ $(USERSPACE)

build/linux/vmlinuz: rootfs/linux/fetch
	$(call say,FETCH,$@)
	$(Q)rootfs/linux/fetch $(@D)

.PHONY: image linux
image: $(IMAGE)
linux: build/linux/vmlinuz
