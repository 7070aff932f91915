"""Every way to boot, with one CPU and with several, and every size of machine that is promised."""
import pytest


@pytest.mark.parametrize("smp", [1, 2, 4])
@pytest.mark.parametrize("boot", ["direct", "iso", "uefi"])
def test_boot_path_brings_up_all_cpus(shell, boot, smp):
    done = shell("nproc; uname -s; cat /proc/cpuinfo | grep -c ^processor", options=["--boot", boot, "--smp", smp])
    assert done.status == 0, done.err
    assert done.out.split() == [str(smp), "Linux", str(smp)]


def test_eight_cpus_all_run_threads(shell):
    script = "for cpu in 0 1 2 3 4 5 6 7; do taskset -c $cpu sh -c 'echo ran' & done; wait; nproc"
    done = shell(script, options=["--smp", 8])
    assert done.status == 0, done.err
    assert done.out.split() == ["ran"] * 8 + ["8"]


@pytest.mark.parametrize("size,least_kib", [("64M", 40_000), ("3G", 2_800_000), ("16G", 15_500_000)])
def test_memory_size(shell, size, least_kib):
    done = shell("grep MemTotal /proc/meminfo; echo works", options=["--mem", size])
    assert done.status == 0, done.err
    assert done.out.split()[-1] == "works"
    assert int(done.out.split()[1]) >= least_kib


@pytest.mark.hardtack_only("Debian's Linux and its initramfs need more")
def test_boots_to_a_shell_in_32_mib(shell):
    done = shell("echo $((6 * 7))", options=["--mem", "32M", "--smp", 1])
    assert (done.status, done.out) == (0, "42\n"), done.err


def test_kernel_command_line_is_what_the_loader_gave(shell):
    done = shell("cat /proc/cmdline", options=["--kernel-arg", "some.word=here"])
    assert "some.word=here" in done.out.split()


def test_uname_is_what_programs_test_for(run):
    done = run("uname", "-srm")
    system, release, machine = done.out.split()
    assert (system, machine) == ("Linux", "x86_64")
    assert release.startswith("6.1")


@pytest.mark.hardtack_only("its name")
def test_release_names_hardtack(run):
    assert "hardtack" in run("uname", "-r").out
