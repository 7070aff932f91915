# The unit tests: the kernel's pure sources and arch/host, compiled for a Linux process, with GoogleTest.
# SAN=thread builds the same under ThreadSanitizer. The standard library is the kernel's own choice, libc++, so
# GoogleTest is built against it from Debian's sources.
SAN ?= address
HOST_OUT := build/unit-$(SAN)
UNIT := $(HOST_OUT)/unit
SAN_FLAGS_address := -fsanitize=address,undefined -fno-sanitize=function,vptr -fno-sanitize-recover=undefined
SAN_FLAGS_thread := -fsanitize=thread
HOST_FLAGS := $(COMMON) -O1 $(SAN_FLAGS_$(SAN))
HOST_CXXFLAGS := $(HOST_FLAGS) -stdlib=libc++ $(CXX_DIALECT) $(WARNINGS) -D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_EXTENSIVE \
  -Iarch/host/include -DHT_HOST=1 -DHT_DEBUG=1 -DBOOST_NO_EXCEPTIONS -DBOOST_EXCEPTION_DISABLE -isystem $(HEADERS)/uapi -isystem $(HEADERS)/boost -isystem $(ZLIB)
GTEST := /usr/src/googletest
GTEST_FLAGS := $(HOST_FLAGS) -stdlib=libc++ -std=c++23 -w -I$(GTEST)/googletest -I$(GTEST)/googlemock

PURE_OBJS := $(PURE_SRCS:%=$(HOST_OUT)/obj/%.o) $(ZLIB_FILES:%=$(HOST_OUT)/zlib/%.o)
UNIT_OBJS := $(UNIT_SRCS:%=$(HOST_OUT)/obj/%.o)
GTEST_OBJS := $(HOST_OUT)/gtest/gtest-all.o $(HOST_OUT)/gtest/gmock-all.o $(HOST_OUT)/gtest/gmock_main.o
PRELUDE := $(HOST_OUT)/prelude.h

$(HOST_OUT)/flags: FORCE
	@mkdir -p $(@D); echo '$(HOST_CXXFLAGS)' | cmp -s - $@ || echo '$(HOST_CXXFLAGS)' > $@

# GoogleTest's headers, precompiled: most of a test's compile time.
$(PRELUDE).pch: $(HOST_OUT)/flags test/unit/prelude.h $(HEADERS)/ok | build/deps/unit.ok
	$(call precompile,test/unit/prelude.h,$(HOST_CXXFLAGS),$(HOST_OUT)/flags)

$(HOST_OUT)/pure.h.pch: rootfs/toolchain/prelude.h $(HOST_OUT)/flags $(HEADERS)/ok | $(STAGED) build/deps/unit.ok
	$(call precompile,$<,$(HOST_CXXFLAGS),$(HOST_OUT)/flags)

$(PURE_OBJS:%=%): $(HOST_OUT)/flags $(HOST_OUT)/pure.h.pch | $(STAGED) build/deps/unit.ok
$(HOST_OUT)/obj/test/unit/%.cc.o: test/unit/%.cc $(HOST_OUT)/flags $(PRELUDE).pch | $(STAGED)
	$(call say,TEST,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(HOST_CXXFLAGS) -include $(PRELUDE) $(FLAGS_$<) -MMD -MP -c $< -o $@

$(HOST_OUT)/obj/%.cc.o: %.cc
	$(call say,HOST,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(HOST_CXXFLAGS) $(or $(FLAGS_$<),-include $(HOST_OUT)/pure.h) -MMD -MP -c $< -o $@

$(HOST_OUT)/zlib/%.o: rootfs/toolchain/zlib.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_FLAGS) -w $(ZLIB_DEFINES) -c $(ZLIB)/$*.c -o $@

$(HOST_OUT)/gtest/gmock_main.o: GTEST_SRC = $(GTEST)/googlemock/src/gmock_main.cc
$(HOST_OUT)/gtest/gmock-all.o: GTEST_SRC = $(GTEST)/googlemock/src/gmock-all.cc
$(HOST_OUT)/gtest/gtest-all.o: GTEST_SRC = $(GTEST)/googletest/src/gtest-all.cc
$(GTEST_OBJS): $(HOST_OUT)/flags | $(STAGED) build/deps/unit.ok
	$(call say,HOST,$(@F:.o=.cc))
	@mkdir -p $(@D)
	$(Q)$(CXX) $(GTEST_FLAGS) -c $(GTEST_SRC) -o $@

# An archive, so that a test program needs only what its tests use.
$(HOST_OUT)/libpure.a: $(HOST_OUT)/sources $(PURE_OBJS)
	$(Q)rm -f $@ && llvm-ar-19 rcs $@ $(PURE_OBJS)

$(HOST_OUT)/sources: FORCE
	@mkdir -p $(@D); echo '$(PURE_SRCS) $(UNIT_SRCS)' | cmp -s - $@ || echo '$(PURE_SRCS) $(UNIT_SRCS)' > $@

$(UNIT): $(UNIT_OBJS) $(GTEST_OBJS) $(HOST_OUT)/libpure.a
	$(call say,LINK,$@)
	$(Q)clang++-19 $(HOST_FLAGS) -stdlib=libc++ -fuse-ld=lld-19 -Wl,--gc-sections $^ -o $@

-include $(PURE_OBJS:.o=.d) $(UNIT_OBJS:.o=.d)

# make unit FILTER='Pipe*' runs a selection.
.PHONY: unit unit-program
unit-program: $(UNIT)
unit: $(UNIT)
	$(Q)$(UNIT) --gtest_brief=1 $(if $(FILTER),--gtest_filter='$(FILTER)')
