from datetime import date, datetime
from decimal import Decimal
from itertools import combinations

import pytest
from stm_tools.fingerprints import fingerprint


def test_fingerprint_is_stable():
    digest = fingerprint({"goal": 1, "day": date(2026, 3, 2), "lines": ["拜访", None]})
    assert digest == "a8eb23ef778ded64270959c08bdde0f8cccc10e2ac9dd63a8ec11d4c622b0530"


@pytest.mark.parametrize(
    "alike",
    [
        (1, 1.0, Decimal(1), Decimal("1.00"), Decimal("0.1E1")),
        (100, 1e2, Decimal("1E+2"), Decimal("100.0")),
        (0, 0.0, -0.0, Decimal("-0.00"), Decimal("0E+5")),
        (0.1, Decimal("0.1"), Decimal("0.10")),
        (10**40, Decimal(10**40)),
        ([1, 2], (1, 2)),
        ({"a": 1, "b": [2]}, {"b": (2.0,), "a": Decimal("1.0")}),
    ],
)
def test_alike(alike):
    assert len({fingerprint(value) for value in alike}) == 1


def test_different():
    values = [
        None,
        False,
        True,
        0,
        1,
        10,
        10**40 + 1,
        10**40,
        0.1,
        "",
        "0",
        "1",
        "1.0",
        "null",
        "2026-03-02",
        date(2026, 3, 2),
        datetime(2026, 3, 2),
        datetime(2026, 3, 2, 0, 0, 1),
        [],
        [[]],
        {},
        [1, 2],
        [2, 1],
        {"a": 1},
        {"a": None},
        {"number": "1"},
        {"date": "2026-03-02"},
        {"dict": {"a": 1}},
    ]
    for one, other in combinations(values, 2):
        assert fingerprint(one) != fingerprint(other), (one, other)


@pytest.mark.parametrize("value", [{1, 2}, b"x", object(), {1: "a"}, {None: 1}])
def test_other_types_are_refused(value):
    for nested in (value, [value], {"a": (value,)}):
        with pytest.raises(TypeError):
            fingerprint(nested)


def test_numbers_must_be_finite():
    for value in (float("nan"), float("inf"), Decimal("NaN")):
        with pytest.raises(ValueError, match="finite"):
            fingerprint(value)
