"""Programs of the system that Odoo and its tests call."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from . import apt
from .console import say
from .problem import Problem

#: The names under which Odoo looks for a browser.
BROWSERS = ["google-chrome", "chromium", "chromium-browser", "google-chrome-stable"]
CHINESE_FONTS = "opentype/noto/NotoSansCJK*"
FONT_FOLDER = Path("/usr/share/fonts")


@dataclass(frozen=True)
class Program:
    purpose: str
    package: str
    present: bool


def for_reports() -> list[Program]:
    fonts = any(FONT_FOLDER.glob(CHINESE_FONTS))
    return [
        Program("PDF printing", "wkhtmltopdf", bool(shutil.which("wkhtmltopdf"))),
        Program("Chinese fonts", "fonts-noto-cjk", fonts),
    ]


def for_tours() -> list[Program]:
    return [Program("a browser", "chromium", any(map(shutil.which, BROWSERS)))]


def ensure(programs: list[Program]) -> None:
    """Install what is missing; without it the work cannot be done."""
    missing = [program for program in programs if not program.present]
    if missing:
        purpose = " and ".join(program.purpose for program in missing)
        apt.install([program.package for program in missing], purpose)


def try_to_ensure(programs: list[Program]) -> None:
    """Install what is missing; where that is not allowed, say so and go on without."""
    try:
        ensure(programs)
    except Problem as problem:
        say(f"  Going on without: {problem}")
