"""Fingerprints of plain data: has what was submitted or approved changed since?

They make it cheap to see that a plan or report is still the one that was handed in
or approved (WPL-01, WPL-02, WPL-18).
"""

import json
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256

from .rates import exact


def fingerprint(values: object) -> str:
    """Return the SHA-256 of nested plain data, as 64 hexadecimal digits.

    The data may be dict (with str keys), list, tuple, str, int, float, bool, None,
    date, datetime and Decimal. The order of a dict does not matter, that of a list
    does; lists and tuples are alike. Numbers are compared by value; None, False, ""
    and 0 are four different things. Raise TypeError for any other type, ValueError
    for a number that is not finite.

    >>> plan = {"calls": 1, "days": [date(2026, 3, 2), date(2026, 3, 3)]}
    >>> same = {"days": [date(2026, 3, 2), date(2026, 3, 3)], "calls": Decimal("1.00")}
    >>> fingerprint(plan) == fingerprint(same)
    True
    >>> fingerprint([1, 2]) == fingerprint([2, 1])
    False
    >>> len({fingerprint(value) for value in (None, False, "", 0)})
    4
    """
    text = json.dumps(_canonical(values), sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _canonical(value):
    """Return data that JSON writes in one way only.

    What JSON cannot tell apart is wrapped in a dict that names its type; so are
    dicts, lest one of them be taken for such a wrapper.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float, Decimal)):
        return {"number": _digits(exact(value))}
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, (list, tuple)):
        return [_canonical(item) for item in value]
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("the keys of a dict must be str")
        return {"dict": {key: _canonical(item) for key, item in value.items()}}
    raise TypeError(f"no fingerprint for type {type(value).__name__}")


def _digits(number):
    """Return a Decimal in plain digits, without trailing zeros or a negative zero."""
    text = f"{number:f}" if number else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text
