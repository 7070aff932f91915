#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "bench.h"

enum { PAGE = 4096, MAX_THREADS = 4 };

static pthread_t threads[MAX_THREADS];
static pthread_barrier_t start, end;
static long count, pages_each;
static char* areas[MAX_THREADS];

static void* fault_own_pages(void* area) {
  pthread_barrier_wait(&start);
  for (long i = 0; i < pages_each; i++) ((volatile char*)area)[i * PAGE] = 1;
  pthread_barrier_wait(&end);
  return NULL;
}

/// `threads_wanted` threads, each with a mapping of its own in the one address space, wait for the start.
static int start_threads(long n, long threads_wanted) {
  count = threads_wanted;
  pages_each = n / count;
  if (pthread_barrier_init(&start, NULL, count + 1) != 0 || pthread_barrier_init(&end, NULL, count + 1) != 0) return -1;
  for (long i = 0; i < count; i++) {
    areas[i] = mmap(NULL, pages_each * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (areas[i] == MAP_FAILED || madvise(areas[i], pages_each * PAGE, MADV_NOHUGEPAGE) != 0) return -1;
    if (pthread_create(&threads[i], NULL, fault_own_pages, areas[i]) != 0) return -1;
  }
  return 0;
}

static pthread_t mapper;
static atomic_int mapping;

static void* map_and_unmap(void* unused) {
  (void)unused;
  enum { BYTES = 16 * PAGE };
  while (atomic_load_explicit(&mapping, memory_order_relaxed)) {
    char* const pages = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) return NULL;
    *(volatile char*)pages = 1;
    if (munmap(pages, BYTES) != 0) return NULL;
  }
  return &mapping;
}

static int start_1(long n) { return start_threads(n, 1); }
static int start_2(long n) { return start_threads(n, 2); }
static int start_4(long n) { return start_threads(n, 4); }

static int start_beside_mapper(long n) {
  if (start_threads(n, 1) != 0) return -1;
  atomic_store(&mapping, 1);
  return pthread_create(&mapper, NULL, map_and_unmap, NULL) == 0 ? 0 : -1;
}

/// n faults by all of them together.
static int let_them_fault(long n) {
  (void)n;
  pthread_barrier_wait(&start);
  pthread_barrier_wait(&end);
  return 0;
}

static int end_threads(long n) {
  (void)n;
  for (long i = 0; i < count; i++)
    if (pthread_join(threads[i], NULL) != 0 || munmap(areas[i], pages_each * PAGE) != 0) return -1;
  pthread_barrier_destroy(&start);
  pthread_barrier_destroy(&end);
  return 0;
}

static int end_with_mapper(long n) {
  void* result = NULL;
  atomic_store(&mapping, 0);
  if (pthread_join(mapper, &result) != 0 || result == NULL) return -1;
  return end_threads(n);
}

#define FAULTS .op = let_them_fault, .n = 8192, .finish = end_threads, .fixed = 1
const struct row fault_thread_rows[] = {{.name = "fault_1thread", .prepare = start_1, FAULTS},
                                        {.name = "fault_2threads", .prepare = start_2, FAULTS},
                                        {.name = "fault_4threads", .prepare = start_4, FAULTS},
                                        {.name = "fault_beside_map",
                                         .prepare = start_beside_mapper,
                                         .op = let_them_fault,
                                         .n = 8192,
                                         .finish = end_with_mapper,
                                         .fixed = 1},
                                        {0}};
