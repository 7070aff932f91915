#include "frame.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

int line_open(const char* path) {
  int line = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (line < 0) return -1;

  struct termios raw;
  if (tcgetattr(line, &raw) < 0) return -1;
  cfmakeraw(&raw);
  raw.c_cflag |= CLOCAL | CREAD;
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  cfsetspeed(&raw, B115200);
  return tcsetattr(line, TCSANOW, &raw) < 0 ? -1 : line;
}

static void send_all(int line, const unsigned char* data, size_t size) {
  while (size > 0) {
    ssize_t sent = write(line, data, size);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) _exit(1);
    data += sent;
    size -= (size_t)sent;
  }
}

void frame_send(int line, char type, const void* data, size_t size) {
  unsigned char frame[3 + FRAME_MAX] = {(unsigned char)type, size & 0xff, size >> 8};
  memcpy(frame + 3, data, size);
  send_all(line, frame, 3 + size);
}

/* Returns how many bytes at the start of `bytes` the complete frames took; SIZE_MAX if one is too long. */
static size_t dispatch(const unsigned char* bytes, size_t have, frame_handler* handler, void* context) {
  size_t used = 0;
  while (have - used >= 3) {
    const unsigned char* frame = bytes + used;
    size_t size = frame[1] | (size_t)frame[2] << 8;
    if (size > FRAME_MAX) return (size_t)-1;
    if (have - used < 3 + size) break;
    handler(context, (char)frame[0], frame + 3, size);
    used += 3 + size;
  }
  return used;
}

int frame_receive(struct frame_reader* reader, int line, frame_handler* handler, void* context) {
  ssize_t got = read(line, reader->bytes + reader->have, sizeof reader->bytes - reader->have);
  if (got < 0 && errno == EINTR) return 0;
  if (got <= 0) return -1;
  reader->have += (size_t)got;

  size_t used = dispatch(reader->bytes, reader->have, handler, context);
  if (used == (size_t)-1) return -1;
  reader->have -= used;
  memmove(reader->bytes, reader->bytes + used, reader->have);
  return 0;
}
