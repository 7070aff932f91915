"""What `rootfs/hardtack run` promises, on both kernels."""

import os
import random
import re
import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = ROOT / "rootfs/hardtack"


@pytest.fixture(params=["linux", "hardtack"])
def run(request):
    """Runs a command in a guest of either kernel; returns the finished launcher."""

    def run_in_guest(*command, options=(), data=b""):
        kernel = ["--linux"] if request.param == "linux" else []
        return subprocess.run([LAUNCHER, "run", "--smp", "1", *kernel, *options, "--", *command], input=data,
                              capture_output=True, timeout=180, check=False)

    return run_in_guest


def one_line(stderr):
    return stderr.decode().count("\n") == 1


def test_exit_status_is_the_commands_own(run):
    done = run("sh", "-c", "exit 42")
    assert (done.returncode, done.stdout, done.stderr) == (42, b"", b"")


def test_signal_gives_128_plus_its_number(run):
    assert run("sh", "-c", "kill -KILL $$").returncode == 137


def test_missing_command_gives_127_and_says_so(run):
    done = run("no-such-command")
    assert done.returncode == 127
    assert b"no-such-command: No such file or directory" in done.stderr


def test_file_without_execute_permission_gives_126(run):
    done = run("/etc/passwd")
    assert done.returncode == 126
    assert b"Permission denied" in done.stderr


def test_output_and_errors_stay_apart(run):
    done = run("sh", "-c", "echo to output; echo to errors >&2")
    assert (done.stdout, done.stderr) == (b"to output\n", b"to errors\n")


def test_every_byte_passes_in_both_directions(run):
    data = random.Random(1).randbytes(100_000) + bytes(range(256))
    done = run("cat", data=data)
    assert done.stdout == data


def test_input_ends_where_the_hosts_ends(run):
    assert run("wc", "-c").stdout.split() == [b"0"]
    assert run("wc", "-c", data=b"x" * 5000).stdout.split() == [b"5000"]


def test_command_that_takes_no_input_is_not_held_up_by_it(run):
    done = run("sh", "-c", "exec <&-; sleep 1; echo done", data=b"x" * 100_000)
    assert done.stdout == b"done\n"


def test_background_process_does_not_keep_the_guest_alive(run):
    done = run("sh", "-c", "sleep 1000 & echo started")
    assert (done.returncode, done.stdout) == (0, b"started\n")


def test_arguments_arrive_as_they_are(run):
    arguments = ["a b", "", "$HOME", "*", "--", "-x", "ä\n"]
    done = run("printf", "%s|", *arguments)
    assert done.stdout.decode() == "".join(f"{argument}|" for argument in arguments)


def test_app_is_brought_along_with_its_own_arguments(run, tmp_path):
    source = tmp_path / "app.c"
    source.write_text('#include <stdio.h>\nint main(int n, char **a) { while (n--) puts(*a++); return 7; }\n')
    subprocess.run(["musl-gcc", "-static", "-o", tmp_path / "app", source], check=True)
    done = run("--help", "x y", options=["--app", tmp_path / "app"])
    assert (done.returncode, done.stdout) == (7, b"/app/app\n--help\nx y\n")


def test_time_limit_gives_124_and_one_line(run):
    done = run("sleep", "1000", options=["--timeout", "8"])
    assert done.returncode == 124
    assert b"time limit of 8 s" in done.stderr and one_line(done.stderr)


def test_panic_gives_125_with_the_log_and_a_reason(run):
    done = run("true", options=["--kernel-arg", "rdinit=/bin/false"])
    assert done.returncode == 125
    assert re.match(rb"hardtack: the kernel panicked: .*\binit\b", done.stderr.splitlines()[-1])


def test_kernel_log_stays_out_of_the_way(run):
    done = run("true")
    assert (done.stdout, done.stderr) == (b"", b"")


def test_packages_come_with_all_they_depend_on(run):
    done = run("python3", "-c", "import sys, re; print(sys.executable, 6 * 7)", options=["--packages", "python3-minimal"])
    assert (done.returncode, done.stdout, done.stderr) == (0, b"/usr/bin/python3 42\n", b"")


def test_python_runs_threads_and_subprocesses(run):
    script = """if True:
        import subprocess, sys, threading
        lock, total = threading.Lock(), []
        def work(n):
            said = subprocess.run([sys.executable, "-c", f"print({n})"], stdout=subprocess.PIPE).stdout
            with lock: total.append(int(said))
        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for t in threads: t.start()
        for t in threads: t.join()
        cat = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        print(sum(total), cat.communicate(b"through")[0].decode(), cat.returncode)
    """
    done = run("python3", "-c", script, options=["--packages", "python3-minimal"])
    assert (done.returncode, done.stdout, done.stderr) == (0, b"6 through 0\n", b"")


def test_packages_are_configured_as_on_debian(run):
    script = "ls -l /usr/bin/awk > /dev/null && awk --version | head -n 1 | cut -c 1-7; grep -c ^_apt: /etc/passwd; /bin/sed 's/a/b/' <<< a"
    done = run("bash", "-c", script, options=["--packages", "bash gawk", "--packages", "coreutils,sed"])
    assert (done.stdout, done.stderr) == (b"GNU Awk\n1\nb\n", b"")


def test_localhost_is_known_by_name(run):
    script = "import socket; print(socket.gethostbyname('localhost'))"
    done = run("python3", "-c", script, options=["--packages", "python3-minimal"])
    assert (done.stdout, done.stderr) == (b"127.0.0.1\n", b"")


def test_unknown_package_gives_2_and_one_line():
    done = subprocess.run([LAUNCHER, "run", "--packages", "no-such-package", "--", "true"], capture_output=True, check=False)
    assert done.returncode == 2
    assert b"Unable to locate package no-such-package" in done.stderr and one_line(done.stderr)


@pytest.mark.parametrize("around, reason", [
    ("unshare --net", b"lists of packages"),
    ("unshare --mount sh -c 'mount -t tmpfs -o size=64k none $HARDTACK_PACKAGES && exec \"$@\"' sh", b"")])
def test_packages_without_network_or_space_give_125_and_one_line(around, reason, tmp_path):
    command = [*shlex.split(around.replace("$HARDTACK_PACKAGES", str(tmp_path))), LAUNCHER, "run", "--packages", "hello", "--", "true"]
    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "HARDTACK_PACKAGES": str(tmp_path)})
    assert done.returncode == 125
    assert done.stderr.startswith(b"hardtack: --packages: ") and reason in done.stderr and one_line(done.stderr)


@pytest.mark.parametrize("words", [["--app", "/no/such/file"], [], ["--file", "nonsense", "--", "true"]])
def test_wrong_command_line_gives_2_and_one_line(words):
    done = subprocess.run([LAUNCHER, "run", *words], capture_output=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert one_line(done.stderr)
