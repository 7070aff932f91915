"""Fixtures of the system tests: commands in guests and consoles of guests."""
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "rootfs" / "lib"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from hardtack.console import Console  # noqa: E402
from hardtack.qemu import Machine  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--linux", action="store_true", help="run on Debian's Linux, the oracle")
    parser.addoption("--flavour", default="debug", help="flavour of Hardtack (debug)")


def pytest_configure(config):
    config.addinivalue_line("markers", "hardtack_only(reason): what Linux has no counterpart of")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--linux"):
        return
    for item in items:
        if marker := item.get_closest_marker("hardtack_only"):
            item.add_marker(pytest.mark.skip(reason=f"Hardtack only: {marker.args[0]}"))


@dataclass
class Outcome:
    status: int
    out: str
    err: str


@pytest.fixture(scope="session")
def launcher_options(pytestconfig):
    return ["--linux"] if pytestconfig.getoption("--linux") else ["--build", pytestconfig.getoption("--flavour")]


@pytest.fixture
def run(launcher_options):
    """run("sh", "-c", "…", options=["--smp", "4"], stdin=b"…") boots a guest and returns an Outcome."""

    def launch(*command, options=(), stdin=b"", timeout=120):
        words = [ROOT / "rootfs/hardtack", "run", *launcher_options, "--timeout", str(timeout), *options, "--", *command]
        done = subprocess.run([str(word) for word in words], input=stdin, capture_output=True, timeout=timeout + 120, check=False)
        return Outcome(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    return launch


@pytest.fixture
def shell(run):
    """shell("script") runs a script in the guest's sh."""
    return lambda script, **how: run("sh", "-c", script, **how)


@pytest.fixture
def console(pytestconfig):
    """console(smp=4, …) boots to a shell prompt on a pseudo-terminal."""
    opened = []

    def boot(timeout=90, **machine):
        guest = Console(Machine(linux=pytestconfig.getoption("--linux"), build=pytestconfig.getoption("--flavour"), **machine), timeout=timeout)
        opened.append(guest)
        guest.login()
        return guest

    yield boot
    for guest in opened:
        guest.close()
