"""What the generated department looks like; two equal ones give equal data."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta

#: Months of history before and with the last day.
MONTHS = 24
#: Everybody lives in this zone, which has no daylight saving.
TIME_ZONE, TIME_ZONE_HOURS = "Asia/Shanghai", 8
#: Size of a team, its leader included.
TEAM_SIZE = 10

#: Shares of the whole, as in a department that works well.
CANCELLED_VISITS = 0.08
PLANNED_VISITS = 0.7
CREDIT_NOTES = 0.03
UNPAID_INVOICES = 0.18
PART_PAID_INVOICES = 0.07
ORDERS_NOT_CONFIRMED = 0.2
LATE_DOCUMENTS = 0.1
MISSING_DOCUMENTS = 0.05
PEOPLE_WHO_MOVED = 0.1


@dataclass(frozen=True)
class Parameters:
    people: int = 500
    partners: int = 10_000
    visits: int = 100_000
    invoices: int = 20_000
    orders: int = 100_000
    seed: int = 1
    last_day: date = date(2026, 6, 30)

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
        """Of the weeks that lie in the time wholly."""
        return [
            day
            for day in self.work_days
            if day.weekday() == 0 and day + timedelta(days=6) <= self.last_day
        ]

    def note(self) -> str:
        return " ".join(f"{name}={value}" for name, value in asdict(self).items())
