from datetime import date, datetime

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import StmCase

THURSDAY = "2026-02-26 02:00:00"
TODAY = date(2026, 2, 26)


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestVersions(StmCase):
    """Duties, routes and templates: drafted, released, used, superseded (SYS-05)."""

    def setUp(self):
        super().setUp()
        self.route = self.env.ref("sales_team_mgmt.route_work_plan")
        self.duty = self.env.ref("sales_team_mgmt.duty_weekly_report")
        self.template = self.env.ref("sales_team_mgmt.report_template_weekly")
        self.rules = [
            (self.route, "step_ids"),
            (self.duty, "step_ids"),
            (self.template, "line_ids"),
        ]

    def as_manager(self, record):
        return record.with_user(self.manager)

    def use(self):
        """One document under each of the three rules."""
        self.open_duties("2026-02-26")
        plan = self.plan(self.ann)
        plan.action_submit()
        report = self.report(self.ann)
        return plan, report

    def next_version(self, rule, first=None):
        action = self.as_manager(rule).action_new_version()
        draft = self.env[rule._name].browse(action["res_id"])
        if first:
            self.as_manager(draft).date_from = first
        return draft

    # ------------------------------------------------------------
    # Draft and released
    # ------------------------------------------------------------

    def test_a_draft_is_not_in_force(self):
        for rule, _lines in self.rules:
            draft = self.as_manager(rule).copy()
            self.assertRecordValues(
                draft,
                [
                    {
                        "is_released": False,
                        "version_state": "draft",
                        "is_locked": False,
                        "version": 1,
                        "previous_id": False,
                    }
                ],
            )
            in_force = draft.search([("version_state", "=", "in_force")])
            self.assertIn(rule, in_force)
            self.assertNotIn(draft, in_force)
            draft.write({"name": "Still mine to change"})
            draft.unlink()

    def test_releasing_dates_it_today_or_as_written(self):
        for rule, _lines in self.rules:
            now, later = rule.copy(), rule.copy()
            if rule == self.duty:
                now.code, later.code = "other", "another"
            later.date_from = "2026-03-02"
            self.as_manager(now | later).action_release()
            self.assertEqual(now.date_from, TODAY)
            self.assertEqual(now.version_state, "in_force")
            self.assertEqual(later.date_from, date(2026, 3, 2))
            self.assertEqual(later.version_state, "scheduled")
            with (
                self.assertRaisesRegex(UserError, "released already"),
                self.env.cr.savepoint(),
            ):
                self.as_manager(now).action_release()
            with freeze_time("2026-03-02 02:00:00"):
                self.env.invalidate_all()
                self.assertEqual(later.version_state, "in_force")

    def test_the_search_for_a_validity_agrees_with_what_is_shown(self):
        ended = self.route.copy()
        self.as_manager(ended).action_release()
        ended.date_from, ended.date_to = "2026-01-01", "2026-01-31"
        scheduled = self.route.copy()
        scheduled.date_from = "2026-04-01"
        self.as_manager(scheduled).action_release()
        routes = self.route.search([])
        for state in ("draft", "scheduled", "in_force", "ended"):
            found = routes.search([("version_state", "=", state)])
            self.assertEqual(
                found, routes.filtered(lambda r, state=state: r.version_state == state)
            )
        self.assertEqual(ended.version_state, "ended")
        self.assertEqual(scheduled.version_state, "scheduled")

    def test_nobody_but_the_button_releases(self):
        for rule, _lines in self.rules:
            draft = rule.copy()
            for values in (
                {"is_released": True},
                {"version": 5},
                {"previous_id": rule.id},
            ):
                with self.assertRaises(UserError):
                    self.as_manager(draft).write(values)
                with self.assertRaises(UserError):
                    self.as_manager(rule).create({**rule.copy_data()[0], **values})
            for user in (self.ann, self.city, self.gm, self.finance, self.hr):
                for method in ("action_release", "action_new_version"):
                    with self.assertRaises(AccessError):
                        getattr(draft.with_user(user), method)()
            self.assertRecordValues(
                draft, [{"is_released": False, "version": 1, "previous_id": False}]
            )

    def test_a_rule_without_content_is_not_released(self):
        for rule, lines in self.rules[::2]:
            draft = rule.copy()
            draft[lines].unlink()
            with (
                self.assertRaisesRegex(UserError, "no (steps|items)"),
                self.env.cr.savepoint(),
            ):
                self.as_manager(draft).action_release()
            self.assertFalse(draft.is_released)

    def test_a_version_does_not_end_before_it_begins(self):
        draft = self.route.copy()
        with self.assertRaises(ValidationError):
            draft.write({"date_from": "2026-03-02", "date_to": "2026-03-01"})

    def test_two_duties_of_one_code_are_not_in_force_together(self):
        twin = self.as_manager(self.duty).copy()
        with (
            self.assertRaisesRegex(UserError, "Another version"),
            self.env.cr.savepoint(),
        ):
            twin.action_release()
        self.assertFalse(twin.is_released)
        self.as_manager(self.duty).date_to = "2026-02-25"
        twin.action_release()
        self.assertEqual(twin.version_state, "in_force")

    # ------------------------------------------------------------
    # Used
    # ------------------------------------------------------------

    def test_released_but_not_used_it_may_still_be_corrected(self):
        for rule, lines in self.rules:
            fresh = rule.copy()
            if rule == self.duty:
                fresh.code = "fresh"
            self.as_manager(fresh).action_release()
            self.assertFalse(fresh.is_locked)
            self.as_manager(fresh).write({"name": "Corrected"})
            self.as_manager(fresh[lines][0]).write({"sequence": 99})
            self.assertEqual(fresh.name, "Corrected")

    def test_used_it_is_locked_with_its_lines(self):
        self.use()
        for rule, lines in self.rules:
            self.assertTrue(rule.is_used)
            self.assertTrue(rule.is_locked)
            before = (rule.name, rule[lines].ids, rule[lines].mapped("sequence"))
            line = rule[lines][0]
            acts = [
                lambda r=rule: self.as_manager(r).write({"name": "x"}),
                lambda r=rule: self.as_manager(r).write({"date_from": "2026-01-01"}),
                lambda r=rule: self.as_manager(r).write({"sequence": 1}),
                lambda r=rule: self.as_manager(r).unlink(),
                lambda n=line: self.as_manager(n).write({"sequence": 99}),
                lambda n=line: self.as_manager(n).unlink(),
                lambda n=line: self.as_manager(n).copy(),
            ]
            for act in acts:
                with self.assertRaises(UserError):
                    act()
            self.assertEqual(
                (rule.name, rule[lines].ids, rule[lines].mapped("sequence")), before
            )

    def test_a_line_of_a_draft_is_not_pushed_into_a_used_version(self):
        self.use()
        for rule, lines in self.rules:
            draft = rule.copy()
            field = draft[lines]._stm_version_field
            with (
                self.assertRaisesRegex(UserError, "new version"),
                self.env.cr.savepoint(),
            ):
                self.as_manager(draft[lines][0]).write({field: rule.id})
            self.assertEqual(draft[lines][0][field], draft)

    def test_used_it_can_end_and_be_archived(self):
        plan, _report = self.use()
        self.as_manager(self.route).date_to = "2026-03-31"
        self.as_manager(self.route).action_archive()
        self.assertFalse(self.route.active)
        self.assertEqual(plan.sudo().approval_id.route_id, self.route)
        other = self.plan(self.ben)
        with (
            self.assertRaisesRegex(UserError, "No approval route"),
            self.env.cr.savepoint(),
        ):
            other.action_submit()
        self.assertEqual(other.state, "draft")
        with (
            self.assertRaisesRegex(UserError, "No approval route"),
            self.env.cr.savepoint(),
        ):
            other.with_context(active_test=False).action_submit()

    # ------------------------------------------------------------
    # Superseded
    # ------------------------------------------------------------

    def test_a_new_version_is_a_draft_with_everything_in_it(self):
        self.use()
        for rule, lines in self.rules:
            draft = self.next_version(rule)
            self.assertRecordValues(
                draft,
                [
                    {
                        "name": rule.name,
                        "version": 2,
                        "previous_id": rule.id,
                        "is_released": False,
                        "date_from": False,
                        "date_to": False,
                    }
                ],
            )
            self.assertEqual(len(draft[lines]), len(rule[lines]))
            # Asking twice gives the same draft
            self.assertEqual(self.next_version(rule), draft)

    def test_a_new_version_ends_the_old_one_the_day_before(self):
        self.use()
        for rule, _lines in self.rules:
            draft = self.next_version(rule, "2026-03-09")
            self.as_manager(draft).action_release()
            self.assertEqual(rule.date_to, date(2026, 3, 8))
            self.assertEqual(rule.version_state, "in_force")
            self.assertEqual(draft.version_state, "scheduled")
            with freeze_time("2026-03-09 02:00:00"):
                self.env.invalidate_all()
                self.assertEqual(rule.version_state, "ended")
                self.assertEqual(draft.version_state, "in_force")

    def test_old_documents_keep_the_version_they_were_made_under(self):
        plan, report = self.use()
        item = self.duties(self.ann)[:1]
        new = {}
        for rule, _lines in self.rules:
            draft = self.next_version(rule, "2026-03-09")
            self.as_manager(draft).action_release()
            new[rule] = draft
        with freeze_time("2026-03-10 02:00:00"):
            self.env.invalidate_all()
            later_plan = self.plan(self.ann, "2026-03-16")
            later_plan.action_submit()
            later_report = self.report(self.ann, "2026-03-09")
            self.open_duties("2026-03-10")
            later_item = self.duties(self.ann, period_start="2026-03-09")
        self.assertEqual(plan.sudo().approval_id.route_id, self.route)
        self.assertEqual(later_plan.sudo().approval_id.route_id, new[self.route])
        self.assertEqual(report.template_id, self.template)
        self.assertEqual(later_report.template_id, new[self.template])
        self.assertEqual(item.duty_id, self.duty)
        self.assertEqual(later_item.duty_id, new[self.duty])
        # What was handed in under the old route is decided by the old route
        plan.with_user(self.city).action_approve()
        self.assertEqual(plan.sudo().approval_id.line_ids.step_id, self.route.step_ids)

    def test_a_version_that_begins_on_the_first_day_of_the_old_one_replaces_it(self):
        first = self.next_version(self.route)
        self.as_manager(first).action_release()
        self.plan(self.ben).action_submit()
        second = self.next_version(first)
        self.as_manager(second).action_release()
        plan = self.plan(self.ann)
        plan.action_submit()
        self.assertEqual(plan.sudo().approval_id.route_id, second)

    def test_a_report_of_the_old_week_uses_the_template_of_that_week(self):
        draft = self.next_version(self.template, "2026-03-09")
        self.as_manager(draft).action_release()
        with freeze_time("2026-03-10 02:00:00"):
            self.env.invalidate_all()
            late = self.report(self.ann, "2026-03-02")
        self.assertEqual(late.template_id, self.template)


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestRuleDocument(StmCase):
    """Rules a team writes for itself apply once they are approved (ORG-20, ORG-21)."""

    def rules(self, user=None, **values):
        user = user or self.city
        return (
            self.env["stm.rule.document"]
            .with_user(user)
            .create(
                {
                    "name": "Pay rules of the City",
                    "category": "pay",
                    "body": "<p>Three percent</p>",
                    "scope_team_id": self.team_city.id,
                    **values,
                }
            )
        )

    def approved(self, **values):
        rules = self.rules(**values)
        rules.action_submit()
        rules.with_user(self.east).action_approve("Good", [self.west.id])
        rules.with_user(self.west).action_approve("Agreed")
        rules.with_user(self.gm).action_approve()
        return rules

    def test_at_org_21_each_step_logs_who_what_and_when(self):
        rules = self.rules()
        rules.action_submit()
        self.assertEqual(rules.state, "submitted")
        self.assertEqual(rules.version_state, "draft")
        with freeze_time("2026-02-26 03:00:00"):
            rules.with_user(self.east).action_approve(
                "Ask West and finance", [self.west.id, self.wei.id]
            )
        approval = rules.sudo().approval_id
        self.assertEqual(approval.pending_user_ids, self.west | self.wei)
        # Nobody decides out of turn
        with self.assertRaisesRegex(UserError, "waits for"), self.env.cr.savepoint():
            rules.with_user(self.gm).action_approve("Yes")
        with freeze_time("2026-02-27 04:00:00"):
            rules.with_user(self.wei).action_approve("Clear to me")
        self.assertEqual(rules.state, "submitted")
        with (
            self.assertRaisesRegex(UserError, "waits for West"),
            self.env.cr.savepoint(),
        ):
            rules.with_user(self.gm).action_approve("Yes")
        with freeze_time("2026-02-28 05:00:00"):
            rules.with_user(self.west).action_approve("West does the same")
        with freeze_time("2026-03-02 06:00:00"):
            self.env.invalidate_all()
            rules.with_user(self.gm).action_approve("In force")
        decided = approval.line_ids.filtered("acted_at").sorted("acted_at")
        self.assertEqual(
            [(line.acted_by_id, line.comment, line.acted_at) for line in decided],
            [
                (self.east, "Ask West and finance", datetime(2026, 2, 26, 3)),
                (self.wei, "Clear to me", datetime(2026, 2, 27, 4)),
                (self.west, "West does the same", datetime(2026, 2, 28, 5)),
                (self.gm, "In force", datetime(2026, 3, 2, 6)),
            ],
        )
        self.assertEqual(rules.state, "approved")

    def test_the_examiner_has_to_name_somebody(self):
        rules = self.rules()
        rules.action_submit()
        dialog = rules.with_user(self.east).action_approve()
        self.assertEqual(dialog["res_model"], "stm.decision")
        for people in (
            [],
            [self.city.id],
            [self.east.id],
            [self.west.id, self.city.id],
        ):
            with (
                self.assertRaisesRegex(UserError, "Name the people"),
                self.env.cr.savepoint(),
            ):
                rules.with_user(self.east).action_approve("Good", people)
        self.assertEqual(rules.sudo().approval_id.pending_user_ids, self.east)

    def test_a_countersigner_has_to_say_something(self):
        rules = self.rules()
        rules.action_submit()
        rules.with_user(self.east).action_approve("Good", [self.west.id])
        wizard = (
            self.env["stm.decision"]
            .with_user(self.west)
            .create(
                {
                    "decision": "approve",
                    "model": rules._name,
                    "res_ids": str(rules.id),
                }
            )
        )
        with self.assertRaisesRegex(UserError, "comment"), self.env.cr.savepoint():
            wizard.action_confirm()
        self.assertEqual(rules.sudo().approval_id.pending_user_ids, self.west)

    def test_a_countersigner_can_return_everything(self):
        rules = self.rules()
        rules.action_submit()
        rules.with_user(self.east).action_approve("Good", [self.west.id, self.wei.id])
        rules.with_user(self.wei).action_return("Two percent")
        self.assertEqual(rules.state, "returned")
        self.assertEqual(rules.version_state, "draft")
        self.assertFalse(rules.sudo().approval_id.pending_user_ids)
        with self.assertRaises(UserError):
            rules.with_user(self.west).action_approve("Yes")
        rules.with_user(self.city).write({"body": "<p>Two percent</p>"})
        rules.with_user(self.city).action_submit()
        # The second round starts from the beginning
        self.assertEqual(rules.sudo().approval_id.pending_user_ids, self.east)

    def test_at_org_20_rules_apply_only_after_approval(self):
        rules = self.rules()
        with (
            self.assertRaisesRegex(UserError, "when approved"),
            self.env.cr.savepoint(),
        ):
            rules.action_release()
        rules.action_submit()
        with self.assertRaises(UserError):
            rules.with_user(self.gm).action_release()
        with self.assertRaises(UserError):
            rules.with_user(self.ann).action_acknowledge()
        self.assertFalse(rules.with_user(self.ann).search([("id", "=", rules.id)]))
        rules.with_user(self.east).action_approve("Good", [self.west.id])
        rules.with_user(self.west).action_approve("Agreed")
        self.assertFalse(rules.is_released)
        rules.with_user(self.gm).action_approve()
        self.assertRecordValues(
            rules,
            [{"state": "approved", "version_state": "in_force", "date_from": TODAY}],
        )
        self.assertTrue(rules.with_user(self.ann).search([("id", "=", rules.id)]))

    def test_rules_do_not_apply_to_the_time_before_their_approval(self):
        rules = self.approved(date_from="2026-01-01")
        self.assertEqual(rules.date_from, TODAY)

    def test_rules_of_a_later_day_wait_for_it(self):
        rules = self.approved(date_from="2026-03-02")
        self.assertEqual(rules.version_state, "scheduled")
        with self.assertRaisesRegex(UserError, "not in force"), self.env.cr.savepoint():
            rules.with_user(self.ann).action_acknowledge()
        with freeze_time("2026-03-02 02:00:00"):
            self.env.invalidate_all()
            self.assertTrue(rules.with_user(self.ann).must_acknowledge)

    def test_only_the_people_bound_acknowledge_each_once(self):
        rules = self.approved()
        self.assertEqual(rules.bound_count, 3)
        self.assertTrue(rules.with_user(self.ann).must_acknowledge)
        rules.with_user(self.ann).action_acknowledge()
        rules.with_user(self.ann).action_acknowledge()
        self.env.invalidate_all()
        self.assertFalse(rules.with_user(self.ann).must_acknowledge)
        for user in (self.wei, self.east, self.manager):
            self.assertFalse(rules.with_user(user).must_acknowledge)
            with (
                self.assertRaisesRegex(AccessError, "does not bind you"),
                self.env.cr.savepoint(),
            ):
                rules.with_user(user).action_acknowledge()
        self.assertRecordValues(
            rules.sudo().acknowledgement_ids,
            [{"user_id": self.ann.id, "date": datetime(2026, 2, 26, 2)}],
        )
        self.assertEqual(rules.acknowledgement_count, 1)

    def test_nobody_acknowledges_for_somebody_else(self):
        rules = self.approved()
        values = {"document_id": rules.id, "user_id": self.ben.id}
        for user in (self.ann, self.ben, self.city, self.manager):
            with self.assertRaises(AccessError):
                self.env["stm.acknowledgement"].with_user(user).create(values)
        self.assertFalse(rules.sudo().acknowledgement_ids)

    def test_approved_rules_are_neither_changed_nor_deleted_nor_reopened(self):
        rules = self.approved()
        for user in (self.city, self.east, self.manager, self.gm):
            for act in (
                lambda r: r.write({"body": "<p>Nothing</p>"}),
                lambda r: r.write({"active": False}),
                lambda r: r.write({"date_to": "2026-03-31"}),
                lambda r: r.unlink(),
                lambda r: r.action_reopen(),
                lambda r: r.action_withdraw(),
            ):
                with self.assertRaises(UserError):
                    act(rules.with_user(user))
        self.assertEqual(rules.body, "<p>Three percent</p>")
        self.assertEqual(rules.state, "approved")

    def test_new_rules_supersede_the_old_ones_when_they_are_approved(self):
        old = self.approved()
        old.with_user(self.ann).action_acknowledge()
        with freeze_time("2026-03-10 02:00:00"):
            self.env.invalidate_all()
            action = old.with_user(self.city).action_new_version()
            new = old.browse(action["res_id"])
            self.assertRecordValues(
                new,
                [
                    {
                        "version": 2,
                        "previous_id": old.id,
                        "user_id": self.city.id,
                        "state": "draft",
                        "version_state": "draft",
                    }
                ],
            )
            new.with_user(self.city).write({"body": "<p>Four percent</p>"})
            new.with_user(self.city).action_submit()
            self.assertFalse(old.date_to)
            new.with_user(self.east).action_approve("Good", [self.west.id])
            new.with_user(self.west).action_approve("Agreed")
            new.with_user(self.gm).action_approve()
            self.env.invalidate_all()
            self.assertEqual(old.date_to, date(2026, 3, 9))
            self.assertEqual(old.version_state, "ended")
            self.assertEqual(old.body, "<p>Three percent</p>")
            self.assertEqual(old.sudo().acknowledgement_ids.user_id, self.ann)
            self.assertEqual(new.version_state, "in_force")
            # The new text has to be read again
            self.assertTrue(new.with_user(self.ann).must_acknowledge)
            self.assertFalse(old.with_user(self.ann).must_acknowledge)

    def test_a_superior_does_not_take_over_a_draft_that_was_begun(self):
        old = self.approved()
        action = old.with_user(self.city).action_new_version()
        draft = old.browse(action["res_id"])
        draft.with_user(self.city).write({"body": "<p>Four percent</p>"})
        self.assertEqual(
            old.with_user(self.east).action_new_version()["res_id"], draft.id
        )
        self.assertEqual(draft.user_id, self.city)

    def test_a_superior_who_renews_the_rules_writes_the_draft(self):
        old = self.approved()
        action = old.with_user(self.east).action_new_version()
        draft = old.browse(action["res_id"])
        self.assertEqual(draft.user_id, self.east)
        draft.with_user(self.east).write({"body": "<p>Four percent</p>"})
        with self.assertRaises(UserError):
            draft.with_user(self.city).write({"body": "<p>Ten percent</p>"})

    def test_somebody_who_only_has_to_obey_does_not_renew_the_rules(self):
        old = self.approved()
        for user in (self.ann, self.wei, self.finance):
            with self.assertRaises(AccessError):
                old.with_user(user).action_new_version()
        self.assertEqual(old.search_count([("previous_id", "=", old.id)]), 0)

    def test_a_text_changed_after_a_step_was_approved_is_not_approved_by_it(self):
        """The second approver cannot make the first one stand for another text."""
        rules = self.rules()
        rules.action_submit()
        rules.with_user(self.east).action_approve("Good", [self.west.id])
        with self.assertRaises(UserError):
            rules.with_user(self.west).write({"body": "<p>Ten percent</p>"})
        self.assertEqual(rules.body, "<p>Three percent</p>")

    def test_rules_without_a_text_are_not_submitted(self):
        rules = self.rules(body=False)
        with self.assertRaisesRegex(UserError, "no text"), self.env.cr.savepoint():
            rules.action_submit()
        self.assertEqual(rules.state, "draft")

    def test_the_departments_bound_by_rules_without_a_team_are_everybody(self):
        rules = self.approved(scope_team_id=False)
        self.assertTrue(rules.with_user(self.wei).must_acknowledge)
        self.assertFalse(rules.with_user(self.gm).must_acknowledge)

    def test_only_a_superior_takes_rules_out_of_force(self):
        rules = self.approved()
        for user in (self.city, self.ann, self.west):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                rules.with_user(user).action_end()
        self.assertEqual(rules.version_state, "in_force")
        rules.with_user(self.east).action_end()
        self.assertEqual(rules.date_to, fields.Date.today())
        with freeze_time(fields.Date.add(rules.date_to, days=1)):
            self.env.invalidate_all()
            self.assertEqual(rules.version_state, "ended")
            with self.assertRaises(UserError):
                rules.with_user(self.east).action_end()

    def test_a_countersigner_who_left_does_not_block_the_rules(self):
        rules = self.rules()
        rules.action_submit()
        rules.with_user(self.east).action_approve("Good", [self.west.id])
        with self.assertRaisesRegex(UserError, "decided already"):
            rules.action_withdraw()
        self.west.action_archive()
        rules.action_withdraw()
        self.assertEqual(rules.state, "draft")

    def test_a_version_that_ended_does_not_come_back(self):
        route = self.env.ref("sales_team_mgmt.route_rule_document")
        self.rules().action_submit()
        action = route.with_user(self.manager).action_new_version()
        self.env[route._name].browse(action["res_id"]).with_user(
            self.manager
        ).action_release()
        ended = route.date_to
        self.assertTrue(ended)
        for later in (False, fields.Date.add(ended, days=30)):
            with self.assertRaisesRegex(UserError, "has ended"):
                route.with_user(self.manager).write({"date_to": later})
        self.assertEqual(route.date_to, ended)

    def test_naming_is_asked_only_where_somebody_countersigns(self):
        step = self.env.ref("sales_team_mgmt.route_rule_document_countersign")
        step.unlink()
        rules = self.rules()
        rules.action_submit()
        rules.with_user(self.east).action_approve("Good", [self.west.id])
        approval = rules.sudo().approval_id
        self.assertEqual(approval.pending_user_ids, self.gm)
        rules.with_user(self.gm).action_approve()
        self.assertEqual(rules.state, "approved")
