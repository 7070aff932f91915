"""What STYLE asks of every file: short, finished, and a README of at most 40 lines in each folder."""

import re
from pathlib import PurePosixPath

SOURCES = (".cc", ".h", ".S", ".c", ".py", ".def")
CODE = ("kernel/", "arch/", "mm/", "fs/", "net/", "ipc/", "drivers/", "syscalls/", "userspace/", "rootfs/", "test/",
        "bench/")
MOST_LINES = 500
README_LINES = 40
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|\b(for now|placeholder)\b", re.I)


def check(files, read):
    folders = set()
    for file in files:
        if not file.startswith(CODE):
            continue
        text = read(file)
        if file.endswith(SOURCES):
            yield from _source(file, text)
            if file.endswith((".cc", ".S", ".c")) and not file.startswith(("test/", "arch/")):
                folders.add(str(PurePosixPath(file).parent))
        if file.endswith("README.md") and text.count("\n") > README_LINES:
            yield f"{file}: more than {README_LINES} lines"
    for folder in sorted(folders):
        parents = [folder, *map(str, PurePosixPath(folder).parents)]
        if not any(f"{parent}/README.md" in files for parent in parents if parent != "."):
            yield f"{folder}: no README.md there or above"


def _source(file, text):
    lines = text.count("\n")
    if lines > MOST_LINES:
        yield f"{file}: {lines} lines, more than {MOST_LINES}"
    if file.startswith("test/lint/"):
        return
    for number, line in enumerate(text.splitlines(), 1):
        if match := UNFINISHED.search(line):
            yield f"{file}:{number}: unfinished work: '{match.group(0)}'"
