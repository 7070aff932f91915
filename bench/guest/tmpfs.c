#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "bench.h"

enum { SIZE = 1024, MAX_FILES = 200 };

static char contents[SIZE];
static char names[MAX_FILES][sizeof SCRATCH + 32];

static void name_files(long n) {
  for (long i = 0; i < n; i++) snprintf(names[i], sizeof names[i], SCRATCH "/f%03ld", i);
}

static int create(long n) {
  for (long i = 0; i < n; i++) {
    const int fd = open(names[i], O_CREAT | O_EXCL | O_WRONLY, 0644);
    if (fd < 0 || write(fd, contents, SIZE) != SIZE || close(fd) != 0) return -1;
  }
  return 0;
}

static int read_back(long n) {
  for (long i = 0; i < n; i++) {
    const int fd = open(names[i], O_RDONLY);
    if (fd < 0 || read(fd, contents, SIZE) != SIZE || close(fd) != 0) return -1;
  }
  return 0;
}

static int unlink_all(long n) {
  for (long i = 0; i < n; i++)
    if (unlink(names[i]) != 0) return -1;
  return 0;
}

static int none_there(long n) { return name_files(n), 0; }
static int all_there(long n) { return name_files(n), create(n); }

const struct row tmpfs_rows[] = {
    {.name = "tmpfs_create", .op = create, .n = MAX_FILES, .prepare = none_there, .finish = unlink_all, .fixed = 1},
    {.name = "tmpfs_read", .op = read_back, .n = MAX_FILES, .prepare = all_there, .finish = unlink_all, .fixed = 1},
    {.name = "tmpfs_unlink", .op = unlink_all, .n = MAX_FILES, .prepare = all_there, .fixed = 1},
    {0}};
