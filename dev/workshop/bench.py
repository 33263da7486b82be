"""The benchmarks: databases of several sizes that are kept, and the run on them."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import addons, config, database, host, server, templates, venv
from .console import run_logged, step
from .lock import alone
from .paths import ROOT, WORKSHOP
from .problem import Problem

FOLDER = ROOT / "benchmarks"
RESULTS = FOLDER / "results.md"
#: Rows of the largest tables.
SIZES = "10000 100000 1000000"
#: Room for a database with a million visits and orders, and for the next one while it
#: is made.
GIGABYTES = 8


def run() -> int:
    """Measure everything at the sizes asked for; returns the exit code."""
    with alone("benchmarks"):
        host.check_disk(WORKSHOP, GIGABYTES)
        databases = [f"{size}={_database(size)}" for size in sizes()]
        command = [venv.python(), FOLDER / "run.py", "--config", config.write()]
        command += ["--results", RESULTS, "--only", os.environ.get("ONLY", "")]
        return subprocess.run(
            [*command, *databases], cwd=ROOT, env=server.environment()
        ).returncode


def sizes() -> list[int]:
    """The sizes in SIZES, smallest first."""
    text = os.environ.get("SIZES") or SIZES
    try:
        return sorted({int(size) for size in text.split()})
    except ValueError:
        raise Problem(
            f"no sizes in “{text}”", 'say for example `make bench SIZES="10000 100000"`'
        ) from None


def _database(size: int) -> str:
    """Name of the database of a size, which is made where it is missing or was made
    from something else."""
    name = database.name(f"bench_{size}")
    source = templates.with_addons()
    wanted = _note(size, source)
    if not database.exists(name) or database.note(name) != wanted:
        with step(f"Filling a database with {size:,} visits"):
            database.make(name, lambda part: _fill(part, size), source=source)
        database.set_note(name, wanted)
    return name


def _fill(name: str, size: int) -> None:
    command = [venv.python(), FOLDER / "generate.py", "--config", config.write()]
    command += ["--database", name, "--visits", str(size)]
    run_logged(command, f"bench-{size}", env=server.environment(), cwd=ROOT)


def _note(size: int, source: str) -> str:
    """What a database is made from: the size, the generator and our addons."""
    parts = [str(size), source, *(file.read_text("utf-8") for file in _generator())]
    return addons.digest(part.encode() for part in parts)


def _generator() -> Iterator[Path]:
    yield FOLDER / "generate.py"
    yield from sorted((FOLDER / "filling").glob("*.py"))
