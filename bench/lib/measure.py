"""Turns boots into one figure per row and kernel."""

from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from statistics import median
from typing import Callable

from . import guest, image, rows
from .kernels import Kernel


@dataclass
class Figures:
    """kernel -> row -> one figure per sample; a sample is a repeat (instructions) or a boot (wall)."""

    samples: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, kernel: str, row: str, values: list[float]) -> None:
        self.samples.setdefault(kernel, {}).setdefault(row, []).extend(values)

    def of(self, kernel: str, row: str) -> float | None:
        values = self.samples.get(kernel, {}).get(row)
        return median(values) if values else None


class Session:
    """Where things are, and how progress is told."""

    def __init__(self, work: Path, progress: Callable[[str], None]) -> None:
        self.work = work
        self.progress = progress

    def boot(self, kernel: Kernel, wanted: list[str], cpus: int, counting: bool, repeats: int,
             profile: Path | None = None, show: tuple[str, ...] = ()) -> guest.Boot:
        initramfs = self.work / "initramfs.cpio"
        options = f"-r {repeats}" + ("" if counting else " -w")
        image.build(initramfs, self.work, options, rows.guest_rows(wanted, cpus), list(show))
        counts = self.work / f"{kernel.name}.counts" if counting else None
        plugin = f"{self.work}/count.so,out={counts}" if counting else None
        if profile is not None:
            plugin += f",profile={profile}" + (",boot=on" if wanted == ["boot"] else "")
        memory = max(rows.BY_NAME[row].memory_mib for row in wanted)
        line = guest.command(kernel, initramfs, cpus, f"{memory}M", plugin)
        return guest.run(line, self.work / f"{kernel.name}.log", counts, 90,
                         lambda row: self.progress(f"{kernel.label}: {row}"))

    def instructions(self, kernels: list[Kernel], wanted: list[str], repeats: int) -> Figures:
        """One boot per kernel and machine on one vCPU; the samples of a row are its repeats."""
        figures = Figures()
        for some, kernel in product(rows.by_memory(wanted), kernels):
            self.progress(f"{kernel.label}: booting")
            boot = self.boot(kernel, some, 1, True, repeats)
            _note_problems(figures, kernel, boot)
            per_row = {row: [(user + system) / boot.repeats[row][i][0] for i, (user, system) in enumerate(regions)]
                       for row, regions in boot.regions.items()}
            for row, values in per_row.items():
                figures.add(kernel.name, row, values)
            _add_derived(figures, kernel, {row: median(v) for row, v in per_row.items() if v})
            if "boot" in some and boot.ready_instructions:
                figures.add(kernel.name, "boot", [boot.ready_instructions])
            if {"memory_free", "memory_ram"} & set(some):
                _add_memory(figures, kernel, boot)
        return figures

    def wall(self, kernels: list[Kernel], wanted: list[str], rounds: int, repeats: int) -> Figures:
        """Alternating boots on two vCPUs; a sample is one boot's median nanoseconds per operation."""
        figures = Figures()
        for some, number, kernel in product(rows.by_memory(wanted), range(rounds), kernels):
            self.progress(f"round {number + 1} of {rounds}: {kernel.label}: booting")
            boot = self.boot(kernel, some, 2, False, repeats)
            _note_problems(figures, kernel, boot)
            medians = {row: median(ns / n for n, ns in values) for row, values in boot.repeats.items()}
            for row, value in medians.items():
                figures.add(kernel.name, row, [value])
            _add_derived(figures, kernel, medians)
            if "boot" in some and boot.ready_seconds:
                figures.add(kernel.name, "boot", [boot.ready_seconds * 1e9])
        return figures


def _note_problems(figures: Figures, kernel: Kernel, boot: guest.Boot) -> None:
    if boot.problem:
        figures.problems.append(f"{kernel.label}: {boot.problem}")
    figures.problems += [f"{kernel.label}: {row}: {reason}" for row, reason in boot.failures.items()]


def _add_derived(figures: Figures, kernel: Kernel, measured: dict[str, float]) -> None:
    before = set(measured)
    rows.derive(measured)
    for row in set(measured) - before:
        figures.add(kernel.name, row, [measured[row]])


def _add_memory(figures: Figures, kernel: Kernel, boot: guest.Boot) -> None:
    free = boot.meminfo("MemFree")
    if free:
        figures.add(kernel.name, "memory_free", [boot.meminfo("MemTotal") - free])
        figures.add(kernel.name, "memory_ram", [rows.MEMORY_MIB * 1024 - free])
