"""Random samples of what is to be checked: how many, and which (VIS-08)."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from random import Random, SystemRandom


def sample_size(total: int, percent: Decimal | float | str) -> int:
    """How many of ``total`` a share is: rounded half up, at least one of any.

    A share that rounded down to nobody would let whoever visits little never be
    checked; one that always rounded up would check a fifth of ten at 11 %.

    >>> sample_size(60, 10), sample_size(64, 10), sample_size(65, 10)
    (6, 6, 7)
    >>> sample_size(3, 10), sample_size(1, 1)
    (1, 1)
    >>> sample_size(0, 10), sample_size(60, 0)
    (0, 0)
    >>> sample_size(7, 100), sample_size(10, 0.1)
    (7, 1)
    """
    share = Decimal(str(percent))
    if total <= 0 or share <= 0:
        return 0
    wanted = (total * share / 100).quantize(Decimal(1), ROUND_HALF_UP)
    return min(total, max(1, int(wanted)))


def draw(pool: Iterable[int], size: int, rng: Random | None = None) -> list[int]:
    """``size`` of the pool, each with the same chance, in the order of the pool.

    Without a generator the randomness of the system is used, which nobody foresees.

    >>> draw([5, 3, 9, 7], 2, Random(1))
    [5, 7]
    >>> draw([5, 3], 8, Random(1)), draw([], 3), draw([5, 3], -1)
    ([3, 5], [], [])
    """
    members = sorted(set(pool))
    rng = rng or SystemRandom()
    return sorted(rng.sample(members, max(0, min(size, len(members)))))


def draw_share(
    pools: Mapping[object, Iterable[int]],
    drawn: Mapping[object, int],
    percent: Decimal | float | str,
    rng: Random | None = None,
) -> list[int]:
    """Draw a share out of each pool; what was drawn before counts toward it.

    So a second draw over the same days takes only what has come since.

    :param pools: ``{owner: members that were not drawn yet}``
    :param drawn: ``{owner: how many were drawn before}``

    >>> ann, ben = range(100, 160), range(200, 205)
    >>> first = draw_share({"ann": ann, "ben": ben}, {}, 10, Random(1))
    >>> len(first), sum(number < 200 for number in first)
    (7, 6)
    >>> left = [number for number in ann if number not in first]
    >>> draw_share({"ann": left}, {"ann": 6}, 10)
    []
    >>> len(draw_share({"ann": [*left, *range(160, 170)]}, {"ann": 6}, 10))
    1
    """
    chosen = []
    for owner, pool in pools.items():
        members, before = set(pool), drawn.get(owner, 0)
        size = sample_size(len(members) + before, percent) - before
        chosen += draw(members, size, rng)
    return sorted(chosen)
