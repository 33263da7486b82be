"""Prepared databases that others are copied from, each named after what is in it.

`base` holds Odoo with the modules that our addons depend on; `addons` is a copy of it
with our addons installed. Both exist without and with demo data. The name holds a hash
of what went in, so a stale one is never used; it is dropped when its successor is made.
"""

from . import addons, database, odoo, server
from .console import step
from .lock import alone

#: Nobody needs it to install our addons; everybody who sells uses it.
ALWAYS = ["sale_management"]


def with_addons(demo: bool = False) -> str:
    """Name of the database with our addons, which is made where it is missing."""
    with alone("templates"):
        parts = [_base_key(demo), addons.fingerprint()]
        key = addons.digest(text.encode() for text in parts)
        name = database.name(f"addons{_suffix(demo)}_{key}")
        if not database.exists(name):
            source = _base(demo)
            _drop_others("addons", demo)
            with step(f"Installing our addons {_with(demo)}"):
                modules, log = addons.names(), install_log(demo)
                database.make(
                    name,
                    lambda part: server.bring_in(part, modules, demo=demo, log=log),
                    source=source,
                )
    return name


def install_log(demo: bool = False) -> str:
    """Name of the log of the installation, which a test reads afterwards."""
    return f"install-addons{_suffix(demo)}"


def _base(demo: bool) -> str:
    modules = _modules()
    name = database.name(f"base{_suffix(demo)}_{_base_key(demo)}")
    if not database.exists(name):
        _drop_others("base", demo)
        with step(f"Installing {len(modules)} modules of Odoo {_with(demo)}"):
            database.make(name, lambda part: server.bring_in(part, modules, demo=demo))
    return name


def _base_key(demo: bool) -> str:
    languages = server.DEMO_LANGUAGES if demo else []
    parts = [odoo.version(), *_modules(), *languages]
    return addons.digest(text.encode() for text in parts)


def _modules() -> list[str]:
    return sorted({*addons.outside_dependencies(), *ALWAYS})


def _suffix(demo: bool) -> str:
    return "_demo" if demo else ""


def _with(demo: bool) -> str:
    return f"with{'' if demo else 'out'} demo data"


def _drop_others(kind: str, demo: bool) -> None:
    """Drop what an earlier state of the sources left behind."""
    prefix = database.name(f"{kind}_")
    for other in database.ours():
        if other.startswith(prefix) and other.startswith(prefix + "demo_") == demo:
            database.drop(other)
