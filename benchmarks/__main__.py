"""Runs the measurements and prints their table."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import benchmarks
from benchmarks.measuring import Figure, Ground

Measure = Callable[[Ground], Iterable[Figure]]

HEAD = ("what", "size", "median", "floor", "ratio", "goal", "met")


def main() -> int:
    modules = dict(_modules())
    parser = argparse.ArgumentParser(prog="benchmarks/run", description=__doc__)
    parser.add_argument("--size", type=int, action="append", metavar="N", help="10000")
    parser.add_argument("--only", action="append", choices=sorted(modules), metavar="NAME")
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir(), "kcdesk-benchmarks")
    )
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)

    figures: list[Figure] = []
    for size in options.size or [10_000]:
        for name in options.only or sorted(modules):
            ground = Ground(size, options.cache)
            ground.say(f"{name} at {size:,}")
            try:
                figures += modules[name](ground)
            finally:
                shutil.rmtree(ground.scratch)
    _print([HEAD, *map(_line, figures)])
    return int(any(figure.met is False for figure in figures))


def _modules() -> Iterable[tuple[str, Measure]]:
    """The modules of this folder that measure something."""
    for found in pkgutil.iter_modules(benchmarks.__path__):
        if not found.name.startswith("_"):
            module = importlib.import_module(f"benchmarks.{found.name}")
            if hasattr(module, "measure"):
                yield found.name, module.measure


def _line(figure: Figure) -> tuple[str, ...]:
    def amount(value: float | None, unit: str) -> str:
        return (
            ""
            if value is None
            else f"{value:,.3g} {unit}"
            if value < 100
            else f"{value:,.0f} {unit}"
        )

    goal_unit = "x" if figure.floor is not None else figure.unit
    return (
        figure.what,
        f"{figure.size:,}",
        amount(figure.ours, figure.unit),
        amount(figure.floor, figure.unit),
        amount(figure.ratio, "x"),
        amount(figure.goal, goal_unit),
        {True: "yes", False: "NO", None: ""}[figure.met],
    )


def _print(lines: list[tuple[str, ...]]) -> None:
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    for line in lines:
        first, *others = (
            cell.ljust(w) if i == 0 else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        print("  ".join([first, *others]).rstrip())


sys.exit(main())
