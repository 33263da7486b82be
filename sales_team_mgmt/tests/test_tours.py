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
