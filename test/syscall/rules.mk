# The syscall tests: build/test/syscall_tests, one static program (Debian's GoogleTest, glibc, libstdc++) that runs on
# Linux and on Hardtack alike. `make syscall-tests` builds it; test/syscall/run boots both kernels with it.
SYSTEST := build/test/syscall_tests
SYSTEST_OUT := build/test/syscall
SYSTEST_SRCS := $(sort $(wildcard test/syscall/*/*.cc))
SYSTEST_OBJS := $(SYSTEST_SRCS:test/syscall/%.cc=$(SYSTEST_OUT)/%.o)
SYSTEST_CXX := $(shell command -v ccache 2>/dev/null) clang++-19
SYSTEST_FLAGS := -std=c++23 -O1 -D_GNU_SOURCE -Itest/syscall -Wall -Wextra -Werror -Wno-nonnull

# Most of a test's compile time is GoogleTest's header: compiled once.
SYSTEST_PCH := $(SYSTEST_OUT)/prelude.h.pch

$(SYSTEST_PCH): test/syscall/support/prelude.h test/syscall/rules.mk | build/deps/syscall.ok
	@mkdir -p $(@D)
	$(call precompile,$<,$(SYSTEST_FLAGS),test/syscall/rules.mk)

$(SYSTEST_OUT)/%.o: test/syscall/%.cc $(SYSTEST_PCH)
	@mkdir -p $(@D)
	@printf '  %-6s %s\n' TEST $<
	@$(SYSTEST_CXX) $(SYSTEST_FLAGS) -include-pch $(SYSTEST_PCH) -MMD -MP -c $< -o $@

# A static-PIE program that the exec tests carry inside.
SYSTEST_PIE := $(SYSTEST_OUT)/pie_helper
$(SYSTEST_PIE): test/syscall/exec/pie_helper.c | build/deps/syscall.ok
	@mkdir -p $(@D)
	@clang-19 -O1 -Wall -Wextra -Werror -static-pie -fPIE -Wl,-s $< -o $@

$(SYSTEST_OUT)/exec/pie_test.o: $(SYSTEST_PIE)

# Dynamically linked programs, each with a copy of the interpreter it names and the library that wants.
SYSTEST_DYNAMIC := $(addprefix $(SYSTEST_OUT)/,dynamic_glibc_pie dynamic_glibc_fixed dynamic_musl ld-glibc.so libc.so.6 ld-musl.so)
SYSTEST_HELPER := test/syscall/exec/dynamic_helper.c
SYSTEST_DYNAMIC_FLAGS := -O1 -Wall -Wextra -Werror -Wl,-s

$(SYSTEST_OUT)/dynamic_glibc_pie: $(SYSTEST_HELPER) | build/deps/syscall.ok
	@clang-19 $(SYSTEST_DYNAMIC_FLAGS) -fPIE -pie -Wl,--dynamic-linker=./ld-glibc.so,-rpath=. $< -o $@
$(SYSTEST_OUT)/dynamic_glibc_fixed: $(SYSTEST_HELPER) | build/deps/syscall.ok
	@clang-19 $(SYSTEST_DYNAMIC_FLAGS) -fno-PIE -no-pie -Wl,--dynamic-linker=./ld-glibc.so,-rpath=. $< -o $@
$(SYSTEST_OUT)/dynamic_musl: $(SYSTEST_HELPER) | build/deps/syscall.ok
	@musl-gcc $(SYSTEST_DYNAMIC_FLAGS) -fPIE -pie -Wl,--dynamic-linker=./ld-musl.so $< -o $@
$(SYSTEST_OUT)/ld-glibc.so: | build/deps/syscall.ok
	@cp /lib64/ld-linux-x86-64.so.2 $@
$(SYSTEST_OUT)/libc.so.6: | build/deps/syscall.ok
	@cp /lib/x86_64-linux-gnu/libc.so.6 $@
$(SYSTEST_OUT)/ld-musl.so: | build/deps/syscall.ok
	@cp /lib/x86_64-linux-musl/libc.so $@

$(SYSTEST_OUT)/exec/dynamic_test.o: $(SYSTEST_DYNAMIC)

$(SYSTEST): $(SYSTEST_OBJS)
	@printf '  %-6s %s\n' LINK $@
	@clang++-19 -static -Wl,-s $^ -lgtest -o $@ 2>/dev/null || clang++-19 -static -Wl,-s $^ -lgtest -o $@

.PHONY: syscall-tests
syscall-tests: $(SYSTEST)

-include $(SYSTEST_OBJS:.o=.d)
