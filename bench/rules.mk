# The benchmarks: guest programs (static musl) and the counting plugin, in build/bench.
KNOWN_VARIABLES += MEASURE
BENCH_OUT := build/bench
BENCH_GUEST := $(filter-out bench/guest/hello.c,$(wildcard bench/guest/*.c))
BENCH_ROWS := $(if $(ROWS),--rows $(ROWS)) $(if $(MEASURE),--measure $(MEASURE))
BENCH_WARNINGS := -Wall -Wextra -Werror

$(BENCH_OUT)/bench: $(BENCH_GUEST) bench/guest/bench.h
	@mkdir -p $(@D)
	$(Q)musl-gcc -static -O2 $(BENCH_WARNINGS) -o $@ $(BENCH_GUEST)

$(BENCH_OUT)/hello: bench/guest/hello.c
	@mkdir -p $(@D)
	$(Q)musl-gcc -static -O2 $(BENCH_WARNINGS) -o $@ $<

$(BENCH_OUT)/hello-dynamic: bench/guest/hello.c
	@mkdir -p $(@D)
	$(Q)musl-gcc -O2 $(BENCH_WARNINGS) -o $@ $<

$(BENCH_OUT)/count.so: $(wildcard bench/plugin/*.c bench/plugin/*.h)
	@mkdir -p $(@D)
	$(Q)gcc -shared -fPIC -fvisibility=hidden -O2 $(BENCH_WARNINGS) -o $@ $(filter %.c,$^)

.PHONY: bench-programs
bench-programs: build/deps/bench.ok build/deps/image.ok build/deps/run.ok
	$(Q)$(MAKE) $(addprefix $(BENCH_OUT)/,bench hello hello-dynamic count.so)
bench: bench-programs kernel linux
