"""The kernel uses general registers only: user programs own the others, and switching them costs time."""

import re
import subprocess
from pathlib import Path

KERNEL = Path("build/release/hardtack.elf")
SYMBOL = re.compile(r"^[0-9a-f]+ <(.+)>:$")
FOREIGN = re.compile(r"%(?:[xyz]mm\d+|mm\d|st\b)")


def check(files, read):
    del files, read
    subprocess.run(["make", "-s", "kernel"], check=True, stdout=subprocess.DEVNULL)
    if not KERNEL.exists():
        return
    code = subprocess.run(["llvm-objdump-19", "-d", "--no-show-raw-insn", "-C", KERNEL], check=True,
                          capture_output=True, text=True).stdout
    function, told = "", set()
    for line in code.splitlines():
        if match := SYMBOL.match(line):
            function = match.group(1)
        elif FOREIGN.search(line) and function not in told:
            told.add(function)
            yield f"{function}: uses {FOREIGN.search(line).group(0)}"
