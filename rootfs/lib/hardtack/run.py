"""Runs one command in a guest: input, output and exit status through the agent, time limit, panics."""

import os
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import frames, image, qemu
from .errors import TIMEOUT, LauncherError
from .log import KernelLog
from .paths import BUILD

AGENT = "rdinit=/sbin/agent"
_AFTER_EXIT = 5.0  # seconds for the guest to power off once the command has ended
_AFTER_PANIC = 3.0  # seconds for a panic to print all it has to say


@dataclass
class Request:
    machine: qemu.Machine
    command: list
    files: dict = field(default_factory=dict)  # guest path -> host file
    timeout: float = 60
    stdin: int = 0
    stdout: int = 1
    stderr: int = 2


def run(request):
    """Returns the command's exit status, 128+n for a signal. Raises LauncherError for all else."""
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=BUILD) as folder:
        initramfs = Path(folder) / "initramfs"
        image.write(initramfs, request.machine.archives, image.overlay(request.command, request.files))
        return _Session(request, initramfs).run()


class _Session:
    def __init__(self, request, initramfs):
        self._request = request
        self._machine = request.machine
        self._log = KernelLog(sys.stderr.buffer if request.machine.trace else None)
        self._selector = selectors.SelectSelector()  # files can be selected, but not epolled
        self._reader = frames.Reader()
        self._credit = 0
        self._outgoing = bytearray()
        self._input_open = True
        self._status = None
        self._deadline = time.monotonic() + request.timeout
        self._timed_out = False
        ours, theirs = socket.socketpair()
        self._line = ours
        ours.setblocking(False)
        quiet = ["quiet"] if self._machine.linux else []
        command = [*qemu.arguments(self._machine, initramfs, [AGENT, *quiet]),
                   "-chardev", "stdio,id=log,signal=off", "-serial", "chardev:log",
                   "-chardev", f"socket,id=agent,fd={theirs.fileno()}", "-serial", "chardev:agent"]
        # A guest must not outlive its launcher, however that ends.
        self._qemu = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      pass_fds=[theirs.fileno()])
        theirs.close()

    def run(self):
        try:
            self._selector.register(self._line, selectors.EVENT_READ, self._from_agent)
            self._selector.register(self._qemu.stdout, selectors.EVENT_READ, self._from_kernel)
            self._loop()
        finally:
            self._qemu.kill()
            self._qemu.wait()
            self._log.close()
            self._line.close()
        return self._verdict()

    def _loop(self):
        """Until QEMU's output ends or a time limit is reached."""
        while self._selector.get_map():
            left = self._deadline - time.monotonic()
            if left <= 0:
                self._timed_out = self._status is None and self._log.panic is None
                return
            for key, _ in self._selector.select(left):
                key.data()

    def _hurry(self, seconds):
        self._deadline = min(self._deadline, time.monotonic() + seconds)

    def _from_kernel(self):
        data = os.read(self._qemu.stdout.fileno(), 65536)
        if not data:
            self._selector.unregister(self._qemu.stdout)
            self._hurry(0.2)  # what is left on the agent's line
            return
        self._log.feed(data)
        if self._log.panic is not None:
            self._hurry(_AFTER_PANIC)

    def _from_agent(self):
        key = self._selector.get_key(self._line)
        if self._outgoing:
            self._flush()
        try:
            data = self._line.recv(65536)
        except BlockingIOError:
            return
        except ConnectionResetError:
            data = b""
        if not data:
            self._selector.unregister(key.fileobj)
            return
        for kind, payload in self._reader.feed(data):
            self._on_frame(kind, payload)

    def _on_frame(self, kind, data):
        if kind == frames.HELLO:
            self._give_credit(frames.WINDOW)
        elif kind == frames.CREDIT:
            self._give_credit(int.from_bytes(data, "little"))
        elif kind == frames.STDOUT:
            _write(self._request.stdout, data)
        elif kind == frames.STDERR:
            _write(self._request.stderr, data)
        elif kind == frames.EXIT:
            signalled, value = data
            self._status = 128 + value if signalled else value
            self._listen_to_input(False)
            self._hurry(_AFTER_EXIT)

    def _give_credit(self, size):
        self._credit += size
        self._listen_to_input(self._input_open and self._status is None)

    def _listen_to_input(self, wanted):
        registered = self._request.stdin in self._selector.get_map()
        if wanted and not registered:
            self._selector.register(self._request.stdin, selectors.EVENT_READ, self._from_input)
        elif registered and not wanted:
            self._selector.unregister(self._request.stdin)

    def _from_input(self):
        try:
            data = os.read(self._request.stdin, min(self._credit, frames.FRAME_MAX))
        except OSError:  # closed, or a terminal that is not ours
            data = b""
        self._credit -= len(data)
        self._input_open = bool(data)
        self._outgoing += frames.frame(frames.STDIN, data) if data else frames.frame(frames.EOF)
        self._listen_to_input(self._input_open and self._credit > 0)
        self._flush()

    def _flush(self):
        try:
            del self._outgoing[: self._line.send(self._outgoing)]
        except BlockingIOError:
            pass
        except OSError:
            self._outgoing.clear()
        both = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._outgoing else 0)
        if self._line in self._selector.get_map():
            self._selector.modify(self._line, both, self._from_agent)

    def _verdict(self):
        where = f"log: {os.path.relpath(self._log.path)}"
        if self._log.panic is not None:
            os.write(2, (self._log.tail() + "\n").encode())
            raise LauncherError(f"the kernel panicked: {self._log.panic} ({where})")
        if self._status is not None:
            return self._status
        if self._timed_out:
            raise LauncherError(f"time limit of {self._request.timeout:g} s reached ({where})", TIMEOUT)
        os.write(2, (self._log.tail(15) + "\n").encode())
        raise LauncherError(f"the guest ended before the command did (QEMU's status {self._qemu.returncode}, {where})")


def _write(descriptor, data):
    while data:
        data = data[os.write(descriptor, data):]
