"""Customers in regions, who came one after the other; everybody looks after some."""

from datetime import date

from .copying import Copier, Pattern, example
from .parameters import CUSTOMERS_AT_FIRST, Parameters
from .people import Organisation, Person

#: Cities stand in rows of ten, so many degrees apart, and are so many wide.
SOUTH, WEST, APART, WIDTH = 24.0, 104.0, 1.6, 0.6
#: Multiples of it fill an interval evenly, without a pattern that a grid would meet.
GOLDEN = 0.6180339887498949


def place(number: int, city: int) -> tuple[float, float]:
    """Latitude and longitude of a customer: in its city, nobody at the same place."""
    inside = number * GOLDEN % 1, number * GOLDEN * GOLDEN % 1
    return (
        round(SOUTH + APART * (city // 10) + WIDTH * inside[0], 7),
        round(WEST + APART * (city % 10) + WIDTH * inside[1], 7),
    )


class Customers:
    def __init__(self, env, parameters: Parameters, copier: Copier, rng):
        self.env = env
        self.parameters = parameters
        self.copier = copier
        self.rng = rng
        #: Ids of the customers of each person, by the person's user id.
        self.of: dict[int, list[int]] = {}

    def fill(self, organisation: Organisation):
        with example(self.env):
            partner = self.env["res.partner"].create(
                {"name": "Customer", "is_company": True, "customer_rank": 1}
            )
            self.env.flush_all()
            pattern = Pattern(self.env.cr, "res_partner", partner.id)
        people = organisation.people
        cities = organisation.cities.ids
        #: Three outlets for a distributor.
        self.classes = self.env["stm.customer.class"].sudo()
        self.classes = [
            self.classes.search([("kind", "=", kind)], limit=1).id
            for kind in ("outlet", "outlet", "outlet", "distributor")
        ]
        owners = [people[n % len(people)] for n in range(self.parameters.partners)]
        ids = self.copier.ids("res_partner", len(owners))
        for partner_id, person in zip(ids, owners, strict=True):
            self.of.setdefault(person.user_id, []).append(partner_id)
        self.copier.append(
            pattern,
            ["id", "commercial_partner_id", "name", "complete_name"]
            + ["commercial_company_name", "user_id", "stm_region_id", "city"]
            + ["partner_latitude", "partner_longitude", "stm_class_id", "create_date"],
            self._rows(ids, owners, cities),
        )

    def _rows(self, ids, owners: list[Person], cities: list[int]):
        for number, (partner_id, person) in enumerate(zip(ids, owners, strict=True)):
            name = f"Customer {number:06}"
            city = number % len(cities)
            created = self.parameters.first_day
            yield (
                *(partner_id, partner_id, name, name, name),
                *(person.user_id, cities[city], f"City {city:02}"),
                *place(number, city),
                *(self.classes[number % 4], created),
            )

    def choose(self, person: Person, day: date) -> int:
        """A customer whom the person had by then; the first ones more often."""
        own = self.of[person.user_id]
        share = CUSTOMERS_AT_FIRST + (1 - CUSTOMERS_AT_FIRST) * self.past(day)
        known = max(1, round(len(own) * share))
        return own[int(known * self.rng.random() ** 2)]

    def past(self, day: date) -> float:
        """How much of the time is over, from 0 to 1."""
        first, last = self.parameters.first_day, self.parameters.last_day
        return (day - first) / (last - first)
