"""BusyBox's own tests, of Debian's source package, for the unmodified binary in the guest's image."""

import io
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import compare  # noqa: E402

HERE = Path(__file__).resolve().parent
OUT = compare.ROOT / "build/long/busybox"
SOURCE = OUT / "source"
SUITE = OUT / "suite.tar"
FOLDERS = ("testsuite/", "shell/ash_test/")
SHELL = "shell/ash_test"
HELPERS = ("printenv", "recho", "zecho")  # programs that the shell's tests call; they come as source
CONFIG = "debian/config/pkg/static"  # what busybox-static was built with: decides which tests apply
LIMIT = 1200  # seconds for a unit; bc computes for minutes, on both kernels

# What runtest and the shell's run-all print.
VERDICTS = {"PASS": "pass", "FAIL": "fail", "SKIPPED": "skip", "UNTESTED": "skip", "HANG": "hang"}
PRINTED = re.compile(r"^(PASS|FAIL|SKIPPED|UNTESTED|HANG): (.*)$")
SHELL_PRINTED = re.compile(r"^(ash-\S+): (ok|fail)$")
NOT_UNITS = {"all_sourcecode", "ash-z_slow"}  # the first looks at the sources, the other only computes


def archive(pattern):
    return tarfile.open(next(SOURCE.glob(pattern)))


def build_helper(name, source):
    program = OUT / name
    subprocess.run(["musl-gcc", "-static", "-O2", "-w", "-x", "c", "-o", program, "-"], input=source, check=True)
    return program


def pack(out):
    with archive("*.debian.tar.*") as debian:
        config = debian.extractfile(CONFIG).read()
    with archive("*.orig.tar.*") as upstream, tarfile.open(out, "w") as suite:
        for member in upstream:
            member.name = member.name.partition("/")[2]
            if member.name.startswith(FOLDERS):
                suite.addfile(member, upstream.extractfile(member) if member.isfile() else None)
            if member.name in {f"{SHELL}/{name}.c" for name in HELPERS}:
                name = Path(member.name).stem
                suite.add(build_helper(name, upstream.extractfile(member).read()), f"{SHELL}/{name}")
        entry = tarfile.TarInfo(".config")
        entry.size = len(config)
        suite.addfile(entry, io.BytesIO(config))


def prepare():
    """The archive that goes into the guest."""
    if SUITE.exists():
        return
    OUT.mkdir(parents=True, exist_ok=True)
    subprocess.run([compare.ROOT / "rootfs/deps/fetch-source", "busybox", SOURCE], check=True)
    unfinished = SUITE.with_suffix(".new")
    pack(unfinished)
    shutil.move(unfinished, SUITE)


def units():
    """The applets that have tests, and the folders of the shell's tests."""
    with tarfile.open(SUITE) as suite:
        paths = [(Path(member.name), member.isdir()) for member in suite]
    applets = {path.stem for path, folder in paths if path.parent.name == "testsuite" and (folder or path.suffix == ".tests")}
    shell = {path.name for path, folder in paths if folder and path.parent.name == "ash_test"}
    return sorted(applets - NOT_UNITS) + sorted(shell - NOT_UNITS)


def verdict_of(line):
    """(name of the case, verdict) or None."""
    if match := PRINTED.match(line):
        return match.group(2), VERDICTS[match.group(1)]
    if match := SHELL_PRINTED.match(line):
        return match.group(1).partition("/")[2], "pass" if match.group(2) == "ok" else "fail"
    return None


def parse(out):
    """Verdicts by 'UNIT: CASE'; a name that comes again gets a number. A unit that did not end is a case of its own."""
    found, unit = {}, None
    for line in out.splitlines():
        if line.startswith("UNIT "):
            unit = line.removeprefix("UNIT ")
        elif line == f"END {unit}":
            found[f"{unit}: end"] = "pass"
        elif unit and (case := verdict_of(line)):
            name, count = f"{unit}: {case[0]}", 1
            while name in found:
                count += 1
                name = f"{unit}: {case[0]} #{count}"
            found[name] = case[1]
    return found


def run(kernel, names, options=(), timeout=600):
    """Verdicts of the units `names` in one boot, and what was printed."""
    brought = ["--file", f"{SUITE}:/busybox.tar", "--file", f"{HERE / 'drive'}:/sbin/drive-busybox"]
    out, complaint = compare.run_in_guest(kernel, ["/sbin/drive-busybox", LIMIT, *names], [*brought, *options], timeout=timeout)
    return parse(out), out + complaint
