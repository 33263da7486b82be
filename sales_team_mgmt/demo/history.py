"""Three months of work of the demo department, written in bulk.

The clock cannot be turned back outside of tests, so the documents are created with
the moments at which they would have been handed in and decided. Whoever decides, by
when, and what that means for the deadlines is asked of the models.
"""

import random
from collections import defaultdict
from datetime import timedelta

from odoo import fields
from odoo.fields import Command, Domain

from ..tools import deadlines, weeks
from . import texts
from .money import Money
from .month import Month
from .visits import Visits, hours_of_today

TZ = "Asia/Shanghai"
PAST_WEEKS = 12
DAY_END = 18
HOURS = (8.5, 10.0, 13.5, 15.0, 16.5)

# Visits in a weekly plan, from and to. Who has none plans key points only.
VISITS_A_WEEK = {
    "sales": (8, 10),
    "sales2": (6, 8),
    "sales3": (3, 4),
    "sales4": (7, 9),
    "area": (2, 3),
    "area2": (2, 3),
    "manager": (1, 1),
    "assistant": (0, 0),
}
SALESPEOPLE = ("sales", "sales2", "sales3", "sales4")
LOGINS = ("gm", *VISITS_A_WEEK)

# Weekly reports that were not on time: (login, weeks ago) and what happened.
FATES = {
    ("sales", 9): "excused",
    ("sales2", 10): "excused",
    ("sales4", 6): "excused",
    ("area", 7): "excused",
    ("sales3", 3): "excused",
    ("assistant", 5): "excused",
    ("sales", 5): "late",
    ("sales2", 7): "late",
    ("sales3", 10): "late",
    ("sales4", 11): "late",
    ("sales4", 3): "unexcused",
    ("manager", 6): "late",
    ("sales2", 4): "missing",
    ("sales3", 8): "missing",
}
# Minutes after the deadline (or the end of the exception window) at which a plan and
# the report that goes with it are handed in.
OFFSETS = {
    "on_time": ("due_at", (-360, -60), (-55, -5)),
    "excused": ("due_at", (60, 110), (120, 290)),
    "unexcused": ("due_at", (60, 110), (120, 290)),
    "late": ("exception_until", (5, 15), (20, 180)),
    "missing": ("due_at", (-360, -60), None),
}
# Plans that the leader gave back once: (login, weeks ago).
RETURNED_PLANS = {("sales", 8), ("sales2", 6), ("sales4", 4), ("sales3", 2)}
# The report of last week that still waits for the leader.
WAITING_REPORT = "sales"


class History:
    """Writes what the people of the demo department did up to now."""

    def __init__(self, env):
        self.env = env
        self.company = env.company
        self.rng = random.Random(19)
        self.now = fields.Datetime.now()
        self.today = fields.Datetime.context_timestamp(
            env["res.users"].with_context(tz=TZ), self.now
        ).date()
        self.midnight = deadlines.moment(self.today, 0, TZ)
        self.monday = weeks.monday_of(self.today)
        self.weeks = [
            self.monday - timedelta(weeks=ago) for ago in range(PAST_WEEKS, -1, -1)
        ]
        self.users_by_login = {
            login: env.ref(f"sales_team_mgmt.demo_user_{login}") for login in LOGINS
        }
        self.logins = {user: login for login, user in self.users_by_login.items()}
        users = env["res.users"].union(*self.users_by_login.values())
        self.teams = env["crm.team.member"]._stm_teams_of(users, self.today)
        self.customers = self._find_customers()

    def load(self):
        self._write_periods()
        Money(self).load()
        plans = self._write_plans()
        self._open_items()
        self._hand_in_plans(plans)
        self._write_visits(plans)
        self._write_weekly_reports()
        self._write_monthly_reports()
        self._write_rules()
        self._write_next_week()
        self._judge()
        self._write_events()
        Visits(self).load()
        Month(self).load()
        self._judge()

    # ------------------------------------------------------------
    # People, days and moments
    # ------------------------------------------------------------

    def _find_customers(self):
        """{user: the customers that the user visits}; leaders come along."""
        found = {}
        partners = self.env["res.partner"]
        for login in SALESPEOPLE:
            user = self.users_by_login[login]
            found[user] = partners.search(
                [("user_id", "=", user.id), ("is_company", "=", True)], order="id"
            )
        below = {
            "area": ("sales", "sales2", "sales3"),
            "area2": ("sales4",),
            "manager": SALESPEOPLE,
            "assistant": (),
        }
        for login, logins in below.items():
            found[self.users_by_login[login]] = partners.union(
                *(found[self.users_by_login[name]] for name in logins)
            )
        return found

    def moment(self, user, day, hour):
        """UTC moment of an hour of the person's day."""
        return self.env["stm.visit"]._start_of(user, day, hour)

    def _later(self, moment, least, most):
        """Some minutes after a moment, to the second."""
        seconds = self.rng.randint(least * 60, most * 60)
        return moment + timedelta(seconds=seconds)

    def _next_morning(self, moment):
        """The next morning on which people work, and now and then some days later."""
        day = moment.date() + timedelta(
            days=1 + self.rng.choice((0, 0, 0, 0, 0, 0, 0, 1, 1, 4))
        )
        while day.weekday() > 4:
            day += timedelta(days=1)
        user = self.users_by_login["manager"]
        return self._later(self.moment(user, day, 8.5), 0, 120)

    def _ago(self, monday):
        """How many weeks ago the week of ``monday`` was."""
        return (self.monday - monday).days // 7

    def _fate(self, user, monday):
        return FATES.get((self.logins[user], self._ago(monday)), "on_time")

    # ------------------------------------------------------------
    # Periods
    # ------------------------------------------------------------

    def _write_periods(self):
        """This and last year; the month before the history is closed."""
        Period = self.env["stm.period"]
        for year in (self.today.year - 1, self.today.year):
            Period.action_create_year(year)
        old = fields.Date.subtract(self.weeks[0].replace(day=1), months=2)
        month = Period.search(
            Domain("company_id", "=", self.company.id)
            & Domain("kind", "=", "month")
            & Domain("date_from", "=", old)
        )
        month.with_user(self.users_by_login["manager"]).action_close()

    # ------------------------------------------------------------
    # Plans
    # ------------------------------------------------------------

    def _write_plans(self):
        """Plans of all people for the past weeks and the current one."""
        return self.env["stm.work.plan"].create(
            [
                self._prepare_plan(self.users_by_login[login], monday)
                for monday in self.weeks
                for login in VISITS_A_WEEK
            ]
        )

    def _prepare_plan(self, user, monday):
        return {
            "user_id": user.id,
            "company_id": self.company.id,
            "date_from": monday,
            "line_ids": [
                Command.create(values) for values in self._prepare_lines(user, monday)
            ],
            "point_ids": [
                Command.create(values) for values in self._prepare_points(user, monday)
            ],
        }

    def _prepare_lines(self, user, monday):
        """Customers on days, as different ones as possible."""
        pool = list(self.customers[user])
        self.rng.shuffle(pool)
        values, seen = [], set()
        for number, (day, hour) in enumerate(self._slots(user, monday)):
            partner = pool[number % len(pool)]
            if (partner, day) not in seen:
                seen.add((partner, day))
                values.append(self._prepare_appointment(partner, day, hour))
        if self._has_day(user, monday):
            values += self._prepare_today()
        return values

    def _has_day(self, user, monday):
        """Whether it is the main login's week that holds today."""
        return self.logins[user] == "sales" and monday == self.monday

    def _prepare_today(self):
        """The round of the main login on the day of the installation."""
        elapsed = (self.now - self.midnight).total_seconds() / 3600
        hours = hours_of_today(elapsed, len(texts.TODAY))
        values = []
        for hour, (name, purpose) in zip(hours, texts.TODAY, strict=True):
            partner = self.env.ref(name)
            appointment = self._prepare_appointment(partner, self.today, hour)
            values.append({**appointment, "duration": 0.75, "purpose": purpose})
        return values

    def _slots(self, user, monday):
        """Free hours of the week that get a visit, in order."""
        login = self.logins[user]
        hours = [
            (monday + timedelta(days=day), hour) for day in range(5) for hour in HOURS
        ]
        chosen = self.rng.sample(hours, self.rng.randint(*VISITS_A_WEEK[login]))
        if self._has_day(user, monday):
            # Today's round is fixed; tomorrow has visits as well.
            chosen = [slot for slot in chosen if slot[0] != self.today]
            day = self.today + timedelta(days=1)
            planned = sum(slot_day == day for slot_day, _hour in chosen)
            free = [hour for hour in HOURS if (day, hour) not in chosen]
            if day <= monday + timedelta(days=6):
                chosen += [(day, hour) for hour in free[planned:2]]
        return sorted(chosen)

    def _prepare_appointment(self, partner, day, hour):
        contacts = partner.child_ids.filtered(lambda child: child.type == "contact")
        return {
            "partner_id": partner.id,
            "contact_id": self.rng.choice(contacts).id if contacts else False,
            "date": day,
            "hour": hour,
            "duration": self.rng.choice((0.5, 1.0, 1.0, 1.5)),
            "purpose": self.rng.choice(texts.VISITS).purpose,
        }

    def _prepare_points(self, user, monday):
        """Key points; those of past weeks have an outcome."""
        office = self.logins[user] == "assistant"
        known = texts.OFFICE_POINTS if office else texts.KEY_POINTS
        over = monday < self.monday
        values = []
        for number, point in enumerate(self.rng.sample(known, 3), start=1):
            name, measure, support = point
            outcome, note = self.rng.choice(texts.OUTCOMES)
            values.append(
                {
                    "sequence": number * 10,
                    "name": name,
                    "measure": measure,
                    "support_wanted": support,
                    "outcome": outcome if over else "open",
                    "outcome_note": note if over else False,
                }
            )
        return values

    def _hand_in_plans(self, plans):
        """Handed in with the report of the week before, decided within the hour."""
        items = self.env["stm.duty.item"]._find_for(plans)
        moments, reasons = {}, defaultdict(plans.browse)
        for plan in plans:
            before = plan.date_from - timedelta(weeks=1)
            fate = self._fate(plan.user_id, before)
            basis, minutes, _report = OFFSETS[fate]
            friday = self.moment(plan.user_id, before + timedelta(days=4), DAY_END)
            due = items[plan][basis] if plan in items else friday
            moments[plan] = self._later(due, *minutes)
            if fate == "excused":
                reasons[self.rng.choice(texts.LATE_REASONS)] |= plan
        for reason, late in reasons.items():
            late.write({"late_reason": reason})
        self._submit(plans, moments)
        returned = plans.filtered(
            lambda p: (self.logins[p.user_id], self._ago(p.date_from)) in RETURNED_PLANS
        )
        self._decide(
            {
                plan: (
                    self._later(moments[plan], 10, 40),
                    *self._plan_answer(plan, returned),
                )
                for plan in plans
            }
        )
        returned.write({"note": texts.CORRECTION_NOTE})
        again = {plan: self._later(plan.decided_at, 10, 40) for plan in returned}
        self._submit(returned, again)
        self._decide(
            {plan: (self._later(again[plan], 5, 30), True, "") for plan in returned}
        )

    def _plan_answer(self, plan, returned):
        if plan in returned:
            return False, self.rng.choice(texts.RETURN_COMMENTS)
        return True, self.rng.choice(texts.APPROVE_COMMENTS)

    # ------------------------------------------------------------
    # Visits
    # ------------------------------------------------------------

    def _write_visits(self, plans):
        """The visits of the approved plans, and some off plan."""
        values = [self._prepare_visit(line._prepare_visit()) for line in plans.line_ids]
        values += self._prepare_visits_off_plan()
        self.env["stm.visit"].create(values)

    def _prepare_visit(self, values):
        """What became of a planned visit: done, cancelled, or left as it is."""
        end = values["start_at"] + timedelta(hours=values["duration"])
        luck = self.rng.random()
        if values["start_at"] >= self.midnight or luck > 0.97:
            return values
        if luck > 0.92:
            reason = self.rng.choice(texts.CANCEL_REASONS)
            return {**values, "state": "cancelled", "cancel_reason": reason}
        text = self._visit_text(values["purpose"])
        return {
            **values,
            "state": "done",
            "done_at": self._later(end, 3, 90),
            "content": text.content,
            "result": text.result,
            "problem": text.problem,
            "next_step": text.next_step,
            "support_wanted": "Samples" if luck < 0.04 else False,
        }

    def prepare_late_visit(self, user, day):
        """A visit of a closed month that was written down only now."""
        values = self._prepare_call(user, day, 11)
        text = self._visit_text(values["purpose"])
        end = values["start_at"] + timedelta(hours=values["duration"])
        return {
            **values,
            "state": "done",
            "done_at": self._later(end, 3, 90),
            "content": text.content,
            "result": text.result,
            "problem": text.problem,
            "next_step": text.next_step,
        }

    def _visit_text(self, purpose):
        return self.rng.choice([t for t in texts.VISITS if t.purpose == purpose])

    def _prepare_visits_off_plan(self):
        """Somebody calls, one is around: every third week a visit nobody planned."""
        values = []
        for login in SALESPEOPLE:
            user = self.users_by_login[login]
            for monday in self.weeks:
                day = monday + timedelta(days=self.rng.randrange(5))
                if self.rng.random() < 0.35 and day < self.today:
                    values.append(
                        self._prepare_visit(self._prepare_call(user, day, 17.75))
                    )
        tomorrow = self.today + timedelta(days=1)
        if tomorrow > self.monday + timedelta(days=6):
            user = self.users_by_login["sales"]
            values += [self._prepare_call(user, tomorrow, hour) for hour in HOURS[:2]]
        return values

    def _prepare_call(self, user, day, hour):
        partner = self.rng.choice(self.customers[user])
        appointment = self._prepare_appointment(partner, day, hour)
        return {
            "user_id": user.id,
            "company_id": self.company.id,
            "partner_id": partner.id,
            "contact_id": appointment["contact_id"],
            "purpose": appointment["purpose"],
            "start_at": self.moment(user, day, hour),
            "duration": appointment["duration"],
        }

    # ------------------------------------------------------------
    # Reports
    # ------------------------------------------------------------

    def _write_weekly_reports(self):
        """Reports of the past weeks, reviewed but for one."""
        values, fates = [], []
        for monday in self.weeks[:-1]:
            for login in VISITS_A_WEEK:
                user = self.users_by_login[login]
                fate = self._fate(user, monday)
                if fate != "missing":
                    fates.append(fate)
                    values.append(self._prepare_weekly_report(user, monday, fate))
        reports = self.env["stm.work.report"].create(values)
        self._write_remarks(reports, self._weekly_remark)
        items = self.env["stm.duty.item"]._find_for(reports)
        moments = {}
        for report, fate in zip(reports, fates, strict=True):
            basis, _plan, minutes = OFFSETS[fate]
            moments[report] = self._later(items[report][basis], *minutes)
        self._submit(reports, moments)
        last_week = self.monday - timedelta(weeks=1)
        waiting = reports.filtered(
            lambda r: r.date_from == last_week
            and self.logins[r.user_id] == WAITING_REPORT
        )
        self._review(reports - waiting, moments)
        waiting.approval_id._ask()

    def _prepare_weekly_report(self, user, monday, fate):
        return {
            "user_id": user.id,
            "company_id": self.company.id,
            "period_kind": "week",
            "date_from": monday,
            "summary": self.rng.choice(texts.SUMMARIES),
            "late_reason": fate == "excused" and self.rng.choice(texts.LATE_REASONS),
        }

    def _weekly_remark(self, line):
        office = self.logins[line.report_id.user_id] == "assistant"
        known = texts.OFFICE_ITEMS if office else texts.WEEKLY_ITEMS
        return self.rng.choice(known.get(line.sequence // 10, [""]))

    def _write_monthly_reports(self):
        """One report for each monthly duty whose month is over."""
        items = self.env["stm.duty.item"].search(
            [
                ("model", "=", "stm.work.report"),
                ("period_kind", "=", "month"),
                ("approval_id", "=", False),
                ("user_id", "in", [user.id for user in self.logins]),
                ("document_start", "<", self.today.replace(day=1)),
            ],
            order="document_start, id",
        )
        reports = self.env["stm.work.report"].create(
            [
                {
                    "user_id": item.user_id.id,
                    "company_id": self.company.id,
                    "period_kind": "month",
                    "date_from": item.document_start,
                }
                for item in items
            ]
        )
        self._write_remarks(reports, self._monthly_remark)
        moments = {}
        for number, (report, item) in enumerate(zip(reports, items, strict=True)):
            minutes = (60, 300) if number == 1 else (-600, -60)
            moments[report] = self._later(item.due_at, *minutes)
        self._submit(reports, moments)
        self._review(reports, moments)

    def _monthly_remark(self, line):
        known = {
            "summary": {
                10: texts.MONTHLY_RESULTS,
                20: texts.MONTHLY_PROBLEMS,
            },
            "plan": {
                70: texts.MONTHLY_POINTS,
                80: texts.MONTHLY_POINTS,
                90: texts.MONTHLY_PROPOSALS,
            },
        }
        return self.rng.choice(known[line.section].get(line.sequence, [""]))

    def _write_remarks(self, reports, remark):
        """Fill in the words of all reports, one statement a text."""
        lines = defaultdict(reports.line_ids.browse)
        for line in reports.line_ids:
            text = remark(line)
            if text:
                lines[text] |= line
        for text, same in lines.items():
            same.write({"text": text})

    def _review(self, reports, moments):
        """The leaders comment on the next days; what is still to come stays open."""
        decisions = {}
        for report in reports:
            moment = self._next_morning(moments[report])
            if moment < self.now:
                comment = self.rng.choice(texts.REVIEW_COMMENTS)
                decisions[report] = (moment, True, comment)
        self._decide(decisions)
        waiting = reports.filtered(lambda report: report not in decisions)
        waiting.approval_id._ask()

    # ------------------------------------------------------------
    # Approvals
    # ------------------------------------------------------------

    def _submit(self, documents, moments):
        """Hand documents in as of ``moments`` and ask those who decide."""
        if not documents:
            return
        # A document that was returned leaves its first approval before it gets another.
        self.env.flush_all()
        routes = self.env["stm.approval.route"]._find(documents)
        approvals = self.env["stm.approval"].create(
            [
                {
                    "name": document.display_name,
                    "model": document._name,
                    "res_id": document.id,
                    "route_id": routes[document].id,
                    "requester_id": document.user_id.id,
                    "user_id": document.user_id.id,
                    "team_id": document.team_id.id,
                    "company_id": document.company_id.id,
                    "fingerprint": document._stm_fingerprint(),
                    "submitted_at": moments[document],
                }
                for document in documents
            ]
        )
        lines = self.env["stm.approval.line"].create(
            [
                {**approval._prepare_line(step, user, team), "state": "pending"}
                for (approval, step), people in approvals._find_approvers().items()
                for user, team in people
            ]
        )
        for line in lines:
            line.approval_id.step_id = line.step_id
        for document, approval in zip(documents, approvals, strict=True):
            values = {
                "state": "submitted",
                "approval_id": approval.id,
                "submitted_at": moments[document],
                "decided_at": False,
            }
            if "figures_at" in document._fields:
                values["figures_at"] = moments[document]
            document.write(values)
        Item = self.env["stm.duty.item"]
        for moment, same in approvals.grouped("submitted_at").items():
            Item._open_decisions(same, moment)
        Item._fulfil(documents)

    def _decide(self, decisions):
        """Write down decisions.

        :param decisions: {document: (moment, approved, comment)}
        """
        approvals = self.env["stm.approval"]
        for document, (moment, approved, comment) in decisions.items():
            state = "approved" if approved else "returned"
            approval = document.approval_id
            line = approval.line_ids
            line.write(
                {
                    "state": state,
                    "acted_by_id": line.user_id.id,
                    "acted_at": moment,
                    "comment": comment,
                }
            )
            step = False if approved else line.step_id.id
            approval.write({"state": state, "decided_at": moment, "step_id": step})
            document.write({"state": state, "decided_at": moment})
            approvals |= approval
        self.env["stm.duty.item"]._close_decisions(approvals)

    # ------------------------------------------------------------
    # Rules of the department
    # ------------------------------------------------------------

    def _write_rules(self):
        """One in force and read by some, one on its way."""
        user = self.users_by_login
        written = self.today - timedelta(days=70)
        in_force = self._create_rules(
            "area",
            "Display Pieces at Dealers",
            texts.RULES_IN_FORCE,
            written,
            date_from=written + timedelta(days=7),
            scope_team_id=self.env.ref("sales_team_mgmt.demo_team_zhejiang").id,
        )
        in_force.with_user(user["area"]).action_submit()
        in_force.with_user(user["manager"]).action_approve(
            "Agreed, Ningbo countersigns.", countersigner_ids=user["area2"].ids
        )
        in_force.with_user(user["area2"]).action_approve("Works for Ningbo as well.")
        in_force.with_user(user["gm"]).action_approve("In force from next week on.")
        self._date_back(in_force, written)
        for days, login in enumerate(("area", "area2", "sales", "sales4"), start=8):
            in_force.with_user(user[login]).action_acknowledge()
            read = in_force.acknowledgement_ids.filtered(
                lambda a, reader=user[login]: a.user_id == reader
            )
            read.date = self.moment(user[login], written + timedelta(days=days), 9)
        submitted = self._create_rules(
            "area2",
            "How Long Quotations Are Valid",
            texts.RULES_SUBMITTED,
            self.today - timedelta(days=2),
            scope_team_id=self.env.ref("sales_team_mgmt.demo_team_ningbo").id,
        )
        submitted.with_user(user["area2"]).action_submit()
        self._date_back(submitted, self.today - timedelta(days=2))

    def _create_rules(self, login, name, body, day, **values):
        return self.env["stm.rule.document"].create(
            {
                "name": name,
                "user_id": self.users_by_login[login].id,
                "company_id": self.company.id,
                "date": day,
                "body": body,
                **values,
            }
        )

    def _date_back(self, document, day):
        """Give the steps of a decision the days on which they were taken."""
        approval = document.approval_id
        moments = [
            self.moment(document.user_id, day + timedelta(days=number), 10)
            for number in range(5)
        ]
        document.write({"submitted_at": moments[0]})
        approval.write({"submitted_at": moments[0]})
        acted = approval.line_ids.filtered("acted_at").sorted(
            lambda line: line.step_id.sequence
        )
        for line, moment in zip(acted, moments[1:], strict=False):
            line.acted_at = moment
            if approval.state == "approved":
                document.write({"decided_at": moment})
                approval.write({"decided_at": moment})

    # ------------------------------------------------------------
    # What comes next
    # ------------------------------------------------------------

    def _write_next_week(self):
        """A draft of the main login, and a plan that waits for the area manager."""
        monday = self.monday + timedelta(weeks=1)
        plans = self.env["stm.work.plan"].create(
            [
                self._prepare_plan(self.users_by_login[login], monday)
                for login in ("sales", "sales2")
            ]
        )
        plan = plans[1]
        friday = self.moment(plan.user_id, self.monday + timedelta(days=4), 16.5)
        moment = min(self.now - timedelta(minutes=20), friday)
        self._submit(plan, {plan: moment})
        plan.approval_id._ask()

    # ------------------------------------------------------------
    # Duties
    # ------------------------------------------------------------

    def _open_items(self):
        """What the people owed in these weeks and their months."""
        Item = self.env["stm.duty.item"]
        for monday in self.weeks:
            thursday = monday + timedelta(days=3)
            Item._open_for_day(min(thursday, self.today))

    def _judge(self):
        """What is over and was not handed in is missing.

        Leaders were told about misses that are long past; the rest is left to the
        ladder.
        """
        Item = self.env["stm.duty.item"]
        users = [user.id for user in self.logins]
        Item.search([("user_id", "in", users), ("state", "=", "open")])._judge(self.now)
        long_ago = self.now - timedelta(weeks=2)
        missing = Item.search(
            [
                ("user_id", "in", users),
                ("state", "=", "missing"),
                ("due_at", "<", long_ago),
            ]
        )
        for item in missing:
            item.ladder = max(item.duty_id.step_ids.mapped("sequence"))

    # ------------------------------------------------------------
    # Events
    # ------------------------------------------------------------

    def _write_events(self):
        """What was not handed in, and a few facts that leaders noted by hand.

        The oldest one was confirmed and the next one dismissed; the others wait.
        """
        self.env["stm.duty.item"]._record_missing(self.now, 1000)
        for login, days, code, values, outcome in texts.EVENTS:
            day = self.today - timedelta(days=days)
            self.write_event(login, day, code, values, outcome)

    def write_event(self, login, day, code, values, outcome):
        """The leader records an event, and confirms or dismisses it, or neither."""
        user = self.users_by_login[login]
        leader = self.teams[user]._stm_superiors(user)[0][0]
        event = (
            self.env["stm.event"]
            .with_user(leader)
            .create(
                {
                    "user_id": user.id,
                    "company_id": self.company.id,
                    "date": day,
                    "type_id": self.env.ref(f"sales_team_mgmt.event_type_{code}").id,
                    **values,
                }
            )
        )
        if outcome == "confirmed":
            event.action_confirm()
        elif outcome:
            event.action_dismiss(outcome)
