"""Completion rates and the points they are worth, exact and rounded half up.

Figures may be int, Decimal, str or float; a float counts as it is written, so that
0.1 is one tenth.
"""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

Figure = int | Decimal | str | float


def exact(figure: Figure) -> Decimal:
    """Return a figure as Decimal; raise ValueError if it is not a finite number.

    >>> exact(0.1) + exact("0.2") == exact(Decimal("0.3"))
    True
    """
    try:
        number = figure if isinstance(figure, Decimal) else Decimal(str(figure))
    except InvalidOperation as error:
        raise ValueError(f"not a number: {figure!r}") from error
    if not number.is_finite():
        raise ValueError(f"not a finite number: {figure!r}")
    return number


def percentage(
    numerator: Figure, denominator: Figure | None, digits: int = 2
) -> Decimal | None:
    """Return how much of the denominator was reached, in percent.

    The rate is not capped. Without a denominator, None or zero, there is no rate:
    "no target" is not 0 %. Raise ValueError if a figure is not a number.

    AT-WPL-04, 18 of 20 reports reviewed (WPL-16); AT-VIS-01, 19 distinct customers
    visited of 20 (VIS-03):

    >>> percentage(18, 20)
    Decimal('90.00')
    >>> percentage(19, 20)
    Decimal('95.00')
    >>> percentage(3, 0) is None
    True
    """
    base = exact(0 if denominator is None else denominator)
    if not base:
        return None
    return _round(exact(numerator) * 100 / base, digits)


def average(
    numerator: Figure, denominator: Figure | None, digits: int = 2
) -> Decimal | None:
    """Return how much comes to one of the denominator.

    Without a denominator, None or zero, there is no average.

    >>> average(100, 3)
    Decimal('33.33')
    >>> average(5, 0) is None
    True
    """
    base = exact(0 if denominator is None else denominator)
    if not base:
        return None
    return _round(exact(numerator) / base, digits)


def points_for(
    rate_percent: Figure | None, maximum: Figure, digits: int = 2
) -> Decimal | None:
    """Return the points proportional to a rate in percent, from 0 to `maximum`.

    Without a rate there are no points to give: None. Raise ValueError if a figure is
    not a number or the maximum is negative.

    AT-WPL-04, 90 % of the reports reviewed gives 9 of 10 points (WPL-16):

    >>> points_for(percentage(18, 20), 10)
    Decimal('9.00')
    >>> points_for(120, 10), points_for(-5, 10)
    (Decimal('10.00'), Decimal('0.00'))
    >>> points_for(None, 10) is None
    True
    """
    top = exact(maximum)
    if top < 0:
        raise ValueError(f"negative maximum of points: {maximum!r}")
    if rate_percent is None:
        return None
    points = exact(rate_percent) * top / 100
    return _round(min(max(points, Decimal(0)), top), digits)


def _round(number: Decimal, digits: int) -> Decimal:
    """Round half up, away from zero; a rounded zero has no sign."""
    rounded = number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)
