"""Names, instructions and source lines for guest addresses."""

import bisect
import re
import subprocess
from collections import defaultdict
from pathlib import Path


class Symbols:
    """Functions by address; `disassembly` and `lines` need an ELF file."""

    def __init__(self, table: list[tuple[int, str]], elf: Path | None = None) -> None:
        self._table = sorted(set(table))
        self._starts = [address for address, _ in self._table]
        self._elf = elf
        self.text: dict[int, str] = {}
        self._next: dict[int, int] = {}

    @classmethod
    def of_elf(cls, elf: Path) -> "Symbols":
        out = subprocess.run(["llvm-nm-19", "-C", "--defined-only", str(elf)], check=True,
                             capture_output=True, text=True).stdout
        rows = (line.split(maxsplit=2) for line in out.splitlines())
        symbols = cls([(int(r[0], 16), _short(r[2])) for r in rows if len(r) == 3 and r[1] in "tTwW"], elf)
        symbols._disassemble()
        return symbols

    @classmethod
    def of_kallsyms(cls, lines: list[str]) -> "Symbols":
        rows = (line.split() for line in lines)
        return cls([(int(r[0], 16), r[2]) for r in rows if len(r) >= 3 and r[1] in "tT"])

    def function(self, address: int) -> tuple[int, str]:
        """Start and name of the function around an address."""
        if address >> 63 == 0:
            return 0, "(user)"
        index = bisect.bisect_right(self._starts, address) - 1
        return self._table[index] if index >= 0 else (0, "(unknown)")

    def instructions(self, address: int, count: int) -> list[int]:
        """The addresses of `count` consecutive instructions; empty without disassembly."""
        found = []
        while len(found) < count and address in self._next:
            found.append(address)
            address = self._next[address]
        return found

    def _disassemble(self) -> None:
        out = subprocess.run(["llvm-objdump-19", "-d", "-C", "--no-show-raw-insn", str(self._elf)], check=True,
                             capture_output=True, text=True).stdout
        previous = None
        for match in re.finditer(r"^\s*([0-9a-f]{8,16}):\s+(.*)$", out, re.M):
            address = int(match[1], 16)
            self.text[address] = " ".join(match[2].split())
            if previous is not None:
                self._next[previous] = address
            previous = address

    def lines(self, counts: dict[int, float]) -> dict[str, float]:
        """Instruction counts summed by innermost source line."""
        addresses = sorted(counts)
        out = subprocess.run(["llvm-symbolizer-19", f"--obj={self._elf}", "--no-inlines", "--output-style=GNU"],
                             input="\n".join(hex(a) for a in addresses), check=True, capture_output=True,
                             text=True).stdout.splitlines()
        summed: dict[str, float] = defaultdict(float)
        places = [line for line in out[1::2]]
        for address, place in zip(addresses, places):
            summed[_relative(place)] += counts[address]
        return summed


def _short(name: str) -> str:
    """A demangled name without its parameters."""
    depth = 0
    for index, character in enumerate(name):
        if character == "<":
            depth += 1
        elif character == ">":
            depth -= 1
        elif character == "(" and depth == 0 and not name.startswith("(anonymous", index):
            return name[:index]
    return name


def _relative(place: str) -> str:
    place = re.sub(r" \(discriminator \d+\)", "", place)
    return "/".join(place.split("/")[-3:])
