"""Where things are. Every path is absolute, so that the launcher can be called from anywhere."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "build"
LOGS = BUILD / "log"
BASE_IMAGE = BUILD / "image" / "base.cpio"
LINUX = BUILD / "linux" / "vmlinuz"


def kernel(flavour):
    return BUILD / flavour / "hardtack.elf"
