"""A person's session on a real pseudo-terminal, the screen read back."""
import re
import time

from hardtack.console import PROMPT
from screen import Screen


def test_session_with_pipes_scripts_and_files(console):
    guest = console(smp=2)
    assert guest.run("echo one two | wc -w") == "2"
    guest.run("printf '#!/bin/sh\\necho script $1 $#\\n' > /tmp/s; chmod +x /tmp/s")
    assert guest.run("/tmp/s a b") == "script a 2"
    assert guest.run("for i in 1 2 3; do echo $i; done | sort -r | tr '\\n' ' '") == "3 2 1 "
    assert guest.status("test -d /proc/self && [ -c /dev/null ]") == 0
    assert guest.run("ls -l /tmp/s | cut -c1-10") == "-rwxr-xr-x"
    assert guest.run("find /etc -name inittab") == "/etc/inittab"
    assert guest.run("bash -c 'a=(x y z); echo ${a[1]} ${#a[@]} $((2**10))'") == "y 3 1024"
    assert guest.status("false") == 1


def test_terminal_is_controlling_and_knows_its_size(console):
    guest = console()
    assert guest.run("tty").startswith("/dev/")
    assert guest.run("stty size") == "24 80"
    assert guest.run("stty -a | grep -o 'isig icanon'") == "isig icanon"
    assert guest.run("echo via-tty > /dev/tty") == "via-tty"


def test_interrupt_key_ends_the_foreground_only(console):
    guest = console()
    guest.child.sendline("sleep 1000; echo after=$?")
    time.sleep(2)
    guest.child.send("\x03")
    guest.expect(r"\^C")
    guest.expect(PROMPT)
    assert guest.run("echo alive") == "alive"


def test_job_control_stops_continues_and_lists(console):
    guest = console()
    guest.run("bash --norc --noprofile -c true")
    guest.child.sendline("sleep 500")
    time.sleep(2)
    guest.child.send("\x1a")
    guest.expect("(?i)stopped")
    guest.expect(PROMPT)
    assert re.search(r"(?i)stopped.*sleep 500", guest.run("jobs"))
    guest.run("bg")
    assert re.search(r"(?i)running.*sleep 500", guest.run("jobs"))
    guest.child.sendline("fg")
    time.sleep(2)
    guest.child.send("\x03")
    guest.expect(r"\^C")
    guest.expect(PROMPT)
    assert guest.run("jobs") == ""


def test_background_reader_is_stopped_by_the_terminal(console):
    guest = console()
    guest.run("cat > /dev/null & sleep 1")
    assert re.search(r"(?i)stopped", guest.run("sleep 1; jobs"))
    guest.run("kill %1; kill -CONT %1; sleep 1; jobs")
    assert "cat" not in guest.run("jobs")


def test_line_editing_keys_of_the_line_discipline(console):
    guest = console()
    guest.child.sendline("cat")
    time.sleep(1)
    guest.child.send("wrong\x15right\x7f\x7f\x7f\x7f\x7fgood\x17better\n")
    guest.expect("better\r+\nbetter\r+\n")
    guest.child.send("\x04")
    guest.expect(PROMPT)
    assert guest.run("echo done") == "done"


def test_vi_edits_and_saves_a_file(console):
    guest = console()
    screen = Screen(guest)
    guest.child.sendline("vi /tmp/letter")
    screen.wait_for(lambda s: s.lines().count("~") > 15)
    screen.type("iDear reader,\rgoodbye")
    screen.wait_text("goodbye")
    screen.type("\x1b")
    screen.settle()  # apart from what follows, or it would begin an escape sequence
    screen.type(":wq\r")
    screen.settle()
    assert guest.run("cat /tmp/letter") == "Dear reader,\ngoodbye"


def test_less_pages_forward_back_and_quits(console):
    guest = console()
    screen = Screen(guest)
    guest.run("seq 1 200 > /tmp/numbers")
    guest.child.sendline("less /tmp/numbers")
    screen.wait_for(lambda s: s.lines()[0] == "1" and "23" in s.lines())
    screen.type(" ")
    screen.wait_for(lambda s: s.lines()[0] == "24")
    screen.type("b")
    screen.wait_for(lambda s: s.lines()[0] == "1")
    screen.type("q")
    screen.settle()
    assert guest.run("echo back").endswith("back")


def test_top_shows_processes_and_quits(console):
    guest = console()
    screen = Screen(guest)
    guest.child.sendline("top")
    screen.wait_for(lambda s: re.search(r"Mem: +\d+K used", s.text()) and re.search(r"^ +1 +0 ", s.text(), re.M))
    assert re.search(r"CPU:.*idle", screen.text())
    screen.type("q")
    screen.settle()
    assert guest.run("echo back").endswith("back")
