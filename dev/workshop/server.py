"""Odoo itself: one-off commands on a database, and the server that keeps running."""

import contextlib
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from . import cluster, config, venv
from .console import explain_failure, run_logged
from .host import check_port_free
from .paths import LOGS, ROOT, WORKSHOP
from .problem import Problem

PID_FILE = WORKSHOP / "demo.pid"
LOG = LOGS / "demo-server.log"
START_SECONDS = 120
#: What people of the demo company may read; the first one is for whoever chooses none.
DEMO_LANGUAGES = ["en_US", "zh_CN"]


def command(subcommand: str, database: str, *options: str) -> list[str | Path]:
    """How to call Odoo's command line on a database."""
    odoo = [venv.python(), "-m", "odoo", subcommand]
    return [*odoo, "-c", config.write(), "-d", database, *options]


def environment() -> dict[str, str]:
    return {**os.environ, **cluster.connection()}


def bring_in(
    database: str,
    modules: list[str],
    *,
    upgrade: bool = False,
    demo: bool = False,
    log: str = "install-odoo",
) -> Path:
    """Install the modules that are not there, on demand upgrade the others; returns the
    log."""
    options = ["--stop-after-init", "--no-http", "-i", ",".join(modules)]
    if upgrade:
        options += ["-u", ",".join(modules)]
    if demo:
        options += ["--with-demo", f"--load-language={','.join(DEMO_LANGUAGES)}"]
    return run_logged(command("server", database, *options), log, cwd=ROOT)


def start(database: str, port: int) -> None:
    """Start the server in the background and wait until it answers."""
    check_port_free(port)
    options = ["--http-port", str(port), f"--db-filter=^{database}$"]
    LOGS.mkdir(parents=True, exist_ok=True)
    with LOG.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command("server", database, *options),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=ROOT,
            start_new_session=True,
        )
    PID_FILE.write_text(str(process.pid), encoding="utf-8")
    deadline = time.monotonic() + START_SECONDS
    while not answers(port):
        if process.poll() is not None:
            raise explain_failure("Odoo", LOG)
        if time.monotonic() > deadline:
            raise Problem(
                f"Odoo does not answer after {START_SECONDS} s", f"read {LOG}"
            )
        time.sleep(0.5)


def answers(port: int) -> bool:
    with contextlib.suppress(OSError, urllib.error.URLError):
        url = f"http://127.0.0.1:{port}/web/health"
        with urllib.request.urlopen(url, timeout=20) as response:
            return response.status == 200
    return False


def running() -> int | None:
    """Process id of our server. A file left behind, or one that names a process of
    somebody else, does not count."""
    try:
        pid = int(PID_FILE.read_text(encoding="utf-8"))
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return pid if str(config.path()).encode() in arguments else None


def stop() -> None:
    pid = running()
    if pid:
        os.kill(pid, signal.SIGTERM)
        _wait_until_gone(pid)
    PID_FILE.unlink(missing_ok=True)


def _wait_until_gone(pid: int, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while running() == pid:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)
