"""The unit test program of one sanitizer: builds it, runs it, says how it went in the words of test/run."""

import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(title, sanitizer, selection):
    """`selection` is GoogleTest's filter. Returns the exit status."""
    program = ROOT / f"build/unit-{sanitizer}/unit"
    report = program.parent / "report.json"
    report.unlink(missing_ok=True)
    build = ["make", "-s", "unit-program", f"SAN={sanitizer}"]
    if subprocess.run(build, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode != 0:
        print(f"{title}: does not build")
        return 1
    words = [f"--gtest_output=json:{report}", "--gtest_brief=1", f"--gtest_filter={selection}"]
    done = subprocess.run([program, *words], cwd=ROOT, check=False)
    if not report.exists():
        print(f"{title}: the test program died")
        return 1
    counts = json.loads(report.read_text(encoding="utf-8"))
    print(f"{title}: {counts['tests'] - counts['failures']} passed, {counts['failures']} failed")
    return done.returncode
