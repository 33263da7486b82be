"""The PostgreSQL server that the databases live on.

A cluster of our own in the project's folder is the default: it needs no configuration,
listens on a socket only and leaves nothing behind. Where PGHOST or PGUSER is set, that
server is used and none is started.
"""

import os
import pwd
import shutil
import subprocess
from functools import cache
from pathlib import Path

from . import apt
from .console import run_logged, step
from .host import is_root, user_name
from .paths import PROJECT_HASH, ROOT, WORKSHOP
from .problem import Problem

MIN_VERSION = 13
DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")
#: A socket's path may have 107 bytes, of which PostgreSQL's own file name takes some.
LONGEST_SOCKET_FOLDER = 80
#: Databases here can be made again at any time, so speed goes before safety.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "2GB",
}


def is_external() -> bool:
    return bool(os.environ.get("PGHOST") or os.environ.get("PGUSER"))


def role() -> str:
    """Odoo refuses to connect as `postgres`, so a system user of that name gets another
    role."""
    return "odoo" if user_name() == "postgres" else user_name()


def connection() -> dict[str, str]:
    """The environment in which psql, createdb and Odoo find the server."""
    if is_external():
        names = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD")
        return {name: os.environ[name] for name in names if name in os.environ}
    return {"PGHOST": str(home()), "PGPORT": "5432", "PGUSER": role()}


def home() -> Path:
    """Folder of the private cluster and its socket: beside the project where the
    server's user can get there by a path short enough for a socket, else in
    /var/tmp."""
    beside = WORKSHOP / "postgres"
    if len(str(beside)) <= LONGEST_SOCKET_FOLDER and _server_user_enters(ROOT):
        return beside
    return Path("/var/tmp") / f"stm-workshop-{PROJECT_HASH}"


def ensure() -> None:
    """Make the private cluster where there is none, and start it where it is down."""
    if is_external():
        _ensure_client()
        return
    _ensure_programs()
    if not _data().is_dir():
        _create()
    if not is_running():
        _start()


def is_running() -> bool:
    """Whether the server answers; a process id left behind by an unclean stop does not
    count."""
    if not _data().is_dir():
        return False
    ready = [_programs() / "pg_isready", "-q", "-h", home()]
    return not subprocess.run(ready, cwd="/").returncode


def stop() -> None:
    if not is_external() and is_running():
        _run("pg_ctl", "stop", "-D", _data(), "-m", "fast", "-w")


def remove() -> None:
    stop()
    shutil.rmtree(home(), ignore_errors=True)


def _data() -> Path:
    return home() / "data"


def _create() -> None:
    """Make the cluster under a temporary name, so that half of one is never used."""
    with step("Creating a private PostgreSQL cluster"):
        half_made = home() / "data.part"
        shutil.rmtree(home(), ignore_errors=True)
        home().mkdir(mode=0o755, parents=True)
        if is_root():
            os.chown(home(), _server_user().pw_uid, _server_user().pw_gid)
        options = ["-U", role(), "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        _run("initdb", "-D", half_made, *options, "--no-sync")
        settings = {**SETTINGS, "unix_socket_directories": home()}
        with (half_made / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.writelines(f"{key} = '{value}'\n" for key, value in settings.items())
        half_made.rename(_data())


def _start() -> None:
    with step("Starting PostgreSQL"):
        log = home() / "server.log"
        _run("pg_ctl", "start", "-D", _data(), "-l", log, "-w", "-t", "60")


def _run(program: str, *arguments: str | Path) -> None:
    command = _as_server_user(program, *arguments)
    run_logged(command, f"postgres-{program}", cwd=Path("/"))


def _as_server_user(program: str, *arguments: str | Path) -> list[str | Path]:
    """Command that runs a server program as the owner of the cluster; they refuse
    root."""
    return [*_switch_user(), _programs() / program, *arguments]


def _switch_user() -> list[str]:
    if not is_root():
        return []
    user = _server_user()
    identity = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return ["setpriv", *identity]


def _server_user() -> pwd.struct_passwd:
    """The unprivileged user that runs the server when we are root."""
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


@cache
def _server_user_enters(folder: Path) -> bool:
    command = [*_switch_user(), "test", "-x", folder]
    return not subprocess.run(command, capture_output=True, cwd="/").returncode


def _programs() -> Path:
    programs = find_programs(DEBIAN_PROGRAMS)
    if not programs:
        raise Problem(
            f"no PostgreSQL {MIN_VERSION} or newer",
            "install one, or set PGHOST and PGUSER to use a server",
        )
    return programs


def _ensure_programs() -> None:
    if not find_programs(DEBIAN_PROGRAMS):
        apt.install(["postgresql"], "PostgreSQL")


def find_programs(debian: Path) -> Path | None:
    """Folder of the newest server programs; Debian keeps one for each version, out of
    the search path."""
    versions = [
        folder for folder in debian.glob("*/bin") if (folder / "initdb").is_file()
    ]
    newest = max(versions, key=lambda found: float(found.parent.name), default=None)
    if newest and float(newest.parent.name) >= MIN_VERSION:
        return newest
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).resolve().parent if elsewhere else None


def _ensure_client() -> None:
    if not shutil.which("psql"):
        apt.install(["postgresql-client"], "PostgreSQL's client programs")
