# Stamps: the packages are there, the kernel's headers are staged, the flags are unchanged.
build/deps/%.ok: rootfs/deps/%.txt rootfs/deps/install
	$(Q)rootfs/deps/install $* && mkdir -p $(@D) && touch $@

$(HEADERS)/ok: rootfs/toolchain/stage-headers rootfs/toolchain/config_site build/deps/build.ok
	$(call say,STAGE,$(HEADERS))
	$(Q)rootfs/toolchain/stage-headers $(HEADERS) rootfs/toolchain/config_site && touch $@

$(OUT)/flags: FORCE
	@mkdir -p $(@D); echo '$(KERNEL_CXXFLAGS) $(KERNEL_LDFLAGS)' | cmp -s - $@ || \
	  echo '$(KERNEL_CXXFLAGS) $(KERNEL_LDFLAGS)' > $@
FORCE:
.PHONY: FORCE
