from datetime import date

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import StmCase

THURSDAY = "2026-02-26 02:00:00"


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestWorkPlan(StmCase):
    """From a draft to visits: who may write, submit, change, approve, reopen."""

    def test_day_09_what_was_not_done_is_carried_over_once(self):
        last = self.plan(self.ann, "2026-02-23")
        last.point_ids = [Command.create({"name": "Collect the rest"})]
        last.point_ids[1].outcome = "done"
        plan = self.env["stm.work.plan"].with_user(self.ann).create({})
        for _turn in range(2):
            plan.action_copy_last_week()
            self.assertEqual(plan.point_ids.mapped("name"), ["Win back Customer 01"])
            self.assertEqual(plan.line_ids.partner_id, last.line_ids.partner_id)

    def test_the_leader_approves_and_the_visits_are_there(self):
        plan = self.plan(self.ann, days=3)
        plan.action_submit()
        self.assertEqual(plan.state, "submitted")
        self.assertFalse(plan.visit_ids)
        plan.with_user(self.city).action_approve()
        self.assertEqual(plan.state, "approved")
        self.assertRecordValues(
            plan.visit_ids.sorted("date"),
            [
                {
                    "date": date(2026, 3, day),
                    "partner_id": self.customers[day - 2].id,
                    "user_id": self.ann.id,
                    "team_id": self.team_city.id,
                    "state": "planned",
                }
                for day in (2, 3, 4)
            ],
        )
        # 09:00 in Shanghai
        self.assertEqual(
            str(plan.visit_ids.sorted("date")[0].start_at), "2026-03-02 01:00:00"
        )

    def test_visits_are_private_meetings_of_their_person(self):
        plan = self.plan(self.ann)
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        event = plan.visit_ids.sudo().calendar_event_id
        self.assertEqual(event.privacy, "private")
        self.assertEqual(event.partner_ids, self.ann.partner_id)
        event.with_user(self.ann).write(
            {"start": "2026-03-03 03:00:00", "stop": "2026-03-03 05:00:00"}
        )
        self.assertEqual(plan.visit_ids.date, date(2026, 3, 3))
        self.assertEqual(plan.visit_ids.duration, 2.0)
        event.with_user(self.ann).unlink()
        self.assertEqual(plan.visit_ids.state, "cancelled")

    def test_the_leader_returns_with_a_comment_only(self):
        plan = self.plan(self.ann)
        plan.action_submit()
        dialog = plan.with_user(self.city).action_return()
        self.assertEqual(dialog["res_model"], "stm.decision")
        self.assertEqual(plan.state, "submitted")
        wizard = Form(
            self.env["stm.decision"]
            .with_user(self.city)
            .with_context(**dialog["context"])
        )
        wizard.comment = "Visit Customer 05 too"
        wizard.save().action_confirm()
        self.assertEqual(plan.state, "returned")
        line = plan.sudo().approval_id.line_ids
        self.assertEqual(line.comment, "Visit Customer 05 too")
        self.assertEqual(line.acted_by_id, self.city)
        plan.write(
            {
                "line_ids": [
                    Command.create(
                        {"partner_id": self.customers[4].id, "date": "2026-03-05"}
                    )
                ]
            }
        )
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        self.assertEqual(len(plan.visit_ids), 2)

    def test_the_leader_changes_the_plan_before_approving_it(self):
        plan = self.plan(self.ann)
        plan.action_submit()
        plan.with_user(self.city).write(
            {
                "line_ids": [
                    Command.create(
                        {"partner_id": self.customers[9].id, "date": "2026-03-06"}
                    )
                ]
            }
        )
        plan.with_user(self.city).action_approve()
        self.assertIn(self.customers[9], plan.visit_ids.partner_id)

    def test_nobody_changes_an_approved_plan_without_reopening_it(self):
        plan = self.plan(self.ann)
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        for user in (self.ann, self.city, self.manager):
            with self.assertRaises(UserError):
                plan.with_user(user).write({"note": "changed"})
            with self.assertRaises(UserError):
                plan.with_user(user).line_ids.write({"purpose": "changed"})
        self.assertFalse(plan.note)
        plan.with_user(self.ann).action_reopen()
        self.assertEqual(plan.state, "draft")
        self.assertEqual(plan.sudo().approval_id.state, "void")
        plan.line_ids.write({"partner_id": self.customers[7].id})
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        self.assertEqual(plan.visit_ids.partner_id, self.customers[7])

    def test_a_line_taken_out_of_a_reopened_plan_cancels_its_visit(self):
        plan = self.plan(self.ann, days=2)
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        plan.action_reopen()
        plan.line_ids.sorted("date")[1].unlink()
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        self.assertEqual(
            plan.visit_ids.sorted("date").mapped("state"), ["planned", "cancelled"]
        )

    def test_a_reopened_plan_changes_no_visit_that_was_cancelled(self):
        plan = self.plan(self.ann, days=2)
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        gone, planned = plan.visit_ids.sorted("date")
        gone.with_user(self.ann).action_cancel("Closed")
        plan.action_reopen()
        plan.line_ids.write({"partner_id": self.customers[7].id})
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        self.assertEqual(planned.partner_id, self.customers[7])
        self.assertNotEqual(gone.partner_id, self.customers[7])
        self.assertEqual(gone.state, "cancelled")

    def test_a_change_behind_the_back_makes_the_approval_void(self):
        plan = self.plan(self.ann)
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        plan.sudo().line_ids.write({"purpose": "Something else"})
        self.assertEqual(plan.state, "draft")
        self.assertEqual(plan.sudo().approval_id.state, "void")

    def test_at_sec_01_nobody_approves_the_own_plan(self):
        plan = self.plan(self.city)
        plan.action_submit()
        with self.assertRaisesRegex(UserError, "your own"):
            plan.action_approve()
        self.assertEqual(plan.state, "submitted")
        self.assertTrue(plan.cannot_decide_reason)
        plan.with_user(self.east).action_approve()
        self.assertEqual(plan.state, "approved")

    def test_a_plan_without_lines_is_refused(self):
        plan = self.plan(self.ann, days=0, point_ids=[])
        with self.assertRaisesRegex(UserError, "empty"):
            plan.action_submit()
        self.assertEqual(plan.state, "draft")

    def test_a_second_plan_of_the_week_is_refused(self):
        self.plan(self.ann)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            self.plan(self.ann)
            self.env.flush_all()

    def test_a_plan_for_somebody_else_is_refused(self):
        for user in (self.ben, self.city, self.manager):
            with self.assertRaisesRegex(AccessError, "own"):
                self.plan(user, user_id=self.ann.id)

    def test_a_person_without_a_team_is_told_what_to_do(self):
        loner = self.person("loner", "group_salesperson")
        with self.assertRaisesRegex(UserError, "not in a sales team"):
            self.plan(loner)

    def test_a_customer_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        partner = self.env["res.partner"].create(
            {"name": "Theirs", "company_id": other.id}
        )
        plan = self.plan(self.ann)
        with self.assertRaisesRegex(ValidationError, "customer of Other"):
            plan.write(
                {
                    "line_ids": [
                        Command.create({"partner_id": partner.id, "date": "2026-03-04"})
                    ]
                }
            )

    def test_states_cannot_be_written(self):
        plan = self.plan(self.ann)
        for values in (
            {"state": "approved"},
            {"team_id": self.team_west.id},
            {"approval_id": 1},
        ):
            with self.assertRaises(AccessError):
                plan.write(values)
        with self.assertRaises(AccessError):
            self.env["stm.work.plan"].with_user(self.ann).create(
                {"date_from": "2026-03-09", "state": "approved"}
            )
        self.assertEqual(plan.state, "draft")

    def test_a_closed_period_refuses_everything(self):
        plan = self.plan(self.ann)
        period = self.env["stm.period"].create(
            {
                "name": "2026-03",
                "kind": "month",
                "date_from": "2026-03-01",
                "date_to": "2026-03-31",
            }
        )
        period.with_user(self.manager).action_close("work")
        for act in (plan.action_submit, plan.unlink, lambda: plan.write({"note": "x"})):
            with self.assertRaisesRegex(UserError, "closed"):
                act()
        period.with_user(self.manager).action_reopen()
        plan.action_submit()
        self.assertEqual(plan.state, "submitted")

    def test_a_stand_in_decides_from_the_first_to_the_last_day(self):
        plan = self.plan(self.ann)
        plan.action_submit()
        self.env["stm.substitution"].with_user(self.city).create(
            {
                "substitute_id": self.west.id,
                "date_from": "2026-02-27",
                "date_to": "2026-02-28",
            }
        )
        west = plan.with_user(self.west)
        self.assertFalse(west.search([("id", "=", plan.id)]))
        with freeze_time("2026-02-27 02:00:00"):
            self.env.invalidate_all()
            self.assertTrue(west.search([("can_decide", "=", True)]))
            self.assertTrue(west.can_decide)
        with freeze_time("2026-03-01 02:00:00"):
            self.env.invalidate_all()
            self.assertFalse(west.search([("id", "=", plan.id)]))
        with freeze_time("2026-02-28 02:00:00"):
            self.env.invalidate_all()
            west.action_approve()
        line = plan.sudo().approval_id.line_ids
        self.assertEqual((line.user_id, line.acted_by_id), (self.city, self.west))
        self.assertEqual(plan.state, "approved")

    def test_a_new_leader_decides_at_once(self):
        plan = self.plan(self.ann)
        plan.action_submit()
        self.team_city.user_id = self.west
        self.assertTrue(plan.with_user(self.west).can_decide)
        with self.assertRaises(UserError):
            plan.with_user(self.city).sudo(False).action_approve()
        plan.with_user(self.west).action_approve()
        self.assertEqual(plan.state, "approved")

    def test_the_second_of_two_is_told_who_decided(self):
        step = self.env.ref("sales_team_mgmt.route_work_plan_leader")
        step.write(
            {
                "kind": "group",
                "group_id": self.env.ref("sales_team_mgmt.group_leader").id,
            }
        )
        plan = self.plan(self.ann)
        plan.action_submit()
        self.assertTrue(plan.with_user(self.west).can_decide)
        plan.with_user(self.city).action_approve()
        with self.assertRaisesRegex(UserError, "was decided by City on"):
            plan.with_user(self.west).action_return("Too late")
        self.assertEqual(plan.state, "approved")
        self.assertEqual(plan.sudo().approval_id.state, "approved")

    def test_a_stand_in_finds_the_decision_among_the_activities(self):
        self.env["stm.substitution"].with_user(self.city).create(
            {
                "substitute_id": self.west.id,
                "date_from": "2026-02-26",
                "date_to": "2026-02-27",
            }
        )
        plan = self.plan(self.ann)
        plan.action_submit()
        self.assertEqual(plan.activity_ids.user_id, self.city | self.west)
        plan.with_user(self.west).action_approve()
        self.assertFalse(plan.activity_ids)

    # ------------------------------------------------------------
    # What was approved stays what it was
    # ------------------------------------------------------------

    def approved(self, **values):
        plan = self.plan(self.ann, **values)
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        return plan

    def test_what_was_decided_on_is_never_deleted(self):
        plan = self.plan(self.ann)
        plan.action_submit()
        plan.with_user(self.city).action_return("More customers")
        with self.assertRaisesRegex(UserError, "can be deleted"):
            plan.unlink()
        plan.action_submit()
        plan.action_withdraw()
        plan.unlink()
        reopened = self.approved()
        reopened.action_reopen()
        with self.assertRaisesRegex(UserError, "can be deleted"):
            reopened.unlink()
        with self.assertRaisesRegex(UserError, "cancelled with a reason"):
            reopened.visit_ids.with_user(self.ann).unlink()

    def test_an_approved_visit_keeps_its_customer_and_its_week(self):
        visit = self.approved().visit_ids.with_user(self.ann)
        with self.assertRaisesRegex(UserError, "approved with the plan"):
            visit.partner_id = self.customers[20]
        with self.assertRaisesRegex(ValidationError, "belongs to the plan"):
            visit.start_at = "2026-03-09 01:00:00"
        with self.assertRaisesRegex(ValidationError, "belongs to the plan"):
            visit.sudo().calendar_event_id.with_user(self.ann).write(
                {"start": "2026-03-09 01:00:00", "stop": "2026-03-09 02:00:00"}
            )
        visit.start_at = "2026-03-06 01:00:00"
        self.assertEqual(visit.date, date(2026, 3, 6))
        self.assertEqual(visit.partner_id, self.customers[0])

    def test_another_time_zone_does_not_rewrite_visits(self):
        visit = self.visit(self.ann, self.customers[0], "2026-02-25 16:30:00")
        self.assertEqual(visit.date, date(2026, 2, 26))
        self.ann.tz = "America/New_York"
        self.env.flush_all()
        self.assertEqual(visit.date, date(2026, 2, 26))

    def test_nothing_is_moved_into_a_closed_period(self):
        january = self.env["stm.period"].create(
            {
                "name": "2026-01",
                "kind": "month",
                "date_from": "2026-01-01",
                "date_to": "2026-01-31",
            }
        )
        january.with_user(self.manager).action_close("work")
        visit = self.visit(self.ann, self.customers[0], done=False)
        with self.assertRaisesRegex(UserError, "closed"):
            visit.start_at = "2026-01-15 01:00:00"
        report = self.report(self.ann, "2026-02-23")
        with self.assertRaisesRegex(UserError, "closed"):
            report.date_from = "2026-01-12"

    def test_visits_taken_out_with_the_leaders_consent_are_not_missed(self):
        plan = self.approved(days=2)
        plan.action_reopen()
        plan.line_ids.sorted("date")[1].unlink()
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        indicator = self.env.ref("sales_team_mgmt.indicator_visits_planned")
        figures = indicator._measure(
            self.ann, self.company, date(2026, 3, 2), date(2026, 3, 8)
        )
        self.assertEqual(figures[self.ann], (0, 1))

    def test_a_stand_in_appointed_later_finds_what_waits_already(self):
        plan = self.plan(self.ann)
        plan.action_submit()
        self.env["stm.substitution"].with_user(self.city).create(
            {
                "substitute_id": self.west.id,
                "date_from": "2026-02-26",
                "date_to": "2026-02-27",
            }
        )
        self.assertEqual(plan.activity_ids.user_id, self.city | self.west)

    def test_a_stand_in_of_tomorrow_finds_it_tomorrow(self):
        plan = self.plan(self.ann)
        plan.action_submit()
        self.env["stm.substitution"].with_user(self.city).create(
            {
                "substitute_id": self.west.id,
                "date_from": "2026-02-27",
                "date_to": "2026-02-27",
            }
        )
        self.assertEqual(plan.activity_ids.user_id, self.city)
        for _run in range(2):
            with (
                freeze_time("2026-02-27 02:00:00"),
                self.enter_registry_test_mode(),
            ):
                cron = self.env.ref("sales_team_mgmt.ir_cron_stand_ins")
                self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()
        self.assertEqual(
            plan.activity_ids.user_id.sorted("id"), (self.city | self.west).sorted("id")
        )
        self.assertEqual(len(plan.activity_ids), 2)

    def test_an_assistant_does_not_lead(self):
        manager2 = self.person("manager2", "group_department_manager")
        self.team_department.stm_assistant_ids = manager2
        with self.assertRaises(AccessError):
            self.team_department.with_user(manager2).user_id = manager2
        self.assertEqual(self.team_department.user_id, self.manager)
