from datetime import date
from decimal import Decimal

import pytest
from stm_tools import weeks
from stm_tools.scoring import (
    Band,
    Deduction,
    Fact,
    Loss,
    Part,
    Points,
    Refused,
    by_bands,
    by_deviation,
    by_rate,
    by_units,
    check_weights,
    coefficient,
    count_units,
    given,
    item,
    loss,
    plain,
    section,
    sheet,
    starts_with,
    weak_reason,
)

NO_NUMBERS = ["nan", "inf", float("nan"), float("inf"), Decimal("-Infinity"), "ten", ""]


def lost(points, why="late."):
    return Loss(Decimal(points), Decimal(0), why)


def whole(factor):
    return Loss(Decimal(0), Decimal(str(factor)), "gone.")


# ------------------------------------------------------------
# Worked examples of the rulebook
# ------------------------------------------------------------


def test_at_app_03_area_manager():
    daily = section([18, 17, 15, 8, 10, 0, 10])
    assert str(daily.points) == "78.00"
    assert str(sheet([Part(daily.points, 70), Part(100, 30)]).points) == "84.60"


def test_at_app_03_filed_late_twice_contributes_minus_ten():
    rule = Deduction("late", "all")
    once = item(starts_with(10), [loss(rule, [Fact()], 10)], -100, 10)
    twice = item(starts_with(10), [loss(rule, [Fact(factor=2)], 10)], -100, 10)
    assert (str(once.points), str(twice.points)) == ("0.00", "-10.00")
    assert str(section([18, 17, 15, 8, 10, twice.points]).points) == "58.00"
    assert str(section([0, twice.points]).points) == "0.00"


def test_at_app_04_salesperson():
    distributor = item(
        starts_with(30), [loss(Deduction("d", "each", 5), [Fact()] * 2, 30)], 0, 30
    )
    daily = section([distributor.points, 40, 25])
    assert str(daily.points) == "85.00"
    assert str(sheet([Part(daily.points, 70), Part(92, 30)]).points) == "87.10"


def test_at_app_04_one_weekly_report_late():
    weekly = item(given(40, 0, 40), [loss(Deduction("w", "all"), [Fact()], 40)], 0, 40)
    daily = section([20, weekly.points, 25])
    result = sheet([Part(daily.points, 70), Part(92, 30)])
    assert str(result.points) == "59.10"
    assert weak_reason([result.points], 60, 70, 3) == "59.1 is below 60."


@pytest.mark.parametrize(
    ("events", "points"), [(0, "30.00"), (5, "5.00"), (6, "0.00"), (7, "0.00")]
)
def test_at_app_04_events_of_a_distributor(events, points):
    taken = loss(Deduction("d", "each", 5), [Fact()] * events, 30)
    assert str(item(starts_with(30), [taken], 0, 30).points) == points


def test_at_app_05_overseas():
    points = [
        by_deviation(515000, 500000, 1).points,
        -loss(Deduction("customers", "each", 2), [Fact()], 0).points,
        -loss(Deduction("credit", "full", 2, unit=10000), [Fact(amount=20000)], 0)[0],
        -loss(Deduction("money", "full", 5, unit=10000), [Fact(amount=10000)], 0)[0],
        -loss(Deduction("lost", "each", 5), [Fact()], 0).points,
        -2,
        -3,
        -2,
        -2,
        -2,
        -3,
    ]
    assert str(section(points, base=100).points) == "73.00"


def test_at_app_12_false_visits_removed():
    visited = by_rate(36, 40, 40)
    closed = by_rate(5, 4, 60)
    assert str(section([visited.points, closed.points]).points) == "96.00"


def test_at_app_14_pivot():
    items = [
        by_rate(rate, 100, top).points
        for rate, top in ((90, 40), (95, 30), (100, 20), (80, 10))
    ]
    total = section(items).points
    assert str(total) == "92.50"
    assert str(coefficient(total, 80)) == "1.156250"


@pytest.mark.parametrize(
    ("days", "points"), [(0, "100.00"), (1, "96.00"), (2, "92.00"), (26, "0.00")]
)
def test_at_att_01_attendance(days, points):
    assert str(item(by_units(days, 100, 4), [], 0, 100).points) == points


# ------------------------------------------------------------
# Given, to start with
# ------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "expected"),
    [(0, "0.00"), ("-0", "0.00"), (20, "20.00"), ("7.005", "7.01"), ("7.0049", "7.00")],
)
def test_given(points, expected):
    assert str(given(points, 0, 20).points) == expected


@pytest.mark.parametrize("points", ["-0.01", "20.01", 21, -1, 1e9])
def test_given_outside_of_its_limits(points):
    with pytest.raises(Refused, match="Give from 0 to 20 points, not"):
        given(points, 0, 20)


def test_given_may_be_negative_where_the_rule_says_so():
    assert given("-5", "-10", 10).points == -5
    assert given(0, 0, 20).points == 0
    assert given(None, 0, 20) == Points(None, "To be given: from 0 to 20 points.")


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_what_is_no_number_is_refused_everywhere(number):
    for compute in (
        lambda: given(number, 0, 20),
        lambda: starts_with(number),
        lambda: by_rate(number, 10, 10),
        lambda: by_deviation(number, 10, 10),
        lambda: by_units(number, 100, 4),
        lambda: by_bands(number, [Band(0, 1)]),
        lambda: loss(Deduction("x", "full", 1), [Fact(amount=number)], 0),
        lambda: loss(Deduction("x", "each", number), [Fact()], 0),
        lambda: section([number]),
        lambda: sheet([Part(number, 100)]),
        lambda: coefficient(number, 80),
        lambda: count_units(number, 1, "full"),
    ):
        with pytest.raises(ValueError):
            compute()


# ------------------------------------------------------------
# In proportion, per deviation, per unit, by bands
# ------------------------------------------------------------


@pytest.mark.parametrize(
    ("done", "base", "top", "cap", "expected"),
    [
        (0, 20, 40, 100, "0.00"),
        (-1, 20, 40, 100, "0.00"),
        (19, 20, 40, 100, "38.00"),
        (20, 20, 40, 100, "40.00"),
        (21, 20, 40, 100, "40.00"),
        (22, 20, 40, 110, "44.00"),
        (23, 20, 40, 110, "44.00"),
        (20, 20, 40, 50, "20.00"),
        (1, 3, 10, 100, "3.33"),
        (2, 3, 10, 100, "6.67"),
        ("0.5005", 10, "100", 100, "5.01"),
        ("0.50049", 10, "100", 100, "5.00"),
    ],
)
def test_by_rate(done, base, top, cap, expected):
    assert str(by_rate(done, base, top, cap).points) == expected


def test_by_rate_says_when_it_is_capped():
    assert "counted as 100 %" in by_rate(22, 20, 40).why
    assert "counted as 0 %" in by_rate(-2, 20, 40).why
    assert "counted" not in by_rate(20, 20, 40).why


@pytest.mark.parametrize("base", [None, 0, "0.00", -10])
def test_without_something_to_compare_with_a_person_judges(base):
    """Also if returns are more than sales: −5 of −10 is not half of the plan."""
    for found in (by_rate(-5, base, 40), by_deviation(-5, base, 1)):
        assert found.points is None
        assert "have to be given" in found.why


@pytest.mark.parametrize(
    ("done", "points"),
    [
        (1000, "0.00"),
        ("1000.1", "0.00"),
        (1009, "0.00"),
        (1010, "1.00"),
        (1039, "3.00"),
        (1040, "4.00"),
        (991, "0.00"),
        (990, "-1.00"),
        (961, "-3.00"),
        (960, "-4.00"),
        (959, "-4.00"),
        (0, "-100.00"),
    ],
)
def test_deviation_is_cut_off_towards_zero_on_both_sides(done, points):
    assert str(by_deviation(done, 1000, 1).points) == points


def test_deviation_of_parts_of_a_point():
    assert str(by_deviation(961, 1000, 2, 50, whole=False).points) == "42.20"
    assert str(by_deviation("1000.05", 1000, 1, whole=False).points) == "0.01"
    assert str(by_deviation("999.96", 1000, 1, whole=False).points) == "0.00"


@pytest.mark.parametrize(
    ("value", "full", "started", "pro_rata"),
    [
        (0, 0, 0, "0"),
        (9999, 0, 1, "0.9999"),
        (10000, 1, 1, "1"),
        ("10000.01", 1, 2, "1.000001"),
        (19999, 1, 2, "1.9999"),
        (20000, 2, 2, "2"),
    ],
)
def test_units(value, full, started, pro_rata):
    assert count_units(value, 10000, "full") == full
    assert count_units(value, 10000, "started") == started
    assert count_units(value, 10000, "pro_rata") == Decimal(pro_rata)


def test_units_of_floats_are_exact():
    assert count_units(0.3, 0.1, "full") == 3
    assert count_units(0.3, 0.1, "started") == 3


def test_no_unit():
    for unit in (0, -1):
        with pytest.raises(ValueError, match="not a unit"):
            count_units(1, unit, "full")
    with pytest.raises(ValueError, match="unknown rounding"):
        count_units(1, 1, "roughly")


BANDS = [Band(90, 10), Band(0, 2), Band(60, 5)]


@pytest.mark.parametrize(
    ("value", "points"),
    [
        ("-0.01", 0),
        (0, 2),
        ("-0", 2),
        ("59.99", 2),
        (60, 5),
        ("60.01", 5),
        ("89.99", 5),
        (90, 10),
        (1000, 10),
    ],
)
def test_bands_are_half_open(value, points):
    assert by_bands(value, BANDS).points == points


def test_bands_need_different_starts():
    for bands in ([], [Band(60, 1), Band(60.0, 2)], [Band("60", 1), Band("60.00", 2)]):
        with pytest.raises(ValueError, match="different values"):
            by_bands(60, bands)


# ------------------------------------------------------------
# What events take away
# ------------------------------------------------------------


def test_nothing_happened():
    for mode in ("each", "full", "range", "share", "all", "unheard of"):
        assert loss(Deduction("x", mode, 5), [], 30) == Loss(0, 0, "")


@pytest.mark.parametrize(
    ("factor", "points"), [(1, "5"), (1.5, "7.5"), (2, "10"), (3, "15")]
)
def test_an_event_that_weighs_more(factor, points):
    found = loss(Deduction("x", "each", 5), [Fact(factor=factor)], 30)
    assert found.points == Decimal(points)
    found = loss(Deduction("x", "each", 5), [Fact(quantity=2, factor=factor)], 30)
    assert found.points == 2 * Decimal(points)


def test_mixed_factors_add_up():
    facts = [Fact(factor=1), Fact(factor=1.5), Fact(factor=3, quantity=2)]
    found = loss(Deduction("x", "each", 2), facts, 30)
    assert found == Loss(Decimal(17), 0, "x: 8.5 × 2 = −17.")


def test_money_is_added_up_before_units_are_counted():
    rule = Deduction("x", "full", 2, unit=10000)
    assert loss(rule, [Fact(amount=6000)], 0).points == 0
    assert loss(rule, [Fact(amount=6000), Fact(amount=6000)], 0).points == 2
    # What weighs double is not mixed with what does not.
    facts = [Fact(amount=6000), Fact(amount=6000, factor=2)]
    assert loss(rule, facts, 0).points == 0
    facts += [Fact(amount=4000), Fact(amount=4000, factor=2)]
    assert loss(rule, facts, 0).points == 6


@pytest.mark.parametrize(
    ("mode", "amount", "points"),
    [
        ("full", 9999, "0"),
        ("full", 10000, "5"),
        ("full", 20001, "10"),
        ("started", "0.01", "5"),
        ("started", 10000, "5"),
        ("started", "10000.01", "10"),
        ("pro_rata", 15000, "7.5"),
    ],
)
def test_money(mode, amount, points):
    rule = Deduction("x", mode, 5, unit=10000)
    assert loss(rule, [Fact(amount=amount)], 0).points == Decimal(points)


@pytest.mark.parametrize(
    ("factor", "points"), [(1, "0.00"), (1.5, "-5.00"), (2, "-10.00"), (3, "-20.00")]
)
def test_the_whole_item(factor, points):
    found = loss(Deduction("x", "all"), [Fact(), Fact(factor=factor)], 10)
    assert found.whole == Decimal(str(factor))
    assert str(item(starts_with(10), [found], -100, 10).points) == points


def test_a_whole_item_that_weighs_less_is_still_lost():
    assert str(item(given(8, 0, 10), [whole(0.5)], 0, 10).points) == "0.00"


def test_a_lost_item_need_not_be_judged():
    open_range = Loss(None, Decimal(0), "judge.")
    assert item(given(None, 0, 20), [whole(1), open_range], 0, 20).points == 0
    assert item(given(None, 0, 20), [open_range], 0, 20).points is None
    assert item(given(20, 0, 20), [open_range], 0, 20).points is None


def test_several_deductions_of_a_lost_item():
    """The heaviest one decides; what others take away comes on top."""
    found = item(starts_with(10), [whole(1), whole(2), lost(3)], -100, 10)
    assert found.points == -13
    assert item(starts_with(10), [whole(1), whole(2), lost(3)], 0, 10).points == 0


@pytest.mark.parametrize(
    ("judged", "points"), [("3.99", None), (4, 4), (7, 7), (10, 10), ("10.01", None)]
)
def test_a_range_counts_for_each_event(judged, points):
    rule = Deduction("breach", "range", 2, 5)
    if points is None:
        with pytest.raises(Refused, match="deduct from 4 to 10 points for 2 events"):
            loss(rule, [Fact(), Fact()], 30, judged)
    else:
        assert loss(rule, [Fact(), Fact()], 30, judged).points == points


def test_a_range_of_events_that_weigh_more():
    rule = Deduction("breach", "range", 2, 5)
    facts = [Fact(), Fact(factor=1.5)]
    assert loss(rule, facts, 30).why == "breach: judge from 5 to 12.5 points to deduct."
    assert loss(rule, facts, 30, "12.5").points == Decimal("12.5")
    with pytest.raises(Refused):
        loss(rule, facts, 30, -5)


@pytest.mark.parametrize(
    ("parts", "points"), [(4, "30.00"), (5, "32.00"), (3, "26.67")]
)
def test_a_week_s_share(parts, points):
    """A6: one late week takes a quarter or a fifth of 40, four or five take all."""
    rule = Deduction("late", "share", parts=parts)
    assert (
        str(item(starts_with(40), [loss(rule, [Fact()], 40)], 0, 40).points) == points
    )
    for events in (parts, parts + 1):
        taken = loss(rule, [Fact()] * events, 40)
        assert str(item(starts_with(40), [taken], 0, 40).points) == "0.00"


def test_a_share_needs_parts_and_a_mode_has_to_be_known():
    with pytest.raises(ValueError, match="number of parts"):
        loss(Deduction("x", "share", parts=0), [Fact()], 40)
    with pytest.raises(ValueError, match="unknown rounding"):
        loss(Deduction("x", "somehow", 1), [Fact()], 40)


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (date(2026, 2, 1), date(2026, 2, 28), 4),
        (date(2026, 3, 1), date(2026, 3, 31), 4),
        (date(2026, 4, 1), date(2026, 4, 30), 5),
        (date(2028, 2, 1), date(2028, 2, 29), 4),
        (date(2024, 2, 1), date(2024, 2, 29), 5),
        # 13 weeks in a quarter, 53 Thursdays in 2026.
        (date(2026, 1, 1), date(2026, 3, 31), 13),
        (date(2026, 1, 1), date(2026, 12, 31), 53),
        (date(2027, 1, 1), date(2027, 12, 31), 52),
        # One day: the Thursday itself, or the days beside it.
        (date(2026, 3, 5), date(2026, 3, 5), 1),
        (date(2026, 3, 4), date(2026, 3, 4), 0),
        (date(2026, 3, 6), date(2026, 3, 11), 0),
        (date(2026, 3, 6), date(2026, 3, 12), 1),
        (date(2026, 3, 12), date(2026, 3, 11), 0),
    ],
)
def test_count_weeks(start, end, count):
    assert weeks.count_weeks(start, end) == count


def test_every_week_of_a_year_belongs_to_one_month():
    for year in range(2020, 2040):
        months = [
            weeks.count_weeks(
                date(year, month, 1),
                date(year + month // 12, month % 12 + 1, 1) - date.resolution,
            )
            for month in range(1, 13)
        ]
        assert set(months) == {4, 5}
        assert sum(months) == weeks.count_weeks(date(year, 1, 1), date(year, 12, 31))


# ------------------------------------------------------------
# Items, sections, sheets
# ------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "taken", "minimum", "expected"),
    [
        (30, 0, 0, "30.00"),
        (30, "29.99", 0, "0.01"),
        (30, 30, 0, "0.00"),
        (30, "30.01", 0, "0.00"),
        (30, 40, -10, "-10.00"),
        (30, 41, -10, "-10.00"),
        (30, "0.005", 0, "30.00"),
        (30, "0.006", 0, "29.99"),
        (35, 0, 0, "30.00"),
    ],
)
def test_limits_of_an_item(start, taken, minimum, expected):
    found = item(starts_with(start), [lost(taken)], minimum, 30)
    assert str(found.points) == expected


def test_an_item_says_why():
    assert item(starts_with(30), [], 0, 30).why == "30 to start with."
    assert "Makes 25." in item(starts_with(30), [lost(5)], 0, 30).why
    assert "Not below 0: makes 0." in item(starts_with(30), [lost(31)], 0, 30).why
    assert "Not above 30: makes 30." in item(starts_with(31), [], 0, 30).why


def test_rounded_zero_has_no_sign():
    for taken in ("30", "30.004", "30.0049"):
        assert str(item(starts_with(30), [lost(taken)], -5, 30).points) == "0.00"
    assert str(section(["-0"]).points) == "0.00"
    assert str(sheet([Part("-0.001", 100)]).points) == "0.00"
    assert plain(Decimal("-0.00")) == "0"


@pytest.mark.parametrize(
    ("points", "minimum", "maximum", "expected"),
    [
        ([5, -10], 0, None, "0.00"),
        ([5, -5], 0, None, "0.00"),
        ([5, "-4.99"], 0, None, "0.01"),
        ([5, -10], -10, None, "-5.00"),
        ([60, 41], 0, 100, "100.00"),
        ([60, 40], 0, 100, "100.00"),
        ([], 0, 100, "0.00"),
    ],
)
def test_limits_of_a_section(points, minimum, maximum, expected):
    assert str(section(points, minimum, maximum).points) == expected


def test_a_section_that_waits_for_a_person():
    found = section([10, None, None])
    assert found == Points(None, "Items still to be judged: 2.")
    assert section([0, 0]).points == 0


def test_a_section_writes_subtractions():
    assert section([5, -2, 1], -10).why == "5 − 2 + 1 = 4."
    assert section([-2, 5]).why == "−2 + 5 = 3."
    assert section([5, -10]).why == "5 − 10 = −5, counted as 0."


@pytest.mark.parametrize(
    "weights",
    [[100], [70, 30], ["33.33", "33.33", "33.34"], [33.33, 33.33, 33.34], [100, 0]],
)
def test_weights(weights):
    check_weights(weights)
    assert str(sheet([Part(80, weight) for weight in weights]).points) == "80.00"


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ([], "make 0 %"),
        ([70, "29.99"], "make 99.99 %"),
        ([70, "30.01"], "make 100.01 %"),
        (["33.33", "33.33", "33.33"], "make 99.99 %"),
        ([110, -10], "cannot be negative"),
    ],
)
def test_weights_that_do_not_make_100(weights, sentence):
    with pytest.raises(Refused, match=sentence):
        sheet([Part(80, weight) for weight in weights])


@pytest.mark.parametrize(
    ("points", "expected"),
    [("84.645", "84.65"), ("84.6449", "84.64"), ("59.995", "60.00"), ("0.005", "0.01")],
)
def test_a_score_is_rounded_half_up(points, expected):
    assert str(sheet([Part(points, 100)]).points) == expected


@pytest.mark.parametrize(
    ("score", "pivot", "expected"),
    [
        (80, 80, "1.000000"),
        (0, 80, "0.000000"),
        ("79.99", 80, "0.999875"),
        (100, 3, "33.333333"),
        (200, 3, "66.666667"),
    ],
)
def test_coefficient(score, pivot, expected):
    assert str(coefficient(score, pivot)) == expected


def test_no_pivot():
    for pivot in (0, -80):
        with pytest.raises(ValueError, match="not a pivot"):
            coefficient(80, pivot)


# ------------------------------------------------------------
# Weak scores (APP-08)
# ------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "weak"),
    [
        (["59.99"], True),
        (["60"], False),
        ([0], True),
        (["69.99", "69.99", "69.99"], True),
        (["70", "69.99", "69.99"], False),
        (["69.99", "69.99", "70"], False),
        ([65, 65], False),
        ([65, 65, 65, 65], True),
        ([65, 65, None], False),
        ([65, None, 65], False),
        ([50, 80, 80], False),
        ([], False),
    ],
)
def test_weak_scores(scores, weak):
    assert bool(weak_reason(scores, 60, 70, 3)) is weak


def test_a_limit_of_zero_never_applies():
    for score in (0, -5):
        assert not weak_reason([score] * 3, 0, 0, 3)
    assert not weak_reason([10, 10, 10], 0, 70, 0)
    assert weak_reason([65], 60, 70, 1) == "1 months in a row below 70: 65."


# ------------------------------------------------------------
# Sentences
# ------------------------------------------------------------


def test_a_translator_gets_every_sentence():
    """Texts with placeholders, so that they can be translated."""
    texts = []

    class Translator:
        def _(self, text, **values):
            texts.append(text)
            return text % values

    env = Translator()
    given(None, 0, 10, env)
    starts_with(5, env)
    by_rate(1, 2, 3, env=env)
    by_bands(5, BANDS, env)
    loss(Deduction("100 % late", "each", 5), [Fact()], 30, env=env)
    sheet([Part(80, 70), Part(90, 30)], env)
    assert len(texts) >= 8
    assert not any("100 % late" in text for text in texts)
