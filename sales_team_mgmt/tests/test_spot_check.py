from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import StmCase

APRIL = "2026-04-02 02:00:00"


@tagged("post_install", "-at_install")
@freeze_time(APRIL)
class TestSpotCheck(StmCase):
    """Visits of March are drawn, checked, and count or do not (VIS-08)."""

    def visits(self, user, count):
        """Finished visits of March, three a day."""
        visits = self.env["stm.visit"].with_user(user)
        visits = visits.create(
            [
                {
                    "partner_id": self.customers[number % 25].id,
                    "start_at": f"2026-03-{2 + number // 3:02} 0{number % 3}:00:00",
                    "content": "Samples",
                    "result": "Will order",
                    "problem": "none",
                }
                for number in range(count)
            ]
        )
        visits.action_done()
        return visits

    def draw(self, user, **values):
        wizard = self.env["stm.spot.check.draw"].with_user(user)
        action = wizard.create(values).action_draw()
        return self.env["stm.spot.check"].with_user(user).search(action["domain"])

    def found(self, checks, result, **values):
        checks.write({"asked": "Ms. Wang", "finding": "Asked", **values})
        checks.result = result
        checks.action_check()

    def figure(self, source, user):
        indicator = self.env.ref(f"sales_team_mgmt.indicator_{source}")
        figures = indicator._measure(user, self.company, "2026-03-01", "2026-03-31")
        return figures[user]

    def events(self, user):
        kind = self.env.ref("sales_team_mgmt.event_type_false_visit")
        return self.env["stm.event"].search(
            [("user_id", "=", user.id), ("type_id", "=", kind.id)]
        )

    # ------------------------------------------------------------
    # The worked example
    # ------------------------------------------------------------

    def test_at_vis_02_sixty_visits_six_checks_one_false(self):
        visits = self.visits(self.ann, 60)
        checks = self.draw(self.city)
        self.assertEqual(len(checks), 6)
        self.assertLessEqual(checks.visit_id, visits)
        self.assertEqual(len(checks.visit_id), 6)
        self.found(checks[1:], "true")
        self.found(checks[0], "false", finding="The outlet has not seen her in March")
        self.assertEqual(set(checks.mapped("state")), {"checked"})
        self.assertEqual(set(checks.mapped("checked_by_id")), {self.city})
        confirmed, checked = self.figure("visit_authenticity", self.ann)
        self.assertEqual((confirmed, checked), (5, 6))
        self.assertEqual(f"{100 * confirmed / checked:.1f}", "83.3")
        counted = self.env["stm.visit"].search_count(
            [("user_id", "=", self.ann.id), ("is_counted", "=", True)]
        )
        self.assertEqual(counted, 59)
        event = self.events(self.ann)
        self.assertEqual(event.state, "proposed")
        self.assertEqual(event.date, checks[0].date)
        self.assertEqual((event.model, event.res_id), (checks._name, checks[0].id))
        self.assertIn("has not seen her", event.note)

    def test_at_vis_02_a_result_that_was_wrong_is_taken_back(self):
        self.visits(self.ann, 10)
        check = self.draw(self.city)
        self.found(check, "false")
        self.events(self.ann).with_user(self.city).action_confirm()
        self.assertFalse(check.visit_id.is_counted)
        self.assertEqual(check.action_reopen()["res_model"], "stm.spot.check.reopen")
        self.assertEqual(check.state, "checked")
        check.action_reopen("The customer called back")
        self.assertEqual((check.state, check.result), ("to_check", False))
        self.assertEqual(check.reopen_reason, "The customer called back")
        self.assertTrue(check.visit_id.is_counted)
        self.assertEqual(self.events(self.ann).state, "dismissed")
        self.assertEqual(tuple(self.figure("visit_authenticity", self.ann)), (0, 0))
        self.found(check, "true")
        self.assertTrue(check.visit_id.is_counted)
        self.assertEqual(self.events(self.ann).state, "dismissed")
        # And false after all: the same event once more, to be decided again.
        check.action_reopen("Somebody else answered the phone")
        self.found(check, "false")
        self.assertEqual(self.events(self.ann).state, "proposed")

    def test_an_ineffective_visit_counts_and_is_not_confirmed(self):
        self.visits(self.ann, 20)
        checks = self.draw(self.city)
        self.found(checks[0], "ineffective", finding="Left a leaflet at the door")
        self.found(checks[1], "true")
        self.assertTrue(all(checks.visit_id.mapped("is_counted")))
        self.assertFalse(self.events(self.ann))
        self.assertEqual(tuple(self.figure("visit_authenticity", self.ann)), (1, 2))

    def test_a_result_says_what_was_found_and_who_was_asked(self):
        self.visits(self.ann, 10)
        check = self.draw(self.city)
        for values, message in (
            ({}, "Choose the result"),
            ({"result": "false"}, "who was asked"),
            ({"result": "false", "asked": "Ms. Wang"}, "what you found"),
            ({"result": "false", "method": "photo"}, "what you found"),
        ):
            with self.subTest(values), self.assertRaisesRegex(UserError, message):
                check.write({"result": False, "asked": False, "method": "phone"})
                check.write(values)
                check.action_check()
        self.assertEqual(check.state, "to_check")
        self.assertTrue(check.visit_id.is_counted)
        check.write({"result": "true", "method": "position"})
        check.action_check()

    # ------------------------------------------------------------
    # Who checks
    # ------------------------------------------------------------

    def test_nobody_checks_the_own_visits(self):
        self.visits(self.city, 10)
        self.visits(self.ann, 10)
        checks = self.draw(self.city, share=100)
        self.assertEqual(checks.user_id, self.ann)
        own = self.draw(self.east, user_ids=[Command.set(self.city.ids)], share=100)
        self.assertFalse(own.with_user(self.city).search([("id", "in", own.ids)]))
        with self.assertRaisesRegex(UserError, "cannot check the own"):
            own.sudo().checker_id = self.city
        own.invalidate_recordset()
        with self.assertRaises(UserError):
            own[0].with_user(self.city).action_check()
        self.assertEqual(own[0].state, "to_check")

    def test_the_person_reads_a_check_when_it_is_made(self):
        self.visits(self.ann, 10)
        check = self.draw(self.city)
        mine = check.with_user(self.ann)
        with self.assertRaises(AccessError):
            mine.read(["method"])
        self.found(check, "true")
        self.env.invalidate_all()
        self.assertEqual(mine.result, "true")
        with self.assertRaises(UserError):
            mine.finding = "All is well"
        with self.assertRaises(UserError):
            mine.action_reopen("Please")

    def test_nobody_is_told_that_one_will_be_checked(self):
        self.visits(self.ann, 10)
        wizard = self.env["stm.spot.check.draw"].with_user(self.city)
        wizard = wizard.with_context(tracking_disable=False, mail_create_nolog=False)
        wizard.create({}).action_draw()
        check = self.env["stm.spot.check"].search([])
        self.assertEqual(check.user_id, self.ann)
        self.assertFalse(check.message_follower_ids)
        told = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.ann.partner_id.id)]
        )
        self.assertNotIn(check._name, told.mail_message_id.mapped("model"))
        # A search does not tell either
        for domain in (
            [("spot_check_ids", "!=", False)],
            [("spot_check_ids.state", "=", "to_check")],
        ):
            with self.assertRaises(AccessError):
                self.env["stm.visit"].with_user(self.ann).search(domain)

    def test_a_dedicated_person_checks_without_seeing_the_visit(self):
        self.visits(self.ann, 10)
        check = self.draw(self.city, checker_id=self.wei.id)
        self.env.invalidate_all()
        theirs = check.with_user(self.wei)
        self.assertTrue(theirs.can_check)
        self.assertEqual(theirs.visit_content, "Samples")
        self.assertIn(check, theirs.search([("can_check", "=", True)]))
        with self.assertRaises(AccessError):
            theirs.visit_id.read(["content"])
        with self.assertRaises(AccessError):
            theirs.date_due = "2026-05-01"
        with self.assertRaises(AccessError):
            theirs.checker_id = self.ben
        with self.assertRaises(AccessError):
            check.with_user(self.ben).read(["method"])
        self.found(theirs, "true")
        self.assertEqual(check.checked_by_id, self.wei)
        with self.assertRaises(UserError):
            theirs.action_reopen("Not sure")
        # The leader decides on what the other one found.
        check.action_reopen("Ask once more")

    def test_who_leads_the_person_today_checks(self):
        """The leader changes between the visit and the check."""
        self.visits(self.ann, 10)
        check = self.draw(self.city)
        self.assertIn(check, check.search([("can_check", "=", True)]))
        activity = self.env["mail.activity"].search([("user_id", "=", self.city.id)])
        self.assertEqual(activity.res_id, check.id)
        self.team_city.user_id = self.west
        self.env.invalidate_all()
        with self.assertRaises(UserError):
            check.result = "true"
        with self.assertRaises(UserError):
            check.action_check()
        new = check.with_user(self.west)
        self.assertTrue(new.can_check)
        self.found(new, "true")
        self.assertEqual(check.sudo().checked_by_id, self.west)

    def test_open_checks_move_with_the_person(self):
        self.visits(self.ann, 10)
        check = self.draw(self.city)
        transfer = self.env["stm.transfer"].with_user(self.manager)
        transfer.create(
            {"user_id": self.ann.id, "team_id": self.team_west.id}
        ).action_transfer()
        self.env.invalidate_all()
        self.assertEqual(check.sudo().team_id, self.team_west)
        self.assertFalse(check.can_check)
        self.assertTrue(check.with_user(self.west).can_check)
        told = self.env["mail.activity"].search(
            [("res_model", "=", check._name), ("res_id", "=", check.id)]
        )
        self.assertEqual(told.user_id, self.west)

    def test_two_people_record_at_the_same_moment(self):
        self.visits(self.ann, 10)
        check = self.draw(self.city)
        self.found(check.with_user(self.east), "false")
        with self.assertRaisesRegex(UserError, "checked already"):
            check.action_check()
        with self.assertRaises(UserError):
            check.result = "true"
        self.assertEqual(len(self.events(self.ann)), 1)

    # ------------------------------------------------------------
    # Drawing
    # ------------------------------------------------------------

    def test_what_was_drawn_counts_toward_the_share(self):
        self.visits(self.ann, 60)
        self.assertEqual(len(self.draw(self.city)), 6)
        with self.assertRaisesRegex(UserError, "Nothing is left"):
            self.draw(self.city)
        more = self.draw(self.city, share=20)
        self.assertEqual(len(more), 6)
        self.assertEqual(self.env["stm.spot.check"].search_count([]), 12)

    def test_false_visits_are_drawn_no_more_but_stay_in_the_share(self):
        self.visits(self.ann, 10)
        check = self.draw(self.city)
        self.found(check, "false")
        with self.assertRaisesRegex(UserError, "Nothing is left"):
            self.draw(self.city)

    def test_a_number_from_each_person(self):
        self.visits(self.ann, 6)
        self.visits(self.ben, 2)
        checks = self.draw(self.city, amount_kind="number", number=3, each=True)
        by_person = checks.grouped("user_id")
        self.assertEqual(len(by_person[self.ann]), 3)
        self.assertEqual(len(by_person[self.ben]), 2)

    def test_the_wizard_says_beforehand_what_it_will_draw(self):
        self.visits(self.ann, 60)
        wizard = self.env["stm.spot.check.draw"].with_user(self.city).create({})
        self.assertEqual(str(wizard.date_from), "2026-03-01")
        self.assertEqual(str(wizard.date_to), "2026-03-31")
        self.assertEqual((wizard.available, wizard.drawn, wizard.size), (60, 0, 6))
        wizard.share = 0
        self.assertEqual(wizard.size, 0)
        with self.assertRaisesRegex(UserError, "share to draw"):
            wizard.action_draw()

    def test_only_leaders_draw_and_only_among_their_people(self):
        self.visits(self.ann, 10)
        self.visits(self.wei, 10)
        with self.assertRaises(AccessError):
            self.draw(self.ben)
        with self.assertRaisesRegex(AccessError, "do not lead"):
            self.draw(self.city, user_ids=[Command.set(self.wei.ids)])
        checks = self.draw(self.city, share=100)
        self.assertEqual(checks.user_id, self.ann)
        everybody = self.draw(self.gm, share=100, checker_id=self.hr.id)
        self.assertEqual(everybody.user_id, self.wei)

    def test_nothing_is_said_about_a_company_one_does_not_work_in(self):
        self.visits(self.ann, 10)
        other = self.env["res.company"].create({"name": "Sister"})
        boss = self.person(
            "boss",
            "group_department_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        wizard = self.env["stm.spot.check.draw"].with_user(boss)
        wizard = wizard.with_context(allowed_company_ids=other.ids)
        wizard = wizard.create({"company_id": self.company.id, "share": 100})
        self.assertFalse(wizard.available or wizard.drawn or wizard.size)
        with self.assertRaises(AccessError):
            wizard.action_draw()

    def test_visits_that_are_not_finished_are_not_drawn(self):
        self.visit(self.ann, self.customers[0], "2026-03-05 02:00:00", done=False)
        with self.assertRaisesRegex(UserError, "Nothing is left"):
            self.draw(self.city, share=100)

    def test_the_cron_draws_everybodys_share_once(self):
        self.visits(self.ann, 60)
        self.visits(self.wei, 4)
        Check = self.env["stm.spot.check"]
        Check._draw_share_of(
            self.ann | self.wei, self.company, "2026-03-01", "2026-03-31"
        )
        self.assertEqual(Check.search_count([("user_id", "=", self.ann.id)]), 6)
        self.assertEqual(Check.search_count([("user_id", "=", self.wei.id)]), 1)
        again = Check._draw_share_of(
            self.ann | self.wei, self.company, "2026-03-01", "2026-03-31"
        )
        self.assertFalse(again)
        self.assertEqual(Check.search_count([]), 7)

    def test_the_cron_runs_by_the_rhythm_of_the_company(self):
        self.visits(self.ann, 60)
        cron = self.env.ref("sales_team_mgmt.ir_cron_spot_checks")
        self.company.stm_check_draw = "none"
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
            self.assertFalse(self.env["stm.spot.check"].search_count([]))
            self.company.stm_check_draw = "monthly"
            cron.method_direct_trigger()
            self.assertEqual(self.env["stm.spot.check"].search_count([]), 6)
            cron.method_direct_trigger()
            self.assertEqual(self.env["stm.spot.check"].search_count([]), 6)

    def test_spans_of_the_cron(self):
        span = self.env["stm.spot.check"]._last_span
        self.assertEqual(
            span("monthly", date(2026, 3, 1)), (date(2026, 2, 1), date(2026, 2, 28))
        )
        self.assertEqual(
            span("weekly", date(2026, 3, 8)), (date(2026, 2, 23), date(2026, 3, 1))
        )

    def test_one_activity_a_leader_however_many_checks(self):
        self.visits(self.ann, 60)
        checks = self.draw(self.city, share=50)
        activities = self.env["mail.activity"].search(
            [("res_model", "=", checks._name), ("user_id", "=", self.city.id)]
        )
        self.assertEqual(len(activities), 1)
        first = checks.filtered(lambda check: check.id == activities.res_id)
        self.found(first, "true")
        self.assertTrue(activities.exists())
        self.assertIn(activities.res_id, (checks - first).ids)
        self.found(checks - first, "true")
        self.assertFalse(activities.exists())

    def test_drawing_takes_as_many_queries_for_many_visits_as_for_few(self):
        visits = self.visits(self.ann, 60)
        checks = self.env["stm.spot.check"]

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            checks._draw_visits(some)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        # Teams are looked up day by day: ten days here and there.
        count(visits[30:33])
        few, many = count(visits[:30:3]), count(visits[1:30:3] | visits[2:30:3])
        self.assertLessEqual(many, few + 2)
        self.assertLessEqual(many, 35)

    # ------------------------------------------------------------
    # Closed periods, other companies
    # ------------------------------------------------------------

    def close(self, area):
        period = self.env["stm.period"].search([("name", "=", "2026-03")], limit=1)
        period = period or self.env["stm.period"].create(
            [
                {
                    "name": f"2026-{month}",
                    "date_from": f"2026-{month}-01",
                    "date_to": end,
                }
                for month, end in (("03", "2026-03-31"), ("04", "2026-04-30"))
            ]
        )
        period[0].with_user(self.manager).action_close(area)

    def test_a_closed_month_is_neither_drawn_nor_changed(self):
        self.visits(self.ann, 20)
        checks = self.draw(self.city)
        self.found(checks[0], "false")
        self.close("work")
        with self.assertRaisesRegex(UserError, "Nothing is left"):
            self.draw(self.city, share=100)
        checks[1].invalidate_recordset()
        with self.assertRaisesRegex(UserError, "closed"):
            checks[1].result = "false"
        with self.assertRaisesRegex(UserError, "closed"):
            checks[0].action_reopen("Wrong")
        self.assertEqual(checks[0].state, "checked")
        self.assertFalse(checks[0].visit_id.is_counted)

    def test_frozen_figures_stay_and_corrections_follow(self):
        self.visits(self.ann, 20)
        checks = self.draw(self.city)
        self.found(checks, "true")
        self.close("targets")
        indicator = self.env.ref("sales_team_mgmt.indicator_visit_authenticity")
        march = self.env["stm.period"].search([("name", "=", "2026-03")])
        measure = self.env["stm.measure"].search(
            [
                ("period_id", "=", march.id),
                ("indicator_id", "=", indicator.id),
                ("user_id", "=", self.ann.id),
            ]
        )
        self.assertEqual((measure.numerator, measure.denominator), (2, 2))
        checks[0].action_reopen("The customer called back")
        self.found(checks[0], "false")
        self.env["stm.measure"]._refresh(march, indicator)
        self.assertEqual((measure.numerator, measure.denominator), (2, 2))
        self.assertEqual(measure.correction_ids.mapped("numerator"), [-1])

    def test_a_checker_works_in_the_company(self):
        sister = self.env["res.company"].create({"name": "Sister"})
        only = {"company_id": sister.id, "company_ids": [Command.set(sister.ids)]}
        foreign = self.person("foreign", "group_leader", **only)
        self.visits(self.ann, 10)
        refused = self.assertRaisesRegex(ValidationError, "does not work in")
        with refused, self.env.cr.savepoint():
            self.draw(self.city, checker_id=foreign.id)
        check = self.draw(self.city)
        with self.assertRaises(AccessError):
            check.with_user(foreign).read(["method"])

    # ------------------------------------------------------------
    # Attendance
    # ------------------------------------------------------------

    def test_at_att_05_the_leader_asks_about_attendance(self):
        Check = self.env["stm.spot.check"].with_user(self.city)
        check = Check.create(
            {
                "user_id": self.ann.id,
                "date": "2026-04-02",
                "partner_id": self.customers[0].id,
                "asked": "Head of the outlet",
                "finding": "Was there all day",
                "result": "true",
            }
        )
        self.assertEqual(check.kind, "attendance")
        check.action_check()
        self.assertEqual(check.state, "checked")
        self.assertEqual(tuple(self.figure("visit_authenticity", self.ann)), (0, 0))
        for user, person in ((self.city, self.wei), (self.city, self.city)):
            with self.subTest(person.login), self.assertRaises(AccessError):
                Check.with_user(user).create({"user_id": person.id})
        with self.assertRaises(AccessError):
            Check.with_user(self.ben).create({"user_id": self.ann.id})
        with self.assertRaisesRegex(UserError, "not come yet"):
            Check.create({"user_id": self.ann.id, "date": "2026-04-09"})
        with self.assertRaises(AccessError):
            Check.create(
                {
                    "user_id": self.ann.id,
                    "kind": "visit",
                    "visit_id": self.visits(self.ann, 1).id,
                }
            )

    def test_a_visit_is_checked_from_its_form_without_a_draw(self):
        visit = self.visits(self.ann, 1)
        self.assertTrue(visit.with_user(self.city).can_be_checked)
        self.assertFalse(visit.can_be_checked)
        with self.assertRaises(AccessError):
            visit.action_spot_check()
        with self.assertRaises(AccessError):
            visit.with_user(self.west).action_spot_check()
        action = visit.with_user(self.city).action_spot_check()
        check = self.env["stm.spot.check"].browse(action["res_id"])
        self.assertEqual(check.visit_id, visit)
        again = visit.with_user(self.city).action_spot_check()
        self.assertEqual(again["res_id"], check.id)
        with self.assertRaisesRegex(UserError, "kept as a record"):
            check.with_user(self.city).unlink()
