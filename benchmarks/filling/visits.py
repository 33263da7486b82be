"""Visits in the order of their days: done, cancelled, and planned in the last week."""

from datetime import timedelta

from .copying import Copier, Pattern, example
from .customers import Customers
from .growth import days_of, moment
from .parameters import (
    CANCELLED_VISITS,
    FALSE_VISITS,
    MOVED_VISITS,
    PLANNED_VISITS,
    WITHOUT_PHONE,
    Parameters,
)
from .people import Organisation
from .weeks import Weeks

COLUMNS = (
    ["id", "user_id", "team_id", "partner_id", "commercial_partner_id", "plan_id"]
    + ["plan_line_id", "start_at", "date", "duration", "state", "done_at"]
    + ["cancel_reason", "content", "result", "problem", "purpose"]
    + ["check_in_at", "check_out_at", "minutes", "is_stay_known"]
    + ["verdict", "is_counted"]
)
WORDS = ("Samples", "Prices", "Complaint", "New season", "Stock", "Payment")
#: Check-in, check-out, minutes, whether those are known, verdict and is_counted of
#: what was never begun.
NOT_ON_SITE = (None, None, 0, "f", None, "t")
DURATIONS = (0.5, 1.0, 1.0, 1.5, 2.0)


class Visits:
    def __init__(self, env, parameters: Parameters, copier: Copier, rng):
        self.env = env
        self.parameters = parameters
        self.copier = copier
        self.rng = rng

    def fill(self, organisation: Organisation, customers: Customers, weeks: Weeks):
        self._make_patterns(organisation, customers, weeks)
        self.lines = []
        rows = self._rows(organisation, customers, weeks)
        self.copier.append(self.visit, COLUMNS, rows)
        self.copier.append(
            self.line,
            ["id", "plan_id", "partner_id", "date", "hour", "purpose"],
            self.lines,
        )

    def _make_patterns(self, organisation, customers, weeks):
        person = organisation.owner
        (plan, *_) = weeks.plans.values()
        with example(self.env):
            self.copier.finish()
            visit = (
                self.env["stm.visit"]
                .sudo()
                .with_context(stm_from_event=True)
                .create(
                    {
                        "user_id": person.user_id,
                        "partner_id": customers.of[person.user_id][0],
                        "start_at": moment(self.parameters.last_day, 10),
                    }
                )
            )
            self.env.flush_all()
            self.visit = Pattern(self.env.cr, "stm_visit", visit.id)
            self.env.cr.execute(
                "INSERT INTO stm_work_plan_line (plan_id, partner_id, date, hour,"
                " duration, origin, create_uid, write_uid, create_date, write_date)"
                " VALUES (%s, %s, %s, 9, 1, 'person', 1, 1, now(), now()) RETURNING id",
                [plan, customers.of[person.user_id][0], self.parameters.last_day],
            )
            self.line = Pattern(
                self.env.cr, "stm_work_plan_line", self.env.cr.fetchone()[0]
            )

    def _rows(self, organisation, customers, weeks):
        count, rng = self.parameters.visits, self.rng
        ids = self.copier.ids("stm_visit", count)
        line_id = self.copier.ids("stm_work_plan_line", count)[0]
        last_week = self.parameters.last_day - timedelta(days=5)
        today, planned, before = None, set(), set()
        for number, day in days_of(self.parameters.work_days, count):
            if day != today:
                # A plan names a customer once a day.
                before, today, planned = planned, day, set()
            person = organisation.owner_of(number)
            partner = customers.choose(person, day)
            start = moment(day, 8 + int(rng.random() * 36) / 4)
            purpose, result = WORDS[number % 6], WORDS[number // 6 % 6]
            plan = None
            if (
                rng.random() < PLANNED_VISITS
                and (person.user_id, partner) not in planned
            ):
                planned.add((person.user_id, partner))
                monday = day - timedelta(days=day.weekday())
                plan = weeks.plans.get((person.user_id, monday))
            luck, proof = rng.random(), rng.random()
            state, done_at, reason, texts = "done", start, None, (purpose, result, "-")
            if luck < CANCELLED_VISITS:
                state, done_at, reason = "cancelled", None, "The customer was away."
                texts = (None, None, None)
            elif day > last_week and luck < 0.5:
                state, done_at, texts = "planned", None, (None, None, None)
            if plan:
                # A few visits were approved for the day before.
                was_moved = proof < MOVED_VISITS and day.weekday() > 0
                was_moved &= (person.user_id, partner) not in before
                approved = day - timedelta(days=int(was_moved))
                hour = 8 + int(proof * 36) / 4
                self.lines.append(
                    (line_id + number, plan, partner, approved, hour, purpose)
                )
            site = self._on_site(start, proof) if state == "done" else NOT_ON_SITE
            yield (
                *(ids[number], person.user_id, person.team_on(day), partner, partner),
                *(plan, plan and line_id + number, start, day),
                *(DURATIONS[number % 5], state, done_at, reason, *texts, purpose),
                *site,
            )

    @staticmethod
    def _on_site(start, proof):
        """What a finished visit has in the columns of ``NOT_ON_SITE``."""
        if proof < WITHOUT_PHONE:
            return NOT_ON_SITE
        check_in = start + timedelta(minutes=int(proof * 40) - 10)
        minutes = 10 + int(proof * 1000) % 50
        verdict = "verified" if proof < 0.8 else "outside"
        if proof > 0.95:
            verdict = "unverified"
        is_counted = "f" if proof > 1 - FALSE_VISITS else "t"
        check_out = check_in + timedelta(minutes=minutes)
        return (check_in, check_out, minutes, "t", verdict, is_counted)
