"""What the generated department looks like; two equal ones give equal data."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from math import log10

#: Months of history before and with the last day.
MONTHS = 24
#: Everybody lives in this zone, which has no daylight saving.
TIME_ZONE, TIME_ZONE_HOURS = "Asia/Shanghai", 8
#: Size of a team, its leader included.
TEAM_SIZE = 10

#: Shares of the whole, as in a department that works well.
CANCELLED_VISITS = 0.08
PLANNED_VISITS = 0.7
MOVED_VISITS = 0.05
FALSE_VISITS = 0.01
WITHOUT_PHONE = 0.1
SPOT_CHECKS = 0.1
CALLS_RECEIVED = 0.2
#: So many for each visit.
PROMISES = 0.05
CREDIT_NOTES = 0.03
UNPAID_INVOICES = 0.18
PART_PAID_INVOICES = 0.07
ORDERS_NOT_CONFIRMED = 0.2
LATE_DOCUMENTS = 0.1
MISSING_DOCUMENTS = 0.05
ABSENT_WEEKS = 0.04
PEOPLE_WHO_MOVED = 0.1
#: Of those at the end; the others come in the course of the time.
CUSTOMERS_AT_FIRST = 0.4


@dataclass(frozen=True)
class Parameters:
    visits: int
    orders: int
    invoices: int
    people: int
    partners: int
    seed: int = 1
    last_day: date = date(2026, 6, 30)

    @classmethod
    def of_size(cls, visits: int, **others) -> "Parameters":
        """As many orders as visits, an invoice for every fifth; 100 people with 10,000
        visits, 300 with 100,000, 500 with a million; 20 customers each.

        >>> Parameters.of_size(1_000_000).people
        500
        """
        people = others.get("people") or max(
            2 * TEAM_SIZE, round(100 + 200 * log10(visits / 10_000))
        )
        usual = {
            "orders": visits,
            "invoices": visits // 5,
            "people": people,
            "partners": people * 20,
        }
        given = {name: value for name, value in others.items() if value is not None}
        return cls(visits=visits, **{**usual, **given})

    def __post_init__(self):
        if self.people < 2 * TEAM_SIZE:
            raise ValueError(f"A department has {2 * TEAM_SIZE} people at least.")
        if self.partners < self.people:
            raise ValueError("Everybody has a customer at least.")
        if self.orders < 2 * self.invoices:
            raise ValueError("There are twice as many orders as invoices at least.")

    @property
    def first_day(self) -> date:
        month = self.last_day.year * 12 + self.last_day.month - MONTHS
        return date(month // 12, month % 12 + 1, 1)

    @property
    def work_days(self) -> list[date]:
        """Mondays to Fridays, in order."""
        count = (self.last_day - self.first_day).days + 1
        days = (self.first_day + timedelta(days=number) for number in range(count))
        return [day for day in days if day.weekday() < 5]

    @property
    def mondays(self) -> list[date]:
        """Of all weeks that have begun."""
        return [day for day in self.work_days if day.weekday() == 0]

    def note(self) -> str:
        return " ".join(f"{name}={value}" for name, value in asdict(self).items())
