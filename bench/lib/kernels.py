"""The three kernels under comparison, and what tuned means for the rival."""

from dataclasses import dataclass
from pathlib import Path

# Linux as Debian ships it under emulation does things that are no fault of its design (it picks
# rep movsb, zeroes every allocation, audits): the tuned command line takes those away.
TUNED = ("init_on_alloc=0 audit=0 apparmor=0 security=none no5lvl nokaslr clearcpuid=erms,fsrm nopku").split()
# Only for wall time: polling idle and trusting the TSC change what is counted as instructions.
TUNED_WALL = "tsc=reliable clocksource=tsc idle=poll".split()


@dataclass(frozen=True)
class Kernel:
    name: str
    label: str
    file: Path
    command_line: tuple[str, ...]

    def append(self, wall: bool) -> str:
        extra = TUNED_WALL if wall and self.name == "linux_tuned" else []
        return " ".join([*self.command_line, *extra])


def kernels(linux: Path, hardtack: Path) -> list[Kernel]:
    console = ("console=ttyS0", "quiet", "panic=-1", "mitigations=off")
    return [
        Kernel("linux_stock", "Linux stock", linux, console),
        Kernel("linux_tuned", "Linux tuned", linux, (*console, *TUNED)),
        Kernel("hardtack", "Hardtack", hardtack, ("console=ttyS0", "quiet", "nokaslr")),
    ]
