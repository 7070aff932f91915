"""A sample of BusyBox's own test suite; test/long/busybox runs all of it."""
import sys

from conftest import ROOT

sys.path.insert(0, str(ROOT / "test/long/busybox"))

import suite  # noqa: E402

SAMPLE = ["cp", "ash-redir"]


def test_busybox_passes_what_it_passes_on_linux(pytestconfig):
    suite.prepare()
    linux, printed = suite.run("linux", SAMPLE, timeout=300)
    assert list(linux.values()).count("pass") > 40, printed
    options = ["--build", pytestconfig.getoption("--flavour")]
    hardtack, printed = suite.run("hardtack", SAMPLE, options, timeout=300)
    assert hardtack == linux, printed
