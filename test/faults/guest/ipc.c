#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "faults.h"

static int ends[2] = {-1, -1}, semaphores = -1, messages = -1, queue = -1, sockets[2] = {-1, -1}, netlink = -1;

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
static int make_queue(void) {
  const int fd = (int)syscall(SYS_mq_open, "queue", O_RDWR | O_CREAT | O_EXCL, 0600, NULL);
  if (settled(fd) != 0) return -1;
  close(fd);
  return (int)syscall(SYS_mq_unlink, "queue");
}
static int have_queue(void) {
  queue = (int)syscall(SYS_mq_open, "there", O_RDWR | O_CREAT, 0600, NULL);
  return queue < 0 ? -1 : 0;
}
static int open_queue(void) { return close_if_open((int)syscall(SYS_mq_open, "there", O_RDWR, 0, NULL)); }
static int post(void) {
  char text[8192] = "";
  if (settled(syscall(SYS_mq_timedsend, queue, text, sizeof text, 1, NULL)) != 0) return -1;
  return syscall(SYS_mq_timedreceive, queue, text, sizeof text, NULL, NULL) == sizeof text ? 0 : -1;
}
static int listen_to_queue(void) {
  struct sigevent event = {.sigev_notify = SIGEV_NONE};
  if (settled(syscall(SYS_mq_notify, queue, &event)) != 0) return -1;
  return (int)syscall(SYS_mq_notify, queue, NULL);
}
/// As struct sockaddr_nl and NETLINK_USERSOCK, for which musl has no header.
struct netlink_address {
  unsigned short family, padding;
  unsigned port, groups;
};
enum { between_users = 2 };
static const struct netlink_address netlink_port = {.family = AF_NETLINK, .port = 77};
static int open_netlink(void) { return close_if_open(socket(AF_NETLINK, SOCK_RAW, between_users)); }
static int have_netlink(void) {
  netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, between_users);
  return bind(netlink, (const struct sockaddr*)&netlink_port, sizeof netlink_port);
}
static int send_netlink(void) {
  char bytes[100] = "";
  if (settled(sendto(netlink, bytes, sizeof bytes, 0, (const struct sockaddr*)&netlink_port, sizeof netlink_port)) != 0)
    return -1;
  return recv(netlink, bytes, sizeof bytes, 0) == sizeof bytes ? 0 : -1;
}
static int have_both(void) { return have_queue() | have_netlink(); }
static int listen_by_thread(void) {
  char cookie[32] = "";
  struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_signo = netlink, .sigev_value.sival_ptr = cookie};
  if (settled(syscall(SYS_mq_notify, queue, &event)) != 0) return -1;
  if (syscall(SYS_mq_notify, queue, NULL) != 0) return -1;
  return recv(netlink, cookie, sizeof cookie, 0) == sizeof cookie ? 0 : -1;
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
                                           {"mq_open_new", make_queue, 0},
                                           {"mq_open", open_queue, have_queue},
                                           {"mq_timedsend", post, have_queue},
                                           {"mq_notify", listen_to_queue, have_queue},
                                           {"mq_notify_thread", listen_by_thread, have_both},
                                           {"netlink", open_netlink, 0},
                                           {"netlink_send", send_netlink, have_netlink},
                                           {"socketpair", pair, 0},
                                           {"send", send_bytes, have_pair},
                                           {"scm_rights", send_descriptor, have_pair},
                                           {"bind", bind_name, 0},
                                           {0}};
