"""Boots one kernel with the bench image under QEMU and gathers what the guest and the plugin say."""

import selectors
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from .kernels import Kernel


@dataclass
class Boot:
    """What one boot gave. Times are nanoseconds, regions are (user, kernel) instructions."""

    ready_seconds: float = 0.0
    ready_instructions: int = 0
    repeats: dict[str, list[tuple[int, int]]] = field(default_factory=dict)  # row -> [(n, ns)]
    regions: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    files: dict[str, list[str]] = field(default_factory=dict)
    problem: str = ""

    def meminfo(self, key: str) -> int:
        for line in self.files.get("/proc/meminfo", []):
            if line.startswith(key + ":"):
                return int(line.split()[1])
        return 0


def command(kernel: Kernel, image: Path, cpus: int, memory: str, plugin: str | None) -> list[str]:
    line = ["qemu-system-x86_64", "-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max",
            "-m", memory, "-smp", str(cpus), "-nodefaults", "-no-reboot", "-display", "none",
            "-serial", "stdio", "-monitor", "none",
            "-kernel", str(kernel.file), "-initrd", str(image), "-append", kernel.append(plugin is None)]
    return line + (["-plugin", plugin] if plugin else [])


def run(line: list[str], log: Path, counts: Path | None, timeout: float,
        progress: Callable[[str], None]) -> Boot:
    """Runs until the guest says that it is done, QEMU ends, or nothing was heard for `timeout` seconds."""
    boot = Boot()
    started = time.monotonic()
    with subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as qemu, open(log, "wb") as transcript:
        try:
            for text in _lines(qemu.stdout, timeout, transcript):
                if text == "bench: ready":
                    boot.ready_seconds = time.monotonic() - started
                if text == "bench: done":
                    break
                _take(boot, text, progress)
            else:
                boot.problem = f"the guest ended or fell silent for {timeout:.0f} s; see {log}"
        finally:
            qemu.kill()
    if counts is not None:
        _read_counts(boot, counts)
    return boot


def _lines(pipe, timeout: float, transcript):
    """Lines as they come; ends at end of file or after `timeout` silent seconds."""
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while selector.select(timeout):
            chunk = pipe.read1()
            if not chunk:
                return
            transcript.write(chunk)
            transcript.flush()
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                yield line.decode(errors="replace").rstrip("\r")


def _take(boot: Boot, text: str, progress: Callable[[str], None]) -> None:
    words = text.split(maxsplit=3)
    if len(words) == 4 and words[0] == "row":
        row = words[1]
        if words[2] == "failed":
            boot.failures[row] = words[3]
        else:
            if row not in boot.repeats:
                progress(row)
            boot.repeats.setdefault(row, []).append((int(words[2]), int(words[3])))
    elif text.startswith("/proc/"):
        path, _, rest = text.partition(" ")
        boot.files.setdefault(path, []).append(rest)


def _read_counts(boot: Boot, counts: Path) -> None:
    """The plugin's regions come in the order of the guest's repeats."""
    regions = []
    for line in counts.read_text().splitlines():
        words = line.split()
        if words[0] == "region":
            regions.append((int(words[2]), int(words[3])))
        elif words[0] == "ready":
            boot.ready_instructions = int(words[1]) + int(words[2])
    regions.reverse()
    for row, repeats in boot.repeats.items():
        boot.regions[row] = [regions.pop() for _ in repeats if regions]
