"""An idle guest sleeps."""


def test_idle_guest_takes_under_five_timer_interrupts_a_second_per_cpu(shell):
    script = "grep LOC: /proc/interrupts; sleep 10; grep LOC: /proc/interrupts"
    first, second = shell(script, options=["--smp", 2]).out.splitlines()
    counts = [[int(word) for word in line.split()[1:3]] for line in (first, second)]
    assert all(after - before < 50 for before, after in zip(*counts)), counts
