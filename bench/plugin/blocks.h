/// The table of translated blocks behind the profile.
///
/// Invariants  a block's address never moves, because translated code adds to `executed` in place;
///             a block translated again finds its old entry, so its count goes on.
#ifndef HARDTACK_BENCH_BLOCKS_H
#define HARDTACK_BENCH_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

struct block {
  uint64_t address, length;
  uint64_t executed;    // since the start
  uint64_t at_begin;    // value of `executed` at the last region's begin
  uint64_t in_regions;  // executions inside regions
  struct block* hash_next;
};

struct block* block_for(uint64_t address, size_t length);  // NULL when the table is full
void blocks_begin(void);
void blocks_end(void);
void blocks_write(const char* path);

#endif
