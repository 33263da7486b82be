"""What comes with visits: calls, promises to customers, and checks by the leaders."""

from datetime import timedelta

from .copying import Copier, Pattern, example
from .customers import Customers
from .growth import days_of, moment
from .parameters import CALLS_RECEIVED, PROMISES, SPOT_CHECKS, Parameters
from .people import Organisation

WHO = ["id", "user_id", "team_id", "partner_id", "commercial_partner_id"]
CALL = [*WHO, "name", "way", "contact_at", "date"]
PROMISE = [*WHO, "kind", "state", "date", "date_due", "kept_at"]
CHECK = ["id", "user_id", "team_id", "partner_id", "visit_id", "date", "result"]
#: Days after which what is promised is due.
DAYS = 7


class Contacts:
    def __init__(self, env, parameters: Parameters, copier: Copier, rng):
        self.env = env
        self.parameters = parameters
        self.copier = copier
        self.rng = rng

    def fill(self, organisation: Organisation, customers: Customers):
        self._make_patterns(organisation, customers)
        self.copier.append(self.call, CALL, self._calls(organisation, customers))
        promises = self._promises(organisation, customers)
        self.copier.append(self.promise, PROMISE, promises)
        self.copier.append(self.check, CHECK, self._checks())

    def _make_patterns(self, organisation, customers):
        person, day = organisation.owner, self.parameters.last_day
        entered = {
            "user_id": person.user_id,
            "partner_id": customers.of[person.user_id][0],
        }
        with example(self.env):
            self.copier.finish()
            env = self.env(su=True)
            call = env["stm.contact.log"].create(
                {**entered, "contact_at": moment(day, 10), "content": "Prices"}
            )
            promise = env["stm.promise"].create(
                {**entered, "name": "Samples", "date": day, "date_due": day}
            )
            visit = env["stm.visit"].search(
                [("user_id", "=", person.user_id), ("state", "=", "done")], limit=1
            )
            check = env["stm.spot.check"]._draw_visits(visit)
            check.write(
                {"state": "checked", "result": "true", "checked_at": moment(day, 17)}
            )
            env.flush_all()
            self.call, self.promise, self.check = (
                Pattern(env.cr, record._table, record.id)
                for record in (call, promise, check)
            )

    def _calls(self, organisation, customers):
        count = self.parameters.visits // 2
        ids = self.copier.ids("stm_contact_log", count)
        for number, day in days_of(self.parameters.work_days, count):
            person = organisation.owner_of(number)
            partner = customers.choose(person, day)
            way = "phone_in" if self.rng.random() < CALLS_RECEIVED else "phone_out"
            called_at = moment(day, 9 + int(self.rng.random() * 12) / 4)
            yield (
                *(ids[number], person.user_id, person.team_on(day), partner, partner),
                *(f"BENCH/{number:07}", way, called_at, day),
            )

    def _promises(self, organisation, customers):
        count = int(self.parameters.visits * PROMISES)
        ids = self.copier.ids("stm_promise", count)
        for number, day in days_of(self.parameters.work_days, count):
            person = organisation.owner_of(number)
            partner = customers.choose(person, day)
            due = day + timedelta(days=DAYS)
            luck = self.rng.random()
            state, kept_at = "kept", moment(day, 15)
            if luck < 0.25:
                state, kept_at = "broken", None
            elif due > self.parameters.last_day:
                state, kept_at = "open", None
            kind = "collection" if number % 5 == 0 else "promise"
            yield (
                *(ids[number], person.user_id, person.team_on(day), partner, partner),
                *(kind, state, day, due, kept_at),
            )

    def _checks(self):
        """Whatever was found false, and a few of the others."""
        self.env.cr.execute(
            "SELECT user_id, team_id, partner_id, id, date, is_counted FROM stm_visit"
            " WHERE state = 'done' AND (NOT is_counted OR id %% %s = 0) ORDER BY id",
            [round(1 / SPOT_CHECKS)],
        )
        rows = self.env.cr.fetchall()
        ids = self.copier.ids("stm_spot_check", len(rows))
        for check_id, (*visit, is_counted) in zip(ids, rows, strict=True):
            yield (check_id, *visit, "true" if is_counted else "false")
