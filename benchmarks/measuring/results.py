"""The table of a run: on the screen, and appended to the results."""

import os
import platform
from datetime import date
from pathlib import Path

import psutil

from odoo import release
from odoo.modules.registry import Registry

from .clock import Database, Samples
from .comparison import Comparison

MEBIBYTE = 1024**2
HEAD = ["operation", "rows", "ms", "min–max", "queries", "memory", "ratio", "allowed"]


class Report:
    def __init__(self, databases: list[Database]):
        self.databases = databases
        self.lines = [f"\n## {date.today()}\n", facts(databases[-1]), ""]
        self.lines += [row(HEAD), row(["---"] * len(HEAD))]
        self.exceeded: list[str] = []
        print("\n".join(self.lines), flush=True)

    def add(self, comparison: Comparison) -> None:
        """Measure a comparison and show its rows."""
        if not comparison.ours:
            self._say(row([comparison.title, "not there yet", *[""] * 6]))
            return
        comparison.run(self.databases)
        sizes = sorted(comparison.ours_by_size)
        for size in sizes:
            ratio, limit = comparison.ratio(size), comparison.limit_at(size)
            self._say(
                row(
                    [comparison.title if size == sizes[0] else "", f"{size:,}"]
                    + cells(comparison.ours_by_size[size])
                    + [
                        f"{ratio:.2f}" if ratio else "",
                        allowed(limit),
                    ]
                )
            )
        for size, samples in sorted(comparison.reference_by_size.items()):
            title = comparison.reference_title if size == sizes[0] else ""
            self._say(
                row([title and f"*{title}*", f"{size:,}", *cells(samples), "", ""])
            )
        grown = comparison.grown()
        if grown:
            title = f"{sizes[-1]:,} to {sizes[0]:,} rows"
            self._say(
                row([title, *[""] * 5, f"{grown:.2f}", allowed(comparison.growth)])
            )
        self.exceeded += comparison.exceeded()

    def append_to(self, file: str) -> None:
        verdict = ["", "Limits exceeded:", ""] if self.exceeded else []
        lines = [*self.lines, *verdict, *(f"* {text}" for text in self.exceeded)]
        with Path(file).open("a", encoding="utf-8") as results:
            results.write("\n".join(lines) + "\n")

    def conclude(self) -> int:
        """Say which limits were exceeded; returns the exit code."""
        for text in self.exceeded:
            print(f"Limit exceeded: {text}")
        return 1 if self.exceeded else 0

    def _say(self, line: str) -> None:
        self.lines.append(line)
        print(line, flush=True)


def row(texts: list[str]) -> str:
    return f"| {' | '.join(texts)} |"


def cells(samples: Samples) -> list[str]:
    low, high = min(samples.seconds) * 1000, max(samples.seconds) * 1000
    return [
        f"{samples.median * 1000:.1f}",
        f"{low:.1f}–{high:.1f}",
        "–".join(map(str, sorted({min(samples.queries), max(samples.queries)}))),
        f"{samples.peak / MEBIBYTE:.1f} MiB",
    ]


def allowed(limit: float | None) -> str:
    return f"{limit:g}" if limit else ""


def facts(database: Database) -> str:
    """What the figures depend on, and nothing that names the machine."""
    with Registry(database.name).cursor() as cr:
        cr.execute("SHOW server_version")
        (postgres,) = cr.fetchone()
        cr.execute("SHOW shared_buffers")
        (buffers,) = cr.fetchone()
        cr.execute(
            "SELECT latest_version FROM ir_module_module WHERE name = 'sales_team_mgmt'"
        )
        (version,) = cr.fetchone()
    memory = psutil.virtual_memory().total / 1024**3
    return (
        f"sales_team_mgmt {version}, Odoo {release.version}, PostgreSQL"
        f" {postgres.split()[0]} with {buffers} of shared buffers, Python"
        f" {platform.python_version()}, {os.cpu_count()} cores, {memory:.0f} GiB"
    )
