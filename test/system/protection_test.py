"""Each protection is shown by provoking it: the kernel's self-tests violate one rule each and must die of it."""
import pytest

pytestmark = pytest.mark.hardtack_only("self-tests")

# selftest=NAME on the command line -> what the panic must say
EXPECTED = {
    "smep": "SMEP",
    "smap": "SMAP",
    "nx": "no-execute page",
    "wx-text": "write to read-only kernel memory",
    "wx-rodata": "write to read-only kernel memory",
    "wx-alias": "write to read-only kernel memory",
    "umip": "signal 11",  # user code that asks for the GDT's address dies of it; without UMIP the test ends in signal 4
    "guard-page": "guard page hit",
    "stack-protector": "stack canary",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_violation_is_caught(run, name):
    done = run("true", options=["--kernel-arg", f"selftest={name}"])
    assert done.status == 125, done.err
    assert EXPECTED[name].lower() in done.err.lower(), done.err


def test_kernel_addresses_differ_between_boots(run):
    """KASLR: the same panic has another instruction pointer each time."""
    seen = set()
    for _ in range(3):
        err = run("true", options=["--kernel-arg", "selftest=panic"]).err
        seen.update(word for word in err.replace("[", " ").replace("]", " ").split() if word.startswith("0xffffffff") or word.startswith("ffffffff"))
    assert len(seen) >= 3, seen
