"""The guest's console in this terminal: make run, make debug."""

import os
import subprocess
import tempfile
from pathlib import Path

from . import image, paths, qemu

_BANNER = "\n{name} is up. Leave with `poweroff`, or press Ctrl-A and then X.\n\n"
_CONSOLE = ["-chardev", "stdio,id=console,mux=on,signal=off", "-serial", "chardev:console"]


def greeting(linux=False):
    """Files for the guest: the banner, and what /etc/profile should know about the terminal."""
    terminal = f"export TERM={os.environ.get('TERM') or 'vt100'}\n"
    try:
        size = os.get_terminal_size()
        terminal += f"stty rows {size.lines} cols {size.columns}\n"
    except OSError:
        pass  # not a terminal
    return {"etc/hardtack/banner": _BANNER.format(name="Linux" if linux else "Hardtack"),
            "etc/hardtack/terminal": terminal}


def console_command(machine, initramfs):
    """QEMU's command line with the guest's console on its standard input and output."""
    return [*qemu.arguments(machine, initramfs, [] if machine.trace else ["quiet"]), *_CONSOLE]


def write_initramfs(path, machine, files=None):
    image.write(path, machine.archives, image.overlay(files=files, texts=greeting(machine.linux)))


def shell(machine):
    with tempfile.TemporaryDirectory(prefix="shell-", dir=paths.BUILD) as folder:
        initramfs = Path(folder) / "initramfs"
        write_initramfs(initramfs, machine)
        done = subprocess.run(["setpriv", "--pdeathsig", "KILL", *console_command(machine, initramfs)], check=False)
    return done.returncode


def debug(machine):
    """QEMU waits, stopped, in the background with its console in a log; gdb gets this terminal."""
    machine.kernel_args.append("nokaslr")
    with tempfile.TemporaryDirectory(prefix="debug-", dir=paths.BUILD) as folder:
        initramfs = Path(folder) / "initramfs"
        socket = Path(folder) / "gdb"
        console = paths.LOGS / "debug.log"
        paths.LOGS.mkdir(parents=True, exist_ok=True)
        write_initramfs(initramfs, machine)
        command = [*qemu.arguments(machine, initramfs), "-serial", f"file:{console}", "-S",
                   "-chardev", f"socket,id=gdb,path={socket},server=on,wait=off", "-gdb", "chardev:gdb"]
        print(f"The guest's console goes to {os.path.relpath(console)}. `continue` starts it.")
        with subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stdin=subprocess.DEVNULL) as guest:
            done = _gdb(machine, socket)
            guest.kill()
    return done


def _gdb(machine, socket):
    words = ["-q", "-ex", "set confirm off", "-ex", "set pagination off", "-ex", f"target remote {socket}"]
    return subprocess.run(["gdb", *words, str(machine.kernel())], cwd=paths.ROOT, check=False).returncode
