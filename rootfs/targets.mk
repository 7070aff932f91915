# What a person types. `make help` prints the lines that start with two hashes.
.DEFAULT_GOAL := kernel
.PHONY: run test test-long lint format bench iso debug docs help clean guest

# The launcher's options, from make's variables. CMD goes through the environment, so its quotes stay its own.
MACHINE := --no-build --build $(BUILD) $(SMP:%=--smp %) $(MEM:%=--mem %) $(BOOT:%=--boot %) \
  $(if $(filter-out 0,$(TRACE)),--trace) $(if $(filter-out 0,$(LINUX)),--linux) $(if $(PACKAGES),--packages '$(PACKAGES)') $(foreach word,$(KARGS),--kernel-arg '$(word)')
export CMD
RUN = rootfs/hardtack run $(MACHINE) $(TIMEOUT:%=--timeout %)
LAUNCH = $(if $(APP),eval "$(RUN) --app '$(APP)' -- $$CMD",$(if $(CMD),$(RUN) -- sh -c "$$CMD",rootfs/hardtack shell $(MACHINE)))

# What booting needs: packages, the image, a kernel.
guest: build/deps/run.ok $(if $(filter-out direct,$(BOOT)),build/deps/iso.ok) image $(if $(filter-out 0,$(LINUX)),linux,kernel)

##   make run      boot Hardtack in QEMU with a shell in this terminal (CMD='…', APP=FILE: run that; PACKAGES='…': with these)
run: guest
	$(Q)$(LAUNCH)

##   make test     unit, syscall and system tests; ends with one line 'N passed, N failed' (TIER=…, FILTER=…)
test: build/deps/unit.ok build/deps/run.ok build/deps/image.ok build/deps/iso.ok build/deps/test.ok
	$(Q)FILTER='$(FILTER)' test/run $(TIER)

##   make test-long  real programs' own suites and long loads, on Linux and on Hardtack (SUITE=…)
test-long: build/deps/unit.ok build/deps/run.ok build/deps/image.ok build/deps/iso.ok build/deps/test.ok
	$(Q)test/run --long $(SUITE)

##   make unit     the unit tests only
##   make kernel   build/FLAVOUR/hardtack.elf
##   make lint     format, layers, dependencies, static checks
lint: build/deps/lint.ok build/deps/unit.ok
	$(Q)test/lint/lint
##   make format   lets clang-format do what lint asks for
format: build/deps/lint.ok
	$(Q)git ls-files -z '*.cc' '*.h' '*.c' | xargs -0 clang-format-19 -i

##   make bench    Linux and Hardtack side by side (ROWS=…, MEASURE=instructions or wall)
bench:
	$(Q)bench/run $(BENCH_ROWS)

##   make iso      build/FLAVOUR/hardtack.iso, boots by BIOS and by UEFI
iso: build/deps/iso.ok guest
	$(call say,ISO,$(OUT)/hardtack.iso)
	$(Q)rootfs/hardtack iso $(MACHINE) $(OUT)/hardtack.iso

##   make debug    QEMU stopped at the first instruction, gdb attached with symbols
debug: build/deps/debug.ok guest
	$(Q)rootfs/hardtack debug $(MACHINE)

##   make docs     docs/syscalls.md from the syscall table
docs: build/deps/build.ok
	$(Q)rootfs/toolchain/syscall-docs > docs/syscalls.md
##   make clean    remove build/
clean:
	$(Q)rm -rf build compile_commands.json

help:
	@sed -n 's/^## //p' rootfs/targets.mk
	@echo
	@echo 'Variables: BUILD=release|debug|kasan  SMP=2  MEM=512M  CMD="…"  APP=FILE  TRACE=1  BOOT=direct|iso|uefi'
	@echo '           TIMEOUT=60  LINUX=1 (on Debian'"'"'s kernel)  V=1 (show commands)  rootfs/hardtack --help says more'
