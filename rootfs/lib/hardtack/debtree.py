"""Installs archives of packages into a tree, within namespaces of its own (see packages.py), and packs what came of it.

dpkg does the work, maintainer scripts included. The packages that Debian takes for granted are there for the scripts, but only
what the wanted packages own, or scripts made, is packed: in the guest BusyBox stands in for the rest.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from . import debimage
from .cpio import MERGED

_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_EXCLUDED = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/lintian/*")
_FIRST = ("base-passwd_", "base-files_")  # users and folders, before any script asks for them
_SCRIPTS = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive",
            "DEBCONF_NONINTERACTIVE_SEEN": "true"}
_NO_SERVICES = "usr/sbin/policy-rc.d"


def _run(*words):
    subprocess.run([str(word) for word in words], check=True, env=_SCRIPTS)


def _dpkg(tree, *words):
    excluded = [f"--path-exclude={pattern}" for pattern in _EXCLUDED]
    _run("dpkg", f"--root={tree}", f"--log={tree}/var/log/dpkg.log", "--force-depends", "--force-confnew",
         "--force-unsafe-io", *excluded, *words)


def _extract(tree, archive):
    """The files alone, through links such as /bin."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE) as files:
        subprocess.run(["tar", "-C", tree, "-x", "-p", "--keep-directory-symlink"], stdin=files.stdout, check=True)


def _prepare(tree):
    for name in MERGED:
        (tree / "usr" / name).mkdir(parents=True)
        (tree / name).symlink_to(f"usr/{name}")
    for name in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "var/log"):
        (tree / name).mkdir(parents=True)
    (tree / "var/lib/dpkg/status").touch()


def _mount_system(tree):
    for name in _DEVICES:
        (tree / "dev" / name).touch()
        _run("mount", "--bind", f"/dev/{name}", tree / "dev" / name)
    _run("mount", "-t", "proc", "proc", tree / "proc")


def _bootstrap(tree, archives):
    """The packages taken for granted: unpacked first, so that their scripts find each other's tools."""
    _prepare(tree)
    for archive in archives:
        _extract(tree, archive)
    no_services = tree / _NO_SERVICES
    no_services.write_text("#!/bin/sh\nexit 101\n")
    no_services.chmod(0o755)
    _mount_system(tree)
    _dpkg(tree, "--install", *(a for a in archives if a.name.startswith(_FIRST)))
    _dpkg(tree, "--unpack", *archives)
    _dpkg(tree, "--configure", "--pending")


def _restore(tree, saved):
    _run("tar", "-C", tree, "-x", "-p", "--numeric-owner", "-f", saved)
    _mount_system(tree)


def _base(tree, plan):
    """The tree of the packages taken for granted; kept, because every set of packages starts from it."""
    saved = Path(plan["folder"]) / "base.tar"
    listed = saved.with_suffix(".json")
    if saved.exists() and listed.exists() and json.loads(listed.read_text()) == plan["base"]:
        return _restore(tree, saved)
    _bootstrap(tree, [Path(plan["archives"]) / name for name in plan["base"]])
    listed.unlink(missing_ok=True)
    _run("tar", "-C", tree, "-c", "--one-file-system", "--numeric-owner", "-f", saved, ".")
    listed.write_text(json.dumps(plan["base"]))
    return None


def _merge_users(tree, skeleton):
    """The guest's own users and groups, where Debian has none of that name."""
    for name in ("etc/passwd", "etc/group"):
        file = tree / name
        known = {line.split(":")[0] for line in file.read_text().splitlines()}
        more = [line for line in (skeleton / name).read_text().splitlines() if line.split(":")[0] not in known]
        file.write_text(file.read_text() + "".join(f"{line}\n" for line in more))


def main():
    plan = json.load(sys.stdin)
    tree = Path(plan["folder"]) / "tree"
    tree.mkdir(exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", "mode=755", "packages", tree)
    _base(tree, plan)
    new = [Path(plan["archives"]) / name for name in plan["wanted"] if name not in plan["base"]]
    if new:
        _dpkg(tree, "--unpack", *new)
        _dpkg(tree, "--configure", "--pending")
    (tree / _NO_SERVICES).unlink()
    skeleton = Path(plan["skeleton"])
    _merge_users(tree, skeleton)
    output = Path(plan["output"])
    unfinished = output.with_suffix(".new")
    unfinished.write_bytes(debimage.pack(tree, {name.split("_")[0] for name in plan["wanted"]}, skeleton))
    os.rename(unfinished, output)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"hardtack: {error.cmd[0]} failed with status {error.returncode}")
    except OSError as error:
        sys.exit(f"hardtack: {error.filename}: {os.strerror(error.errno)}")
