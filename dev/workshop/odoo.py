"""The folder that holds Odoo 19: our own copy, or the one ODOO_HOME points at."""

import os
import re
import shutil
from pathlib import Path

from . import apt
from .console import run_logged, step
from .host import check_disk
from .paths import APT, ODOO, ROOT
from .problem import Problem

PACKAGE = "odoo-19"
#: What the package only links to: fonts and JavaScript of other packages, unpacked
#: beside it.
LINKED_PACKAGES = [
    "fonts-font-awesome",
    "fonts-inconsolata",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
]
#: The package leaves out the library that blurs the background of video calls. Every
#: page asks for the file and logs an error in the browser when it is missing, so an
#: empty one takes its place.
LEFT_OUT = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
UNPACKED_GIGABYTES = 4


def home() -> Path:
    """The folder that holds the Python package `odoo`."""
    given = os.environ.get("ODOO_HOME")
    return (
        Path(given).expanduser().resolve()
        if given
        else ODOO / "usr/lib/python3/dist-packages"
    )


def addons_path() -> list[Path]:
    """A source checkout keeps most addons in `addons`; installed packages keep them all
    inside `odoo`."""
    checkout_addons = home() / "addons"
    return [*([checkout_addons] if (checkout_addons / "sale").is_dir() else []), ROOT]


def addon_folder(name: str) -> Path:
    """Folder of one of Odoo's own addons."""
    folders = [home() / "addons" / name, home() / "odoo" / "addons" / name]
    return next(folder for folder in folders if folder.is_dir())


def version() -> str:
    """Version of the Odoo that is there, which must be a 19."""
    release = home() / "odoo" / "release.py"
    if not release.is_file():
        raise Problem(
            f"no Odoo in {home()}",
            "point ODOO_HOME at the folder that contains odoo/release.py",
        )
    found = re.search(
        r"^version_info = \((\d+), (\d+), (\d+)",
        release.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    if not found or found[1] != "19":
        raise Problem(
            f"the Odoo in {home()} is not Odoo 19",
            "point ODOO_HOME at an Odoo 19, or unset it to download one",
        )
    return ".".join(found.groups())


def ensure() -> None:
    """Download and unpack Odoo where that is not done yet. Interrupted, it starts
    over."""
    if not os.environ.get("ODOO_HOME") and not ODOO.is_dir():
        check_disk(ODOO, UNPACKED_GIGABYTES)
        _unpack(_download())
    version()


def _download() -> list[Path]:
    with step("Downloading Odoo 19 (130 MB)"):
        return apt.download(APT / "packages", [PACKAGE], LINKED_PACKAGES)


def _unpack(packages: list[Path]) -> None:
    with step("Unpacking Odoo 19 (1.2 GB)"):
        half_made = ODOO.with_suffix(".part")
        shutil.rmtree(half_made, ignore_errors=True)
        for package in packages:
            run_logged(["dpkg", "-x", package, half_made], "dpkg")
        left_out = half_made / "usr/lib/python3/dist-packages" / LEFT_OUT
        left_out.parent.mkdir(parents=True, exist_ok=True)
        left_out.touch()
        half_made.rename(ODOO)
        shutil.rmtree(APT)
