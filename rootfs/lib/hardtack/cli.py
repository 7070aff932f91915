"""The command line of rootfs/hardtack."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from . import bootdisk, errors, image, interactive, packages, paths, qemu
from .build import build, make
from .errors import LauncherError
from .run import Request, run

_EPILOG = """\
exit status of `run`: the command's own; 128+n if signal n ended it; 126 or 127 if it cannot be executed or is not
there; 124 if the time limit was reached; 125 if the kernel panicked or the launcher could not do its part; 2 for a
wrong command line. A one-line reason is on standard error. The kernel log is in build/log/.

--packages takes Debian packages of the machine's own apt sources, with all they depend on; downloads and images are kept
in build/packages/ (or in $HARDTACK_PACKAGES), and nothing is installed on the host. Manual pages, documentation and
translations are left out; what Debian takes for granted (coreutils, …) is BusyBox's unless it is named.

examples:
  rootfs/hardtack run -- uname -a
  rootfs/hardtack run --app ./prog -- --its --own arguments < input > output
  rootfs/hardtack run --linux -- cat /proc/cpuinfo
  rootfs/hardtack run --packages python3-minimal -- python3 -c 'print(6 * 7)'
  rootfs/hardtack shell --smp 4
"""


def _parser():
    parser = argparse.ArgumentParser(prog="rootfs/hardtack", epilog=_EPILOG,
                                     description="Boots Hardtack (or Debian's Linux) in QEMU.",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    machine = _machine_options()
    run_parser = commands.add_parser("run", parents=[machine], epilog=_EPILOG, help="run one command in a guest",
                                     description="Runs COMMAND in a guest without interaction.",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    run_parser.add_argument("--app", metavar="FILE", help="bring this Linux binary and run it with what follows --")
    run_parser.add_argument("--file", metavar="HOST:GUEST", action="append", default=[],
                            help="bring this file as well, e.g. ./data:/tmp/data")
    run_parser.add_argument("--timeout", type=float, default=60, metavar="SECONDS", help="time limit (default 60)")
    run_parser.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND ARGS…")
    commands.add_parser("shell", parents=[machine], help="an interactive shell in this terminal")
    commands.add_parser("debug", parents=[machine], help="a shell with the CPU stopped at its first instruction, and gdb")
    iso = commands.add_parser("iso", parents=[machine], help="write a boot image for BIOS and UEFI")
    iso.add_argument("output", help="the file to write")
    return parser


def _machine_options():
    options = argparse.ArgumentParser(add_help=False)
    group = options.add_argument_group("the machine")
    group.add_argument("--smp", type=int, default=2, metavar="N", help="CPUs (default 2)")
    group.add_argument("--mem", metavar="SIZE", help="memory, e.g. 64M or 2G (default 512M, more for large packages)")
    group.add_argument("--build", choices=["release", "debug", "kasan"], default="release", help="flavour of Hardtack")
    group.add_argument("--boot", choices=["direct", "iso", "uefi"], default="direct",
                       help="direct: QEMU loads the kernel (PVH); iso: GRUB by BIOS; uefi: GRUB by UEFI")
    group.add_argument("--packages", metavar="NAMES", action="append", default=[],
                       help="bring these Debian packages, and all they depend on, e.g. 'python3-minimal git'")
    group.add_argument("--linux", action="store_true", help="Debian's Linux kernel instead of Hardtack")
    group.add_argument("--trace", action="store_true", help="show the system calls, as strace does, on standard error")
    group.add_argument("--kernel-arg", action="append", default=[], metavar="WORD", help="one more kernel argument")
    group.add_argument("--qemu-arg", action="append", default=[], metavar="WORD", help="one more argument of QEMU's")
    group.add_argument("--accel", choices=["tcg", "kvm", "auto"], default="tcg",
                       help="emulation (default), KVM, or KVM where a probe finds that it works")
    group.add_argument("--no-build", action="store_true", help="take what is built as it is")
    return options


def _machine(options):
    archives = [packages.image(options.packages)] if options.packages else []
    machine = qemu.Machine(smp=options.smp, mem=options.mem or qemu.memory_for(archives), build=options.build,
                           boot=options.boot, archives=archives,
                           linux=options.linux, trace=options.trace, accel=options.accel,
                           kernel_args=options.kernel_arg, qemu_args=options.qemu_arg)
    machine.check()
    if not options.no_build:
        build(machine)
    for needed in (machine.kernel(), paths.BASE_IMAGE):
        if not needed.exists():
            raise LauncherError(f"{os.path.relpath(needed)} is not there; build first")
    return machine


def _files(options):
    files = {}
    for pair in options.file:
        host, colon, guest = pair.partition(":")
        if not colon or not guest.startswith("/"):
            raise LauncherError(f"--file {pair}: not HOST:GUEST with an absolute GUEST", errors.USAGE)
        files[guest] = _existing(host)
    return files


def _existing(name):
    path = Path(name)
    if not path.is_file():
        raise LauncherError(f"{name}: no such file", errors.USAGE)
    return path


def _run(options):
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    files = _files(options)
    if options.app:
        guest_path = f"/app/{Path(options.app).name}"
        files[guest_path] = _existing(options.app)
        command = [guest_path, *command]
    if not command:
        raise LauncherError("no command; rootfs/hardtack run --help explains", errors.USAGE)
    return run(Request(_machine(options), command, files, options.timeout))


def _iso(options):
    options.boot = "iso"
    machine = _machine(options)
    initramfs = Path(f"{options.output}.initramfs")
    image.write(initramfs, machine.archives, image.overlay(texts=interactive.greeting()))
    bootdisk.make_iso(options.output, machine.kernel(), initramfs, machine.command_line(["quiet"]), machine.linux)
    initramfs.unlink()
    return 0


def _debug(options):
    if shutil.which("gdb") is None:
        make(["build/deps/debug.ok"])
    return interactive.debug(_machine(options))


def main(arguments):
    options = _parser().parse_args(arguments)
    actions = {"run": _run, "iso": _iso, "debug": _debug,
               "shell": lambda options: interactive.shell(_machine(options))}
    try:
        return actions[options.action](options)
    except LauncherError as error:
        print(f"hardtack: {error}", file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 141
