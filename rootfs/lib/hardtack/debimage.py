"""Packs a tree of installed packages: what some of them own, and what no package owns."""

import os
import stat
from pathlib import Path

from .cpio import MERGED, Archive, merged

# Of the kernel, of the run, of the installation.
_LEFT_OUT = {"dev", "proc", "sys", "run", "tmp", "boot", "root", "var/cache", "var/log", "var/lib/apt", "var/lib/systemd"}
_DPKG = "var/lib/dpkg"
_KEPT_USERS = {"etc/passwd", "etc/group"}


def _owned(tree, names):
    """The files of installed packages: of those in `names`, of the others."""
    ours, others = set(), set()
    for listing in (tree / _DPKG / "info").glob("*.list"):
        files = ours if listing.stem.split(":")[0] in names else others
        files.update(merged(line) for line in listing.read_text().splitlines())
    return ours, others


def _skeleton_files(skeleton):
    return {str(path.relative_to(skeleton)) for path in skeleton.rglob("*") if path.is_file()} - _KEPT_USERS


def _walk(tree, left_out):
    for folder, folders, files in os.walk(tree):
        within = os.path.relpath(folder, tree)
        prefix = "" if within == "." else f"{within}/"
        folders[:] = sorted(name for name in folders if f"{prefix}{name}" not in left_out)
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in sorted([*links, *files]):
            yield f"{prefix}{name}"
        for name in folders:
            if name not in links:
                yield f"{prefix}{name}"


def _target(name, target):
    """Where in the tree a link leads, one step."""
    return merged(os.path.normpath(os.path.join("/", os.path.dirname(name), target)))


def _drop_dangling(tree, kept, ours):
    """Links made by scripts (alternatives) lead to packages that are left out, one after the other."""
    links = {name for name in kept - ours if (tree / name).is_symlink()}
    while gone := {name for name in links if _leads_nowhere(tree, name, kept)}:
        kept -= gone
        links -= gone


def _leads_nowhere(tree, name, kept):
    target = _target(name, os.readlink(tree / name))
    return os.path.lexists(tree / target) and target not in kept


def pack(tree, names, skeleton):
    tree = Path(tree)
    ours, others = _owned(tree, names)
    left_out = _LEFT_OUT | set(MERGED) | (set() if "dpkg" in names else {_DPKG})
    dropped = (others - ours) | _skeleton_files(skeleton)
    paths = list(_walk(tree, left_out))
    folders = {name for name in paths if not (tree / name).is_symlink() and (tree / name).is_dir()}
    kept = {name for name in paths if name not in dropped}
    _drop_dangling(tree, kept, ours)
    needed = _parents(kept - (folders & others))
    archive = Archive(merged)
    for name in paths:
        if name in kept or name in needed:
            _add(archive, tree, name)
    return archive.bytes()


def _parents(names):
    found = set()
    for name in names:
        while (name := os.path.dirname(name)) and name not in found:
            found.add(name)
    return found


def _add(archive, tree, name):
    info = os.lstat(tree / name)
    if stat.S_ISLNK(info.st_mode):
        archive.entry(name, info, os.fsencode(os.readlink(tree / name)))
    elif stat.S_ISREG(info.st_mode):
        archive.entry(name, info, (tree / name).read_bytes())
    elif stat.S_ISDIR(info.st_mode):
        archive.entry(name, info)
