# The benchmarks: guest programs (static musl), the counting plugin, and `make bench`.

BENCH_OUT := build/bench
BENCH_GUEST := $(wildcard bench/guest/*.c)
BENCH_ROWS := $(if $(ROWS),--rows $(ROWS)) $(if $(MEASURE),--measure $(MEASURE))

$(BENCH_OUT)/bench: $(filter-out bench/guest/hello.c,$(BENCH_GUEST)) bench/guest/bench.h
	@mkdir -p $(@D)
	@musl-gcc -static -O2 -Wall -Wextra -Werror -o $@ $(filter %.c,$^)

$(BENCH_OUT)/hello: bench/guest/hello.c
	@mkdir -p $(@D)
	@musl-gcc -static -O2 -o $@ $<

$(BENCH_OUT)/count.so: $(wildcard bench/plugin/*.c bench/plugin/*.h)
	@mkdir -p $(@D)
	@gcc -shared -fPIC -fvisibility=hidden -O2 -Wall -Wextra -Werror -o $@ $(filter %.c,$^)

.PHONY: bench bench-programs
bench-programs: $(BENCH_OUT)/bench $(BENCH_OUT)/hello $(BENCH_OUT)/count.so
