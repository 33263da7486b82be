"""What this machine is and has, and whether that is enough."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from .problem import Problem

MIN_PYTHON, MAX_PYTHON = (3, 10), (3, 13)
GIGABYTE = 1024**3


def check_python(version: tuple[int, ...] = sys.version_info) -> None:
    """Odoo 19 itself refuses other versions, but only after everything was
    downloaded."""
    if not MIN_PYTHON <= version[:2] <= MAX_PYTHON:
        raise Problem(
            f"Python {version[0]}.{version[1]} cannot run Odoo 19",
            "install Python 3.10 to 3.13 and repeat with `make PYTHON=python3.12 ...`",
        )


def check_disk(folder: Path, gigabytes: float) -> None:
    """Stop before a download that cannot end well. The folder need not exist yet."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / GIGABYTE
    if free < gigabytes:
        raise Problem(
            f"only {free:.1f} GB free on the disk of {folder}, {gigabytes:g} GB needed",
            "free some space, then repeat",
        )


def check_port_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Problem(
                f"port {port} is taken by another program",
                f"choose another one: `make demo PORT={port + 1}`",
            ) from error


def is_root() -> bool:
    return os.geteuid() == 0


def user_name() -> str:
    """Name of the system user; containers may run under a number without a name."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"user{os.geteuid()}"


def as_root() -> list[str] | None:
    """The prefix that makes a command run as root; None where that is not allowed
    without a password."""
    if is_root():
        return []
    if shutil.which("sudo") and not _fails(["sudo", "-n", "true"]):
        return ["sudo", "-n"]
    return None


def _fails(command: list[str]) -> bool:
    return bool(
        subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL
        ).returncode
    )
