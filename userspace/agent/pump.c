#include "pump.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "frame.h"

struct pump {
  int line;
  struct command* command;
  struct frame_reader reader;
  unsigned char input[WINDOW]; /* standard input that the command has not taken yet */
  size_t pending;
  bool input_ended;
  int status;
};

static void close_input(struct pump* p) {
  if (p->command->in >= 0) close(p->command->in);
  p->command->in = -1;
}

static void credit(struct pump* p, size_t size) {
  unsigned char data[2] = {size & 0xff, size >> 8};
  if (size > 0) frame_send(p->line, FRAME_CREDIT, data, sizeof data);
}

/* The launcher keeps to the window, so what it sends fits. A command that closed its input gets nothing more. */
static void on_frame(void* context, char type, const unsigned char* data, size_t size) {
  struct pump* p = context;
  if (type == FRAME_EOF) p->input_ended = true;
  if (type == FRAME_STDIN && p->command->in < 0) credit(p, size);
  if (type == FRAME_STDIN && p->command->in >= 0 && size <= sizeof p->input - p->pending) {
    memcpy(p->input + p->pending, data, size);
    p->pending += size;
  }
  if (p->input_ended && p->pending == 0) close_input(p);
}

static void feed(struct pump* p) {
  ssize_t taken = write(p->command->in, p->input, p->pending);
  if (taken < 0 && (errno == EAGAIN || errno == EINTR)) return;
  bool broken = taken < 0;
  size_t gone = broken ? p->pending : (size_t)taken;
  p->pending -= gone;
  memmove(p->input, p->input + gone, p->pending);
  credit(p, gone);
  if (broken || (p->input_ended && p->pending == 0)) close_input(p);
}

/* Passes one piece of output on; closes the pipe at its end. Returns whether there may be more now. */
static bool forward(struct pump* p, int* pipe, char type) {
  unsigned char data[FRAME_MAX];
  ssize_t got = read(*pipe, data, sizeof data);
  if (got > 0) frame_send(p->line, type, data, (size_t)got);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
    close(*pipe);
    *pipe = -1;
  }
  return got > 0;
}

/* What the command wrote before it ended; a background process it left behind may hold the pipe open for ever. */
static void drain(struct pump* p, int* pipe, char type) {
  if (*pipe < 0) return;
  fcntl(*pipe, F_SETFL, O_NONBLOCK);
  while (*pipe >= 0 && forward(p, pipe, type)) continue;
}

/* As pid 1, orphans are ours too. */
static bool reap(struct pump* p, int child_ended) {
  char notes[64];
  while (read(child_ended, notes, sizeof notes) > 0) continue;
  bool ended = false;
  for (int status, pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid != p->command->pid) continue;
    p->status = status;
    ended = true;
  }
  return ended;
}

int pump(int line, struct command* command, int child_ended) {
  static struct pump state;
  struct pump* p = &state;
  p->line = line;
  p->command = command;
  enum { LINE, OUT, ERR, IN, CHILD, COUNT };

  for (;;) {
    struct pollfd fds[COUNT] = {
        [LINE] = {.fd = line, .events = POLLIN},
        [OUT] = {.fd = command->out, .events = POLLIN},
        [ERR] = {.fd = command->err, .events = POLLIN},
        [IN] = {.fd = p->pending > 0 ? command->in : -1, .events = POLLOUT},
        [CHILD] = {.fd = child_ended, .events = POLLIN},
    };
    if (poll(fds, COUNT, -1) < 0) continue;
    if (fds[LINE].revents && frame_receive(&p->reader, line, on_frame, p) < 0) _exit(1);
    if (fds[IN].revents && command->in >= 0) feed(p);
    if (fds[OUT].revents) forward(p, &command->out, FRAME_STDOUT);
    if (fds[ERR].revents) forward(p, &command->err, FRAME_STDERR);
    if (fds[CHILD].revents && reap(p, child_ended)) break;
  }
  drain(p, &command->out, FRAME_STDOUT);
  drain(p, &command->err, FRAME_STDERR);
  return p->status;
}
