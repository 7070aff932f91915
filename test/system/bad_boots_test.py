"""Boots that cannot work end with a clear message."""
import gzip
import subprocess
import sys

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "rootfs/lib"))
from hardtack import cpio, paths, qemu  # noqa: E402

pytestmark = pytest.mark.hardtack_only("the wording of its messages")


@pytest.fixture(scope="module", autouse=True)
def built(pytestconfig):
    """The launcher builds what is missing."""
    subprocess.run([ROOT / "rootfs/hardtack", "run", "--build", pytestconfig.getoption("--flavour"), "--", "true"], check=True)


@pytest.fixture
def boot(tmp_path, pytestconfig):
    """boot(initramfs bytes, …) returns the kernel log of a boot that is expected to end by itself."""

    def go(initramfs, words=(), **machine):
        image = tmp_path / "initramfs"
        image.write_bytes(initramfs)
        guest = qemu.Machine(build=pytestconfig.getoption("--flavour"), **machine)
        command = [*qemu.arguments(guest, image, list(words)), "-serial", "stdio"]
        done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        return done.stdout.decode(errors="replace")

    return go


def base():
    return paths.BASE_IMAGE.read_bytes()


def test_no_init_is_named(boot):
    log = boot(base(), ["rdinit=/no/such/init"])
    assert "kernel panic" in log and "init" in log


def test_empty_initramfs_means_no_init(boot):
    log = boot(cpio.archive([]) if hasattr(cpio, "archive") else b"")
    assert "kernel panic" in log and "init" in log


def test_init_that_exits_is_reported_with_its_status(boot):
    log = boot(base(), ["rdinit=/bin/false"])
    assert "kernel panic: init exited with status 1" in log


@pytest.mark.parametrize("damage", ["garbage", "cut", "bad-header", "cut-gzip", "bad-gzip"])
def test_corrupt_initramfs_is_reported(boot, damage):
    whole = base()
    images = {
        "garbage": b"this is no archive at all" * 1000,
        "cut": whole[: len(whole) // 2],
        "bad-header": whole[:6] + b"ZZZZZZZZ" + whole[14:],
        "cut-gzip": gzip.compress(whole, 1)[:100_000],
        "bad-gzip": b"\x1f\x8b\x08\x00" + bytes(1000),
    }
    log = boot(images[damage])
    assert "initramfs" in log.lower() or "rootfs" in log.lower(), log[-2000:]
    assert "unhandled" not in log.lower()


def test_gzip_initramfs_boots(boot):
    log = boot(gzip.compress(base(), 1), ["rdinit=/bin/false"])
    assert "kernel panic: init exited with status 1" in log


def test_16_mib_of_ram_is_refused_clearly(boot):
    assert "not enough memory: 32 MiB of RAM are needed" in boot(base(), mem="16M")
