"""Customers in regions, who came one after the other; everybody looks after some."""

from .copying import Copier, Pattern, example
from .parameters import Parameters
from .people import Organisation, Person


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
        owners = [people[n % len(people)] for n in range(self.parameters.partners)]
        ids = self.copier.ids("res_partner", len(owners))
        for partner_id, person in zip(ids, owners, strict=True):
            self.of.setdefault(person.user_id, []).append(partner_id)
        self.copier.append(
            pattern,
            ["id", "commercial_partner_id", "name", "complete_name"]
            + ["commercial_company_name", "user_id", "stm_region_id", "city"]
            + ["create_date"],
            self._rows(ids, owners, cities),
        )

    def _rows(self, ids, owners: list[Person], cities: list[int]):
        days = self.parameters.work_days
        for number, (partner_id, person) in enumerate(zip(ids, owners, strict=True)):
            name = f"Customer {number:06}"
            city = number % len(cities)
            created = days[number * len(days) // len(owners)]
            yield (
                *(partner_id, partner_id, name, name, name),
                *(person.user_id, cities[city], f"City {city:02}", created),
            )

    def choose(self, person: Person) -> int:
        """One of the person's customers; the first ones more often than the last."""
        own = self.of[person.user_id]
        return own[int(len(own) * self.rng.random() ** 2)]
