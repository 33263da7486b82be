"""The tests: each part is a run of pytest, and all parts run even when one fails."""

import re
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import addons, config, database, odoo, templates, venv
from .console import say
from .lock import alone
from .paths import DEV, ROOT
from .problem import Problem
from .server import environment

#: Odoo's own checks that make sense for addons which are not part of Odoo.
ODOO_LINTS = [
    "test_i18n.py::TestI18n",
    "test_index.py::TestIndex",
    "test_manifests.py::ManifestLinter",
    "test_naming.py::TestNaming",
    "test_onchange_domains.py::TestOnchangeDomains",
    "test_override_signatures.py::TestLintOverrideSignatures",
    "test_routes.py::RoutesLinter",
]
COLOR_CODES = re.compile(r"\x1b\[[\d;]*m")
SUMMARY = re.compile(r"^=+ (.*) in [\d.]+s.* =+$")
COUNT = re.compile(r"\b(\d+) (passed|failed|errors?)\b")


@dataclass
class Part:
    title: str
    arguments: list[str | Path]
    seconds: float = 0
    summary: str = "did not run to its end"
    counts: dict[str, int] = field(default_factory=lambda: {"failed": 1})

    def run(self) -> None:
        say(f"\n--- {self.title}")
        start = time.monotonic()
        self._run_pytest()
        self.seconds = time.monotonic() - start

    def _run_pytest(self) -> None:
        color = "--color=yes" if sys.stdout.isatty() else "--color=no"
        process = subprocess.Popen(
            [venv.python(), "-m", "pytest", color, *self.arguments],
            cwd=ROOT,
            env={**environment(), "PYTHONPATH": str(DEV)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        last_line = ""
        for line in process.stdout:
            print(line, end="", flush=True)
            last_line = line
        self._read_result(last_line, process.wait())

    def _read_result(self, last_line: str, exit_code: int) -> None:
        """Take the counts from pytest's last line; a run that failed without one counts
        as one failure."""
        found = SUMMARY.match(COLOR_CODES.sub("", last_line.strip()))
        if found:
            self.summary = found[1]
            self.counts = count(found[1])
        if exit_code and not self.failed:
            self.counts["failed"] = 1

    @property
    def passed(self) -> int:
        return self.counts.get("passed", 0)

    @property
    def failed(self) -> int:
        return self.counts.get("failed", 0)


def count(summary: str) -> dict[str, int]:
    """How many tests passed and failed; an error is a failure.

    >>> count("1 failed, 20 passed, 3 skipped, 7 subtests passed, 2 errors")
    {'failed': 3, 'passed': 20}
    """
    counts: dict[str, int] = {}
    for number, outcome in COUNT.findall(summary):
        key = "passed" if outcome == "passed" else "failed"
        counts[key] = counts.get(key, 0) + int(number)
    return counts


def run_all() -> int:
    """The whole suite; returns the exit code."""
    test_database = database.name("test")
    demo_database = database.name("test_demo")
    first, second = without_odoo(), with_odoo(test_database, demo_database)
    for part in first:
        part.run()
    with alone("tests"):
        try:
            _prepare(test_database, demo_database)
            for part in second:
                part.run()
        except Problem as problem:
            say(f"\nThe tests that need Odoo cannot run: {problem}")
        finally:
            database.drop(test_database)
            database.drop(demo_database)
    return report([*first, *second])


def _prepare(test_database: str, demo_database: str) -> None:
    """Make the databases that the tests with Odoo start from."""
    say("\n--- Databases")
    database.copy(templates.with_addons(demo=True), demo_database)
    database.copy(templates.with_addons(), test_database)
    database.keep_plans(test_database)
    database.keep_plans(demo_database)


def run_fast() -> int:
    part = rules()
    part.run()
    return report([part])


def run_chosen(chosen: str) -> int:
    """Some tests of our addons, on a copy of the database that is kept for them."""
    arguments = shlex.split(chosen) or addons.folders("tests")
    with alone("chosen tests"):
        test_database = database.name("chosen")
        database.copy(templates.with_addons(), test_database)
        database.keep_plans(test_database)
        part = in_odoo("Chosen tests", test_database, arguments)
        part.run()
        database.drop(test_database)
    return report([part])


def without_odoo() -> list[Part]:
    return [
        rules(),
        Part("Conventions and translations", ["-p", "no:odoo", DEV / "gates"]),
    ]


def rules() -> Part:
    """Doctests and tests of the pure rules, and the tests of the workshop itself."""
    return Part(
        "Pure rules and the workshop",
        [
            *("-p", "no:odoo", "-p", "workshop.pure_rules"),
            *("--doctest-modules", "--import-mode=importlib"),
            *addons.folders("tools"),
            *addons.folders("tests/pure"),
            DEV / "tests",
            DEV / "workshop",
        ],
    )


def in_odoo(title: str, test_database: str, arguments: list[str | Path]) -> Part:
    """Tests that run inside Odoo, with a server for browser tours; warnings fail
    them."""
    return Part(
        title,
        [
            *("-p", "workshop.warnings_gate", "-p", "no:warnings"),
            *("--odoo-config", config.write(), "--odoo-database", test_database),
            *("--odoo-log-level", "warn", "--odoo-http"),
            *(f"--ignore={folder}" for folder in addons.folders("tests/pure")),
            *arguments,
        ],
    )


def with_odoo(test_database: str, demo_database: str) -> list[Part]:
    lints = odoo.addon_folder("test_lint") / "tests"
    return [
        in_odoo(
            "Our addons, browser tours included", test_database, addons.folders("tests")
        ),
        in_odoo("Our demo data", demo_database, demo_tests()),
        in_odoo(
            "Odoo's own checks of our addons",
            test_database,
            [f"{lints}/{name}" for name in ODOO_LINTS],
        ),
        Part(
            "Scheduled actions at once, killed and started again",
            ["-p", "no:odoo", DEV / "concurrency"],
        ),
        Part(
            "Install, upgrade, uninstall, reinstall",
            ["-p", "no:odoo", DEV / "lifecycle"],
        ),
    ]


def demo_tests() -> list[Path]:
    """Tests that look at the demo company and skip themselves everywhere else."""
    folders = addons.folders("tests")
    return [path for folder in folders for path in sorted(folder.glob("test_demo*.py"))]


def report(parts: list[Part]) -> int:
    """Print each part's summary and the sum of them; returns the exit code."""
    say("")
    for part in parts:
        say(f"{part.title} ({part.seconds:.0f} s): {part.summary}")
    failed = sum(part.failed for part in parts)
    say(f"{sum(part.passed for part in parts)} passed, {failed} failed")
    return 1 if failed else 0
