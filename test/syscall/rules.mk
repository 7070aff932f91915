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

$(SYSTEST): $(SYSTEST_OBJS)
	@printf '  %-6s %s\n' LINK $@
	@clang++-19 -static -Wl,-s $^ -lgtest -o $@ 2>/dev/null || clang++-19 -static -Wl,-s $^ -lgtest -o $@

.PHONY: syscall-tests
syscall-tests: $(SYSTEST)

-include $(SYSTEST_OBJS:.o=.d)
