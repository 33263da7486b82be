"""Databases with their file stores: made, copied, renamed and dropped together.

What takes long is made under a temporary name and renamed when it is complete, so that
an interruption leaves nothing behind that could be taken for the real thing.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from . import cluster
from .paths import ODOO_DATA, PROJECT_HASH
from .problem import Problem

HALF_MADE = "_part"


def name(kind: str) -> str:
    """On a server that others use as well, the name tells whose database it is."""
    return f"stm_{PROJECT_HASH}_{kind}" if cluster.is_external() else f"stm_{kind}"


def ours() -> list[str]:
    prefix = name("").replace("_", r"\_")
    return query(
        f"SELECT datname FROM pg_database WHERE datname LIKE '{prefix}%' ORDER BY 1"
    ).splitlines()


def exists(database: str) -> bool:
    return database in ours()


def query(sql: str, database: str = "postgres") -> str:
    """What psql prints: a line for each row, `|` between columns."""
    arguments = ["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql]
    return _client("psql", arguments)


def make(database: str, fill: Callable[[str], None], source: str | None = None) -> None:
    """Make a database, empty or as a copy, fill it and only then give it its name."""
    half_made = database + HALF_MADE
    drop(half_made)
    copy(source, half_made) if source else _create(half_made)
    fill(half_made)
    drop(database)
    if filestore(half_made).is_dir():
        filestore(half_made).rename(filestore(database))
    query(f'ALTER DATABASE "{half_made}" RENAME TO "{database}"')


def copy(source: str, database: str) -> None:
    """Copy a database. Stored files never change, so the copies share them on disk."""
    drop(database)
    _create(database, "-T", source)
    if filestore(source).is_dir():
        shutil.copytree(filestore(source), filestore(database), copy_function=os.link)


def keep_plans(database: str) -> None:
    """Let PostgreSQL gather no statistics of a database whose tests all roll back.

    Its background worker would count tables as empty while a test has filled them, and
    then choose plans that take hours, in some runs and not in others.
    """
    query(f'ALTER DATABASE "{database}" SET track_counts = off')


def drop(database: str) -> None:
    _client("dropdb", ["--if-exists", "--force", database])
    shutil.rmtree(filestore(database), ignore_errors=True)


def filestore(database: str) -> Path:
    return ODOO_DATA / "filestore" / database


def set_note(database: str, note: str) -> None:
    """Write down, with the database itself, what it was made from."""
    query(f"COMMENT ON DATABASE \"{database}\" IS '{note}'")


def note(database: str) -> str:
    return query(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        f" WHERE datname = '{database}'"
    )


def _create(database: str, *options: str) -> None:
    _client("createdb", [*options, database])


def _client(program: str, arguments: list[str]) -> str:
    result = subprocess.run(
        [program, *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={
            **os.environ,
            **cluster.connection(),
            "PGOPTIONS": "-c client_min_messages=warning",
        },
    )
    if result.returncode:
        last_line = (result.stderr.strip().splitlines() or ["no message"])[-1]
        raise Problem(f"{program}: {last_line}", "look at the server, or `make clean`")
    return result.stdout.strip()
