#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

static const char kFile[] = SCRATCH "/file";
static int fd = -1;

static int open_device(const char* path) { return (fd = open(path, O_RDWR)) < 0 ? -1 : 0; }
static int open_zero(long n) { return (void)n, open_device("/dev/zero"); }
static int open_null(long n) { return (void)n, open_device("/dev/null"); }
static int close_fd(long n) { return (void)n, close(fd); }

static int make_file(long n) {
  (void)n;
  static const char page[4096];
  fd = open(kFile, O_CREAT | O_RDWR | O_TRUNC, 0644);
  return fd < 0 || write(fd, page, sizeof page) != sizeof page ? -1 : 0;
}

static int read_byte(long n) {
  char byte;
  for (long i = 0; i < n; i++)
    if (read(fd, &byte, 1) != 1) return -1;
  return 0;
}

static int write_byte(long n) {
  for (long i = 0; i < n; i++)
    if (write(fd, "x", 1) != 1) return -1;
  return 0;
}

static int pread_page(long n) {
  static char page[4096];
  for (long i = 0; i < n; i++)
    if (pread(fd, page, sizeof page, 0) != sizeof page) return -1;
  return 0;
}

static int stat_file(long n) {
  struct stat st;
  for (long i = 0; i < n; i++)
    if (stat(kFile, &st) != 0) return -1;
  return 0;
}

static int fstat_file(long n) {
  struct stat st;
  for (long i = 0; i < n; i++)
    if (fstat(fd, &st) != 0) return -1;
  return 0;
}

static int open_close(long n) {
  for (long i = 0; i < n; i++) {
    const int opened = open(kFile, O_RDONLY);
    if (opened < 0 || close(opened) != 0) return -1;
  }
  return 0;
}

const struct row file_rows[] = {
    {.name = "read", .op = read_byte, .n = 1000, .prepare = open_zero, .finish = close_fd},
    {.name = "write", .op = write_byte, .n = 1000, .prepare = open_null, .finish = close_fd},
    {.name = "pread4k", .op = pread_page, .n = 500, .prepare = make_file, .finish = close_fd},
    {.name = "stat", .op = stat_file, .n = 500, .prepare = make_file, .finish = close_fd},
    {.name = "fstat", .op = fstat_file, .n = 500, .prepare = make_file, .finish = close_fd},
    {.name = "open_close", .op = open_close, .n = 500, .prepare = make_file, .finish = close_fd},
    {0}};
