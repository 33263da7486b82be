"""The configuration file of Odoo, written anew whenever Odoo is called."""

from pathlib import Path

from . import cluster, odoo
from .paths import ODOO_DATA, SCREENSHOTS, WORKSHOP


def path() -> Path:
    return WORKSHOP / "odoo.conf"


def write() -> Path:
    """Write it. Odoo listens on this machine only, and sees the databases that we
    see."""
    settings = {
        "addons_path": ",".join(map(str, odoo.addons_path())),
        "data_dir": ODOO_DATA,
        "http_interface": "127.0.0.1",
        "list_db": False,
        "screenshots": SCREENSHOTS,
        **_database_settings(),
    }
    lines = ["[options]", *(f"{key} = {value}" for key, value in settings.items())]
    ODOO_DATA.mkdir(parents=True, exist_ok=True)
    path().write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path()


def _database_settings() -> dict[str, str]:
    names = {"PGHOST": "db_host", "PGPORT": "db_port", "PGUSER": "db_user"}
    return {names[key]: value for key, value in cluster.connection().items()}
