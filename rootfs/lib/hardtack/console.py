"""A guest's console for tests: type at its shell, read what comes back.

    with Console(Machine(smp=4)) as console:
        console.login()
        assert console.run("echo hello") == "hello"
"""

import re
import shutil
import tempfile
from pathlib import Path

import pexpect

from . import interactive, paths
from .build import build
from .errors import LauncherError

PROMPT = r"root@hardtack:\S+[#$] (?:\x1b\[6n)?"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Console:
    """Owns one QEMU with a pseudo-terminal of `rows` x `columns`; `child` is its pexpect object."""

    def __init__(self, machine, *, files=None, timeout=60, rows=24, columns=80, build_first=True):
        if build_first:
            build(machine)
        self._folder = tempfile.mkdtemp(prefix="console-", dir=paths.BUILD)
        initramfs = Path(self._folder) / "initramfs"
        interactive.write_initramfs(initramfs, machine, files)
        command = ["--pdeathsig", "KILL", *interactive.console_command(machine, initramfs)]
        self.child = pexpect.spawn("setpriv", [str(word) for word in command], timeout=timeout, encoding="utf-8",
                                   codec_errors="replace", echo=False, dimensions=(rows, columns))
        paths.LOGS.mkdir(exist_ok=True)
        self._transcript = open(paths.LOGS / (Path(self._folder).name + ".log"), "w", encoding="utf-8")
        self.child.logfile_read = self._transcript
        self._size = (rows, columns)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def expect(self, pattern, timeout=-1):
        """Waits for `pattern`; a panic ends the wait with its reason."""
        panic = r"(?:Kernel panic - not syncing|-\[ kernel panic): ?([^\r\n]*)[\r\n]"
        if self.child.expect([pattern, panic], timeout=timeout) == 1:
            raise LauncherError(f"the kernel panicked: {self.child.match.group(1).strip()}")
        return self.child.match

    def login(self):
        """Waits for the shell's prompt and makes the terminal's size known to it."""
        self.expect(PROMPT)
        self.run(f"stty rows {self._size[0]} cols {self._size[1]}")

    def run(self, command, timeout=-1):
        """Types `command`, waits for the next prompt, returns what was printed between."""
        self.child.sendline(command)
        self.expect(PROMPT, timeout)
        text = _ESCAPES.sub("", self.child.before).replace("\r", "")
        return text.partition("\n")[2].rstrip("\n")

    def status(self, command, timeout=-1):
        """As `run`, but returns the exit status."""
        return int(self.run(f"{command}; echo status=$?", timeout).rpartition("status=")[2])

    def close(self):
        self.child.close(force=True)
        self._transcript.close()
        shutil.rmtree(self._folder, ignore_errors=True)
