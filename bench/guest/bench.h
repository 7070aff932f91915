/// The guest half of the benchmarks: one static program, the same binary on every kernel.
///
/// A row is an operation repeated `n` times between two marks. The host counts the instructions
/// between the marks, the guest the nanoseconds.
/// Invariants  an operation returns 0, or -1 with errno set; a failing row is reported, not skipped.
///             `prepare` and `finish` run outside the marks, once around every repeat.
#ifndef HARDTACK_BENCH_H
#define HARDTACK_BENCH_H

#include <stddef.h>

struct row {
  const char* name;
  int (*op)(long n);
  long n;  // operations per repeat when counting instructions
  int (*prepare)(long n);
  int (*finish)(long n);
  int fixed;  // n stays the same when measuring time
  int cpus;   // vCPUs the row needs; 0 means 1
};

extern const struct row syscall_rows[], file_rows[], pipe_rows[], signal_rows[], process_rows[], memory_rows[],
    tmpfs_rows[], thread_rows[], event_rows[], hackbench_rows[], fault_thread_rows[], file_mapping_rows[];

/// Directory for scratch files; tmpfs on every kernel.
#define SCRATCH "/tmp/bench"

/// Runs on virtual CPU `cpu` only, from now on.
int pin_to(int cpu);
/// Waits for `pid` (-1: any child) and returns 0 if it exited with status 0.
int reap(int pid);

// The marks are seven-byte no-ops that the counting plugin recognises.
#define MARK(code) __asm__ volatile(".byte 0x0f, 0x1f, 0x80\n\t.long %c0" ::"i"(code) : "memory")
enum { MARK_BEGIN = 0x48540001, MARK_END, MARK_READY, MARK_DONE };

#endif
