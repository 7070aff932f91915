#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

enum { PAGE = 4096, PAGES = 64 };

static int file = -1;

static int write_file(long n) {
  (void)n;
  static const char page[PAGE];
  file = open(SCRATCH "/mapping", O_CREAT | O_RDWR, 0644);
  if (file < 0) return -1;
  for (long i = 0; i < PAGES; i++)
    if (pwrite(file, page, PAGE, i * PAGE) != PAGE) return -1;
  return 0;
}

static int close_file(long n) { return (void)n, close(file); }

/// Maps the file, touches each page of it, unmaps it.
static int map_touch_unmap(long n, int protection, int flags) {
  for (long i = 0; i < n; i++) {
    volatile char* const mapped = mmap(NULL, PAGES * PAGE, protection, flags, file, 0);
    if (mapped == MAP_FAILED) return -1;
    for (long at = 0; at < PAGES * PAGE; at += PAGE) {
      if (protection & PROT_WRITE) {
        mapped[at] = 1;
      } else {
        (void)mapped[at];
      }
    }
    if (munmap((void*)mapped, PAGES * PAGE) != 0) return -1;
  }
  return 0;
}

static int shared_read(long n) { return map_touch_unmap(n, PROT_READ, MAP_SHARED); }
static int shared_write(long n) { return map_touch_unmap(n, PROT_READ | PROT_WRITE, MAP_SHARED); }
static int private_read(long n) { return map_touch_unmap(n, PROT_READ, MAP_PRIVATE); }
static int private_write(long n) { return map_touch_unmap(n, PROT_READ | PROT_WRITE, MAP_PRIVATE); }

#define OF_A_FILE .n = 50, .prepare = write_file, .finish = close_file
const struct row file_mapping_rows[] = {{.name = "map_shared_read", .op = shared_read, OF_A_FILE},
                                        {.name = "map_shared_write", .op = shared_write, OF_A_FILE},
                                        {.name = "map_private_read", .op = private_read, OF_A_FILE},
                                        {.name = "map_private_write", .op = private_write, OF_A_FILE},
                                        {0}};
