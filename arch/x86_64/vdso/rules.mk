# The vDSO: a shared object of its own, embedded in the kernel by image.S.
KERNEL_EXCLUDE += arch/x86_64/vdso/user/%
VDSO := $(OUT)/vdso/vdso.so
VDSO_FLAGS := -g0 -I. -Iarch/include --target=x86_64-unknown-linux-gnu -O2 -ffreestanding -fPIC -fvisibility=hidden -mno-red-zone \
  -mno-mmx -mno-sse -mno-avx -fno-stack-protector -fasynchronous-unwind-tables -fcf-protection=none -DHT_VDSO=1
VDSO_LDFLAGS := -shared --hash-style=both --eh-frame-hdr --build-id=none --no-undefined -s -z max-page-size=4096 -z noseparate-code \
  -z norelro -soname linux-vdso.so.1

$(OUT)/vdso/%.o: arch/x86_64/vdso/user/%.cc $(OUT)/flags | $(HEADERS)/ok
	$(call say,VDSO,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(VDSO_FLAGS) $(KERNEL_CXX_DIALECT) $(WARNINGS) $(KERNEL_CXX_INCLUDES) -MMD -MP -c $< -o $@

VDSO_OBJECTS := $(patsubst arch/x86_64/vdso/user/%.cc,$(OUT)/vdso/%.o,$(wildcard arch/x86_64/vdso/user/*.cc))
-include $(VDSO_OBJECTS:.o=.d)

$(VDSO): $(VDSO_OBJECTS) arch/x86_64/vdso/user/vdso.ld arch/x86_64/vdso/user/versions.map
	$(call say,LINK,$@)
	$(Q)$(LD) $(VDSO_LDFLAGS) -T arch/x86_64/vdso/user/vdso.ld --version-script=arch/x86_64/vdso/user/versions.map \
	  $(VDSO_OBJECTS) -o $@

$(OUT)/obj/arch/x86_64/vdso/image.S.o: $(VDSO)
FLAGS_arch/x86_64/vdso/image.S += -DVDSO_IMAGE='"$(VDSO)"'
