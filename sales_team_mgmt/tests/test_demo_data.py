from collections import Counter
from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase, tagged

LOGINS = {
    "gm": "post_gm",
    "manager": "post_department_manager",
    "area": "post_area_manager",
    "area2": "post_area_manager",
    "assistant": "post_sales_assistant",
    "sales": "post_salesperson",
    "sales2": "post_salesperson",
    "sales3": "post_salesperson_part_time",
    "sales4": "post_salesperson",
}
DOCUMENTS = ("stm.work.plan", "stm.work.report", "stm.rule.document")


@tagged("post_install", "-at_install")
class TestDemoData(TransactionCase):
    """The demo department is what the real flows would have made of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.has_demo = bool(
            cls.env.ref("sales_team_mgmt.demo_user_sales", raise_if_not_found=False)
        )
        if not cls.has_demo:
            return
        cls.users = {
            login: cls.env.ref(f"sales_team_mgmt.demo_user_{login}") for login in LOGINS
        }
        cls.people = cls.env["res.users"].union(*cls.users.values())
        cls.own = [("user_id", "in", cls.people.ids)]

    def setUp(self):
        super().setUp()
        if not self.has_demo:
            self.skipTest("This database has no demo data.")

    def test_nine_people_hold_five_kinds_of_posts(self):
        members = self.env["crm.team.member"].search(self.own)
        posts = {member.user_id: member.stm_post_id for member in members}
        for login, user in self.users.items():
            expected = self.env.ref(f"sales_team_mgmt.{LOGINS[login]}")
            self.assertEqual(posts[user], expected, login)
            self.assertTrue(user.has_group("sales_team_mgmt.group_salesperson"), login)
            if expected.group_id:
                self.assertIn(expected.group_id, user.group_ids, login)

    def test_passwords_are_the_logins(self):
        """The console prints them."""
        for login, user in self.users.items():
            credential = {"type": "password", "login": login, "password": login}
            user.with_user(user)._check_credentials(credential, {"interactive": False})

    def test_past_weeks_have_reports_with_figures(self):
        code = "sales_team_mgmt.indicator_{}".format
        visits = self.env.ref(code("visits_done"))
        money = self.env.ref(code("orders_confirmed"))
        reports = self.env["stm.work.report"].search(
            [*self.own, ("period_kind", "=", "week")]
        )
        by_week = reports.grouped("date_from")
        self.assertEqual(len(by_week), 12)
        for monday, same in by_week.items():
            self.assertEqual(monday.weekday(), 0)
            lines = same.line_ids
            for indicator in (visits, money):
                figures = lines.filtered(
                    lambda line, i=indicator: line.indicator_id == i
                )
                self.assertGreater(sum(figures.mapped("value")), 0, monday)
        missing = len(by_week) * 8 - len(reports)
        self.assertEqual(missing, 2)

    def test_approvals_hold(self):
        for model in DOCUMENTS:
            for document in self.env[model].search(self.own):
                approvals = self.env["stm.approval"].search(
                    [("model", "=", model), ("res_id", "=", document.id)]
                )
                current = approvals.filtered(lambda a: a.state != "returned")
                self.assertEqual(current, document.approval_id, document.display_name)
                if document.state == "draft":
                    self.assertFalse(approvals)
                    continue
                self.assertEqual(document._stm_fingerprint(), current.fingerprint)
                expected = {"submitted": "pending", "approved": "approved"}
                self.assertEqual(current.state, expected[document.state])
                self.assertEqual(current.submitted_at, document.submitted_at)
                self.assertEqual(current.decided_at, document.decided_at)

    def test_decisions_come_after_the_request_and_from_somebody_else(self):
        lines = self.env["stm.approval.line"].search(
            [("approval_id.user_id", "in", self.people.ids)]
        )
        now = fields.Datetime.now()
        for line in lines:
            self.assertNotEqual(line.user_id, line.approval_id.requester_id)
            decided = line.state in ("approved", "returned")
            self.assertEqual(bool(line.acted_at), decided, line.approval_id.name)
            if decided:
                self.assertGreater(line.acted_at, line.approval_id.submitted_at)
                self.assertLess(line.acted_at, now)
                self.assertTrue(line.acted_by_id)

    def test_duties_are_judged_by_the_rule(self):
        items = self.env["stm.duty.item"].search(self.own)
        now = fields.Datetime.now()
        for item in items:
            over = (item.exception_until or item.due_at) < now
            if item.submitted_at or over and item.create_date > item.due_at:
                self.assertEqual(item.state, item._judgement(now).state, item.sentence)
        calendar = items.filtered(
            lambda item: item.model in DOCUMENTS
            and not item.approval_id
            and not item.about_user_id
        )
        self.assertEqual(
            set(calendar.mapped("state")) - {"open"},
            {"on_time", "excused", "late", "missing"},
        )
        for item in calendar.filtered("submitted_at"):
            document = item._document()
            self.assertEqual(document.user_id, item.user_id)
            self.assertEqual(document.date_from, item.document_start)

    def test_decisions_are_owed_and_done(self):
        lines = self.env["stm.approval.line"].search(
            [
                ("approval_id.user_id", "in", self.people.ids),
                ("approval_id.model", "in", ("stm.work.plan", "stm.work.report")),
            ]
        )
        items = self.env["stm.duty.item"].search(
            [("approval_id", "in", lines.approval_id.ids)]
        )
        moments = {(i.approval_id, i.user_id): i.submitted_at for i in items}
        self.assertEqual(len(items), len(lines))
        for line in lines:
            self.assertEqual(moments[line.approval_id, line.user_id], line.acted_at)

    def test_visits_come_from_approved_plans(self):
        visits = self.env["stm.visit"].search(self.own)
        planned = visits.filtered("plan_id")
        self.assertEqual(set(planned.plan_id.mapped("state")), {"approved"})
        self.assertEqual(len(planned), len(planned.plan_id.line_ids))
        self.assertTrue(visits - planned)
        self.assertEqual(
            set(visits.mapped("state")), {"planned", "started", "done", "cancelled"}
        )
        done = visits.filtered(lambda visit: visit.state == "done")
        for visit in done:
            self.assertTrue(visit.content and visit.result and visit.problem)
            self.assertGreaterEqual(visit.done_at, visit.start_at)
            self.assertLess(visit.done_at, fields.Datetime.now())

    def test_main_login_has_a_day(self):
        """Visits on the day of the installation and on the day after."""
        user = self.users["sales"]
        draft = self.env["stm.work.plan"].search(
            [("user_id", "=", user.id), ("state", "=", "draft")]
        )
        self.assertTrue(draft.line_ids and draft.point_ids)
        made = fields.Datetime.context_timestamp(
            draft.with_context(tz=user.tz), draft.create_date
        ).date()
        for day in (made, made + timedelta(days=1)):
            self.assertTrue(
                self.env["stm.visit"].search_count(
                    [
                        ("user_id", "=", user.id),
                        ("date", "=", day),
                        ("state", "=", "planned"),
                    ]
                ),
                day,
            )

    def test_main_login_is_on_the_road(self):
        """On the day of the installation: one done, one on site, four to come."""
        user = self.users["sales"]
        current = self.env["stm.visit"].search(
            [("user_id", "=", user.id), ("state", "=", "started")]
        )
        self.assertEqual(len(current), 1)
        visits = self.env["stm.visit"].search(
            [("user_id", "=", user.id), ("date", "=", current.date)], order="sequence"
        )
        self.assertEqual(visits.mapped("state"), ["done", "started", *["planned"] * 4])
        self.assertEqual(visits, visits.sorted("start_at"))
        self.assertEqual(visits[:2].mapped("verdict"), ["verified"] * 2)
        self.assertLess(current.check_in_at, fields.Datetime.now())
        self.assertTrue(visits[0].photo_ids and visits[0].stock_ids)
        day = (
            self.env["stm.visit"]
            .with_user(user)
            .stm_today(fields.Date.to_string(current.date))
        )
        self.assertEqual([one["id"] for one in day["visits"]], visits.ids)
        self.assertTrue(day["settings"]["consent"]["given"])

    def test_visits_are_believed_or_not(self):
        visits = self.env["stm.visit"].search([*self.own, ("check_in_at", "!=", False)])
        counts = Counter(visits.mapped("verdict"))
        self.assertGreater(counts["verified"], counts["outside"] + counts["unverified"])
        for visit in visits:
            self.assertEqual(visit.verdict, visit.position_ids[:1].verdict)
            self.assertTrue(visit.verdict == "verified" or visit.verdict_reason)
            if visit.state == "done":
                self.assertGreaterEqual(visit.check_out_at, visit.check_in_at)
        exceptions = self.env["stm.visit.exception"].search(self.own)
        states = set(exceptions.mapped("state"))
        self.assertLessEqual({"open", "accepted"}, states)
        for exception in exceptions:
            self.assertNotEqual(exception.decided_by_id, exception.user_id)
        self.assertEqual(len(visits.photo_ids), 5)
        self.assertIn("same_photo", exceptions.mapped("kind"))

    def test_checks_of_last_month(self):
        checks = self.env["stm.spot.check"].search(self.own)
        self.assertEqual(
            set(checks.mapped("result")), {"true", "false", "ineffective", False}
        )
        false = checks.filtered(lambda check: check.result == "false")
        self.assertFalse(false.visit_id.is_counted)
        counted = (checks - false).visit_id
        self.assertTrue(all(counted.mapped("is_counted")))
        self.assertTrue(
            self.env["stm.event"].search_count(
                [("user_id", "=", false.user_id.id), ("date", "=", false.date)]
            )
        )

    def test_customers_hear_from_the_department(self):
        slips = self.env["stm.visit.slip"].search(self.own)
        self.assertEqual(set(slips.mapped("state")), {"approved", "submitted"})
        self.assertEqual(
            slips.visit_ids.filtered("done_at"), slips.filtered("returned_at").visit_ids
        )
        logs = self.env["stm.contact.log"].search(self.own)
        self.assertLessEqual(
            {"phone_out", "phone_in", "letter_out", "email_out"},
            set(logs.mapped("way")),
        )
        promises = self.env["stm.promise"].search(self.own)
        self.assertEqual(set(promises.mapped("state")), {"open", "kept", "broken"})
        issues = self.env["stm.customer.issue"].search(self.own)
        self.assertEqual(
            set(issues.mapped("state")), {"new", "reported", "solved", "told"}
        )
        joint = self.env["stm.joint.visit"].search(self.own)
        self.assertEqual(joint.state, "shared")
        orders = self.env["sale.order"].search([("stm_visit_id", "!=", False)])
        self.assertEqual(orders.user_id, orders.stm_visit_id.user_id)

    def test_leaders_see_their_people(self):
        sees = {
            "gm": self.people,
            "manager": self.people,
            "assistant": self.people - self.users["gm"],
            "area": self.people.filtered(
                lambda u: u.login in ("area", "sales", "sales2", "sales3")
            ),
            "area2": self.people.filtered(lambda u: u.login in ("area2", "sales4")),
            "sales": self.users["sales"],
            "sales3": self.users["sales3"],
            "sales4": self.users["sales4"],
        }
        for login, people in sees.items():
            user = self.users[login]
            for model in ("stm.work.plan", "stm.work.report"):
                documents = self.env[model].with_user(user).search(self.own)
                expected = self.env[model].search([("user_id", "in", people.ids)])
                away = self.env["stm.substitution"]._stood_in_for(user)
                if not away:
                    self.assertEqual(documents.sudo(), expected, (login, model))

    def test_documents_wait_for_leaders(self):
        approvals = self.env["stm.approval"].with_user(self.users["area"])
        waiting = approvals.search([("to_decide_by_me", "=", True)])
        models = set(waiting.mapped("model"))
        self.assertLessEqual({"stm.work.plan", "stm.work.report"}, models)

    def test_money_came_in(self):
        sold = self.env["sale.order"].search([*self.own, ("state", "=", "sale")])
        self.assertTrue(sold)
        bank = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", sold.company_id[:1].id)]
        )
        if bank:
            collected = self.env["stm.collection"].search(self.own)
            self.assertGreater(sum(collected.mapped("amount")), 0)
            days = collected.mapped("date")
            self.assertGreater(max(days) - min(days), timedelta(weeks=6))

    def test_months_were_appraised(self):
        """All earlier months are closed; the last one shows every state."""
        sheets = self.env["stm.appraisal"].search([*self.own], order="date_from")
        months = sheets.grouped("date_from")
        self.assertEqual(len(months), 3)
        *earlier, last = months.values()
        for month in earlier:
            self.assertEqual(len(month), 6)
            self.assertEqual(set(month.mapped("state")), {"closed"})
            self.assertTrue(all(month.mapped("has_score")))
        self.assertEqual(
            set(last.mapped("state")),
            {"scoring", "shared", "acknowledged", "appealed", "hr"},
        )
        self.assertFalse(all(last.mapped("has_score")))
        self.assertTrue(sheets.checklist_answer_ids.filtered("is_answered"))
        for sheet in sheets.filtered("shared_at"):
            self.assertTrue(sheet.interview_date and sheet.interview_comment)
            self.assertNotEqual(sheet.interviewed_by_id, sheet.user_id)
            self.assertFalse(sheet.undecided_events)
            self.assertFalse(sheet.checklist_missing)
            moments = [
                sheet[name]
                for name in ("shared_at", "acknowledged_at", "sent_at", "closed_at")
                if sheet[name]
            ]
            self.assertEqual(moments, sorted(moments))
            self.assertLess(moments[-1], fields.Datetime.now())

    def test_sheets_hold_their_facts(self):
        """Filling the open ones in again changes nothing."""
        sheets = self.env["stm.appraisal"].search(
            [*self.own, ("state", "=", "scoring")]
        )
        before = sheets.line_ids.mapped("points")
        sheets._fill()
        self.assertEqual(sheets.line_ids.mapped("points"), before)
        appraised = self.env["stm.appraisal"].search(self.own)
        self.assertTrue(appraised.line_ids.event_ids)
        self.assertTrue(
            any(line.numerator for line in appraised.line_ids if line.has_figure)
        )

    def test_events_wait_and_are_decided(self):
        events = self.env["stm.event"].search(self.own)
        self.assertEqual(
            set(events.mapped("state")), {"proposed", "confirmed", "dismissed"}
        )
        for event in events:
            self.assertNotEqual(event.decided_by_id, event.user_id)

    def test_hr_closes_what_leaders_send(self):
        hr = self.env.ref("sales_team_mgmt.demo_user_hr")
        credential = {"type": "password", "login": "hr", "password": "hr"}
        hr.with_user(hr)._check_credentials(credential, {"interactive": False})
        waiting = self.env["stm.appraisal"].with_user(hr).search([("state", "=", "hr")])
        self.assertTrue(waiting)
        waiting.action_close()
        self.assertEqual(set(waiting.mapped("state")), {"closed"})

    def test_first_month_is_closed_and_was_corrected(self):
        first = self.env["stm.appraisal"].search(self.own, order="date_from").period_id
        areas = set(first[:1].closing_ids.mapped("area"))
        self.assertLessEqual({"targets", "appraisal"}, areas)
        corrections = self.env["stm.measure.correction"].search(
            [("measure_id.period_id", "=", first[:1].id)]
        )
        self.assertTrue(corrections)

    def test_second_load_does_nothing(self):
        before = {model: self.env[model].search_count([]) for model in DOCUMENTS}
        self.env["stm.demo"]._load()
        after = {model: self.env[model].search_count([]) for model in DOCUMENTS}
        self.assertEqual(before, after)
