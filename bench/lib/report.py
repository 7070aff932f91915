"""The table, the geometric mean and results.json."""

import json
from pathlib import Path
from statistics import geometric_mean, median

from tabulate import tabulate

from .measure import Figures
from .rows import ROWS

RIVALS = ("linux_stock", "linux_tuned")
MEMORY_ROWS = ("memory_free", "memory_ram")


def results(figures: Figures, measure: str, wanted: list[str]) -> list[dict]:
    """One entry per row that any kernel has a figure for."""
    entries = []
    for row in ROWS:
        if row.hidden or row.name not in wanted:
            continue
        values = {k: figures.of(k, row.name) for k in (*RIVALS, "hardtack")}
        if any(v is not None for v in values.values()):
            entries.append({"row": row.name, "measure": measure, **values, "ratio": _ratio(values),
                            "spread": _spread(figures, row.name)})
    return entries


def _ratio(values: dict) -> float | None:
    rivals = [values[k] for k in RIVALS if values[k]]
    return values["hardtack"] / min(rivals) if rivals and values["hardtack"] is not None else None


def _spread(figures: Figures, row: str) -> float | None:
    """The widest relative distance between the quartiles of any kernel's samples."""
    widths = []
    for by_row in figures.samples.values():
        values = sorted(by_row.get(row, []))
        if len(values) >= 3 and median(values) > 0:
            quarter = len(values) // 4
            widths.append((values[-1 - quarter] - values[quarter]) / median(values))
    return max(widths, default=None)


def geomean(entries: list[dict]) -> float | None:
    """Over the rows of work; memory is counted apart."""
    ratios = [e["ratio"] for e in entries if e["ratio"] and e["row"] not in MEMORY_ROWS]
    return geometric_mean(ratios) if ratios else None


def table(entries: list[dict], measure: str) -> str:
    labels = {row.name: row.label for row in ROWS}
    unit = "instructions" if measure == "instructions" else "ns"
    body = [[labels[e["row"]], *(_number(e[k]) for k in (*RIVALS, "hardtack")),
             _fraction(e["ratio"]), _percent(e["spread"])] for e in entries]
    head = [f"per operation, {unit}", "Linux stock", "Linux tuned", "Hardtack", "ratio", "spread"]
    text = tabulate(body, headers=head, stralign="right", colalign=("left",), disable_numparse=True)
    mean = geomean(entries)
    return text + (f"\ngeometric mean of the ratios (memory apart): {mean:.3f}" if mean else "")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def _fraction(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


def write_json(path: Path, entries: list[dict]) -> None:
    path.write_text(json.dumps(entries, indent=1) + "\n")
