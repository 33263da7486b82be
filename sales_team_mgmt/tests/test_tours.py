from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from ..tools.weeks import monday_of
from .common import StmCase


@tagged("post_install", "-at_install", "stm_tour")
class TestWeekOnDesktop(StmCase, HttpCase):
    """From plan to reviewed report in the browser, each step as its own role."""

    browser_size = "1280x800"
    touch_enabled = False

    def setUp(self):
        super().setUp()
        # The browser's clock cannot be frozen: this week and the next are real ones.
        today = fields.Date.context_today(self.ann.with_user(self.ann))
        self.monday = monday_of(today)
        self.customer = self.env["res.partner"].create(
            {"name": "Tour Customer", "phone": "+86 571 8888 8888", "city": "Hangzhou"}
        )
        plan = (
            self.env["stm.work.plan"]
            .with_user(self.ann)
            .create(
                {
                    "date_from": self.monday,
                    "line_ids": [
                        Command.create(
                            {"partner_id": self.customer.id, "date": today, "hour": 0.5}
                        )
                    ],
                    "point_ids": [Command.create({"name": "Visit everybody"})],
                }
            )
        )
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        self.visit = plan.visit_ids

    def test_the_week(self):
        self.start_tour(
            "/odoo/stm-plans", "stm_salesperson_plans_next_week", login=self.ann.login
        )
        plan = self.env["stm.work.plan"].search(
            [
                ("user_id", "=", self.ann.id),
                ("date_from", "=", self.monday + timedelta(weeks=1)),
            ]
        )
        self.assertEqual(plan.state, "submitted")
        self.assertEqual(plan.line_ids.partner_id, self.customer)

        self.start_tour(
            "/odoo/stm-approvals", "stm_leader_approves_the_plan", login=self.city.login
        )
        self.assertEqual(plan.state, "approved")
        self.assertEqual(plan.visit_ids.partner_id, self.customer)

        self.start_tour(
            "/odoo/stm-visits",
            "stm_salesperson_finishes_a_visit",
            login=self.ann.login,
        )
        self.assertEqual(self.visit.state, "done")
        self.assertEqual(self.visit.next_step, "Call on Thursday")

        self.start_tour(
            "/odoo/stm-reports",
            "stm_salesperson_hands_in_the_report",
            login=self.ann.login,
        )
        report = self.env["stm.work.report"].search([("user_id", "=", self.ann.id)])
        self.assertEqual(report.state, "submitted")
        self.assertEqual(report.point_ids.outcome, "done")

        self.start_tour(
            "/odoo/stm-approvals",
            "stm_leader_reviews_the_report",
            login=self.city.login,
        )
        self.assertEqual(report.state, "approved")
        self.assertEqual(report.review_comment, "Good week, keep at it")

        self.start_tour(
            "/odoo/stm-team-reports",
            "stm_manager_looks_at_the_week",
            login=self.manager.login,
        )


@tagged("post_install", "-at_install", "stm_tour")
class TestWeekOnPhone(TestWeekOnDesktop):
    """The same week on a phone."""

    browser_size = "390x844"
    touch_enabled = True


@tagged("post_install", "-at_install", "stm_tour")
class TestMonthOnDesktop(StmCase, HttpCase):
    """From facts to a closed appraisal in the browser, each step as its own role."""

    browser_size = "1280x800"
    touch_enabled = False

    def setUp(self):
        super().setUp()
        # The browser's clock cannot be frozen: the last month is the real one.
        today = fields.Date.context_today(self.ann.with_user(self.ann))
        last = today.replace(day=1) - timedelta(days=1)
        Period = self.env["stm.period"]
        for year in sorted({last.year, today.year}):
            Period.action_create_year(year, self.company.ids)
        self.month = Period.search(
            [
                ("kind", "=", "month"),
                ("company_id", "=", self.company.id),
                ("date_from", "=", last.replace(day=1)),
            ]
        )
        checklist = self.env["stm.checklist"].create(
            {
                "name": "Talk",
                "usage": "interview",
                "date_from": self.month.date_from,
                "line_ids": [
                    Command.create(
                        {"name": "Is training needed?", "answer_type": "yes_no"}
                    )
                ],
            }
        )
        checklist.action_release()
        self.event(self.ann, "distributor_report_late")
        day = self.month.date_from
        calendar = self.company._stm_work_calendar(day, self.month.date_to)
        while not calendar.is_workday(day):
            day += timedelta(days=1)
        self.env["stm.absence"].with_user(self.city).create(
            {"user_id": self.ann.id, "date": day, "reason": "Doctor"}
        )
        sheets = self.env["stm.appraisal"]._open_all(self.month)
        self.sheets = {sheet.user_id: sheet for sheet in sheets}

    def event(self, user, code):
        return (
            self.env["stm.event"]
            .with_user(self.city)
            .create(
                {
                    "user_id": user.id,
                    "type_id": self.env.ref(f"sales_team_mgmt.event_type_{code}").id,
                    "date": self.month.date_from,
                    "note": "As seen",
                }
            )
        )

    def share(self, user, leader):
        """The talk of somebody who appeals later on."""
        sheet = self.sheets[user].with_user(leader)
        for line in sheet.line_ids.filtered("needs_points"):
            line.given = "5"
        sheet.checklist_answer_ids.value_yes_no = "no"
        sheet.write(
            {
                "interview_date": fields.Date.context_today(sheet),
                "interview_comment": "Too few visits.",
            }
        )
        sheet.action_share()
        return sheet

    def tour(self, path, name, user):
        self.start_tour(f"/odoo/{path}", name, login=user.login)

    def test_the_month(self):
        sheet = self.sheets[self.ann]
        event = self.env["stm.event"].search([("user_id", "=", self.ann.id)])
        self.tour("stm-team-events", "stm_leader_confirms_an_event", self.city)
        self.assertEqual(event.state, "confirmed")
        self.assertEqual(event.decided_by_id, self.city)

        self.tour("stm-my-appraisals", "stm_salesperson_finds_no_draft", self.ann)

        self.tour("stm-appraisals", "stm_leader_scores_and_shares", self.city)
        self.assertEqual(sheet.state, "shared")
        # (25 + 9 + 28.5 + 25) × 70 % + (100 − 4) × 30 %
        self.assertEqual(sheet.score, 90.05)
        self.assertEqual(sheet.checklist_answer_ids.value_yes_no, "no")

        for name in ("reads_the_sheet", "opens_the_events", "acknowledges"):
            self.tour("stm-my-appraisals", f"stm_salesperson_{name}", self.ann)
        self.assertEqual(sheet.state, "acknowledged")
        self.assertEqual(sheet.answer, "Agreed")

        self.tour("stm-appraisals", "stm_leader_sends_to_hr", self.city)
        self.assertEqual(sheet.state, "hr")

        self.tour("stm-appraisals", "stm_hr_closes", self.hr)
        self.assertEqual(sheet.state, "closed")

    def test_appeals(self):
        """One is not upheld and the sheet stands; one is, and is scored again."""
        for person, leader, above, name, state in (
            (self.ben, self.city, self.east, "does_not_uphold", "acknowledged"),
            (self.wei, self.west, self.manager, "upholds", "scoring"),
        ):
            sheet = self.share(person, leader)
            self.tour("stm-my-appraisals", "stm_salesperson_appeals", person)
            self.assertEqual(sheet.state, "appealed")
            self.tour("stm-approvals", f"stm_superior_{name}", above)
            self.assertEqual(sheet.state, state)


@tagged("post_install", "-at_install", "stm_tour")
class TestMonthOnPhone(TestMonthOnDesktop):
    """The same month on a phone."""

    browser_size = "390x844"
    touch_enabled = True


@tagged("post_install", "-at_install", "stm_tour")
class TestMapOnDesktop(StmCase, HttpCase):
    """The map without tiles, as nothing outside can be reached from a test."""

    browser_size = "1280x800"
    touch_enabled = False

    def setUp(self):
        super().setUp()
        today = fields.Date.context_today(self.ann.with_user(self.ann))
        customer = {"is_company": True, "user_id": self.ann.id}
        self.shop, self.corner, self.unknown = self.env["res.partner"].create(
            [
                {
                    **customer,
                    "name": "江南文具店",
                    "partner_latitude": 31.2304,
                    "partner_longitude": 121.4737,
                    "city": "Shanghai",
                },
                {
                    **customer,
                    "name": "Corner Shop",
                    "partner_latitude": 31.2410,
                    "partner_longitude": 121.4900,
                },
                {**customer, "name": "Unknown Place"},
            ]
        )
        self.visits = (
            self.env["stm.visit"]
            .with_user(self.ann)
            .create(
                [
                    {"partner_id": partner.id, "start_at": f"{today} 0{hour}:00:00"}
                    for hour, partner in enumerate(self.shop | self.corner, 1)
                ]
            )
        )
        self.visits[0].sudo().verdict = "outside"

    def test_the_map(self):
        path = "/odoo/stm-map"
        self.start_tour(path, "stm_salesperson_looks_at_the_map", login=self.ann.login)
        self.start_tour(
            "/odoo/stm-team-map", "stm_leader_looks_at_the_map", login=self.city.login
        )

    def test_a_position_is_set_in_the_shop(self):
        self.start_tour(
            f"/odoo/res.partner/{self.unknown.id}",
            "stm_salesperson_sets_a_position",
            login=self.ann.login,
        )
        place = (self.unknown.partner_latitude, self.unknown.partner_longitude)
        self.assertEqual(place, (31.2222, 121.4444))
        self.assertIn("31.222200, 121.444400", self.unknown.message_ids[0].body)


@tagged("post_install", "-at_install", "stm_tour")
class TestMapOnPhone(TestMapOnDesktop):
    """The same map on a phone."""

    browser_size = "390x844"
    touch_enabled = True
