"""Stops what was started, and removes what was made."""

import shutil

from . import cluster, database, server
from .console import say, step
from .paths import WORKSHOP


def stop() -> None:
    server.stop()
    cluster.stop()
    say("Odoo and its database server are stopped")


def clean() -> None:
    """Leave nothing but the sources; on a server of others, drop our databases only."""
    server.stop()
    with step("Removing databases, Odoo and all tools"):
        if cluster.is_external():
            for name in database.ours():
                database.drop(name)
        else:
            cluster.remove()
        shutil.rmtree(WORKSHOP, ignore_errors=True)
