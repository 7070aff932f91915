# The kernel: build/FLAVOUR/hardtack.elf, linked twice so that it carries its own symbol table.
KERNEL := $(OUT)/hardtack.elf
KERNEL_OBJS := $(KERNEL_SRCS:%=$(OUT)/obj/%.o) $(ZLIB_FILES:%=$(OUT)/zlib/%.o) $(EXTRA_OBJECTS)
STAGED := $(HEADERS)/ok $(ZLIB)/ok

# A source with flags of its own does without: they would not match the prelude's.
# The precompiled header knows the headers beneath it by size and time, so it is made anew after they are staged anew.
$(OUT)/prelude.h.pch: rootfs/toolchain/prelude.h $(OUT)/flags $(HEADERS)/ok | $(STAGED)
	$(call precompile,$<,$(KERNEL_CXXFLAGS),$(OUT)/flags)

$(OUT)/obj/%.cc.o: %.cc $(OUT)/flags $(OUT)/prelude.h.pch | $(STAGED)
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(KERNEL_CXXFLAGS) $(or $(FLAGS_$<),-include $(OUT)/prelude.h) -MMD -MP -c $< -o $@

$(OUT)/obj/%.S.o: %.S $(OUT)/flags | $(STAGED)
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(KERNEL_ASFLAGS) $(FLAGS_$<) -MMD -MP -c $< -o $@

$(OUT)/ksyms%.o: $(OUT)/ksyms%.s
	$(Q)$(CC) --target=x86_64-unknown-linux-gnu -c $< -o $@

$(OUT)/ksyms0.s: rootfs/toolchain/ksyms build/deps/build.ok | $(OUT)/flags
	$(Q)$< - $@

$(OUT)/pass1.elf: $(OUT)/sources $(KERNEL_OBJS) $(OUT)/ksyms0.o arch/x86_64/kernel.ld
	$(Q)$(LD) $(KERNEL_LDFLAGS) $(KERNEL_OBJS) $(OUT)/ksyms0.o -o $@

$(OUT)/ksyms1.s: $(OUT)/pass1.elf rootfs/toolchain/ksyms
	$(Q)rootfs/toolchain/ksyms $< $@

$(KERNEL): $(OUT)/pass1.elf $(OUT)/ksyms1.o
	$(call say,LINK,$@)
	$(Q)$(LD) $(KERNEL_LDFLAGS) $(KERNEL_OBJS) $(OUT)/ksyms1.o -o $@

.SECONDARY: $(OUT)/ksyms0.s $(OUT)/ksyms1.s $(OUT)/ksyms0.o $(OUT)/ksyms1.o
-include $(KERNEL_OBJS:.o=.d)

# Without a place to start there is nothing to link: compile what is there.
.PHONY: kernel objects
objects: $(KERNEL_OBJS)
kernel: compile_commands.json $(if $(wildcard kernel/init/*.cc),$(KERNEL),objects)

compile_commands.json: $(OUT)/flags $(OUT)/sources rootfs/toolchain/compdb build/deps/build.ok
	$(file >$@.in)
	$(foreach s,$(filter %.cc,$(KERNEL_SRCS)),$(file >>$@.in,$s$(TAB)clang++-19 $(KERNEL_CXXFLAGS) $(FLAGS_$s)))
	$(foreach s,$(UNIT_SRCS),$(file >>$@.in,$s$(TAB)clang++-19 $(HOST_CXXFLAGS)))
	@grep . $@.in | rootfs/toolchain/compdb $@; rm -f $@.in

TAB := $(subst X,,X	X)
$(OUT)/sources: FORCE
	@echo '$(KERNEL_SRCS) $(UNIT_SRCS)' | cmp -s - $@ || { mkdir -p $(@D); echo '$(KERNEL_SRCS) $(UNIT_SRCS)' > $@; }
