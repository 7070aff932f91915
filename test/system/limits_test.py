"""Programs that take all they can get."""
import re


def test_fork_bomb_under_nproc_is_contained(shell):
    script = """
adduser -D -H bomber 2>/dev/null || echo 'bomber:x:1000:1000::/tmp:/bin/sh' >> /etc/passwd
su bomber -s /bin/sh -c 'ulimit -p 40; bomb() { bomb | bomb & }; bomb; sleep 4' > /dev/null 2>&1
su bomber -s /bin/sh -c 'kill -KILL -1' 2> /dev/null; sleep 1
echo left $(ps -o user,pid | grep -c '^bomber\\|^1000')
echo alive
"""
    done = shell(script, options=["--smp", 2])
    assert done.out.splitlines()[-2:] == ["left 0", "alive"], done.out + done.err


def test_memory_exhaustion_kills_one_process_and_the_rest_live_on(shell):
    script = """
sleep 300 & bystander=$!
tail /dev/zero
echo hog=$?
kill -0 $bystander && echo bystander lives
awk '/MemFree/ { print ($2 > 40000) ? "memory is back" : "memory is gone: " $2 }' /proc/meminfo
kill $bystander
"""
    done = shell(script, options=["--mem", "128M", "--smp", 2])
    assert done.out.splitlines() == ["hog=137", "bystander lives", "memory is back"], done.out + done.err


def test_fork_exec_exit_gives_all_memory_back(shell):
    script = """
free_kib() { sleep 1; awk '/MemFree/ { print $2 }' /proc/meminfo; }
i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i + 1)); done
before=$(free_kib)
i=0; while [ $i -lt 10000 ]; do /bin/true; i=$((i + 1)); done
echo $before $(free_kib)
"""
    done = shell(script, timeout=400)
    assert done.status == 0, done.err
    before, after = map(int, done.out.split())
    assert abs(before - after) <= before / 100, done.out


def test_filling_tmpfs_is_enospc_and_deleting_frees(shell):
    script = """
mkdir /tmp/small; mount -t tmpfs -o size=2m none /tmp/small
dd if=/dev/zero of=/tmp/small/file bs=64k 2>/tmp/message; grep -o 'No space left' /tmp/message
rm /tmp/small/file; dd if=/dev/zero of=/tmp/small/file bs=64k count=30 2>/dev/null && echo fits again
"""
    assert shell(script).out.splitlines() == ["No space left", "fits again"]


def test_descriptor_limit_is_emfile(shell):
    done = shell("ulimit -n 20; bash -c 'for i in {10..40}; do eval \"exec $i</dev/null\" || exit 3; done' 2>&1 | grep -o 'Too many open files\\|Bad file descriptor\\|Invalid argument' | head -1")
    assert re.match("Too many|Bad file|Invalid", done.out), done.out
