"""The rows of the table: what the guest program runs, and what is derived from it."""

from dataclasses import dataclass

MEMORY_MIB = 1024


@dataclass(frozen=True)
class Row:
    name: str
    label: str
    cpus: int = 1
    boot: bool = False  # comes from the boot itself, not from the guest program
    hidden: bool = False  # measured for another row's sake
    memory_mib: int = MEMORY_MIB  # of the machine


ROWS = [
    Row("null", "null call (getppid)"),
    Row("read", "read 1 byte"),
    Row("write", "write 1 byte"),
    Row("pread4k", "pread 4 KiB"),
    Row("stat", "stat"),
    Row("fstat", "fstat"),
    Row("open_close", "open+close"),
    Row("pipe_threads", "pipe round trip, 2 threads"),
    Row("pipe_processes", "pipe round trip, 2 processes"),
    Row("pipe_2cpus", "pipe round trip, 2 CPUs", cpus=2),
    Row("pipe_self", "pipe write+read, alone", hidden=True),
    Row("context_switch", "context switch"),
    Row("signal_install", "signal install"),
    Row("signal_deliver", "signal deliver"),
    Row("fork_exit", "fork+exit"),
    Row("fork_exec", "fork+exec+exit"),
    Row("vfork_exec", "vfork+exec+exit"),
    Row("sh_c", "sh -c"),
    Row("fault_anon", "anonymous page fault"),
    Row("fault_cow", "copy-on-write page fault"),
    Row("fault_file", "file page touched"),
    Row("fault_1thread", "anonymous page fault, 1 thread"),
    Row("fault_2threads", "anonymous page fault, 2 threads"),
    Row("fault_4threads", "anonymous page fault, 4 threads"),
    Row("fault_beside_map", "anonymous page fault beside mmap+munmap", cpus=2),
    Row("map_shared_read", "mmap+read 64 pages of a file, shared"),
    Row("map_shared_write", "mmap+write 64 pages of a file, shared"),
    Row("map_private_read", "mmap+read 64 pages of a file, private"),
    Row("map_private_write", "mmap+write 64 pages of a file, private"),
    Row("mmap_munmap", "mmap+touch+munmap"),
    Row("mprotect", "mprotect twice (split, merge)"),
    Row("tmpfs_create", "tmpfs create, 1 KiB file"),
    Row("tmpfs_read", "tmpfs open+read+close, 1 KiB"),
    Row("tmpfs_unlink", "tmpfs unlink, 1 KiB file"),
    Row("fork_1mib", "fork+exit with 1 MiB resident"),
    Row("fork_100mib", "fork+exit with 100 MiB resident"),
    Row("fork_1gib", "fork+exit with 1 GiB resident", memory_mib=1536),
    Row("clock", "clock_gettime"),
    Row("thread_create", "thread create+join"),
    Row("futex", "futex round trip, 2 threads"),
    Row("yield", "sched_yield, 2 threads"),
    Row("mutex", "contended mutex, 4 threads"),
    Row("exec_dynamic", "fork+exec+exit, dynamic"),
    Row("eventfd", "eventfd round trip, 2 threads"),
    Row("epoll_1", "epoll wake-up, 1 descriptor"),
    Row("epoll_1000", "epoll wake-up, 1,000 descriptors"),
    Row("timerfd", "timerfd arm+expire+read"),
    Row("hackbench_pipe", "hackbench message, pipes"),
    Row("hackbench_socket", "hackbench message, sockets"),
    Row("boot", "boot to shell", boot=True),
    Row("memory_free", "memory in use after boot, KiB", boot=True),
    Row("memory_ram", "the same with kernel-reserved, KiB", boot=True),
]
BY_NAME = {row.name: row for row in ROWS}

# Context switch, as lat_ctx has it: half a round trip, less a write and a read that switch nothing.
DERIVED = {"context_switch": (("pipe_processes", 0.5), ("pipe_self", -1.0))}


def guest_rows(wanted: list[str], cpus: int) -> list[str]:
    """What the guest has to run for the wanted rows, in table order."""
    needed = set(wanted)
    for name in wanted:
        needed.update(part for part, _ in DERIVED.get(name, ()))
    return [r.name for r in ROWS
            if r.name in needed and not r.boot and r.name not in DERIVED and r.cpus <= cpus]


def by_memory(wanted: list[str]) -> list[list[str]]:
    """The wanted rows, those together that want a machine of the same size: one boot for each."""
    machines: dict[int, list[str]] = {}
    for name in wanted:
        machines.setdefault(BY_NAME[name].memory_mib, []).append(name)
    return list(machines.values())


def derive(figures: dict[str, float]) -> None:
    """Adds the derived rows whose parts were measured."""
    for name, parts in DERIVED.items():
        if all(part in figures for part, _ in parts):
            figures[name] = sum(figures[part] * factor for part, factor in parts)
