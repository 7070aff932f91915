// The load of hackbench(8): in a group every sender writes to every receiver.
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

enum { SENDERS = 10, RECEIVERS = 10, MESSAGE = 100, SCALE = SENDERS * RECEIVERS };

static int open_pipe(int ends[2]) { return pipe(ends); }
static int open_sockets(int ends[2]) { return socketpair(AF_UNIX, SOCK_STREAM, 0, ends); }

/// Takes `bytes` bytes.
static void receive(int from, long bytes) {
  char message[MESSAGE];
  while (bytes > 0) {
    const ssize_t got = read(from, message, sizeof message);
    if (got <= 0) _exit(1);
    bytes -= got;
  }
  _exit(0);
}

static void send_all(int (*to)[2], long loops) {
  static const char message[MESSAGE];
  for (long i = 0; i < loops; i++)
    for (int r = 0; r < RECEIVERS; r++)
      if (write(to[r][1], message, sizeof message) != MESSAGE) _exit(1);
  _exit(0);
}

/// One group moves n messages, rounded down to a multiple of the group's pairs.
static int group(long n, int (*open)(int ends[2])) {
  int ends[RECEIVERS][2], failed = 0;
  const long loops = n / SCALE;
  for (int r = 0; r < RECEIVERS; r++)
    if (open(ends[r]) != 0) return -1;
  for (int r = 0; r < RECEIVERS; r++)
    if (fork() == 0) receive(ends[r][0], loops * SENDERS * MESSAGE);
  for (int s = 0; s < SENDERS; s++)
    if (fork() == 0) send_all(ends, loops);
  for (int i = 0; i < SENDERS + RECEIVERS; i++) failed |= reap(-1);
  for (int r = 0; r < RECEIVERS; r++) close(ends[r][0]), close(ends[r][1]);
  return failed;
}

static int with_pipes(long n) { return group(n, open_pipe); }
static int with_sockets(long n) { return group(n, open_sockets); }

const struct row hackbench_rows[] = {{.name = "hackbench_pipe", .op = with_pipes, .n = 20 * SCALE},
                                     {.name = "hackbench_socket", .op = with_sockets, .n = 20 * SCALE},
                                     {0}};
