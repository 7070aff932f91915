#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char* read_file(const char* path, size_t* size) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  struct stat info;
  if (file < 0 || fstat(file, &info) < 0) return NULL;
  char* data = malloc((size_t)info.st_size + 1);
  if (data == NULL) return NULL;

  ssize_t got = 0;
  for (*size = 0; (got = read(file, data + *size, (size_t)info.st_size - *size)) > 0;) *size += (size_t)got;
  close(file);
  data[*size] = '\0';
  return got < 0 ? NULL : data;
}

char** command_read(const char* path) {
  size_t size;
  char* data = read_file(path, &size);
  if (data == NULL || size == 0) return NULL;

  size_t count = 0;
  for (size_t i = 0; i < size; i++) count += data[i] == '\0';
  char** argv = calloc(count + 1, sizeof *argv);
  if (argv == NULL) return NULL;
  for (size_t i = 0; i < count; i++) {
    argv[i] = data;
    data += strlen(data) + 1;
  }
  return argv;
}

static void child(char** argv, int in, int out, int err) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setsid();
  if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) _exit(126);
  execvp(argv[0], argv);
  int why = errno;
  dprintf(2, "hardtack: %s: %s\n", argv[0], strerror(why));
  _exit(why == ENOENT ? 127 : 126);
}

int command_start(struct command* command, char** argv) {
  int in[2], out[2], err[2];
  if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0) return -1;

  command->pid = fork();
  if (command->pid < 0) return -1;
  if (command->pid == 0) child(argv, in[0], out[1], err[1]);

  close(in[0]);
  close(out[1]);
  close(err[1]);
  command->in = in[1];
  command->out = out[0];
  command->err = err[0];
  return fcntl(command->in, F_SETFL, O_NONBLOCK);
}
