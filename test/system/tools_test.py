"""BusyBox tools that read the state of the system."""
import re


def test_ps_shows_init_and_itself(shell):
    out = shell("ps -o pid,ppid,comm").out
    assert re.search(r"^ +1 +0 ", out, re.M)
    assert re.search(r" ps$", out, re.M)


def test_free_adds_up(shell):
    rows = shell("free -k").out.splitlines()
    total, used, free = map(int, rows[1].split()[1:4])
    assert total > 0 and 0 < used < total and 0 < free < total


def test_mount_lists_what_is_mounted_and_new_mounts(shell):
    out = shell("mkdir /tmp/m; mount -t tmpfs -o size=1m none /tmp/m; mount; df -k /tmp/m; umount /tmp/m; mount | grep -c /tmp/m").out
    assert re.search(r"^none on /tmp/m type tmpfs", out, re.M)
    assert re.search(r" on /proc type proc", out)
    assert re.search(r"1024 .* /tmp/m$", out, re.M)
    assert out.splitlines()[-1] == "0"


def test_uptime_and_loadavg(shell):
    out = shell("uptime; cat /proc/loadavg; cut -d' ' -f1 /proc/uptime").out
    assert re.search(r"load average: \d+\.\d\d, \d+\.\d\d, \d+\.\d\d", out)
    assert 0 < float(out.splitlines()[-1]) < 120


def test_processes_are_found_and_killed_by_name(shell):
    """Debian's busybox-static has pidof and killall, and neither pgrep nor pkill."""
    out = shell("/bin/sleep 100 & /bin/sleep 100 & sleep 1; pidof sleep | wc -w; killall sleep; wait; pidof sleep | wc -w").out
    assert out.split() == ["2", "0"]


def test_dmesg_shows_the_log_ring(shell):
    done = shell("dmesg | wc -l; dmesg | grep -ciE 'linux|hardtack'")
    lines, named = map(int, done.out.split())
    assert lines > 3 and named > 0


def test_clock_runs_and_date_is_sane(shell):
    out = shell("a=$(date +%s); sleep 2; b=$(date +%s); echo $((b - a)); date +%Y").out.split()
    assert int(out[0]) in (2, 3)
    assert int(out[1]) >= 2024
