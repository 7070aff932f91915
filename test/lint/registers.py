"""The kernel uses general registers only: user programs own the others, and switching them costs time.

The routines of the files that include wide.inc borrow one vector register and put it back; their labels are known by name.
"""

import re
import subprocess
from pathlib import Path

KERNEL = Path("build/release/hardtack.elf")
SYMBOL = re.compile(r"^[0-9a-f]+ <(.+)>:$")
BORROWERS = Path("arch/x86_64/memory")
LABEL = re.compile(r"^([a-z]\w+):", re.MULTILINE)
FOREIGN = re.compile(r"%(?:[xyz]mm\d+|mm\d|st\b)")


def borrowers():
    """Labels in the sources that say BORROW_YMM0."""
    texts = (path.read_text(encoding="utf-8") for path in BORROWERS.glob("*.S"))
    return {label for text in texts if "BORROW_YMM0" in text for label in LABEL.findall(text)}


def check(files, read):
    del files, read
    subprocess.run(["make", "-s", "kernel"], check=True, stdout=subprocess.DEVNULL)
    if not KERNEL.exists():
        return
    code = subprocess.run(["llvm-objdump-19", "-d", "--no-show-raw-insn", "-C", KERNEL], check=True,
                          capture_output=True, text=True).stdout
    function, told = "", borrowers()
    for line in code.splitlines():
        if match := SYMBOL.match(line):
            function = match.group(1)
        elif FOREIGN.search(line) and function not in told:
            told.add(function)
            yield f"{function}: uses {FOREIGN.search(line).group(0)}"
