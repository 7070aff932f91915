#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "faults.h"

static int file = -1, target = -1;

static int have_file(void) {
  static const char text[20000];
  file = open("f", O_RDWR | O_CREAT | O_TRUNC, 0600);
  target = open("g", O_RDWR | O_CREAT | O_TRUNC, 0600);
  return file < 0 || target < 0 || write(file, text, sizeof text) < 0 ? -1 : 0;
}

static int open_file(void) { return close_if_open(open("f", O_RDONLY)); }
static int create_and_remove(void) {
  const int fd = open("c", O_CREAT | O_EXCL, 0600);
  return close_if_open(fd) != 0 ? -1 : unlink("c");
}
static int temporary(void) { return close_if_open(open("/tmp", O_TMPFILE | O_RDWR, 0600)); }
static int folder(void) { return settled(mkdir("d", 0700)) != 0 ? -1 : rmdir("d"); }
static int hard_link(void) { return settled(link("f", "h")) != 0 ? -1 : unlink("h"); }
static int soft_link(void) { return settled(symlink("f", "s")) != 0 ? -1 : unlink("s"); }
static int fifo(void) { return settled(mkfifo("p", 0600)) != 0 ? -1 : unlink("p"); }
static int move(void) { return settled(rename("f", "r")) != 0 ? -1 : rename("r", "f"); }
static int duplicate(void) { return close_if_open(dup(file)); }
static int duplicate_high(void) { return close_if_open(fcntl(file, F_DUPFD, 60)); }
static int write_far(void) {
  if (settled(pwrite(target, "x", 1, 5 << 20)) != 0) return -1;
  return ftruncate(target, 0);
}
static int copy(void) {
  if (settled(sendfile(target, file, &(off_t){0}, 20000)) != 0) return -1;
  return ftruncate(target, 0) | (lseek(target, 0, SEEK_SET) < 0);
}
static int allocate(void) { return settled(fallocate(target, 0, 0, 100000)) != 0 ? -1 : ftruncate(target, 0); }
static int lock(void) {
  struct flock whole = {.l_type = F_WRLCK}, none = {.l_type = F_UNLCK};
  return settled(fcntl(file, F_SETLK, &whole)) != 0 ? -1 : fcntl(file, F_SETLK, &none);
}
static int whole_lock(void) {
  struct flock part = {.l_type = F_WRLCK, .l_start = 5, .l_len = 5}, none = {.l_type = F_UNLCK};
  return settled(fcntl(file, F_OFD_SETLK, &part)) != 0 ? -1 : fcntl(file, F_OFD_SETLK, &none);
}
static int list(void) {
  DIR* here = opendir(".");
  if (!here) return settled(-1);
  errno = 0;
  while (readdir(here)) continue;
  const int result = settled(errno != 0 ? -1 : 0);
  return closedir(here) | result;
}
static int path(void) {
  char text[256];
  return settled(getcwd(text, sizeof text) ? 0 : -1);
}
static int mount_tmpfs(void) {
  if (settled(mount("none", "m", "tmpfs", 0, "")) != 0) return -1;
  return umount("m");
}
static int have_mount_point(void) { return mkdir("m", 0700); }
static int many_polled(void) {
  struct pollfd fds[100];
  for (int i = 0; i < 100; i++) fds[i] = (struct pollfd){.fd = file, .events = POLLIN};
  return settled(poll(fds, 100, 0));
}
static int selected(void) {
  fd_set set;
  FD_ZERO(&set);
  FD_SET(file, &set);
  return settled(select(1000, &set, NULL, NULL, &(struct timeval){0}));
}
static int scattered(void) {
  static char bytes[64];
  struct iovec pieces[64];
  for (int i = 0; i < 64; i++) pieces[i] = (struct iovec){bytes + i, 1};
  return settled(preadv(file, pieces, 64, 0));
}

const struct operation file_operations[] = {{"open", open_file, have_file},
                                            {"create", create_and_remove, have_file},
                                            {"tmpfile", temporary, 0},
                                            {"mkdir", folder, 0},
                                            {"link", hard_link, have_file},
                                            {"symlink", soft_link, 0},
                                            {"mkfifo", fifo, 0},
                                            {"rename", move, have_file},
                                            {"dup", duplicate, have_file},
                                            {"dupfd", duplicate_high, have_file},
                                            {"write", write_far, have_file},
                                            {"sendfile", copy, have_file},
                                            {"fallocate", allocate, have_file},
                                            {"lock", lock, have_file},
                                            {"ofd_lock", whole_lock, have_file},
                                            {"getdents", list, 0},
                                            {"getcwd", path, 0},
                                            {"mount", mount_tmpfs, have_mount_point},
                                            {"poll", many_polled, have_file},
                                            {"select", selected, have_file},
                                            {"preadv", scattered, have_file},
                                            {0}};
