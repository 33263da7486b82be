"""Runs the linters over every file that is or could become part of the repository."""

import os
import subprocess
import sys

from . import node
from .paths import ROOT, WORKSHOP
from .problem import Problem

FORMAT_COMMANDS = [
    (["ruff", "check", "--fix-only", "--quiet"], (".py",)),
    (["ruff", "format", "--quiet"], (".py",)),
    (
        ["prettier", "--write", "--log-level", "warn"],
        (".js", ".mjs", ".cjs", ".xml", ".scss", ".css"),
    ),
]


def run() -> int:
    """All hooks over all files. Hooks of the developer's own git are left alone."""
    command = ["pre-commit", "run", "--color", _color(), "--files", *files()]
    return subprocess.run(command, cwd=ROOT, env=_environment()).returncode


def reformat() -> int:
    """Let the tools that can mend a file do so; libraries stay as they came."""
    results = []
    own = [file for file in files() if "/static/lib/" not in file]
    for command, endings in FORMAT_COMMANDS:
        chosen = [file for file in own if file.endswith(endings)]
        if chosen:
            results.append(
                subprocess.run([*command, *chosen], cwd=ROOT, env=_environment())
            )
    return max(result.returncode for result in results)


def files() -> list[str]:
    """Files that git knows or would add; a file deleted but not yet committed is
    none."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        env=_environment(),
        capture_output=True,
        text=True,
    )
    if listing.returncode:
        raise Problem(
            "git cannot list the files", "run this in a clone of the repository"
        )
    found = {name for name in listing.stdout.split("\0") if name}
    return sorted(name for name in found if (ROOT / name).is_file())


def _environment() -> dict[str, str]:
    """git refuses a clone that belongs to another user, which is common in containers,
    unless it is told that this one is safe."""
    return {
        **os.environ,
        **node.environment(),
        "PRE_COMMIT_HOME": str(WORKSHOP / "pre-commit"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": str(ROOT),
    }


def _color() -> str:
    return "always" if sys.stdout.isatty() else "never"
