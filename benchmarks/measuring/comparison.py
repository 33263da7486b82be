"""What is measured: our operations, each with what it may cost at most.

An operation is a function that gets the environment of a user. Registering one:

    @compare("First page of visits, salesperson", OWNER, growth=1.5,
             reference=Call(ODOO_OWNER, orders), limit=1.0)
    def visits(env):
        return first_page(env, "stm.visit", "sales_team_mgmt.stm_visit_view_list")
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .clock import Call, Database, Samples

TURNS = 15


@dataclass
class Comparison:
    title: str
    #: None keeps a place in the table for what the addons cannot do yet.
    ours: Call | None = None
    #: What it is compared with at every size, and how often its time we may take.
    reference: Call | None = None
    reference_title: str = ""
    limit: float | None = None
    #: Size from which the limit holds: small data has fixed costs beside.
    limit_from: int = 0
    #: How often the time of the smallest size the largest one may take.
    growth: float | None = None
    #: Whether every size must take the same number of queries.
    same_queries: bool = True
    #: Sizes below this one are not measured.
    least_size: int = 0
    turns: int = TURNS
    #: Raises an AssertionError when our result is not the reference's.
    check: Callable[[Any, Any], None] | None = None
    #: Gives our result, outside of the measuring, where the operation returns none.
    verify: Call | None = None
    ours_by_size: dict[int, Samples] = field(default_factory=dict)
    reference_by_size: dict[int, Samples] = field(default_factory=dict)

    def run(self, databases: list[Database]) -> None:
        """Measure all sizes and both sides in turns, after a round to warm up."""
        databases = [base for base in databases if base.size >= self.least_size]
        for turn in range(-1, self.turns):
            for database in databases:
                self._measure(database, turn >= 0, turn % 2)
        if self.check:
            for database in databases:
                self._check(database)

    def _check(self, database: Database) -> None:
        ours = self.ours_by_size[database.size]
        if self.verify:
            ours = Samples()
            database.measure(self.verify, ours)
        self.check(ours.result, self.reference_by_size[database.size].result)

    def _measure(self, database: Database, counts: bool, reverse: int) -> None:
        sides = [(self.ours, self.ours_by_size)]
        if self.reference:
            sides.append((self.reference, self.reference_by_size))
        for call, by_size in reversed(sides) if reverse else sides:
            samples = by_size.setdefault(database.size, Samples()) if counts else None
            database.measure(call, samples)

    def exceeded(self) -> Iterator[str]:
        """Limits that were exceeded, each as a sentence."""
        if not self.ours_by_size:
            return
        for size in self.ours_by_size:
            ratio = self.ratio(size)
            if ratio and self.limit_at(size) and ratio > self.limit:
                yield (
                    f"{self.title}, {size:,} rows: {ratio:.2f} times"
                    f" “{self.reference_title}”, {self.limit:g} allowed"
                )
        growth = self.grown()
        if growth and self.growth and growth > self.growth:
            yield (
                f"{self.title}: {growth:.2f} times as slow at the largest size as at"
                f" the smallest, {self.growth:g} allowed"
            )
        counts = set().union(*(s.queries for s in self.ours_by_size.values()))
        if self.same_queries and len(counts) > 1:
            yield f"{self.title}: the number of queries varies: {sorted(counts)}"

    def limit_at(self, size: int) -> float | None:
        return self.limit if size >= self.limit_from else None

    def ratio(self, size: int) -> float | None:
        """How often the reference's time ours is."""
        reference = self.reference_by_size.get(size)
        return reference and self.ours_by_size[size].median / reference.median

    def grown(self) -> float | None:
        sizes = sorted(self.ours_by_size)
        if len(sizes) < 2:
            return None
        smallest, largest = self.ours_by_size[sizes[0]], self.ours_by_size[sizes[-1]]
        return largest.median / smallest.median


#: In the order in which they are measured.
COMPARISONS: list[Comparison] = []


def compare(title: str, login: str, prepare=None, **options):
    """Register an operation; the options are the fields of ``Comparison``."""

    def register(function):
        call = Call(login, function, prepare)
        COMPARISONS.append(Comparison(title, call, **options))
        return function

    return register
