"""The addons of this repository: every folder with a manifest in its root."""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from .paths import ROOT

#: Folders whose content is read when it is needed and never stored in a database.
NOT_INSTALLED = {"tests", "static", "__pycache__"}


@cache
def all_addons() -> tuple[Path, ...]:
    manifests = ROOT.glob("*/__manifest__.py")
    return tuple(
        sorted(
            file.parent for file in manifests if _manifest(file).get("installable", 1)
        )
    )


def names() -> list[str]:
    return [addon.name for addon in all_addons()]


def outside_dependencies() -> list[str]:
    """The modules of Odoo that our addons depend on directly."""
    depends = set().union(
        *(_manifest(addon / "__manifest__.py")["depends"] for addon in all_addons())
    )
    return sorted(depends - set(names()))


def folders(relative: str) -> list[Path]:
    """That folder of each addon which has it."""
    return [addon / relative for addon in all_addons() if (addon / relative).is_dir()]


def fingerprint() -> str:
    """Changes whenever something changes that an installed database depends on."""
    return digest(_content(file) for addon in all_addons() for file in _files(addon))


def digest(parts: Iterable[bytes]) -> str:
    """Short name of some contents, for use in the name of a database."""
    total = hashlib.sha256()
    for part in parts:
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()[:10]


def _manifest(file: Path) -> dict:
    return ast.literal_eval(file.read_text(encoding="utf-8"))


def _files(addon: Path) -> Iterator[Path]:
    for entry in sorted(addon.iterdir()):
        if entry.name not in NOT_INSTALLED:
            yield from sorted(_tree(entry))


def _tree(entry: Path) -> Iterator[Path]:
    if entry.is_file():
        yield entry
    else:
        yield from (
            file
            for file in entry.rglob("*")
            if file.is_file() and "__pycache__" not in file.parts
        )


def _content(file: Path) -> bytes:
    return str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes()
