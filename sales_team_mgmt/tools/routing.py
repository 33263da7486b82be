"""In which order to drive to places: nearest neighbour, then 2-opt (VIS-19, VIS-25).

The way is open: it ends at the last stop. Equal ways are decided by the order in which
the stops came in, so the same stops always give the same answer.
"""

from collections.abc import Sequence

from .geo import distance, is_position

Position = tuple[float, float]

# A way that is shorter by less than a millimetre is not shorter: no endless swapping.
SHORTER = 0.001

# Up to so many stops the way is tried from each of them; beyond, from those far out.
EVERY_START = 12


def best_order(
    positions: Sequence[Position | None], start: Position | None = None
) -> list[int]:
    """Return the indexes of the stops in the order in which to visit them.

    `start` is where the day begins; without one, the best stop to begin with is
    chosen. Stops without a position come last and keep their order.

    >>> street = [(31.0, 121.3), (31.0, 121.1), (31.0, 121.4), (31.0, 121.2)]
    >>> best_order(street, start=(31.0, 121.0))
    [1, 3, 0, 2]
    >>> best_order(street, start=(31.0, 121.5))
    [2, 0, 3, 1]
    >>> best_order([(31.0, 121.3), None, (31.0, 121.1), (0, 0), (31.0, 121.2)])
    [0, 4, 2, 1, 3]
    >>> best_order([]), best_order([None]), best_order([(31.0, 121.3)])
    ([], [0], [0])
    """
    known = [
        number
        for number, position in enumerate(positions)
        if position and is_position(*position)
    ]
    unknown = sorted(set(range(len(positions))) - set(known))
    if len(known) < 2:
        return known + unknown
    places = [positions[number] for number in known]
    metres = [[distance(*one, *other) for other in places] for one in places]
    from_start = None
    if start and is_position(*start):
        from_start = [distance(*start, *place) for place in places]
    best, shortest = None, None
    for first in _firsts(metres, from_start):
        order = _two_opt(_nearest_neighbour(first, metres), metres, from_start)
        length = _length(order, metres, from_start)
        if best is None or length < shortest - SHORTER:
            best, shortest = order, length
    return [known[number] for number in best] + unknown


def way_length(
    positions: Sequence[Position | None],
    order: Sequence[int],
    start: Position | None = None,
) -> float:
    """Return the metres of a way through the stops that have a position.

    >>> street = [(31.0, 121.3), None, (31.0, 121.1)]
    >>> round(way_length(street, [0, 1, 2]))
    19063
    >>> round(way_length(street, [2, 0], start=(31.0, 121.0)))
    28594
    """
    places = [start] + [positions[number] for number in order]
    places = [place for place in places if place and is_position(*place)]
    return sum(
        distance(*one, *other) for one, other in zip(places, places[1:], strict=False)
    )


def _firsts(metres, from_start):
    """Stops to begin with: the one nearest to the start, or else several to try."""
    stops = range(len(metres))
    if from_start:
        return [min(stops, key=lambda stop: (from_start[stop], stop))]
    if len(metres) <= EVERY_START:
        return stops
    # A way ends far out: the stops with the longest ways to all others come first.
    return sorted(stops, key=lambda stop: (-sum(metres[stop]), stop))[:EVERY_START]


def _nearest_neighbour(first, metres):
    order, left = [first], set(range(len(metres))) - {first}
    while left:
        row = metres[order[-1]]
        stop = min(left, key=lambda stop: (row[stop], stop))
        order.append(stop)
        left.remove(stop)
    return order


def _two_opt(order, metres, from_start):
    """Turn pieces of the way around as long as that makes it shorter."""
    count, improved = len(order), True
    while improved:
        improved = False
        for i in range(count - 1):
            for j in range(i + 1, count):
                change = 0.0
                if i:
                    before = metres[order[i - 1]]
                    change += before[order[j]] - before[order[i]]
                elif from_start:
                    change += from_start[order[j]] - from_start[order[i]]
                if j + 1 < count:
                    after = metres[order[j + 1]]
                    change += after[order[i]] - after[order[j]]
                if change < -SHORTER:
                    order[i : j + 1] = order[i : j + 1][::-1]
                    improved = True
    return order


def _length(order, metres, from_start):
    length = from_start[order[0]] if from_start else 0.0
    return length + sum(
        metres[one][other] for one, other in zip(order, order[1:], strict=False)
    )
