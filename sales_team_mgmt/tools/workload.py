"""How many people a market needs (ORG-02, ORG-08)."""

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import NamedTuple

from .rates import Figure, exact

WEEKS_PER_MONTH = Decimal(52) / 12


class Load(NamedTuple):
    """What a market asks for and what its people can do.

    `visits` to make in a month, `capacity` of one person in a month, `needed` people
    (to one digit) and `heads` (whole people), `saturation` of the people there are in
    percent, None if there is nobody.
    """

    visits: Decimal
    capacity: Decimal
    needed: Decimal
    heads: int
    saturation: Decimal | None


def visits_per_month(customers: Iterable[tuple[Figure, Figure]]) -> Decimal:
    """Return the visits that customers ask for: (how many, visits a month each).

    >>> visits_per_month([(40, 4), (100, 2), (160, 1)])
    Decimal('520')
    """
    return sum((exact(count) * exact(each) for count, each in customers), Decimal(0))


def monthly_capacity(visits_per_week: Figure) -> Decimal:
    """Return the visits that one person makes in a month of 52/12 weeks.

    >>> monthly_capacity(20).quantize(Decimal("0.01"))
    Decimal('86.67')
    """
    return exact(visits_per_week) * WEEKS_PER_MONTH


def load(visits: Figure, visits_per_week: Figure, people: int) -> Load:
    """Compare the visits of a month with what people can make (ORG-08).

    AT-ORG-02, 520 visits at 20 a week, and nine people who share them:

    >>> market = load(520, 20, 9)
    >>> market.needed, market.heads, market.saturation
    (Decimal('6.0'), 6, Decimal('66.7'))
    >>> load(521, 20, 0).heads, load(521, 20, 0).saturation
    (7, None)
    >>> load(0, 20, 3).heads, load(0, 20, 3).saturation
    (0, Decimal('0.0'))
    """
    wanted, capacity = exact(visits), monthly_capacity(visits_per_week)
    if capacity <= 0:
        raise ValueError("a full load is more than no visits")
    # 52/12 has no end as a decimal: what is left after nine digits is not a person.
    share = (wanted / capacity).quantize(Decimal("1e-9"))
    saturation = None
    if people:
        saturation = wanted / (capacity * people) * 100
        saturation = saturation.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return Load(
        wanted,
        capacity,
        share.quantize(Decimal("0.1"), ROUND_HALF_UP),
        int(share.to_integral_value(ROUND_CEILING)),
        saturation,
    )


def required_heads(below: int, ratio: int) -> int:
    """Return how many superiors so many people need, one for `ratio` of them.

    AT-ORG-01, 250 promoters, supervisors 8:1, city managers 5:1:

    >>> required_heads(250, 8), required_heads(required_heads(250, 8), 5)
    (32, 7)
    >>> required_heads(240, 8), required_heads(required_heads(240, 8), 5)
    (30, 6)
    >>> required_heads(1, 8), required_heads(0, 8)
    (1, 0)
    """
    if ratio < 1:
        raise ValueError("a superior leads at least one person")
    return -(-max(below, 0) // ratio)
