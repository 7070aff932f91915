"""What a person sees: a terminal emulator fed by a console."""
import time

import pexpect
import pyte


class Screen:
    def __init__(self, console, rows=24, columns=80):
        self._child = console.child
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)

    def type(self, text):
        self._child.send(text)

    def lines(self):
        return [line.rstrip() for line in self._screen.display]

    def text(self):
        return "\n".join(self.lines())

    def settle(self, quiet=0.7, limit=20):
        """Reads until nothing came for `quiet` seconds."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            try:
                self._stream.feed(self._child.read_nonblocking(65536, timeout=quiet))
            except pexpect.TIMEOUT:
                return self
        return self

    def wait_for(self, wanted, limit=40):
        """Reads until `wanted(self)` holds; fails with the screen's content."""
        end = time.monotonic() + limit
        while not wanted(self):
            if time.monotonic() > end:
                raise AssertionError("the screen never showed it; it shows:\n" + self.text())
            try:
                self._stream.feed(self._child.read_nonblocking(65536, timeout=0.5))
            except pexpect.TIMEOUT:
                pass
        return self

    def wait_text(self, text, limit=40):
        return self.wait_for(lambda screen: text in screen.text(), limit)
