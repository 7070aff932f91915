#include "blocks.h"

#include <stdio.h>

enum { MAX_BLOCKS = 1 << 20, BUCKETS = 1 << 16 };

static struct block blocks[MAX_BLOCKS];
static size_t used;
static struct block* buckets[BUCKETS];

struct block* block_for(uint64_t address, size_t length) {
  struct block** bucket = &buckets[((address >> 1) ^ (address >> 17)) % BUCKETS];
  for (struct block* b = *bucket; b; b = b->hash_next)
    if (b->address == address && b->length == length) return b;
  if (used == MAX_BLOCKS) return NULL;
  struct block* b = &blocks[used++];
  *b = (struct block){.address = address, .length = length, .hash_next = *bucket};
  return *bucket = b;
}

void blocks_begin(void) {
  for (size_t i = 0; i < used; i++) blocks[i].at_begin = blocks[i].executed;
}

void blocks_end(void) {
  for (size_t i = 0; i < used; i++) blocks[i].in_regions += blocks[i].executed - blocks[i].at_begin;
}

void blocks_write(const char* path) {
  FILE* file = fopen(path, "w");
  if (!file) return perror(path);
  for (size_t i = 0; i < used; i++)
    if (blocks[i].in_regions) fprintf(file, "%lx %lu %lu\n", blocks[i].address, blocks[i].length, blocks[i].in_regions);
  fclose(file);
}
