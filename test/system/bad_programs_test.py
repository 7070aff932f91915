"""Hostile programs: an error for who starts them, nothing for anybody else."""
import pytest

import programs


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("programs")
    for name, content in {"good": programs.GOOD, **programs.HARMLESS, **programs.REFUSED, **programs.DEADLY}.items():
        (place / name).write_bytes(content)
    return place


def bring(folder, names):
    return [word for name in names for word in ("--file", f"{folder / name}:/p/{name}")]


def attempt(names):
    """For each: copy (the launcher's files are not executable), execute through env so that no shell interprets it, print the status."""
    return "".join(f"cp /p/{name} /tmp/x; chmod 755 /tmp/x; env /tmp/x 2>/dev/null; echo {name} $?; " for name in names)


def test_a_good_program_made_the_same_way_runs(shell, folder):
    assert shell(attempt(["good"]), options=bring(folder, ["good"])).out == "good 42\n"


def test_a_file_shorter_than_its_segment_runs_what_is_there(shell, folder):
    assert shell(attempt(programs.HARMLESS), options=bring(folder, programs.HARMLESS)).out == "file-part-beyond-end 42\n"


def test_refused_programs_are_refused(shell, folder):
    done = shell(attempt(programs.REFUSED) + "echo alive", options=bring(folder, programs.REFUSED))
    lines = done.out.splitlines()
    assert lines[-1] == "alive", done.err
    # After ENOEXEC execvp(3) has the shell read the file, so the status is the shell's; the errno is test/syscall's.
    assert [line.split()[0] for line in lines[:-1]] == list(programs.REFUSED)
    assert not [line for line in lines[:-1] if line.endswith(" 42")]


def test_deadly_programs_harm_only_themselves(shell, folder):
    done = shell(attempt(programs.DEADLY) + "echo alive", options=bring(folder, programs.DEADLY))
    lines = done.out.splitlines()
    assert lines[-1] == "alive", done.err
    statuses = {line.split()[0]: int(line.split()[1]) for line in lines[:-1]}
    assert set(statuses) == set(programs.DEADLY)
    assert all(status == 126 or status in (128 + 11, 128 + 7, 128 + 9) for status in statuses.values()), " ".join(lines)
