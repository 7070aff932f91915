"""Where things are. Every path is absolute, so that the launcher can be called from anywhere."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "build"
LOGS = BUILD / "log"
BASE_IMAGE = BUILD / "image" / "base.cpio"
PACKAGES = Path(os.environ.get("HARDTACK_PACKAGES") or BUILD / "packages").resolve()  # checkouts may share one
LINUX = BUILD / "linux" / "vmlinuz"


def kernel(flavour):
    return BUILD / flavour / "hardtack.elf"
