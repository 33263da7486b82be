"""Translations: exported by Odoo from a database, merged into the catalogues by
polib."""

import subprocess
from pathlib import Path

from . import addons, server, templates, venv
from .console import run_logged, step
from .paths import DEV, WORKSHOP


def update() -> int:
    """Bring the template and the translations of each addon up to date with the
    sources; returns 1 when something is left to translate."""
    exported = export(WORKSHOP / "i18n")
    catalogues = [
        venv.python(),
        "-m",
        "workshop.catalogues",
        exported,
        *addons.all_addons(),
    ]
    return subprocess.run(
        catalogues, env={**server.environment(), "PYTHONPATH": str(DEV)}
    ).returncode


def export(folder: Path) -> Path:
    """Write `<addon>.pot` of each addon into the folder, as Odoo sees the sources
    now."""
    folder.mkdir(parents=True, exist_ok=True)
    database = templates.with_addons()
    for addon in addons.names():
        with step(f"Exporting the terms of {addon}"):
            export_command = server.command("i18n", database)
            export_command[4:4] = ["export"]
            options = ["-l", "pot", "-o", folder / f"{addon}.pot", addon]
            run_logged([*export_command, *options], "i18n-export")
    return folder
