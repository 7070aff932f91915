"""Boot images with GRUB: one ISO that starts by BIOS and by UEFI, made with grub-mkrescue."""

import shutil
import subprocess
from pathlib import Path

from .errors import LauncherError

FIRMWARE = Path("/usr/share/OVMF")

_COMMON = """\
serial --unit=0 --speed=115200
terminal_output serial
set timeout=0
"""
_HARDTACK = """\
menuentry Hardtack {{
  multiboot2 /boot/kernel {line}
  module2 /boot/initramfs initramfs
}}
"""
_LINUX = """\
menuentry Linux {{
  linux /boot/kernel {line}
  initrd /boot/initramfs
}}
"""


def make_iso(out, kernel, initramfs, line, linux=False):
    """Writes the image `out`; its neighbour folder holds what goes in."""
    tree = Path(f"{out}.tree")
    shutil.rmtree(tree, ignore_errors=True)
    (tree / "boot/grub").mkdir(parents=True)
    shutil.copy(kernel, tree / "boot/kernel")
    shutil.copy(initramfs, tree / "boot/initramfs")
    entry = _LINUX if linux else _HARDTACK
    (tree / "boot/grub/grub.cfg").write_text(_COMMON + entry.format(line=line))
    done = subprocess.run(["grub-mkrescue", "-o", str(out), str(tree)], capture_output=True, text=True, check=False)
    shutil.rmtree(tree)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise LauncherError(f"grub-mkrescue: {reason}")


def arguments(machine, initramfs, line):
    """QEMU's words for booting from an ISO next to `initramfs`."""
    iso = Path(initramfs).with_suffix(".iso")
    make_iso(iso, machine.kernel(), initramfs, line, machine.linux)
    words = ["-drive", f"file={iso},format=raw,media=cdrom,readonly=on,if=none,id=cd",
             "-device", "ide-cd,drive=cd,bootindex=0"]
    if machine.boot == "uefi":
        words += _firmware(iso.with_suffix(".vars"))
    return words


def _firmware(variables):
    shutil.copy(FIRMWARE / "OVMF_VARS_4M.fd", variables)
    return ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={FIRMWARE}/OVMF_CODE_4M.fd",
            "-drive", f"if=pflash,format=raw,unit=1,file={variables}"]
