#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

enum { PAGE = 4096 };

static char* area;
static pid_t holder;

/// 4 KiB pages only: `n` pages stay below what a 2 MiB page could cover.
static int map_anonymous(long n) {
  area = mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return area == MAP_FAILED ? -1 : 0;
}

static int unmap(long n) { return munmap(area, n * PAGE); }

static int write_pages(long n) {
  for (long i = 0; i < n; i++) ((volatile char*)area)[i * PAGE] = 1;
  return 0;
}

static int read_pages(long n) {
  for (long i = 0; i < n; i++) (void)((volatile char*)area)[i * PAGE];
  return 0;
}

/// Every page is shared with a child that lives until the end of the repeat.
static int share_with_child(long n) {
  if (map_anonymous(n) != 0) return -1;
  write_pages(n);
  if ((holder = fork()) < 0) return -1;
  while (holder == 0) pause();
  return 0;
}

static int end_child(long n) {
  kill(holder, SIGKILL);
  return waitpid(holder, NULL, 0) == holder ? unmap(n) : -1;
}

static int map_file(long n) {
  static const char page[PAGE];
  const int fd = open(SCRATCH "/mapped", O_CREAT | O_RDWR, 0644);
  if (fd < 0) return -1;
  for (long i = 0; i < n; i++)
    if (pwrite(fd, page, PAGE, i * PAGE) != PAGE) return -1;
  area = mmap(NULL, n * PAGE, PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  return area == MAP_FAILED ? -1 : 0;
}

static int map_touch_unmap(long n) {
  for (long i = 0; i < n; i++) {
    char* mapped = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) return -1;
    *(volatile char*)mapped = 1;
    if (munmap(mapped, 16 * PAGE) != 0) return -1;
  }
  return 0;
}

static int map_three(long n) { return (void)n, map_anonymous(3) != 0 ? -1 : write_pages(3); }
static int unmap_three(long n) { return (void)n, unmap(3); }

/// The middle page of three changes to read-only and back: the mapping splits and merges.
static int protect_middle(long n) {
  for (long i = 0; i < n; i++)
    if (mprotect(area + PAGE, PAGE, PROT_READ) != 0 || mprotect(area + PAGE, PAGE, PROT_READ | PROT_WRITE) != 0)
      return -1;
  return 0;
}

const struct row memory_rows[] = {
    {.name = "fault_anon", .op = write_pages, .n = 256, .prepare = map_anonymous, .finish = unmap, .fixed = 1},
    {.name = "fault_cow", .op = write_pages, .n = 256, .prepare = share_with_child, .finish = end_child, .fixed = 1},
    {.name = "fault_file", .op = read_pages, .n = 256, .prepare = map_file, .finish = unmap, .fixed = 1},
    {.name = "mmap_munmap", .op = map_touch_unmap, .n = 200},
    {.name = "mprotect", .op = protect_middle, .n = 200, .prepare = map_three, .finish = unmap_three},
    {0}};
