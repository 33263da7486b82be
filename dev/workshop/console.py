"""Progress on the terminal, one line a step, and commands whose output goes to a log
file."""

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .paths import LOGS
from .problem import Problem

NETWORK_DOWN = re.compile(
    r"temporary failure (in name )?resol|name or service not known"
    r"|network is unreachable|could not resolve|connection timed out"
    r"|cannot initiate the connection|NewConnectionError"
    r"|ENOTFOUND|EAI_AGAIN|ENETUNREACH|ETIMEDOUT",
    re.IGNORECASE,
)
DISK_FULL = re.compile(r"no space left on device|ENOSPC", re.IGNORECASE)


def say(text: str) -> None:
    print(text, flush=True)


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Show what is being done, and how many seconds it took."""
    print(f"  {title} ...", end="", flush=True)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        print(" failed", flush=True)
        raise
    print(f" {time.monotonic() - start:.0f} s", flush=True)


def run_logged(
    command: Sequence[str | Path],
    log: str,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Path:
    """Run a command that is expected to succeed; its output goes to a log file, which
    is returned."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log_file = LOGS / f"{log}.log"
    with log_file.open("w", encoding="utf-8") as out:
        try:
            result = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                cwd=cwd,
            )
        except FileNotFoundError as error:
            raise Problem(f"{command[0]} is not there", "run `make setup`") from error
    if result.returncode:
        raise explain_failure(Path(command[0]).name, log_file)
    return log_file


def explain_failure(name: str, log_file: Path) -> Problem:
    """Turn the log of a failed command into one line and a remedy."""
    text = log_file.read_text(encoding="utf-8", errors="replace")
    if NETWORK_DOWN.search(text):
        return Problem(
            f"{name} could not reach the network",
            f"check the connection, then repeat ({log_file})",
        )
    if DISK_FULL.search(text):
        return Problem(
            f"{name} found the disk full", f"free some space, then repeat ({log_file})"
        )
    print("\n".join(["", *text.splitlines()[-15:]]), file=sys.stderr)
    return Problem(f"{name} failed", f"read {log_file}")
