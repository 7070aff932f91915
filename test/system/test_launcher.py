"""rootfs/hardtack run: input, output, exit status, and its own failures in one line each."""
import os
import subprocess

import pytest

from conftest import ROOT


def launcher(*words):
    return subprocess.run([ROOT / "rootfs/hardtack", *map(str, words)], capture_output=True, text=True, timeout=300, check=False)


def test_exit_status_is_the_commands(shell):
    assert shell("exit 7").status == 7


def test_death_by_signal_is_128_plus_its_number(shell):
    assert shell("kill -TERM $$").status == 128 + 15


def test_missing_command_is_127(run):
    assert run("no-such-command-anywhere").status == 127


def test_output_and_errors_come_apart_and_alone(shell):
    done = shell("echo out; echo err >&2")
    assert (done.status, done.out, done.err) == (0, "out\n", "err\n")


def test_binary_input_passes_through_unchanged(launcher_options):
    data = os.urandom(200_000)
    done = subprocess.run([ROOT / "rootfs/hardtack", "run", *launcher_options, "--", "cat"], input=data, capture_output=True, timeout=200, check=False)
    assert done.returncode == 0
    assert done.stdout == data


def test_time_limit_has_its_own_status_and_reason(launcher_options):
    done = launcher("run", *launcher_options, "--timeout", 15, "--", "sleep", 1000)
    assert done.returncode == 124
    assert len(done.stderr.strip().splitlines()) == 1 and "time limit" in done.stderr


@pytest.mark.hardtack_only("sysrq's crash needs a module there")
def test_panic_has_its_own_status_reason_and_log(launcher_options):
    done = launcher("run", *launcher_options, "--kernel-arg", "selftest=panic", "--", "true")
    assert done.returncode == 125
    assert "Kernel panic" in done.stderr
    assert done.stderr.strip().splitlines()[-1].startswith("hardtack: the kernel panicked:")


@pytest.mark.parametrize("words", [["run", "--app", "/no/such/file", "--"], ["run", "--smp", "none", "--", "true"], ["run", "--mem", "lots", "--", "true"]])
def test_bad_arguments_get_a_message_and_status_2(words):
    done = launcher(*words)
    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_app_runs_a_host_binary_with_its_own_arguments(launcher_options):
    done = launcher("run", *launcher_options, "--app", "/bin/busybox", "--", "echo", "--its", "own arguments")
    assert (done.returncode, done.stdout) == (0, "--its own arguments\n"), done.stderr
