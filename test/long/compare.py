"""What long suites share: a suite's verdicts on Linux and on Hardtack, compared.

A verdict is a word by test name ('pass', 'skip', anything else is a failure). A case counts as passed when Hardtack's verdict
is Linux's, or when it passes where Linux does not.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test"))

import known_failures  # noqa: E402

KERNELS = {"linux": ["--linux"], "hardtack": []}


def install(*lists):
    """The packages of rootfs/deps/LIST.txt."""
    subprocess.run([ROOT / "rootfs/deps/install", *lists], check=True)


def run_in_guest(kernel, command, options=(), timeout=600):
    """Standard output of a command in a guest, and how it ended: '' or the launcher's complaint."""
    words = [ROOT / "rootfs/hardtack", "run", *KERNELS[kernel], "--timeout", timeout, *options, "--", *command]
    done = subprocess.run([str(word) for word in words], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    complaint = done.stderr.decode(errors="replace").strip() if done.returncode in (124, 125) else ""
    return done.stdout.decode(errors="replace"), complaint


def report(suite, linux, hardtack):
    """Prints the differences and the closing line; returns the exit status."""
    failed = [name for name, verdict in linux.items() if hardtack.get(name, "not reached") not in (verdict, "pass")]
    passed = [name for name in linux if name not in failed]
    failed, passed = known_failures.sort_out(suite, failed, passed)
    for name in failed:
        print(f"{suite}: {name}: {linux[name]} on Linux, {hardtack.get(name, 'not reached')} on Hardtack")
    counts = {verdict: list(linux.values()).count(verdict) for verdict in sorted(set(linux.values()))}
    print(f"{suite}: on Linux " + ", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    if not linux:
        print(f"{suite}: Linux ran no test")
    print(f"{suite}: {len(passed)} passed, {len(failed)} failed", flush=True)
    return 1 if failed or not linux else 0
