"""Which lines of Odoo's log are our fault.

Odoo reports many mistakes only as a warning. Warnings of its own, such as those of
modules that try to reach the internet, are none of our business."""

import re
from collections.abc import Iterator
from pathlib import Path

from . import addons
from .paths import ROOT

#: These report on whatever is being loaded, which in our tests is our own.
LOADING_LOGGERS = (
    "odoo.fields",
    "odoo.models",
    "odoo.modules",
    "odoo.registry",
    "odoo.schema",
    "odoo.tools.convert",
)
LINE = re.compile(
    r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (?P<level>[A-Z]+) \S+"
    r" (?P<logger>[\w.]+): (?P<text>.*)"
)
LOUD = {"WARNING", "ERROR", "CRITICAL"}


def concerns_us(logger: str, text: str) -> bool:
    """Whether a warning comes from loading, or names one of our addons.

    >>> concerns_us("odoo.modules.loading", "The models ['x'] have no access rules")
    True
    >>> concerns_us("odoo.addons.iap.tools", "no connection")
    False
    """
    if any(logger == name or logger.startswith(name + ".") for name in LOADING_LOGGERS):
        return True
    # The clone itself may be named like an addon; its path alone proves nothing.
    said = f"{logger} {text}".replace(str(ROOT), "")
    return any(name in said for name in addons.names())


def complaints(log: Path) -> list[str]:
    """The warnings in a log file that concern us, each with its traceback."""
    return [
        f"{level} {logger}: {text}"
        for level, logger, text in _records(
            log.read_text(encoding="utf-8", errors="replace")
        )
        if level in LOUD and concerns_us(logger, text)
    ]


def _records(log: str) -> Iterator[tuple[str, str, str]]:
    """Level, logger and text of each record; lines without a date belong to the one
    before."""
    record: list[str] = []
    for line in log.splitlines():
        start = LINE.match(line)
        if start:
            if record:
                yield record[0], record[1], "\n".join(record[2:])
            record = [start["level"], start["logger"], start["text"]]
        elif record:
            record.append(line)
    if record:
        yield record[0], record[1], "\n".join(record[2:])
