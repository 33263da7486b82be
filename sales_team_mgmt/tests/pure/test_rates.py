from decimal import Decimal

import pytest
from stm_tools import rates


def test_at_wpl_04_18_of_20_reports_reviewed():
    rate = rates.percentage(18, 20)
    assert rate == Decimal("90.00")
    assert rates.points_for(rate, 10) == Decimal("9.00")


@pytest.mark.parametrize(
    ("reviewed", "rate", "points"),
    [
        (0, "0.00", "0.00"),
        (17, "85.00", "8.50"),
        (19, "95.00", "9.50"),
        (20, "100.00", "10.00"),
        (21, "105.00", "10.00"),
    ],
)
def test_at_wpl_04_neighbours(reviewed, rate, points):
    found = rates.percentage(reviewed, 20)
    assert str(found) == rate
    assert str(rates.points_for(found, 10)) == points


def test_at_vis_01_19_distinct_customers_of_20():
    visits = [f"customer {number}" for number in range(19)] + ["customer 0"]
    assert str(rates.percentage(len(set(visits)), 20)) == "95.00"
    assert str(rates.percentage(len(visits), 20)) == "100.00"


def test_without_denominator_there_is_no_rate():
    for nothing in (None, 0, 0.0, "0", Decimal("0.00")):
        assert rates.percentage(5, nothing) is None
    assert rates.points_for(None, 10) is None
    assert rates.percentage(0, 5) == 0


@pytest.mark.parametrize(
    ("numerator", "denominator", "digits", "expected"),
    [
        (1, 3, 2, "33.33"),
        (2, 3, 2, "66.67"),
        (1, 8, 1, "12.5"),
        (1, 8, 0, "13"),
        ("0.12345", 1, 2, "12.35"),
        ("0.12344", 1, 2, "12.34"),
        ("-0.12345", 1, 2, "-12.35"),
        (-1, 1000000, 2, "0.00"),
        (0.1, 0.3, 2, "33.33"),
        (1.005, 100, 2, "1.01"),
        (1, 7, 4, "14.2857"),
    ],
)
def test_rounding_half_up(numerator, denominator, digits, expected):
    assert str(rates.percentage(numerator, denominator, digits)) == expected


def test_points_are_capped_and_floored():
    assert rates.points_for("100.01", 10) == 10
    assert rates.points_for("-0.01", 10) == 0
    assert rates.points_for(50, 0) == 0
    assert str(rates.points_for("33.33", "7.5")) == "2.50"
    assert str(rates.points_for("33.35", 10, 1)) == "3.3"
    assert str(rates.points_for("33.50", 10, 1)) == "3.4"


@pytest.mark.parametrize("figure", ["many", "", True, float("nan"), float("inf")])
def test_what_is_not_a_number(figure):
    for compute in (
        lambda: rates.percentage(figure, 1),
        lambda: rates.percentage(1, figure),
        lambda: rates.points_for(figure, 1),
        lambda: rates.points_for(1, figure),
    ):
        with pytest.raises(ValueError):
            compute()


def test_negative_maximum():
    with pytest.raises(ValueError, match="negative maximum"):
        rates.points_for(50, -10)
