from odoo.tests import freeze_time, tagged

from .common import StmCase


@tagged("post_install", "-at_install")
class TestWeeklyReportDeadline(StmCase):
    """AT-WPL-01: due Friday 18:00, with a reason until Monday 09:00 (Shanghai)."""

    def setUp(self):
        super().setUp()
        template = self.env.ref("sales_team_mgmt.report_template_weekly")
        template.needs_next_plan = False
        with freeze_time("2026-03-02 00:30:00"):
            self.open_duties()
            self.draft = self.report(self.ann)
        self.item = self.duties(self.ann)

    def submit(self, moment, reason=False):
        with freeze_time(moment):
            if reason:
                self.draft.late_reason = reason
            self.draft.action_submit()
        return self.item.state

    def cron(self, moment):
        with freeze_time(moment), self.enter_registry_test_mode():
            cron = self.env.ref("sales_team_mgmt.ir_cron_duties")
            self.assertIs(cron.method_direct_trigger(), True)
        self.item.invalidate_recordset()
        return self.item.state

    def test_at_wpl_01_friday_before_the_end_of_work_is_on_time(self):
        self.assertEqual(self.submit("2026-03-06 09:59:00"), "on_time")

    def test_at_wpl_01_monday_with_a_reason_is_excused(self):
        state = self.submit("2026-03-09 00:59:00", "Flight cancelled")
        self.assertEqual(state, "excused")

    def test_at_wpl_01_monday_without_a_reason_is_late(self):
        self.assertEqual(self.submit("2026-03-09 00:30:00"), "late")

    def test_at_wpl_01_monday_after_nine_is_late_even_with_a_reason(self):
        self.assertEqual(self.submit("2026-03-09 01:01:00", "Flight cancelled"), "late")

    def test_at_wpl_01_never_is_missing(self):
        self.assertEqual(self.cron("2026-03-09 00:59:00"), "open")
        self.assertEqual(self.cron("2026-03-09 01:01:00"), "missing")

    def test_missing_and_then_handed_in_is_late(self):
        self.cron("2026-03-09 01:01:00")
        self.assertEqual(self.submit("2026-03-10 01:00:00", "Ill"), "late")

    def test_at_the_very_minute_is_on_time_and_a_second_later_is_not(self):
        self.assertEqual(self.submit("2026-03-06 10:00:00"), "on_time")
        with freeze_time("2026-03-06 10:00:01"):
            self.draft.action_withdraw()
            self.assertEqual(self.item.state, "open")
            self.draft.action_submit()
        self.assertEqual(self.item.state, "late")
