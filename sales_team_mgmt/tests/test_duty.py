from datetime import date

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import StmCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 02:00:00")
class TestDuty(StmCase):
    """Who owes what by when, and what happens if it does not come."""

    def cron(self, moment):
        with freeze_time(moment), self.enter_registry_test_mode():
            cron = self.env.ref("sales_team_mgmt.ir_cron_duties")
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------

    def test_every_member_owes_report_and_plan_once(self):
        self.open_duties()
        again = self.open_duties("2026-03-04")
        self.assertFalse(again)
        for user in (self.ann, self.ben, self.wei, self.city, self.east):
            report, plan = self.duties(user), self.duties(user, "weekly_plan")
            self.assertEqual(report.document_start, date(2026, 3, 2))
            self.assertEqual(plan.document_start, date(2026, 3, 9))
            self.assertEqual(plan.due_at, report.due_at)

    def test_who_has_no_superior_or_no_role_owes_nothing(self):
        outsider = self.env["res.users"].create({"name": "Bob", "login": "stm_bob"})
        self.env["crm.team.member"].create(
            {"user_id": outsider.id, "crm_team_id": self.team_city.id}
        )
        self.open_duties()
        for user in (self.gm, self.manager, outsider):
            self.assertFalse(self.duties(user), user.name)
        self.assertTrue(self.duties(self.ann))

    def test_the_deadline_is_in_the_time_zone_of_the_person(self):
        self.ben.tz = "America/New_York"
        self.open_duties()
        # New York is on standard time until Sunday, Monday 09:00 is in summer time
        item = self.duties(self.ben)
        self.assertEqual(fields.Datetime.to_string(item.due_at), "2026-03-06 23:00:00")
        self.assertEqual(
            fields.Datetime.to_string(item.exception_until), "2026-03-09 13:00:00"
        )

    def test_a_holiday_moves_friday_back_and_monday_on(self):
        self.env["stm.day.exception"].create(
            [
                {"name": "Holiday", "date": "2026-03-06"},
                {"name": "Holiday", "date": "2026-03-09"},
            ]
        )
        self.open_duties()
        item = self.duties(self.ann)
        self.assertEqual(fields.Datetime.to_string(item.due_at), "2026-03-05 10:00:00")
        self.assertEqual(
            fields.Datetime.to_string(item.exception_until), "2026-03-10 01:00:00"
        )

    def test_a_public_holiday_of_the_company_counts_too(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Festival",
                "company_id": self.company.id,
                "date_from": "2026-03-05 16:00:00",
                "date_to": "2026-03-06 15:59:59",
                "calendar_id": False,
            }
        )
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self.open_duties()
        item = self.duties(self.ann)
        self.assertEqual(fields.Datetime.to_string(item.due_at), "2026-03-05 10:00:00")

    def test_a_make_up_day_wins_over_the_weekend(self):
        self.env["stm.day.exception"].create(
            [
                {"name": "Holiday", "date": "2026-03-09"},
                {"name": "Holiday", "date": "2026-03-10"},
                {"name": "Make-up", "date": "2026-03-08", "is_workday": True},
            ]
        )
        self.open_duties()
        # The next working day after Monday 9 March is Wednesday; Sunday lies before.
        self.assertEqual(
            fields.Datetime.to_string(self.duties(self.ann).exception_until),
            "2026-03-11 01:00:00",
        )

    def test_the_end_of_work_is_a_setting(self):
        self.company.stm_work_day_end = 17.5
        self.open_duties()
        self.assertEqual(
            fields.Datetime.to_string(self.duties(self.ann).due_at),
            "2026-03-06 09:30:00",
        )

    def test_a_joiner_owes_and_a_leaver_does_not(self):
        self.open_duties()
        zoe = self.person("zoe", "group_salesperson")
        self.join(zoe, self.team_city, first="2026-03-04")
        self.open_duties("2026-03-04")
        self.assertEqual(self.duties(zoe).state, "open")
        self.ben.action_archive()
        self.cron("2026-03-05 02:00:00")
        self.assertFalse(self.duties(self.ben))
        self.assertTrue(self.duties(self.ann))

    def test_who_joins_after_the_deadline_owes_nothing(self):
        zoe = self.person("zoe", "group_salesperson")
        self.join(zoe, self.team_city, first="2026-03-07")
        self.open_duties("2026-03-07")
        self.assertFalse(self.duties(zoe))

    def test_part_timers_owe_only_what_is_made_for_them(self):
        zoe = self.person("zoe", "group_salesperson")
        self.join(zoe, self.team_city, "salesperson_part_time")
        self.open_duties()
        self.assertTrue(self.duties(zoe))
        self.assertFalse(self.duties(zoe, "monthly_report"))
        self.assertTrue(self.duties(self.ann, "monthly_report"))

    def test_what_was_handed_in_before_the_duty_opened_counts(self):
        plan = self.plan(self.ann, "2026-03-23")
        plan.action_submit()
        self.assertFalse(self.duties(self.ann, "weekly_plan"))
        self.cron("2026-03-16 02:00:00")
        item = self.duties(self.ann, "weekly_plan", document_start="2026-03-23")
        self.assertEqual((item.state, item.res_id), ("on_time", plan.id))

    # ------------------------------------------------------------
    # Judging
    # ------------------------------------------------------------

    def test_wpl_17_misses_in_a_row_are_counted(self):
        for monday in ("2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23"):
            self.open_duties(monday)
        with freeze_time("2026-03-12 02:00:00"):
            plan = self.plan(self.ann, "2026-03-16")
            plan.action_submit()
        self.cron("2026-04-10 02:00:00")
        items = self.duties(self.ann, "weekly_plan")[:4]
        self.assertEqual(
            items.mapped("state"), ["missing", "on_time", "missing", "missing"]
        )
        self.assertEqual(items.mapped("consecutive"), [1, 0, 1, 2])
        with freeze_time("2026-04-10 03:00:00"):
            late = self.plan(self.ann, "2026-03-23")
            late.action_submit()
        self.assertEqual(
            self.duties(self.ann, "weekly_plan")[:4].mapped("consecutive"), [1, 0, 0, 1]
        )

    def test_returned_and_corrected_keeps_the_first_moment(self):
        self.open_duties()
        plan = self.plan(self.ann, "2026-03-09")
        plan.action_submit()
        plan.with_user(self.city).action_return("More customers")
        with freeze_time("2026-03-20 02:00:00"):
            plan.action_submit()
        self.assertEqual(self.duties(self.ann, "weekly_plan").state, "on_time")

    def test_only_a_superior_waives_and_says_why(self):
        self.open_duties()
        item = self.duties(self.ann)
        with self.assertRaises(AccessError):
            item.with_user(self.ann).write({"waive_reason": "I was busy"})
        with self.assertRaises(AccessError):
            item.with_user(self.ann).action_waive()
        with self.assertRaisesRegex(UserError, "why"):
            item.with_user(self.city).action_waive()
        item.with_user(self.city).waive_reason = "In hospital"
        item.with_user(self.city).action_waive()
        self.assertEqual((item.state, item.waived_by_id), ("waived", self.city))
        self.cron("2026-03-12 02:00:00")
        self.assertEqual(item.state, "waived")

    # ------------------------------------------------------------
    # Ladder
    # ------------------------------------------------------------

    def test_remind_at_three_and_escalate_after_the_window(self):
        self.cron("2026-03-06 06:59:00")
        item = self.duties(self.ann)
        self.assertFalse(item.activity_ids)
        self.cron("2026-03-06 07:00:00")
        self.assertEqual(item.activity_ids.user_id, self.ann)
        self.cron("2026-03-06 07:30:00")
        self.assertEqual(len(item.activity_ids), 1)
        self.cron("2026-03-09 01:00:01")
        self.assertEqual(item.state, "missing")
        self.assertEqual(item.activity_ids.user_id, self.ann | self.city)

    def test_after_a_pause_only_the_last_rung_is_taken(self):
        self.open_duties()
        self.cron("2026-03-12 02:00:00")
        self.assertEqual(self.duties(self.ann).activity_ids.user_id, self.city)

    def test_handing_in_ends_the_reminders(self):
        self.cron("2026-03-06 07:00:00")
        with freeze_time("2026-03-06 08:00:00"):
            self.plan(self.ann, "2026-03-09").action_submit()
        self.assertFalse(self.duties(self.ann, "weekly_plan").activity_ids)
        self.assertTrue(self.duties(self.ann).activity_ids)

    # ------------------------------------------------------------
    # Decisions are owed too
    # ------------------------------------------------------------

    def test_the_leader_owes_the_decision_within_a_working_day(self):
        with freeze_time("2026-03-06 08:00:00"):
            plan = self.plan(self.ann, "2026-03-09")
            plan.action_submit()
        item = self.duties(self.city, "decide_plan")
        self.assertEqual(fields.Datetime.to_string(item.due_at), "2026-03-09 10:00:00")
        with freeze_time("2026-03-09 10:00:00"):
            plan.with_user(self.city).action_approve()
        self.assertEqual(item.state, "on_time")

    def test_a_late_decision_is_late_and_none_is_missing(self):
        with freeze_time("2026-03-06 08:00:00"):
            plan = self.plan(self.ann, "2026-03-09")
            plan.action_submit()
        item = self.duties(self.city, "decide_plan")
        self.cron("2026-03-09 10:00:01")
        self.assertEqual(item.state, "missing")
        with freeze_time("2026-03-10 02:00:00"):
            plan.with_user(self.city).action_approve()
        self.assertEqual(item.state, "late")

    def test_the_decision_moves_to_the_new_leader(self):
        plan = self.plan(self.ann)
        plan.action_submit()
        self.team_city.user_id = self.west
        self.assertFalse(self.duties(self.city, "decide_plan"))
        self.assertEqual(self.duties(self.west, "decide_plan").state, "open")
        self.assertEqual(plan.activity_ids.user_id, self.west)

    def test_who_is_promoted_no_longer_owes_what_the_old_post_owed(self):
        self.open_duties()
        self.assertTrue(self.duties(self.ann, "monthly_report"))
        member = self.env["crm.team.member"].search([("user_id", "=", self.ann.id)])
        member.stm_post_id = self.env.ref("sales_team_mgmt.post_city_manager")
        self.cron("2026-03-03 02:00:00")
        self.assertFalse(self.duties(self.ann, "monthly_report"))
        self.assertTrue(self.duties(self.ann, "monthly_report_area"))

    def test_a_leader_on_leave_is_not_chased_but_the_stand_in_is(self):
        self.open_duties()
        self.env["stm.substitution"].with_user(self.city).create(
            {
                "substitute_id": self.west.id,
                "date_from": "2026-03-09",
                "date_to": "2026-03-10",
            }
        )
        self.cron("2026-03-09 01:00:01")
        item = self.duties(self.ann)
        self.assertEqual(item.activity_ids.user_id, self.west)

    def test_the_superior_is_told_in_his_own_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.city.lang = "fr_FR"
        duty = self.env.ref("sales_team_mgmt.duty_weekly_report")
        duty.with_context(lang="fr_FR").name = "Rapport de la semaine"
        self.open_duties()
        self.cron("2026-03-09 01:00:01")
        summary = self.duties(self.ann).activity_ids.summary
        self.assertIn("Rapport de la semaine", summary)

    def test_wpl_17_the_second_miss_in_a_row_weighs_double(self):
        for monday in ("2026-03-02", "2026-03-09", "2026-03-16"):
            self.open_duties(monday)
        self.cron("2026-04-10 02:00:00")
        items = self.duties(self.ann)[:3]
        self.assertEqual(items.mapped("deduction_factor"), [1.0, 2.0, 2.0])
        self.company.stm_deduction_factor = 1.5
        self.assertEqual(items.mapped("deduction_factor"), [1.0, 1.5, 1.5])

    # ------------------------------------------------------------
    # Many people
    # ------------------------------------------------------------

    def crowd(self, size):
        """Members of the city team, made by SQL because nothing is tested here."""
        cr = self.env.cr
        cr.execute(
            """
            WITH partners AS (
                INSERT INTO res_partner (name, active, tz, create_date, autopost_bills)
                SELECT 'Crowd ' || n, TRUE, 'Asia/Shanghai', now(), 'ask'
                  FROM generate_series(1, %(size)s) n RETURNING id, name
            ), users AS (
                INSERT INTO res_users (login, partner_id, company_id, active, share,
                                       notification_type)
                SELECT name || random(), id, %(company)s, TRUE, FALSE, 'email'
                  FROM partners RETURNING id
            ), companies AS (
                INSERT INTO res_company_users_rel (cid, user_id)
                SELECT %(company)s, id FROM users
            ), roles AS (
                INSERT INTO res_groups_users_rel (gid, uid)
                SELECT %(group)s, id FROM users
            )
            INSERT INTO crm_team_member (crm_team_id, user_id, active, stm_date_from)
            SELECT %(team)s, id, TRUE, '2025-01-01' FROM users RETURNING user_id
            """,
            {
                "size": size,
                "company": self.company.id,
                "team": self.team_city.id,
                "group": self.env.ref("sales_team_mgmt.group_salesperson").id,
            },
        )
        ids = [row[0] for row in cr.fetchall()]
        self.env.invalidate_all()
        return self.env["res.users"].browse(ids)

    def queries(self, act):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        act()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_queries_do_not_depend_on_the_number_of_people(self):
        Item = self.env["stm.duty.item"]
        now = fields.Datetime.to_datetime("2026-03-20 02:00:00")

        def open_and_judge():
            Item._open_for_day(date(2026, 3, 4))
            Item.search([("state", "=", "open")])._judge(now)

        self.crowd(10)
        open_and_judge()
        Item.search([]).sudo().unlink()
        few = self.queries(open_and_judge)
        self.assertGreaterEqual(Item.search_count([("state", "=", "missing")]), 20)
        Item.search([]).sudo().unlink()
        people = self.crowd(5000)
        many = self.queries(open_and_judge)
        items = Item.search([("user_id", "in", people.ids)])
        self.assertEqual(len(items), 10000)
        self.assertEqual(set(items.mapped("state")), {"missing"})
        # The ORM reads in batches of a thousand records: five times as many of those.
        self.assertLessEqual(many, few + 40, f"{few} queries for 10, {many} for 5,000")
        recorded = self.queries(lambda: Item._record_missing(now, 20000))
        reports = items.filtered(lambda item: item.duty_key == "weekly_report")
        self.assertEqual(len(reports.event_id), 5000)
        # The ORM inserts a hundred rows at a time.
        self.assertLessEqual(recorded, 40 + 3 * 50, f"{recorded} queries for 5,000")

    def test_approvals_are_judged_with_the_same_queries_for_one_and_500(self):
        people = self.crowd(500)
        Plan = self.env["stm.work.plan"]
        plans = Plan.sudo().create(
            [
                {
                    "user_id": user.id,
                    "date_from": "2026-03-09",
                    "company_id": self.company.id,
                    "point_ids": [Command.create({"name": "Something"})],
                }
                for user in people
            ]
        )
        for plan in plans[:3]:
            plan.with_user(plan.user_id).sudo().action_submit()
        self.env["stm.approval"].sudo()._open(
            plans.filtered(lambda plan: plan.state == "draft")
        )
        plans.sudo().write({"state": "submitted"})

        def judge(some):
            return lambda: some.with_user(self.city).mapped("can_decide")

        judge(plans[:1])()
        one = self.queries(judge(plans[:1]))
        many = self.queries(judge(plans))
        self.assertTrue(all(plans.with_user(self.city).mapped("can_decide")))
        self.assertLessEqual(many, one + 2, f"{one} queries for 1, {many} for 500")

    def reports_of(self, people):
        """Draft reports of people, each with everything that must be said."""
        reports = (
            self.env["stm.work.report"]
            .sudo()
            .create(
                [
                    {
                        "user_id": user.id,
                        "company_id": self.company.id,
                        "date_from": "2026-03-02",
                    }
                    for user in people
                ]
            )
        )
        reports.line_ids.filtered("text_required").write({"text": "Fine."})
        return reports

    def test_deciding_takes_the_same_queries_for_few_and_many(self):
        template = self.env.ref("sales_team_mgmt.report_template_weekly")
        template.needs_next_plan = False
        counts = {}
        for size in (5, 50):
            reports = self.reports_of(self.crowd(size))
            reports.action_submit()
            leader = reports.with_user(self.city)
            counts[size] = (
                self.queries(lambda r=leader: r.mapped("can_decide")),
                self.queries(lambda r=leader: r.action_approve("Seen")),
            )
            self.assertEqual(set(reports.mapped("state")), {"approved"})
        for few, many in zip(counts[5], counts[50], strict=True):
            self.assertLessEqual(many, few + 2)
