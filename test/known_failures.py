"""Known gaps: tests that are right on Linux and fail on Hardtack today, listed in test/known-failures.txt with the reason.

They are run and printed each time and count neither as passed nor as failed; one that passes is a failure until its line
is taken off the list.
"""
from pathlib import Path


def load(tier):
    """Reason by test name."""
    known = {}
    for line in (Path(__file__).parent / "known-failures.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            where, name, reason = line.split("\t")
            if where == tier:
                known[name] = reason
    return known


def sort_out(tier, failed, passed):
    """(failed that count, passed that count); says what is known and what is known wrongly."""
    known = load(tier)
    for name in failed:
        if name in known:
            print(f"{tier}: known gap: {name}: {known[name]}")
    wrong = [name for name in passed if name in known]
    for name in wrong:
        print(f"{tier}: {name} passes: take it off test/known-failures.txt")
    return [name for name in failed if name not in known] + wrong, [name for name in passed if name not in known]
