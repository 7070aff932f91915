"""Programs that make terminals of their own: script and tmux, from Debian's packages, on a real pseudo-terminal."""
import pytest
from hardtack import packages, qemu
from hardtack.console import PROMPT
from screen import Screen


@pytest.fixture(scope="module")
def archive():
    return packages.image(["tmux bsdutils libc-bin ncurses-base"])  # also a locale and a description of the screen


@pytest.fixture
def guest(console, archive):
    opened = console(archives=[archive], mem=qemu.memory_for([archive]))
    opened.run("export LC_ALL=C.UTF-8 TERM=screen PS1")
    return opened


def test_script_records_a_session(guest):
    guest.child.sendline("script -q /tmp/record")
    guest.expect(PROMPT)
    assert guest.run("tty").startswith("/dev/pts/")
    assert guest.run("stty size") == "24 80"
    guest.child.sendline("exit")
    guest.expect(PROMPT)
    assert guest.run("grep -c ^/dev/pts/ /tmp/record") == "1"


def test_script_passes_the_status_of_its_command_on(guest):
    assert guest.status("script -qec 'exit 7' /dev/null") == 7


def test_tmux_splits_detaches_and_attaches(guest):
    screen = Screen(guest)
    guest.child.sendline("tmux new-session -s one")
    screen.wait_text("[one] 0:")
    screen.type("echo in-$((1+1))\r")
    screen.wait_text("in-2")
    screen.type("\x02%")
    screen.wait_for(lambda s: s.text().count("root@hardtack") == 2)  # side by side
    screen.type("tty\r")
    screen.wait_text("/dev/pts/1")
    screen.type('\x02"')
    screen.wait_for(lambda s: s.text().count("root@hardtack") >= 3)
    screen.settle()
    screen.type("\x02d")
    screen.wait_text("[detached (from session one)]")
    screen.settle()
    assert "one: 1 windows" in guest.run("tmux ls")
    assert guest.run("tmux list-panes -t one | wc -l") == "3"
    guest.child.sendline("tmux attach -t one")
    screen.wait_text("[one] 0:")
    screen.wait_text("in-2")
    screen.settle()
    screen.type("\x02d")
    screen.wait_text("[detached (from session one)]")
    screen.settle()
    assert guest.status("tmux kill-server") == 0
