"""Where a row's instructions go: by function, by source line, by instruction."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tabulate import tabulate

from .symbols import Symbols


@dataclass(frozen=True)
class Block:
    address: int
    length: int
    executions: float  # per operation


def read_blocks(path: Path, operations: int) -> list[Block]:
    rows = (line.split() for line in path.read_text().splitlines())
    return [Block(int(r[0], 16), int(r[1]), int(r[2]) / operations) for r in rows]


def functions(blocks: list[Block], symbols: Symbols, top: int) -> str:
    """The costliest functions with instructions, calls and instructions per call."""
    cost: dict[tuple[int, str], float] = defaultdict(float)
    calls: dict[tuple[int, str], float] = defaultdict(float)
    for block in blocks:
        where = symbols.function(block.address)
        cost[where] += block.length * block.executions
        if block.address == where[0]:
            calls[where] += block.executions
    total = sum(cost.values())
    body, running = [], 0.0
    for where in sorted(cost, key=cost.get, reverse=True)[:top]:
        running += cost[where]
        each = cost[where] / calls[where] if calls[where] else 0
        body.append([f"{cost[where]:,.1f}", f"{100 * cost[where] / total:.1f}", f"{100 * running / total:.1f}",
                     f"{calls[where]:,.2f}", f"{each:,.0f}", where[1][:100]])
    head = ["instr/op", "%", "sum %", "calls/op", "instr/call", "function"]
    return tabulate(body, headers=head, disable_numparse=True, stralign="right",
                    colalign=("right",) * 5 + ("left",)) + f"\ntotal {total:,.0f} instructions per operation"


def per_instruction(blocks: list[Block], symbols: Symbols) -> dict[int, float]:
    counts: dict[int, float] = defaultdict(float)
    for block in blocks:
        for address in symbols.instructions(block.address, block.length):
            counts[address] += block.executions
    return counts


def source_lines(blocks: list[Block], symbols: Symbols, only: str | None, top: int) -> str:
    """The costliest source lines, over all functions or those whose name contains `only`."""
    counts = {a: c for a, c in per_instruction(blocks, symbols).items()
              if only is None or only in symbols.function(a)[1]}
    summed = symbols.lines(counts)
    body = [[f"{summed[line]:,.1f}", line] for line in sorted(summed, key=summed.get, reverse=True)[:top]]
    return tabulate(body, headers=["instr/op", "line"], disable_numparse=True, colalign=("right", "left"))


def annotate(blocks: list[Block], symbols: Symbols, name: str) -> str:
    """Disassembly of the executed instructions of the functions whose name contains `name`."""
    out, current = [], None
    for address, count in sorted(per_instruction(blocks, symbols).items()):
        where = symbols.function(address)
        if name not in where[1]:
            continue
        if where != current:
            out.append(f"\n{where[1]}:")
            current = where
        out.append(f"{count:10.2f}  {address:x}  {symbols.text[address]}")
    return "\n".join(out)
