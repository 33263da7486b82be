"""The linters written in JavaScript. Node itself comes with the linters'
environment."""

import os
import shutil

from .console import run_logged, step
from .paths import DEV, LINT_VENV, NODE

SOURCES = DEV / "node"
FILES = ["package.json", "package-lock.json", ".npmrc"]


def environment() -> dict[str, str]:
    """The environment in which all linters, and the modules of their settings, are
    found."""
    packages = NODE / "node_modules"
    folders = [LINT_VENV / "bin", packages / ".bin", os.environ["PATH"]]
    return {"PATH": os.pathsep.join(map(str, folders)), "NODE_PATH": str(packages)}


def ensure() -> None:
    """Install exactly what the lock file names, unless that was done before."""
    wanted = (SOURCES / "package-lock.json").read_bytes()
    complete = NODE / "complete"
    if complete.is_file() and complete.read_bytes() == wanted:
        return
    with step("Installing the linters for JavaScript and XML"):
        shutil.rmtree(NODE, ignore_errors=True)
        NODE.mkdir(parents=True)
        for file in FILES:
            shutil.copy(SOURCES / file, NODE)
        npm = [LINT_VENV / "bin" / "npm", "ci", "--no-audit", "--no-fund"]
        run_logged(npm, "npm", env=environment(), cwd=NODE)
        complete.write_bytes(wanted)
