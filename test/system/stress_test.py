"""Many processes at once, with every check of the debug flavour on."""


def test_eight_shells_fork_for_a_minute_on_four_cpus(shell):
    script = """
end=$(( $(date +%s) + 60 ))
worker() { n=0; while [ $(date +%s) -lt $end ]; do x=$(echo $1 | cat | tr a-z A-Z); [ "$x" = "$2" ] || exit 1; /bin/true; n=$((n + 1)); done; echo $n > /tmp/done.$1; }
worker alpha ALPHA & worker beta BETA & worker gamma GAMMA & worker delta DELTA &
worker eps EPS & worker zeta ZETA & worker eta ETA & worker theta THETA &
wait
ls /tmp/done.* | wc -l
awk '$1 < 3 { print FILENAME, "starved at", $1 }' /tmp/done.*
"""
    done = shell(script, options=["--smp", 4], timeout=240)
    assert done.out == "8\n", done.out + done.err


def test_stressors_of_signals_processes_and_bad_addresses_end_well(shell):
    script = """
cd /tmp
for name in sigq vforkmany pipe sysbadaddr; do stress-ng --$name 2 -t 1 --oomable > log 2>&1 || { echo $name $?; tail -n 5 log; }; done
echo done
"""
    done = shell(script, options=["--smp", 4, "--mem", "1G", "--packages", "stress-ng"], timeout=240)
    assert done.out == "done\n", done.out + done.err
