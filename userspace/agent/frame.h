/* Frames on the serial line between the launcher and the agent: one byte of type, two of length (little-endian), data. */
#ifndef AGENT_FRAME_H
#define AGENT_FRAME_H

#include <stddef.h>

enum {
  FRAME_MAX = 1024, /* bytes of data in one frame */
  WINDOW = 2048,    /* bytes of standard input that the launcher may send before it gets credit */

  /* launcher to guest */
  FRAME_STDIN = 'i',
  FRAME_EOF = 'e',

  /* guest to launcher */
  FRAME_HELLO = 'h',  /* the agent listens; firmware may have used the line before */
  FRAME_CREDIT = 'c', /* two bytes: so much of standard input has been taken */
  FRAME_STDOUT = 'o',
  FRAME_STDERR = 'r',
  FRAME_EXIT = 'x', /* two bytes: 0 and an exit status, or 1 and a signal */
};

/* Opens the line, raw. Returns a descriptor or -1. */
int line_open(const char* path);

/* Sends one frame, or dies trying: without the line there is nobody to tell. */
void frame_send(int line, char type, const void* data, size_t size);

/* Frames being received, a piece at a time. */
struct frame_reader {
  unsigned char bytes[3 + FRAME_MAX];
  size_t have;
};

typedef void frame_handler(void* context, char type, const unsigned char* data, size_t size);

/* Takes what the line has now and calls `handler` for each complete frame. Returns -1 when the line is gone. */
int frame_receive(struct frame_reader* reader, int line, frame_handler* handler, void* context);

#endif
