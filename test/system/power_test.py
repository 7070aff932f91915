"""poweroff and reboot leave the machine as told."""
import pexpect
import pytest


# QEMU runs with -no-reboot: a reset ends it as soft-off does.
@pytest.mark.parametrize("command", ["poweroff -f", "reboot -f"])
def test_machine_ends_cleanly(console, command):
    guest = console()
    guest.child.sendline(command)
    guest.child.expect(pexpect.EOF, timeout=40)
    assert "panic" not in guest.child.before
    guest.child.wait()
    assert guest.child.exitstatus == 0
