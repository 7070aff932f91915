"""The launcher's end of the agent's serial line; userspace/agent/frame.h describes the frames."""

import struct

FRAME_MAX = 1024
WINDOW = 2048
HEAD = struct.Struct("<cH")

STDIN, EOF = b"i", b"e"
HELLO, CREDIT, STDOUT, STDERR, EXIT = b"h", b"c", b"o", b"r", b"x"


def frame(kind, data=b""):
    return HEAD.pack(kind, len(data)) + data


class Reader:
    """Cuts a stream of bytes into (kind, data). What firmware says on the line before the agent does is skipped."""

    _GREETING = frame(HELLO, b"HARDTACK agent 1")

    def __init__(self):
        self._bytes = bytearray()
        self._greeted = False

    def feed(self, data):
        self._bytes += data
        if not self._greeted:
            at = self._bytes.find(self._GREETING)
            if at < 0:
                return
            self._greeted = True
            del self._bytes[:at]
        while len(self._bytes) >= HEAD.size:
            kind, size = HEAD.unpack_from(self._bytes)
            if len(self._bytes) < HEAD.size + size:
                return
            yield kind, bytes(self._bytes[HEAD.size : HEAD.size + size])
            del self._bytes[: HEAD.size + size]
