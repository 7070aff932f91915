"""Debian packages for the guest: their archives by apt, installed into a tree of their own, packed as an initramfs."""

import errno
import fcntl
import hashlib
import json
import os
import subprocess
from pathlib import Path

from . import apt
from .errors import FAILED, LauncherError
from .paths import LOGS, PACKAGES, ROOT

_MAKERS = ("packages.py", "debtree.py", "debimage.py", "cpio.py")  # a change of these makes images anew
_EXTRA = ["usr-is-merged"]  # what init-system-helpers wants, without the tool that merges an old system
_NAMESPACES = ["--mount", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child"]


def image(names):
    """The initramfs with the packages `names` (words may hold several) and all they depend on; made at most once."""
    names = sorted({name for words in names for name in words.replace(",", " ").split()})
    PACKAGES.mkdir(parents=True, exist_ok=True)
    path = PACKAGES / f"{_key(names)}.cpio"
    with open(PACKAGES / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            try:
                _make(names, path)
            except OSError as error:
                raise LauncherError(f"--packages: {error.filename or PACKAGES}: {os.strerror(error.errno)}") from error
    return path


def _key(names):
    digest = hashlib.sha256("\0".join(names).encode())
    for maker in _MAKERS:
        digest.update((Path(__file__).parent / maker).read_bytes())
    return digest.hexdigest()[:20]


def _make(names, path):
    apt.update()
    wanted_names = [*names, *_EXTRA]
    wanted = apt.closure(wanted_names)
    base_names = [*apt.essential(), *_EXTRA]
    base = apt.closure(base_names)
    for resolved in (base_names, wanted_names):  # not at once: among alternatives apt could choose differently for both
        apt.download(resolved)
    plan = {"base": sorted(base), "wanted": sorted(wanted), "archives": str(apt.ARCHIVES), "folder": str(PACKAGES),
            "output": str(path), "skeleton": str(ROOT / "rootfs" / "files")}
    LOGS.mkdir(parents=True, exist_ok=True)
    log_path = LOGS / f"packages-{path.stem}.txt"
    with open(log_path, "wb") as log:
        done = subprocess.run(_in_namespaces("debtree"), input=json.dumps(plan).encode(), stdout=log,
                              stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise LauncherError(f"--packages: {_reason(log_path)} (log: {os.path.relpath(log_path)})", FAILED)


def _in_namespaces(module):
    """Maintainer scripts run as a root that can harm nothing: no host file, process or network is in reach."""
    user = [] if os.geteuid() == 0 else ["--map-root-user", "--map-auto"]
    return ["unshare", *user, *_NAMESPACES, "/usr/bin/python3", "-m", f"hardtack.{module}"]


def _reason(log_path):
    lines = log_path.read_text(errors="replace").splitlines()
    if any(os.strerror(errno.ENOSPC) in line for line in lines):
        return os.strerror(errno.ENOSPC)
    told = [line for line in lines if line.startswith(("dpkg: error", "unshare:", "hardtack: "))]
    return (told or lines or ["no reason given"])[0].removeprefix("hardtack: ")
