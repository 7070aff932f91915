"""The kernel log of one run: written to build/log/, watched for a panic."""

import itertools
import os
import re
import time

from .paths import LOGS

# Linux's words, and Hardtack's.
PANIC = re.compile(rb"(?:Kernel panic - not syncing|-\[ kernel panic): ?(.*?)(?: \]---)?\r?$")
_KEPT = 50  # logs of earlier runs
_count = itertools.count()


class KernelLog:
    def __init__(self, echo=None):
        """`echo`: a binary file that gets a copy of everything."""
        LOGS.mkdir(parents=True, exist_ok=True)
        _forget_old()
        name = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{next(_count)}.log"
        self.path = LOGS / name
        self.panic = None
        self._file = open(self.path, "wb")  # lives as long as the run
        self._echo = echo
        self._line = b""

    def feed(self, data):
        self._file.write(data)
        self._file.flush()
        if self._echo is not None:
            self._echo.write(data)
            self._echo.flush()
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            if self.panic is None and (match := PANIC.search(line)):
                self.panic = match.group(1).decode(errors="replace").strip()

    def tail(self, count=60):
        """The last lines; on a panic, from a little before it on."""
        lines = self.path.read_bytes().decode(errors="replace").replace("\r", "").splitlines()
        at = next((i for i, line in enumerate(lines) if PANIC.search(line.encode())), None)
        return "\n".join(lines[max(0, at - 15):] if at is not None else lines[-count:])

    def close(self):
        self._file.close()


def _forget_old():
    logs = sorted(LOGS.glob("*.log"), key=lambda path: path.stat().st_mtime)
    for path in logs[:-_KEPT]:
        path.unlink(missing_ok=True)
