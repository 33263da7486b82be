import io

from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import StmCase

FRIDAY = "2026-03-06 08:00:00"


@tagged("post_install", "-at_install")
@freeze_time(FRIDAY)
class TestWorkReport(StmCase):
    """A weekly report says what the records say, and a superior comments on it."""

    def setUp(self):
        super().setUp()
        self.env.ref("sales_team_mgmt.report_template_weekly").needs_next_plan = False

    def line(self, report, indicator):
        ref = self.env.ref(f"sales_team_mgmt.indicator_{indicator}")
        return report.line_ids.filtered(lambda line: line.indicator_id == ref)

    def evidence(self, line):
        action = line.action_open_evidence()
        model = self.env[action["res_model"]].with_user(line.env.user)
        return model.search(action["domain"])

    # ------------------------------------------------------------
    # Distinct customers
    # ------------------------------------------------------------

    def test_at_vis_01_19_of_20_customers_are_95_percent(self):
        for customer in self.customers[:19]:
            self.visit(self.ann, customer)
        line = self.line(self.report(self.ann), "customers_visited")
        self.assertEqual((line.value, line.base, line.rate), (19, 20, 95.0))
        self.assertEqual(line.figure, "19 of 20 (95 %)")

    def test_figures_are_written_in_every_language_and_without_one(self):
        self.visit(self.ann, self.customers[0])
        report = self.report(self.ann)
        line = self.line(report, "customers_visited")
        self.env["res.lang"]._activate_lang("de_DE")
        for lang, text in (
            ("de_DE", "1.234,5"),
            (False, "1,234.5"),
            ("en_US", "1,234.5"),
        ):
            self.ann.lang = lang
            plain = line.with_context(lang=lang)._plain(1234.5)
            self.assertEqual(plain, text)
        self.assertEqual(line._plain(20), "20")
        self.assertEqual(line._plain(100), "100")

    def test_at_vis_01_the_same_customer_twice_counts_once(self):
        for customer in self.customers[:19]:
            self.visit(self.ann, customer)
        self.visit(self.ann, self.customers[0], "2026-03-04 02:00:00")
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customers[1].id}
        )
        self.visit(self.ann, contact, "2026-03-05 02:00:00")
        report = self.report(self.ann)
        self.assertEqual(self.line(report, "customers_visited").rate, 95.0)
        self.assertEqual(self.line(report, "visits_done").value, 21)
        self.assertEqual(len(self.evidence(self.line(report, "visits_done"))), 21)

    def test_at_vis_01_the_twentieth_customer_makes_100_percent(self):
        for customer in self.customers[:20]:
            self.visit(self.ann, customer)
        line = self.line(self.report(self.ann), "customers_visited")
        self.assertEqual(line.rate, 100.0)

    def test_visits_of_other_weeks_people_and_states_do_not_count(self):
        self.visit(self.ben, self.customers[0])
        self.visit(self.ann, self.customers[1], done=False)
        # Sunday 23:30 and the next Monday 00:30 in Shanghai
        self.visit(self.ann, self.customers[2], "2026-03-01 15:30:00")
        with freeze_time("2026-03-09 02:00:00"):
            self.visit(self.ann, self.customers[3], "2026-03-08 16:30:00")
            self.visit(self.ann, self.customers[4], "2026-03-08 15:30:00")
        report = self.report(self.ann)
        line = self.line(report, "visits_done")
        self.assertEqual(line.value, 1)
        self.assertEqual(self.evidence(line).partner_id, self.customers[4])

    # ------------------------------------------------------------
    # Money
    # ------------------------------------------------------------

    def order(self, user, moment, amount=100.0, partner=None):
        order = self.env["sale.order"].create(
            {
                "partner_id": (partner or self.customers[0]).id,
                "user_id": user.id,
                "order_line": [
                    Command.create(
                        {
                            "name": "Goods",
                            "product_id": self.product.id,
                            "product_uom_qty": 1,
                            "price_unit": amount,
                            "tax_ids": [],
                        }
                    )
                ],
            }
        )
        with freeze_time(moment):
            order.action_confirm()
        return order

    @property
    def product(self):
        return self.env["product.product"].search(
            [("default_code", "=", "STM")], limit=1
        ) or self.env["product.product"].create(
            {"name": "Goods", "default_code": "STM", "invoice_policy": "order"}
        )

    def test_orders_of_the_local_week_are_the_figure_and_its_evidence(self):
        # Monday 00:30 and Sunday 23:30 in Shanghai are inside, one minute more is not
        inside = self.order(self.ann, "2026-03-01 16:30:00", 100)
        inside |= self.order(self.ann, "2026-03-08 15:30:00", 250)
        self.order(self.ann, "2026-03-01 15:59:00", 1000)
        self.order(self.ann, "2026-03-08 16:00:00", 1000)
        self.order(self.ben, "2026-03-04 02:00:00", 1000)
        line = self.line(self.report(self.ann), "orders_confirmed")
        self.assertEqual(line.value, 350)
        self.assertEqual(self.evidence(line), inside)

    def test_a_new_customer_is_one_whose_first_order_falls_in_the_week(self):
        old, new = self.customers[:2]
        self.order(self.ann, "2026-01-10 02:00:00", partner=old)
        self.order(self.ann, "2026-03-03 02:00:00", partner=old)
        self.order(self.ann, "2026-03-03 02:00:00", partner=new)
        self.order(self.ann, "2026-03-04 02:00:00", partner=new)
        line = self.line(self.report(self.ann), "new_customers")
        self.assertEqual(line.value, 1)
        self.assertEqual(self.evidence(line), new)

    # ------------------------------------------------------------
    # Handing in and reviewing
    # ------------------------------------------------------------

    def test_figures_are_frozen_when_handed_in(self):
        report = self.report(self.ann)
        self.visit(self.ann, self.customers[0])
        report.action_submit()
        line = self.line(report, "visits_done")
        self.assertEqual(line.value, 1)
        self.visit(self.ann, self.customers[1])
        with self.assertRaises(UserError):
            report.action_refresh_figures()
        self.assertEqual(line.value, 1)

    def test_the_leader_reviews_with_a_comment_only(self):
        report = self.report(self.ann)
        report.action_submit()
        action = report.with_user(self.city).action_approve()
        self.assertEqual(action["res_model"], "stm.decision")
        self.assertEqual(report.state, "submitted")
        report.with_user(self.city).action_approve("Well done, see Customer 05")
        self.assertEqual(report.state, "approved")
        self.assertEqual(report.review_comment, "Well done, see Customer 05")
        self.assertEqual(report.reviewer_id, self.city)

    def test_figures_cannot_be_written(self):
        report = self.report(self.ann)
        line = self.line(report, "visits_done")
        with self.assertRaises(UserError):
            line.write({"value": 99})
        with self.assertRaises(UserError):
            report.write({"line_ids": [Command.update(line.id, {"value": 99})]})
        self.assertEqual(line.value, 0)

    def test_what_must_be_said_must_be_said(self):
        report = self.report(self.ann)
        report.line_ids.filtered("text_required")[0].text = "  "
        with self.assertRaisesRegex(UserError, "not complete"):
            report.action_submit()
        self.assertEqual(report.state, "draft")

    def test_the_report_needs_the_next_plan_where_the_template_says_so(self):
        self.env.ref("sales_team_mgmt.report_template_weekly").needs_next_plan = True
        report = self.report(self.ann)
        with self.assertRaisesRegex(UserError, "plan of next week"):
            report.action_submit()
        self.plan(self.ann, "2026-03-09").action_submit()
        report.invalidate_recordset()
        report.action_submit()
        self.assertEqual(report.state, "submitted")

    def test_key_points_are_judged_in_the_report_and_not_after_it(self):
        with freeze_time("2026-02-27 02:00:00"):
            plan = self.plan(self.ann)
            plan.action_submit()
            plan.with_user(self.city).action_approve()
        report = self.report(self.ann)
        with self.assertRaisesRegex(UserError, "key points"):
            report.action_submit()
        point = plan.point_ids
        report.write({"point_ids": [Command.update(point.id, {"outcome": "done"})]})
        self.assertEqual(point.outcome, "done")
        self.assertEqual(plan.state, "approved")
        report.action_submit()
        line = self.line(report, "key_points_done")
        with self.assertRaisesRegex(UserError, "handed in"):
            point.with_user(self.ann).outcome = "not_done"
        self.assertEqual(point.outcome, "done")
        self.assertFalse(line)

    def test_a_report_for_somebody_else_and_a_second_one_are_refused(self):
        with self.assertRaises(AccessError):
            self.report(self.ben, user_id=self.ann.id)
        self.report(self.ann)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            self.report(self.ann)
            self.env.flush_all()

    def test_a_report_starts_on_monday(self):
        with self.assertRaisesRegex(UserError, "first day"):
            self.report(self.ann, "2026-03-03")

    # ------------------------------------------------------------
    # Paper and workbook
    # ------------------------------------------------------------

    def test_the_workbook_holds_the_same_rows_as_the_sheet(self):
        import openpyxl

        from ..tools.xlsx import sheets_to_xlsx

        self.visit(self.ann, self.customers[0])
        report = self.report(self.ann, summary="=1+1")
        sheet = report._get_sheet()
        book = openpyxl.load_workbook(
            io.BytesIO(sheets_to_xlsx([(report.display_name, sheet)]))
        )
        cells = [cell.value for row in book.active.iter_rows() for cell in row]
        self.assertIn("=1+1", cells)
        for table in sheet["tables"]:
            for row in table["rows"]:
                for value in filter(None, row):
                    self.assertIn(value, cells)

    # ------------------------------------------------------------
    # Months
    # ------------------------------------------------------------

    def monthly(self, user, start, moment):
        with freeze_time(moment):
            report = (
                self.env["stm.work.report"]
                .with_user(user)
                .create({"period_kind": "month", "date_from": start})
            )
            report.line_ids.filtered("text_required").write({"text": "Fine."})
            report.action_submit()
        return self.duties(user, "monthly_report_area", document_start=start)

    def test_at_wpl_03_april_is_due_on_the_30th(self):
        self.open_duties("2026-04-10")
        item = self.duties(self.city, "monthly_report_area")
        # 30 April, end of the day in Shanghai
        self.assertEqual(fields.Datetime.to_string(item.due_at), "2026-04-30 15:59:59")
        item = self.monthly(self.city, "2026-04-01", "2026-04-30 15:59:00")
        self.assertEqual(item.state, "on_time")

    def test_at_wpl_03_february_is_due_on_its_last_day(self):
        self.open_duties("2026-02-10")
        item = self.duties(self.city, "monthly_report_area")
        self.assertEqual(fields.Datetime.to_string(item.due_at), "2026-02-28 15:59:59")

    def test_at_wpl_03_february_of_a_leap_year(self):
        self.open_duties("2028-02-10")
        item = self.duties(self.city, "monthly_report_area")
        self.assertEqual(fields.Datetime.to_string(item.due_at), "2028-02-29 15:59:59")

    def test_at_wpl_03_filed_on_the_first_of_may_is_late(self):
        self.open_duties("2026-04-10")
        item = self.monthly(self.city, "2026-04-01", "2026-04-30 16:00:00")
        self.assertEqual(item.state, "late")

    def test_at_wpl_04_18_of_20_reviewed_propose_9_of_10_points(self):
        people = [self.ann, self.ben] + [
            self.person(f"rep{number}", "group_salesperson") for number in range(3)
        ]
        for user in people[2:]:
            self.join(user, self.team_city)
        reports = self.env["stm.work.report"]
        for monday in ("2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23"):
            with freeze_time(f"{monday} 08:00:00"):
                for user in people:
                    report = self.report(user, monday)
                    report.action_submit()
                    reports |= report
        for report in reports[:18]:
            report.with_user(self.city).action_approve("Seen")
        with freeze_time("2026-03-30 08:00:00"):
            monthly = (
                self.env["stm.work.report"]
                .with_user(self.city)
                .create({"period_kind": "month", "date_from": "2026-03-01"})
            )
            line = self.line(monthly, "reports_reviewed")
            self.assertEqual((line.value, line.base, line.rate), (18, 20, 90.0))
            self.assertEqual((line.points, line.max_points), (9.0, 10.0))
            self.assertEqual(self.evidence(line), reports)
            reports[18].with_user(self.city).action_return("Write more")
            monthly.action_refresh_figures()
            self.assertEqual((line.value, line.points), (19, 9.5))

    def test_without_reports_there_are_no_points_at_all(self):
        with freeze_time("2026-03-30 08:00:00"):
            monthly = (
                self.env["stm.work.report"]
                .with_user(self.city)
                .create({"period_kind": "month", "date_from": "2026-03-01"})
            )
        line = self.line(monthly, "reports_reviewed")
        self.assertFalse(line.has_rate)
        self.assertEqual(line.points, 0)
