"""apt with a state of its own below build/packages: it resolves against an empty system and changes nothing of the host's."""

import os
import re
import subprocess
import time

from .errors import USAGE, LauncherError
from .paths import PACKAGES

_LISTS_AGE = 7 * 24 * 3600  # seconds until the lists of packages are fetched anew
_STATE = PACKAGES / "state"
_STATUS = PACKAGES / "status"
_FETCHED = PACKAGES / "lists-fetched"
ARCHIVES = PACKAGES / "archives"
_NO_ARCHIVES = PACKAGES / "no-archives"
_OPTIONS = {
    "Dir::State": _STATE, "Dir::State::status": _STATUS, "Dir::Cache": PACKAGES, "Dir::Cache::archives": ARCHIVES,
    "Dir::Log": PACKAGES / "log", "Dir::Cache::pkgcache": PACKAGES / "pkgcache.bin",
    "Dir::Cache::srcpkgcache": PACKAGES / "srcpkgcache.bin",
    "APT::Install-Recommends": "false", "APT::Keep-Downloaded-Packages": "true", "APT::Sandbox::User": "",
    "Acquire::Languages": "none", "Acquire::Retries": "2", "DPkg::Lock::Timeout": "-1",
}
_NOT_THERE = re.compile(r"^E: (Unable to locate package .*|Package .* has no installation candidate|Couldn't find any.*)",
                        re.MULTILINE)
_REASON = re.compile(r"^[EW]: (.*)", re.MULTILINE)
_ARCHIVE = re.compile(r"^'[^']*' (\S+\.deb) ", re.MULTILINE)


def _apt(program, *words):
    options = [word for key, value in _OPTIONS.items() for word in ("-o", f"{key}={value}")]
    return subprocess.run([program, *options, *words], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C"})


def _failure(doing, done):
    missing = _NOT_THERE.search(done.stderr)
    if missing:
        return LauncherError(f"--packages: {missing.group(1)}", USAGE)
    reason = _REASON.search(done.stderr)
    return LauncherError(f"--packages: {doing}: {reason.group(1) if reason else 'apt gave no reason'}")


def update():
    """Fetches the machine's lists of packages where there are none yet, or old ones; keeps old ones without a network."""
    for folder in (_STATE / "lists" / "partial", ARCHIVES / "partial", _NO_ARCHIVES / "partial", PACKAGES / "log"):
        folder.mkdir(parents=True, exist_ok=True)
    _STATUS.touch()
    if _FETCHED.exists() and time.time() - _FETCHED.stat().st_mtime < _LISTS_AGE:
        return
    done = _apt("apt-get", "-q", "-o", "APT::Update::Error-Mode=any", "update")
    if done.returncode == 0:
        _FETCHED.touch()
    elif not any((_STATE / "lists").glob("*_Packages*")):
        raise _failure("fetching the lists of packages", done)


def essential():
    """Names of the packages that Debian's other packages take for granted."""
    paragraphs = _apt("apt-cache", "dumpavail").stdout.split("\n\n")
    names = {_field(text, "Package") for text in paragraphs if "\nEssential: yes\n" in f"\n{text}\n"}
    return sorted(names)


def _field(paragraph, name):
    return re.search(rf"^{name}: (\S+)", paragraph, re.MULTILINE).group(1)


def closure(names):
    """File names of the archives of `names` and all they depend on."""
    nothing_there = ("-o", f"Dir::Cache::archives={_NO_ARCHIVES}")  # what is there already would not be printed
    done = _apt("apt-get", *nothing_there, "-y", "-q", "--print-uris", "install", "--", *names)
    if done.returncode != 0:
        raise _failure(" ".join(names), done)
    return set(_ARCHIVE.findall(done.stdout))


def download(names):
    """Brings the archives of `names` and all they depend on to ARCHIVES."""
    done = _apt("apt-get", "-y", "-q", "--download-only", "install", "--", *names)
    if done.returncode != 0:
        raise _failure("downloading", done)
