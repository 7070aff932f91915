"""Which accelerator to use. /dev/kvm may be there, open, and yet hang every guest: it is tried before it is trusted."""

import os
import subprocess
import tempfile

from .errors import LauncherError
from .paths import BUILD

# A boot sector that writes 0x10 to the debug-exit port: mov dx,0xf4; mov al,0x10; out dx,al; hlt.
_PROBE = bytes([0xBA, 0xF4, 0x00, 0xB0, 0x10, 0xEE, 0xF4]).ljust(510, b"\0") + b"\x55\xaa"
_EXPECTED_STATUS = 0x10 << 1 | 1
_SECONDS = 3
_TCG = "tcg,thread=multi"


def accelerator(choice):
    """QEMU's words for `choice`: tcg, kvm, or auto (kvm where it works)."""
    if choice == "tcg":
        return _TCG
    if _kvm_works():
        return "kvm"
    if choice == "kvm":
        raise LauncherError("/dev/kvm does not run a guest on this machine")
    return _TCG


def _kvm_works():
    verdict = BUILD / "kvm-works"
    if not verdict.exists():
        BUILD.mkdir(exist_ok=True)
        verdict.write_text("yes" if _probe() else "no")
    return verdict.read_text() == "yes"


def _probe():
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    with tempfile.NamedTemporaryFile() as disk:
        disk.write(_PROBE)
        disk.flush()
        command = ["qemu-system-x86_64", "-machine", "q35", "-accel", "kvm", "-cpu", "max", "-nodefaults",
                   "-display", "none", "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
                   "-drive", f"file={disk.name},format=raw,readonly=on"]
        try:
            done = subprocess.run(command, timeout=_SECONDS, stdin=subprocess.DEVNULL,
                                  capture_output=True, check=False)
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == _EXPECTED_STATUS
