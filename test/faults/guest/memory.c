#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "faults.h"

#ifndef MADV_POPULATE_WRITE  // newer than this musl; <linux/mman.h>
#define MADV_POPULATE_WRITE 23
#endif

enum { PAGE = 4096, PAGES = 64 };
static char* area;
static int backing = -1, segment = -1;

static int have_area(void) {
  area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return area == MAP_FAILED ? -1 : 0;
}
static int have_backing(void) {
  backing = open("b", O_RDWR | O_CREAT, 0600);
  return backing < 0 ? -1 : ftruncate(backing, PAGES * PAGE);
}

static int unmap(void* at) { return settled(at == MAP_FAILED ? -1 : 0) != 0 ? -1 : munmap(at, PAGES * PAGE); }
static int map(void) { return unmap(mmap(NULL, PAGES * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)); }
static int map_populated(void) {
  return unmap(mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0));
}
static int map_shared(void) { return unmap(mmap(NULL, PAGES * PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0)); }
static int map_file(void) { return unmap(mmap(NULL, PAGES * PAGE, PROT_READ, MAP_SHARED, backing, 0)); }
static int split(void) {
  if (settled(mprotect(area + 8 * PAGE, 8 * PAGE, PROT_READ)) != 0) return -1;
  return mprotect(area, PAGES * PAGE, PROT_READ | PROT_WRITE);
}
static int punch(void) {
  if (settled(munmap(area + 8 * PAGE, 8 * PAGE)) != 0) return -1;
  const int how = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
  return mmap(area + 8 * PAGE, 8 * PAGE, PROT_READ | PROT_WRITE, how, -1, 0) == MAP_FAILED ? -1 : 0;
}
static int grow(void) {
  void* moved = mremap(area, PAGES * PAGE, 2 * PAGES * PAGE, MREMAP_MAYMOVE);
  if (settled(moved == MAP_FAILED ? -1 : 0) != 0) return -1;
  return (area = mremap(moved, 2 * PAGES * PAGE, PAGES * PAGE, 0)) == MAP_FAILED ? -1 : 0;
}
static int populate(void) {
  if (settled(madvise(area, PAGES * PAGE, MADV_POPULATE_WRITE)) != 0) return -1;
  return madvise(area, PAGES * PAGE, MADV_DONTNEED);
}
static int lock(void) { return settled(mlock(area, PAGES * PAGE)) != 0 ? -1 : munlock(area, PAGES * PAGE); }
static int bind_pages(void) {
  enum { DEFAULT = 0, BIND = 2 };  // <linux/mempolicy.h>
  const unsigned long node = 1;
  if (settled(syscall(SYS_mbind, area + 8 * PAGE, 8 * PAGE, BIND, &node, 64, 0)) != 0) return -1;
  return syscall(SYS_mbind, area, PAGES * PAGE, DEFAULT, NULL, 0, 0);
}
static int anonymous_file(void) { return close_if_open(memfd_create("m", MFD_ALLOW_SEALING)); }
static int have_segment(void) { return (segment = shmget(IPC_PRIVATE, PAGES * PAGE, 0600)) < 0 ? -1 : 0; }
static int make_segment(void) {
  const int id = shmget(IPC_PRIVATE, PAGE, 0600);
  return settled(id) != 0 ? -1 : shmctl(id, IPC_RMID, NULL);
}
static int attach(void) {
  void* at = shmat(segment, NULL, 0);
  return settled(at == (void*)-1 ? -1 : 0) != 0 ? -1 : shmdt(at);
}

const struct operation memory_operations[] = {{"mmap", map, 0},
                                              {"mmap_populate", map_populated, 0},
                                              {"mmap_shared", map_shared, 0},
                                              {"mmap_file", map_file, have_backing},
                                              {"mprotect", split, have_area},
                                              {"munmap", punch, have_area},
                                              {"mremap", grow, have_area},
                                              {"madvise", populate, have_area},
                                              {"mlock", lock, have_area},
                                              {"mbind", bind_pages, have_area},
                                              {"memfd", anonymous_file, 0},
                                              {"shmget", make_segment, 0},
                                              {"shmat", attach, have_segment},
                                              {0}};
