#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "faults.h"

static int ends[2] = {-1, -1}, semaphores = -1, messages = -1, sockets[2] = {-1, -1};

static int have_pipe(void) { return pipe(ends); }
static int make_pipe(void) {
  int fds[2];
  return settled(pipe(fds)) != 0 ? -1 : close(fds[0]) | close(fds[1]);
}
static int write_pipe(void) {
  char bytes[5000] = "";
  const ssize_t written = write(ends[1], bytes, sizeof bytes);
  if (settled(written) != 0) return -1;
  return read(ends[0], bytes, sizeof bytes) == written ? 0 : -1;
}
static int resize(void) {
  if (settled(fcntl(ends[1], F_SETPIPE_SZ, 1 << 18)) != 0) return -1;
  return fcntl(ends[1], F_SETPIPE_SZ, 1 << 16) < 0 ? -1 : 0;
}
static int make_semaphores(void) {
  const int id = semget(IPC_PRIVATE, 4, 0600);
  return settled(id) != 0 ? -1 : semctl(id, 0, IPC_RMID);
}
static int have_semaphores(void) { return (semaphores = semget(IPC_PRIVATE, 4, 0600)) < 0 ? -1 : 0; }
static int semaphore_undo(void) {
  struct sembuf up = {0, 1, SEM_UNDO}, down = {0, -1, SEM_UNDO};
  if (settled(semop(semaphores, &up, 1)) != 0) return -1;
  return semop(semaphores, &down, 1);
}
static int make_messages(void) {
  const int id = msgget(IPC_PRIVATE, 0600);
  return settled(id) != 0 ? -1 : msgctl(id, IPC_RMID, NULL);
}
static int have_messages(void) { return (messages = msgget(IPC_PRIVATE, 0600)) < 0 ? -1 : 0; }
static int message(void) {
  struct {
    long type;
    char text[3000];
  } m = {.type = 1};
  if (settled(msgsnd(messages, &m, sizeof m.text, IPC_NOWAIT)) != 0) return -1;
  return msgrcv(messages, &m, sizeof m.text, 1, IPC_NOWAIT) < 0 ? -1 : 0;
}
static int pair(void) {
  int fds[2];
  return settled(socketpair(AF_UNIX, SOCK_STREAM, 0, fds)) != 0 ? -1 : close(fds[0]) | close(fds[1]);
}
static int have_pair(void) { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets); }
static int send_bytes(void) {
  char bytes[9000] = "";
  if (settled(send(sockets[0], bytes, sizeof bytes, 0)) != 0) return -1;
  while (recv(sockets[1], bytes, sizeof bytes, 0) > 0) continue;
  return 0;
}
static int send_descriptor(void) {
  char byte = 'x', control[CMSG_SPACE(sizeof(int))] = "";
  struct iovec piece = {&byte, 1};
  struct msghdr m = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr* c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = SOL_SOCKET, c->cmsg_type = SCM_RIGHTS, c->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(c), &sockets[0], sizeof(int));
  if (settled(sendmsg(sockets[0], &m, 0)) != 0) return -1;
  return recv(sockets[1], &byte, 1, 0) == 1 ? 0 : -1;
}
static int bind_name(void) {
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un name = {AF_UNIX, "sock"};
  const int result = settled(fd < 0 ? -1 : bind(fd, (struct sockaddr*)&name, sizeof name));
  if (fd >= 0) close(fd);
  return result != 0 ? -1 : unlink("sock");
}

const struct operation ipc_operations[] = {{"pipe", make_pipe, 0},
                                           {"pipe_write", write_pipe, have_pipe},
                                           {"pipe_size", resize, have_pipe},
                                           {"semget", make_semaphores, 0},
                                           {"semop", semaphore_undo, have_semaphores},
                                           {"msgget", make_messages, 0},
                                           {"msgsnd", message, have_messages},
                                           {"socketpair", pair, 0},
                                           {"send", send_bytes, have_pair},
                                           {"scm_rights", send_descriptor, have_pair},
                                           {"bind", bind_name, 0},
                                           {0}};
