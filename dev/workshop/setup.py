"""What each kind of work needs, brought about where it is missing."""

from . import cluster, node, odoo, programs, venv
from .host import check_disk
from .lock import alone
from .paths import WORKSHOP

#: Room for the databases, beside what Odoo itself takes.
DATABASE_GIGABYTES = 1


def for_rules() -> None:
    """Pure rules need Python packages, and neither Odoo nor a database."""
    with alone("setup"):
        venv.ensure()


def for_odoo() -> None:
    with alone("setup"):
        odoo.ensure()
        venv.ensure()
        check_disk(WORKSHOP, DATABASE_GIGABYTES)
        cluster.ensure()


def for_demo() -> None:
    for_odoo()
    programs.try_to_ensure(programs.for_reports())


def for_tests() -> None:
    for_odoo()
    programs.ensure([*programs.for_tours(), *programs.for_reports()])


def for_lint() -> None:
    with alone("setup"):
        venv.ensure_lint()
        node.ensure()
