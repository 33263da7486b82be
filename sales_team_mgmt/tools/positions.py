"""Whether the position of a phone shows that somebody is at a customer (VIS-09).

Nothing is concluded from a position that is old, inexact or read by a phone whose clock
is wrong: it is then unverified, which is not the same as being somewhere else. Every
verdict comes with the sentence that explains it. Distances are metres, positions
decimal degrees, times aware or naive alike as long as they are all of one kind.
"""

from datetime import datetime
from math import isfinite
from typing import NamedTuple

from .geo import distance, is_position
from .scoring import ENGLISH, Translator

VERIFIED, OUTSIDE, UNVERIFIED = "verified", "outside", "unverified"

#: Why a phone has no position: what its browser says, and what the person decided.
ERRORS = ("denied", "unavailable", "timeout", "unsupported", "no_consent", "off")


class Position(NamedTuple):
    """What a phone measured: where, off by how many metres at most, and when."""

    latitude: float
    longitude: float
    accuracy: float
    read_at: datetime


class Rules(NamedTuple):
    """What a company accepts: metres, metres, seconds, minutes."""

    radius: int = 200
    accuracy: int = 100
    age: int = 60
    tolerance: int = 5


class Times(NamedTuple):
    """When something was done, and what the clocks of phone and server said.

    `acted_at` and `phone_at` are on the clock of the phone: the moment of the act, and
    that of sending it, which is read by the server at `server_at`.
    """

    acted_at: datetime
    phone_at: datetime
    server_at: datetime


class Verdict(NamedTuple):
    """The verdict, whole metres from the customer (None if not known), and why."""

    code: str
    distance: int | None
    why: str


def is_reading(position: Position) -> bool:
    """Whether a position can have been measured at all.

    >>> now = datetime(2026, 3, 2, 9)
    >>> is_reading(Position(31.2304, 121.4737, 20, now))
    True
    >>> is_reading(Position(90.0001, 121.4737, 20, now))
    False
    >>> is_reading(Position(31.2304, 121.4737, -1, now))
    False
    >>> is_reading(Position(31.2304, 121.4737, float("nan"), now))
    False
    """
    accuracy = position.accuracy
    if isinstance(accuracy, bool) or not isinstance(accuracy, (int, float)):
        return False
    return (
        is_position(position.latitude, position.longitude)
        and isfinite(accuracy)
        and accuracy >= 0
    )


def clock_error(times: Times) -> int:
    """Whole minutes by which the clock of the phone is ahead (behind: negative).

    >>> nine, ten = datetime(2026, 3, 2, 9), datetime(2026, 3, 2, 10)
    >>> clock_error(Times(nine, nine, nine)), clock_error(Times(ten, ten, nine))
    (0, 60)
    >>> clock_error(Times(nine, nine, ten))
    -60

    What waited in the phone for an hour comes late, but its clock is right:

    >>> clock_error(Times(nine, ten, ten))
    0
    """
    return int((times.phone_at - times.server_at).total_seconds() / 60)


def is_clock_wrong(times: Times, tolerance: int) -> bool:
    """Whether the clocks differ by more than so many minutes.

    >>> nine = datetime(2026, 3, 2, 9)
    >>> is_clock_wrong(Times(nine, nine.replace(minute=5), nine), 5)
    False
    >>> is_clock_wrong(Times(nine, nine.replace(minute=5, second=1), nine), 5)
    True
    """
    return abs((times.phone_at - times.server_at).total_seconds()) > 60 * tolerance


def happened_at(times: Times) -> datetime:
    """The moment of an act on the server's clock, never later than now.

    >>> nine, ten = datetime(2026, 3, 2, 9), datetime(2026, 3, 2, 10)
    >>> noon = datetime(2026, 3, 2, 12)
    >>> happened_at(Times(nine, ten, ten)).hour
    9

    A clock that is two hours ahead is ahead at both moments:

    >>> happened_at(Times(ten, noon, ten)).hour
    8
    >>> happened_at(Times(noon, ten, ten)).hour
    10
    """
    waited = times.phone_at - times.acted_at
    return min(times.server_at, times.server_at - waited)


def judge(
    position: Position | None,
    error: str | None,
    target: tuple[float, float] | None,
    rules: Rules,
    times: Times,
    env: Translator = ENGLISH,
) -> Verdict:
    """Judge a check-in.

    >>> nine = datetime(2026, 3, 2, 9)
    >>> customer, rules = (31.2304, 121.4737), Rules(200, 100, 60, 5)
    >>> online = Times(nine, nine, nine)
    >>> def at(latitude=31.2304, accuracy=0, age=0, target=customer, times=online):
    ...     from datetime import timedelta
    ...     read_at = nine - timedelta(seconds=age)
    ...     position = Position(latitude, 121.4737, accuracy, read_at)
    ...     return judge(position, None, target, rules, times)

    Exactly on the radius, and one metre more (a degree of latitude is 111.195 km):

    >>> at(31.2304 + 200 / 111195)[:2], at(31.2304 + 201 / 111195)[:2]
    (('verified', 200), ('outside', 201))
    >>> at(31.2304 + 201 / 111195).why
    '201 m from the customer, accurate to 0 m: not within 200 m.'

    Accuracy counts in favour of the person as long as it is good enough:

    >>> at(31.2304 + 300 / 111195, accuracy=100)[:2]
    ('verified', 300)
    >>> at(31.2304 + 301 / 111195, accuracy=100)[:2]
    ('outside', 301)
    >>> at(accuracy=101)[:2]
    ('unverified', 0)
    >>> at(accuracy=100.4).why
    'The position may be off by 101 m; 100 m is the limit.'

    Old positions and wrong clocks prove nothing, whatever was waiting to be sent:

    >>> at(age=60).code, at(age=61).code
    ('verified', 'unverified')
    >>> at(age=61).why
    'The position was 61 seconds old; 60 seconds is the limit.'
    >>> ten = nine.replace(hour=10)
    >>> at(times=Times(nine, nine, ten)).why
    'The clock of the phone is wrong by 60 minutes.'
    >>> at(times=Times(nine, ten, ten)).code
    'verified'

    A position of the future was made up or kept by a clock that was set back:

    >>> at(age=-60).code, at(age=-61).code
    ('verified', 'unverified')

    No position, and none to compare it with:

    >>> at(90.0001).why
    'The phone sent a position that does not exist.'
    >>> at(target=(0.0, 0.0)).why
    'The customer has no position yet. Set it on the customer.'
    >>> judge(None, "denied", customer, rules, online).why
    'The phone was not allowed to read its position.'
    >>> judge(None, None, customer, rules, online).why
    'No position was sent.'
    >>> judge(None, "off", customer, rules, online).code
    'unverified'
    """
    reason = why_none(position, error, env)
    metres = None
    if not reason and not (target and is_position(*target)):
        reason = env._("The customer has no position yet. Set it on the customer.")
    if not reason:
        metres = round(distance(position.latitude, position.longitude, *target))
        reason = why_unproven(position, rules, times, env)
    if reason:
        return Verdict(UNVERIFIED, metres, reason)
    values = {
        "distance": metres,
        "accuracy": whole(position.accuracy),
        "radius": rules.radius,
    }
    if metres - position.accuracy <= rules.radius:
        return Verdict(
            VERIFIED,
            metres,
            env._(
                "%(distance)s m from the customer, accurate to %(accuracy)s m: within"
                " %(radius)s m.",
                **values,
            ),
        )
    return Verdict(
        OUTSIDE,
        metres,
        env._(
            "%(distance)s m from the customer, accurate to %(accuracy)s m: not within"
            " %(radius)s m.",
            **values,
        ),
    )


def why_none(
    position: Position | None, error: str | None, env: Translator = ENGLISH
) -> str | None:
    """Why there is no position; None if there is one.

    >>> why_none(None, "timeout")
    'The phone did not find its position in time.'
    >>> why_none(Position(31.2, 121.5, 20, datetime(2026, 3, 2)), None)
    """
    if error == "no_consent":
        return env._("No consent to reading the position.")
    if error == "off":
        return env._("Reading positions was switched off in the phone.")
    if error == "denied":
        return env._("The phone was not allowed to read its position.")
    if error == "unavailable":
        return env._("The phone could not find its position.")
    if error == "timeout":
        return env._("The phone did not find its position in time.")
    if error == "unsupported":
        return env._("The device cannot read its position.")
    if position is None:
        return env._("No position was sent.")
    if not is_reading(position):
        return env._("The phone sent a position that does not exist.")
    return None


def why_unproven(
    position: Position, rules: Rules, times: Times, env: Translator = ENGLISH
) -> str | None:
    """Why a position that was sent proves nothing; None if it does."""
    if is_clock_wrong(times, rules.tolerance):
        return env._(
            "The clock of the phone is wrong by %(minutes)s minutes.",
            minutes=abs(clock_error(times)),
        )
    age = (times.acted_at - position.read_at).total_seconds()
    if age > rules.age:
        return env._(
            "The position was %(age)s seconds old; %(limit)s seconds is the limit.",
            age=whole(age),
            limit=rules.age,
        )
    if age < -rules.age:
        return env._("The position was read after the check-in.")
    if position.accuracy > rules.accuracy:
        return env._(
            "The position may be off by %(accuracy)s m; %(limit)s m is the limit.",
            accuracy=whole(position.accuracy),
            limit=rules.accuracy,
        )
    return None


def whole(value: float) -> int:
    """A measure to show beside its limit: what is above it must look above it.

    >>> whole(100), whole(100.4), whole(12.0)
    (100, 101, 12)
    """
    return -int(-value // 1)
