"""Includes point to the same layer or to a lower rank; test/lint/layers.txt has the ranks."""

import re
from pathlib import PurePosixPath

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
ROOTS = ("kernel/", "arch/", "mm/", "fs/", "net/", "ipc/", "drivers/", "syscalls/")


class Ranks:
    """Maps a file to (rank, name of its layer)."""

    def __init__(self, text):
        self._folders = {}
        for line in text.splitlines():
            words = line.partition("#")[0].split()
            for folder in words[1:]:
                self._folders[folder] = (int(words[0]), " ".join(words[1:]))

    def layer(self, file):
        for folder in PurePosixPath(file).parents:
            if str(folder) in self._folders:
                return self._folders[str(folder)]
            if (star := f"{folder.parent}/*") in self._folders:
                return self._folders[star][0], str(folder)
        return None


def _target(file, include):
    """The file an include names, in the tree's own terms; None for headers from elsewhere."""
    if include.startswith("arch_impl/"):
        return "arch/" + include
    return include if include.startswith(ROOTS) else str(PurePosixPath(file).parent / include)


def check(files, read):
    """Yields one line for each include that points up or sideways."""
    ranks = Ranks(read("test/lint/layers.txt"))
    for file in files:
        own = ranks.layer(file)
        if not file.startswith(ROOTS) or not file.endswith((".cc", ".h", ".S", ".def")):
            continue
        if own is None:
            yield f"{file}: its folder has no rank in test/lint/layers.txt"
            continue
        for include in INCLUDE.findall(read(file)):
            theirs = ranks.layer(_target(file, include))
            if theirs is None:
                yield f'{file}: "{include}" is in no layer'
            elif theirs[1] != own[1] and theirs[0] >= own[0]:
                yield f'{file}: "{include}" points from rank {own[0]} to rank {theirs[0]}'
