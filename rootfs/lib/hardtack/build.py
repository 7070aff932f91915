"""Builds what a run needs, quietly: only errors, and what is installed, are shown."""

import fcntl
import os
import subprocess

from .errors import LauncherError
from .paths import BUILD, ROOT


def build(machine):
    """Kernel, image and packages for `machine`. One build at a time, however many launchers start at once."""
    lists = ["run", "image"] + (["iso"] if machine.boot != "direct" else []) + (["packages"] if machine.archives else [])
    targets = [f"build/deps/{name}.ok" for name in lists]
    targets += ["image", "linux" if machine.linux else "kernel"]
    make([f"BUILD={machine.build}", *targets])


def make(arguments):
    BUILD.mkdir(exist_ok=True)
    with open(BUILD / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        environment = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS")}
        done = subprocess.run(["make", "-C", str(ROOT), "-s", f"-j{os.cpu_count()}", *arguments], env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise LauncherError("the build failed (make shows more)")
