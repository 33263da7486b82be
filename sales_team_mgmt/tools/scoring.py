"""What the items of an appraisal are worth, what they add up to, and why (APP-01).

Every rule returns the points together with the sentence that explains them. Sentences
are English unless the caller hands in something that translates, which takes a text
with named placeholders and their values. Points of an item are rounded to two digits,
half up, so that a sheet can be added up by hand.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import NamedTuple, Protocol

from .rates import Figure, exact

CENT = Decimal("0.01")
MILLIONTH = Decimal("0.000001")


class Translator(Protocol):
    """Whatever can say a sentence, such as an environment of Odoo."""

    def _(self, text: str, **values: object) -> str:
        """Return the text with its named placeholders filled in."""


class English:
    """Says sentences as they are written here."""

    def _(self, text: str, **values: object) -> str:
        return text % values


ENGLISH = English()


class Refused(ValueError):
    """A value that the rule does not accept; says in words what it accepts."""


class Points(NamedTuple):
    """What something is worth, None if a person has to judge it first, and why."""

    points: Decimal | None
    why: str


class Fact(NamedTuple):
    """One event that counts: how many, how much money, how many times it weighs."""

    quantity: Figure = 1
    amount: Figure = 0
    factor: Figure = 1


class Deduction(NamedTuple):
    """What events of one type cost (APP-01).

    ========== =====================================================================
    mode       what is lost
    ========== =====================================================================
    each       `points` for each event, as often as its quantity says
    full       `points` for each full `unit` of money
    started    `points` for each started `unit` of money
    pro_rata   `points` for a `unit` of money, in proportion
    range      between `points` and `most` for each event; a person judges how much
    share      one of `parts` equal parts of the item for each event
    all        the whole item
    ========== =====================================================================

    Money is added up before units are counted. An event that weighs double counts
    twice; if the whole item is lost, it costs its maximum once more (WPL-17).
    """

    name: str
    mode: str = "each"
    points: Figure = 0
    most: Figure = 0
    unit: Figure = 1
    parts: int = 1


class Loss(NamedTuple):
    """What a deduction takes away; `whole` counts how often the whole item is lost."""

    points: Decimal | None
    whole: Decimal
    why: str


class Band(NamedTuple):
    """From a value on, until the next band begins, an item is worth `points`."""

    start: Figure
    points: Figure
    name: str = ""


class Part(NamedTuple):
    """A section of a sheet: its points and its weight in percent."""

    points: Figure
    weight: Figure


# ------------------------------------------------------------
# What an item is worth before deductions
# ------------------------------------------------------------


def given(
    points: Figure | None,
    minimum: Figure,
    maximum: Figure,
    env: Translator = ENGLISH,
) -> Points:
    """Return the points that a person gives, from `minimum` to `maximum`.

    Raise Refused for points outside of the two.

    >>> given(18, 0, 20)
    Points(points=Decimal('18.00'), why='18 of 20, given.')
    >>> given(None, 0, 20).points is None
    True
    >>> try:
    ...     given(-1, 0, 20)
    ... except Refused as refusal:
    ...     print(refusal)
    Give from 0 to 20 points, not −1.
    """
    low, high = exact(minimum), exact(maximum)
    if points is None:
        return Points(
            None,
            env._(
                "To be given: from %(minimum)s to %(maximum)s points.",
                minimum=plain(low),
                maximum=plain(high),
            ),
        )
    number = exact(points)
    if not low <= number <= high:
        raise Refused(
            env._(
                "Give from %(minimum)s to %(maximum)s points, not %(points)s.",
                minimum=plain(low),
                maximum=plain(high),
                points=plain(number),
            )
        )
    return Points(
        _cents(number),
        env._(
            "%(points)s of %(maximum)s, given.",
            points=plain(number),
            maximum=plain(high),
        ),
    )


def starts_with(points: Figure, env: Translator = ENGLISH) -> Points:
    """Return what an item is worth as long as nothing happens.

    >>> starts_with(30)
    Points(points=Decimal('30.00'), why='30 to start with.')
    """
    number = exact(points)
    return Points(
        _cents(number), env._("%(points)s to start with.", points=plain(number))
    )


def by_rate(
    numerator: Figure,
    denominator: Figure | None,
    maximum: Figure,
    cap_percent: Figure = 100,
    env: Translator = ENGLISH,
) -> Points:
    """Return the points in proportion to what was reached, up to a cap (APP-10).

    Without a denominator above zero there is no rate, and a person has to judge.

    AT-APP-14, plan completion 90 % of 40 points:

    >>> by_rate(18, 20, 40)
    Points(points=Decimal('36.00'), why='18 of 20 = 90 %; 90 % of 40 points = 36.')
    >>> by_rate(22, 20, 40).points, by_rate(22, 20, 40, cap_percent=110).points
    (Decimal('40.00'), Decimal('44.00'))
    >>> by_rate(0, 0, 40)
    Points(points=None, why='Nothing to compare with: the points have to be given.')
    """
    base = exact(denominator or 0)
    if base <= 0:
        return Points(
            None, env._("Nothing to compare with: the points have to be given.")
        )
    rate = exact(numerator) * 100 / base
    counted = min(max(rate, Decimal(0)), exact(cap_percent))
    points = _cents(counted * exact(maximum) / 100)
    values = {
        "done": plain(exact(numerator)),
        "base": plain(base),
        "rate": plain(_cents(rate)),
        "counted": plain(_cents(counted)),
        "maximum": plain(exact(maximum)),
        "points": plain(points),
    }
    if counted != rate:
        why = env._(
            "%(done)s of %(base)s = %(rate)s %%, counted as %(counted)s %%;"
            " %(counted)s %% of %(maximum)s points = %(points)s.",
            **values,
        )
    else:
        why = env._(
            "%(done)s of %(base)s = %(rate)s %%; %(rate)s %% of %(maximum)s points ="
            " %(points)s.",
            **values,
        )
    return Points(points, why)


def by_deviation(
    numerator: Figure,
    denominator: Figure | None,
    per_point: Figure,
    base: Figure = 0,
    whole: bool = True,
    env: Translator = ENGLISH,
) -> Points:
    """Return `base` plus or minus points for each percentage point off 100 %.

    Only whole percentage points count unless `whole` is false; a part of one is cut
    off towards zero. Without a denominator above zero a person has to judge.

    The collection rate of AT-APP-05, 103.0 % at one point each:

    >>> by_deviation(515000, 500000, 1)
    Points(points=Decimal('3.00'), why='103 % is 3 points off 100 %: 0 + 3 × 1 = 3.')
    >>> [by_deviation(rate, 1000, 1).points for rate in (1039, 961, 959)]
    [Decimal('3.00'), Decimal('-3.00'), Decimal('-4.00')]
    >>> by_deviation(1039, 1000, 1, whole=False).points
    Decimal('3.90')
    """
    total = exact(denominator or 0)
    if total <= 0:
        return Points(
            None, env._("Nothing to compare with: the points have to be given.")
        )
    rate = exact(numerator) * 100 / total
    off = rate - 100
    if whole:
        off = Decimal(int(off))
    each = exact(per_point)
    points = _cents(exact(base) + off * each)
    return Points(
        points,
        env._(
            "%(rate)s %% is %(off)s points off 100 %%: %(base)s + %(off)s × %(each)s ="
            " %(points)s.",
            rate=plain(_cents(rate)),
            off=plain(_cents(off)),
            base=plain(exact(base)),
            each=plain(each),
            points=plain(points),
        ),
    )


def by_units(
    value: Figure,
    base: Figure,
    per_unit: Figure,
    unit: Figure = 1,
    rounding: str = "pro_rata",
    env: Translator = ENGLISH,
) -> Points:
    """Return `base` less `per_unit` points for each full, started or pro rata unit.

    Raise ValueError for a unit that is not above zero or another rounding.

    AT-ATT-01, attendance with 2 days missed at 4 points each (ATT-04):

    >>> by_units(2, 100, 4)
    Points(points=Decimal('92.00'), why='100 − 2 × 4 = 92.')
    >>> [by_units(days, 30, 1, 7, how).points
    ...  for days in (6, 7, 8) for how in ("full", "started")]
    ... # doctest: +NORMALIZE_WHITESPACE
    [Decimal('30.00'), Decimal('29.00'), Decimal('29.00'),
     Decimal('29.00'), Decimal('29.00'), Decimal('28.00')]
    """
    units = count_units(value, unit, rounding)
    points = _cents(exact(base) - units * exact(per_unit))
    return Points(
        points,
        env._(
            "%(base)s − %(units)s × %(each)s = %(points)s.",
            base=plain(exact(base)),
            units=plain(_cents(units)),
            each=plain(exact(per_unit)),
            points=plain(points),
        ),
    )


def by_bands(value: Figure, bands: Sequence[Band], env: Translator = ENGLISH) -> Points:
    """Return the points of the band that holds the value.

    A band begins with its own value and ends right before the next one: half-open,
    so that no value falls between two of them. A value below all bands gets nothing.
    Raise ValueError if there are no bands or two begin with the same value.

    >>> bands = [Band(0, 2), Band(60, 5), Band(90, 10)]
    >>> [by_bands(value, bands).points for value in ("59.99", 60, "89.99", 90)]
    [Decimal('2.00'), Decimal('5.00'), Decimal('5.00'), Decimal('10.00')]
    >>> by_bands(75, bands).why
    '75 is at least 60 and less than 90: 5.'
    >>> by_bands(-1, bands).points
    Decimal('0.00')
    """
    number = exact(value)
    ordered = sorted(bands, key=lambda band: exact(band.start))
    starts = [exact(band.start) for band in ordered]
    if not starts or len(set(starts)) < len(starts):
        raise ValueError(f"bands must begin with different values: {bands!r}")
    reached = [band for band in ordered if exact(band.start) <= number]
    if not reached:
        return Points(
            Decimal("0.00"),
            env._(
                "%(value)s is less than %(start)s, where the first band begins: 0.",
                value=plain(number),
                start=plain(starts[0]),
            ),
        )
    band = reached[-1]
    values = {
        "value": plain(number),
        "start": plain(exact(band.start)),
        "points": plain(exact(band.points)),
    }
    if len(reached) < len(ordered):
        following = plain(starts[len(reached)])
        why = env._(
            "%(value)s is at least %(start)s and less than %(next)s: %(points)s.",
            next=following,
            **values,
        )
    else:
        why = env._("%(value)s is at least %(start)s: %(points)s.", **values)
    return Points(_cents(exact(band.points)), why)


# ------------------------------------------------------------
# What events take away
# ------------------------------------------------------------


def loss(
    deduction: Deduction,
    facts: Sequence[Fact],
    maximum: Figure,
    judged: Figure | None = None,
    env: Translator = ENGLISH,
) -> Loss:
    """Return what the events of one type take away from an item (APP-12).

    `judged` is what a person deducts where the rule leaves a range. Raise Refused if
    it lies outside the range, ValueError for an unknown mode or a unit of zero.

    AT-APP-04, two events of a distributor at 5 points each; a loss of 20,000 at 2
    points for each full 10,000 (AT-APP-05):

    >>> loss(Deduction("late", "each", 5), [Fact(), Fact()], 30)
    Loss(points=Decimal('10'), whole=Decimal('0'), why='late: 2 × 5 = −10.')
    >>> money = Deduction("lost", "full", 2, unit=10000)
    >>> [loss(money, [Fact(amount=a)], 0).points for a in (9999, 10000, 20000)]
    [Decimal('0'), Decimal('2'), Decimal('4')]
    >>> loss(Deduction("late", "all"), [Fact(factor=2)], 10).whole
    Decimal('2')
    >>> loss(Deduction("late", "share", parts=4), [Fact()], 40).points
    Decimal('10')
    """
    if not facts:
        return Loss(Decimal(0), Decimal(0), "")
    name, mode = deduction.name, deduction.mode
    top, each = exact(maximum), exact(deduction.points)
    weighed = [exact(fact.quantity) * exact(fact.factor) for fact in facts]
    if mode == "all":
        factor = max(exact(fact.factor) for fact in facts)
        if factor > 1:
            why = env._(
                "%(name)s: the whole item is lost, and weighs %(factor)s times.",
                name=name,
                factor=plain(factor),
            )
        else:
            why = env._("%(name)s: the whole item is lost.", name=name)
        return Loss(Decimal(0), factor, why)
    if mode == "range":
        return _judged_loss(deduction, sum(weighed), judged, env)
    if mode in ("each", "share"):
        count = sum(weighed)
        if mode == "share":
            if deduction.parts < 1:
                raise ValueError(f"not a number of parts: {deduction.parts!r}")
            each = top / deduction.parts
    else:
        count = sum(
            count_units(
                sum(exact(f.amount) for f in facts if exact(f.factor) == factor),
                deduction.unit,
                mode,
            )
            * factor
            for factor in {exact(fact.factor) for fact in facts}
        )
    points = count * each
    return Loss(
        points,
        Decimal(0),
        env._(
            "%(name)s: %(count)s × %(each)s = −%(points)s.",
            name=name,
            count=plain(_cents(count)),
            each=plain(_cents(each)),
            points=plain(_cents(points)),
        ),
    )


def _judged_loss(
    deduction: Deduction, count: Decimal, judged: Figure | None, env: Translator
) -> Loss:
    low, high = count * exact(deduction.points), count * exact(deduction.most)
    limits = {
        "name": deduction.name,
        "count": plain(count),
        "low": plain(low),
        "high": plain(high),
    }
    if judged is None:
        return Loss(
            None,
            Decimal(0),
            env._(
                "%(name)s: judge from %(low)s to %(high)s points to deduct.", **limits
            ),
        )
    points = exact(judged)
    if not low <= points <= high:
        raise Refused(
            env._(
                "%(name)s: deduct from %(low)s to %(high)s points for %(count)s"
                " events, not %(points)s.",
                points=plain(points),
                **limits,
            )
        )
    return Loss(
        points,
        Decimal(0),
        env._(
            "%(name)s: −%(points)s, judged.", name=deduction.name, points=plain(points)
        ),
    )


def count_units(value: Figure, unit: Figure, rounding: str) -> Decimal:
    """Return how many units a value has: full ones, started ones, or pro rata.

    Raise ValueError for a unit that is not above zero or another rounding.

    >>> [count_units(25000, 10000, how) for how in ("full", "started", "pro_rata")]
    [Decimal('2'), Decimal('3'), Decimal('2.5')]
    """
    size = exact(unit)
    if size <= 0:
        raise ValueError(f"not a unit: {unit!r}")
    units = exact(value) / size
    if rounding == "pro_rata":
        return units
    modes = {"full": ROUND_FLOOR, "started": ROUND_CEILING}
    if rounding not in modes:
        raise ValueError(f"unknown rounding: {rounding!r}")
    return units.quantize(Decimal(1), modes[rounding])


# ------------------------------------------------------------
# Items, sections, sheets
# ------------------------------------------------------------


def item(
    start: Points,
    losses: Iterable[Loss],
    minimum: Figure,
    maximum: Figure,
    env: Translator = ENGLISH,
) -> Points:
    """Return what an item is worth after its deductions, within its limits.

    A lost item is worth 0, and its maximum less for each time it weighs more than
    once; it need not be judged any more. The minimum may be negative.

    AT-APP-03, handed in late, and missing for the second month in a row (WPL-17):

    >>> late = Loss(Decimal(0), Decimal(1), "late.")
    >>> item(starts_with(10), [late], -100, 10).points
    Decimal('0.00')
    >>> again = Loss(Decimal(0), Decimal(2), "missing again.")
    >>> item(starts_with(10), [again], -100, 10)
    Points(points=Decimal('-10.00'), why='missing again. Makes −10.')
    >>> item(given(None, 0, 20), [late], 0, 20).points
    Decimal('0.00')

    AT-APP-04, seven events of a distributor at 5 points each, not below 0:

    >>> seven = Loss(Decimal(35), Decimal(0), "late: 7 × 5 = −35.")
    >>> print(item(starts_with(30), [seven], 0, 30).why)
    30 to start with. late: 7 × 5 = −35. Not below 0: makes 0.
    """
    low, high = exact(minimum), exact(maximum)
    losses = [each for each in losses if each.why]
    whole = max((each.whole for each in losses), default=Decimal(0))
    reasons = [each.why for each in losses]
    if not whole:
        reasons.insert(0, start.why)
        if start.points is None or any(each.points is None for each in losses):
            return Points(None, " ".join(filter(None, reasons)))
    base = -high * max(whole - 1, Decimal(0)) if whole else start.points
    exact_points = base - sum(each.points or 0 for each in losses)
    points = _cents(min(max(exact_points, low), high))
    if exact_points < low:
        reasons.append(env._("Not below %(limit)s: makes %(limit)s.", limit=plain(low)))
    elif exact_points > high:
        reasons.append(
            env._("Not above %(limit)s: makes %(limit)s.", limit=plain(high))
        )
    elif losses:
        reasons.append(env._("Makes %(points)s.", points=plain(points)))
    return Points(points, " ".join(filter(None, reasons)))


def section(
    points: Iterable[Figure | None],
    minimum: Figure = 0,
    maximum: Figure | None = None,
    base: Figure = 0,
    env: Translator = ENGLISH,
) -> Points:
    """Return what the items of a section add up to, within its limits.

    None as long as one of them has to be judged.

    AT-APP-03, and the floor of a section whose items may be negative:

    >>> section([18, 17, 15, 8, 10, 0, 10])
    Points(points=Decimal('78.00'), why='18 + 17 + 15 + 8 + 10 + 0 + 10 = 78.')
    >>> section([5, -10]).points
    Decimal('0.00')
    >>> section([-10, None]).points is None
    True
    """
    numbers = [None if each is None else exact(each) for each in points]
    if exact(base):
        numbers.insert(0, exact(base))
    missing = sum(each is None for each in numbers)
    if missing:
        return Points(
            None, env._("Items still to be judged: %(count)s.", count=missing)
        )
    total = sum(numbers, Decimal(0))
    terms = _sum_of(map(plain, numbers))
    low = exact(minimum)
    high = None if maximum is None else exact(maximum)
    if total < low or (high is not None and total > high):
        limited = low if total < low else high
        why = env._(
            "%(terms)s = %(total)s, counted as %(limit)s.",
            terms=terms,
            total=plain(_cents(total)),
            limit=plain(limited),
        )
        return Points(_cents(limited), why)
    why = env._("%(terms)s = %(total)s.", terms=terms, total=plain(_cents(total)))
    return Points(_cents(total), why)


def sheet(parts: Sequence[Part], env: Translator = ENGLISH) -> Points:
    """Return the weighted score of a sheet.

    Raise Refused if the weights do not make 100 %.

    AT-APP-03 and AT-APP-04, daily work 70 % and attendance 30 %:

    >>> sheet([Part(78, 70), Part(100, 30)])
    Points(points=Decimal('84.60'), why='78 × 70 % + 100 × 30 % = 84.6.')
    >>> sheet([Part(85, 70), Part(92, 30)]).points
    Decimal('87.10')
    >>> sheet([Part(45, 70), Part(92, 30)]).points
    Decimal('59.10')
    """
    check_weights([part.weight for part in parts], env)
    total = sum(
        (exact(part.points) * exact(part.weight) / 100 for part in parts), Decimal(0)
    )
    if len(parts) == 1:
        return Points(_cents(total), plain(_cents(total)) + ".")
    terms = _sum_of(
        env._(
            "%(points)s × %(weight)s %%",
            points=plain(exact(part.points)),
            weight=plain(exact(part.weight)),
        )
        for part in parts
    )
    why = env._("%(terms)s = %(total)s.", terms=terms, total=plain(_cents(total)))
    return Points(_cents(total), why)


def check_weights(weights: Sequence[Figure], env: Translator = ENGLISH) -> None:
    """Raise Refused unless the weights are not negative and make 100 %.

    >>> check_weights([70, 30])
    >>> try:
    ...     check_weights([70, 20])
    ... except Refused as refusal:
    ...     print(refusal)
    The weights make 90 %, not 100 %.
    """
    numbers = [exact(weight) for weight in weights]
    if any(number < 0 for number in numbers):
        raise Refused(env._("A weight cannot be negative."))
    total = sum(numbers, Decimal(0))
    if total != 100:
        raise Refused(
            env._("The weights make %(total)s %%, not 100 %%.", total=plain(total))
        )


def coefficient(score: Figure, pivot: Figure) -> Decimal:
    """Return by what a pay is multiplied: the score over its pivot (APP-T1, COM-02).

    Raise ValueError for a pivot that is not above zero.

    AT-APP-14, 92.5 points with a pivot of 80:

    >>> coefficient("92.5", 80)
    Decimal('1.156250')
    """
    if exact(pivot) <= 0:
        raise ValueError(f"not a pivot: {pivot!r}")
    return (exact(score) / exact(pivot)).quantize(MILLIONTH, ROUND_HALF_UP)


def weak_reason(
    scores: Sequence[Figure | None],
    once_below: Figure,
    row_below: Figure,
    row: int,
    env: Translator = ENGLISH,
) -> str:
    """Say why the latest of these monthly scores calls for retraining (APP-08).

    Empty if it does not. A month without a score breaks the row; a limit of zero
    never applies.

    AT-APP-04, one month below 60, or three in a row below 70:

    >>> weak_reason([90, "59.1"], 60, 70, 3)
    '59.1 is below 60.'
    >>> weak_reason(["69.99", 65, 60], 60, 70, 3)
    '3 months in a row below 70: 69.99, 65, 60.'
    >>> weak_reason([65, 65], 60, 70, 3), weak_reason([65, None, 65, 65], 60, 70, 3)
    ('', '')
    >>> weak_reason([65, 65, 70], 60, 70, 3)
    ''
    """
    numbers = [None if each is None else exact(each) for each in scores]
    if not numbers or numbers[-1] is None:
        return ""
    latest, low, middle = numbers[-1], exact(once_below), exact(row_below)
    if latest < low and low > 0:
        return env._(
            "%(score)s is below %(limit)s.",
            score=plain(latest),
            limit=plain(low),
        )
    last = numbers[-row:] if row > 0 else []
    if (
        middle > 0
        and len(last) == row > 0
        and all(each is not None and each < middle for each in last)
    ):
        return env._(
            "%(count)s months in a row below %(limit)s: %(scores)s.",
            count=row,
            limit=plain(middle),
            scores=", ".join(map(plain, last)),
        )
    return ""


# ------------------------------------------------------------
# Tooling
# ------------------------------------------------------------


def plain(number: Figure) -> str:
    """Return a number with no more digits than it needs and a true minus sign.

    >>> plain(Decimal("28.50")), plain(1e6), plain(Decimal("-0.50"))
    ('28.5', '1000000', '−0.5')
    """
    text = format(exact(number), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−") if text != "-0" else "0"


def _sum_of(terms: Iterable[str]) -> str:
    """Join the terms of a sum; a negative one is subtracted."""
    text = ""
    for term in terms:
        if not text:
            text = term
        elif term.startswith("−"):
            text += f" − {term[1:]}"
        else:
            text += f" + {term}"
    return text or "0"


def _cents(number: Decimal) -> Decimal:
    """Round half up to two digits; a rounded zero has no sign."""
    rounded = number.quantize(CENT, ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)
