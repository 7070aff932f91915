/* pid 1 of `rootfs/hardtack run`: prepares the system, runs one command, reports how it ended, powers off. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "command.h"
#include "frame.h"
#include "pump.h"

static const char LINE[] = "/dev/ttyS1";
static const char GREETING[] = "HARDTACK agent 1";
static const char COMMAND[] = "/etc/hardtack/command";

static int child_note; /* written by the SIGCHLD handler, read by the pump */

static void on_child(int signal) {
  (void)signal;
  int saved = errno;
  if (write(child_note, "", 1) < 0) { /* full: a note is there already */
  }
  errno = saved;
}

static int watch_children(void) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) return -1;
  child_note = ends[1];
  struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
  return sigaction(SIGCHLD, &action, NULL) < 0 ? -1 : ends[0];
}

static void set_host_name(void) {
  char name[64 + 2] = "";
  int file = open("/etc/hostname", O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  if (read(file, name, sizeof name - 1) > 0 && sethostname(name, strcspn(name, "\n")) < 0) perror("agent: hostname");
  close(file);
}

/* A kernel may lack the network. */
static void bring_loopback_up(void) {
  struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (any < 0) return;
  if (ioctl(any, SIOCSIFFLAGS, &loopback) < 0) perror("agent: lo");
  close(any);
}

/* What /etc/init.d/rcS does in the interactive shell. A kernel may lack one of these, or have mounted it already. */
static void prepare_system(void) {
  static const struct {
    const char *type, *where;
  } mounts[] = {
      {"devtmpfs", "/dev"}, {"proc", "/proc"}, {"sysfs", "/sys"}, {"devpts", "/dev/pts"}, {"tmpfs", "/dev/shm"}};
  mkdir("/dev/pts", 0755);
  for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++) {
    if (strcmp(mounts[i].where, "/dev/pts") == 0) mkdir("/dev/pts", 0755);
    if (strcmp(mounts[i].where, "/dev/shm") == 0) mkdir("/dev/shm", 01777);
    if (mount(mounts[i].type, mounts[i].where, mounts[i].type, 0, NULL) < 0 && errno != EBUSY && errno != ENODEV)
      fprintf(stderr, "agent: mount %s: %s\n", mounts[i].where, strerror(errno));
  }
  set_host_name();
  bring_loopback_up();
  setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
  setenv("HOME", "/root", 1);
  setenv("USER", "root", 1);
  setenv("SHELL", "/bin/sh", 1);
  setenv("TERM", "dumb", 1);
  if (chdir("/root") < 0) perror("agent: /root");
}

static void give_up(int line, const char* what) {
  char text[200];
  int size = snprintf(text, sizeof text, "hardtack: agent: %s: %s\n", what, strerror(errno));
  frame_send(line, FRAME_STDERR, text, (size_t)size);
  frame_send(line, FRAME_EXIT, "\0\175", 2); /* 125 */
}

static int run(int line) {
  int child_ended = watch_children();
  char** argv = command_read(COMMAND);
  struct command command;
  if (child_ended < 0) return give_up(line, "signals"), -1;
  if (argv == NULL) return give_up(line, COMMAND), -1;
  if (command_start(&command, argv) < 0) return give_up(line, argv[0]), -1;
  signal(SIGPIPE, SIG_IGN); /* behind the start: an ignored signal would stay ignored in the command */

  int status = pump(line, &command, child_ended);
  unsigned char how[2] = {WIFSIGNALED(status) != 0,
                          (unsigned char)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status))};
  frame_send(line, FRAME_EXIT, how, sizeof how);
  return 0;
}

int main(void) {
  prepare_system();
  int line = line_open(LINE);
  if (line < 0) {
    fprintf(stderr, "agent: %s: %s\n", LINE, strerror(errno));
  } else {
    frame_send(line, FRAME_HELLO, GREETING, sizeof GREETING - 1);
    run(line);
    tcdrain(line);
  }
  sync();
  reboot(RB_POWER_OFF);
  for (;;) pause(); /* the power is going; pid 1 must not end before */
}
