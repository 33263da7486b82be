from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import StmCase

THURSDAY = "2026-02-26 02:00:00"


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestTooTight(StmCase):
    """Half an hour besides the way (DAY-04)."""

    def day(self, *visits):
        """A plan of one day: (start, hours, longitude)."""
        for customer, (_start, _hours, longitude) in zip(
            self.customers, visits, strict=False
        ):
            customer.write(
                {"partner_latitude": 0.0, "partner_longitude": longitude}
                if longitude
                else {}
            )
        return (
            self.env["stm.work.plan"]
            .with_user(self.ann)
            .create(
                {
                    "date_from": "2026-03-02",
                    "line_ids": [
                        Command.create(
                            {
                                "partner_id": self.customers[number].id,
                                "date": "2026-03-02",
                                "hour": start,
                                "duration": hours,
                            }
                        )
                        for number, (start, hours, _longitude) in enumerate(visits)
                    ],
                }
            )
        )

    def half_an_hour_apart(self):
        """15 km at 30 km an hour, without detours, along the equator."""
        self.company.write({"stm_travel_speed": 30, "stm_travel_detour": 1})
        return 100.0, 100.0 + 15000 / 111195.08

    def test_at_day_02_a_visit_that_ends_at_13_10_warns_and_at_13_00_does_not(self):
        one, other = self.half_an_hour_apart()
        plan = self.day((12.0, 1 + 10 / 60, one), (14.0, 1.0, other))
        first, second = plan.line_ids
        self.assertFalse(first.schedule_warning)
        self.assertIn("13:00", second.schedule_warning)
        self.assertIn("13:10", second.schedule_warning)
        self.assertEqual(plan.warning_count, 1)
        first.duration = 1.0
        self.assertFalse(second.schedule_warning)
        # A minute more is too much
        first.duration = 1 + 1 / 60
        self.assertTrue(second.schedule_warning)

    def test_it_never_blocks(self):
        plan = self.day((9.0, 3.0, 0), (9.0, 3.0, 0))
        self.assertTrue(plan.line_ids[1].schedule_warning)
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        self.assertEqual(len(plan.visit_ids), 2)
        self.assertEqual(
            [bool(visit.schedule_warning) for visit in plan.visit_ids.sorted("id")],
            [False, True],
        )

    def test_between_customers_without_a_position_there_is_only_the_buffer(self):
        plan = self.day((9.0, 1.0, 0), (10.5, 1.0, 0), (11.75, 1.0, 0))
        self.assertEqual(
            [bool(line.schedule_warning) for line in plan.line_ids],
            [False, False, True],
        )

    def test_it_is_shown_while_a_plan_is_written(self):
        plan = self.day((9.0, 1.0, 0), (10.5, 1.0, 0))
        with Form(plan) as form:
            with form.line_ids.edit(0) as line:
                line.duration = 1.25
            self.assertEqual(form.warning_count, 1)
        self.assertIn("10:15", plan.line_ids[1].schedule_warning)

    def test_visits_are_compared_with_all_of_their_day(self):
        first = self.visit(self.ann, self.customers[0], "2026-03-02 01:00:00", False)
        second = self.visit(self.ann, self.customers[1], "2026-03-02 02:15:00", False)
        other = self.visit(self.ben, self.customers[2], "2026-03-02 02:15:00", False)
        next_day = self.visit(self.ann, self.customers[3], "2026-03-03 01:00:00", False)
        visits = first | second | other | next_day
        self.assertEqual(
            [bool(visit.schedule_warning) for visit in visits],
            [False, True, False, False],
        )
        # Alone on its page it says the same
        self.env.invalidate_all()
        self.assertIn("Customer 01", second.schedule_warning)
        first.action_cancel("Closed")
        self.env.invalidate_all()
        self.assertFalse(second.schedule_warning)

    def test_midnight_is_midnight_where_the_person_lives(self):
        self.ann.tz = "America/New_York"
        late = self.visit(self.ann, self.customers[0], "2026-03-03 04:00:00", False)
        early = self.visit(self.ann, self.customers[1], "2026-03-03 05:10:00", False)
        self.assertEqual((late.date.day, early.date.day), (2, 3))
        self.assertFalse(early.schedule_warning)

    def test_the_time_zone_is_that_of_the_contact(self):
        ann = self.ann.with_user(self.ann)
        for zone in ("America/New_York", "Asia/Tokyo"):
            self.ann.partner_id.tz = zone
            self.assertEqual(ann._stm_tz(), zone)
            self.assertEqual(self.ann._stm_tz(), zone)
        self.assertEqual(self.env["res.users"]._stm_tz(), "UTC")

    def test_settings_have_a_least(self):
        least = {
            "stm_visits_per_week": 1,
            "stm_customers_per_week": 1,
            "stm_calls_per_day": 1,
            "stm_travel_speed": 1,
            "stm_travel_detour": 1,
            "stm_unseen_months": 1,
            "stm_check_in_radius": 1,
            "stm_position_accuracy": 1,
            "stm_position_age": 1,
            "stm_position_days": 1,
            "stm_photo_days": 1,
            "stm_profile_days": 1,
            "stm_possible_speed": 1,
            "stm_visit_longest": 1,
            "stm_empty_days": 1,
            "stm_visit_buffer": 0,
            "stm_clock_tolerance": 0,
            "stm_check_in_gap": 0,
        }
        for name, minimum in least.items():
            with self.subTest(setting=name):
                self.company[name] = minimum
                label = self.company._fields[name].string
                with self.assertRaises(ValidationError) as refused:
                    self.company[name] = minimum - 1
                self.assertEqual(
                    str(refused.exception), f"“{label}” is at least {minimum}."
                )
        for number in (float("nan"), float("inf")):
            with self.subTest(number=number), self.assertRaises(ValidationError):
                self.company.stm_travel_speed = number

    def test_the_number_of_queries_does_not_depend_on_the_visits(self):
        for day in range(2, 7):
            for hour in range(1, 5):
                self.visit(
                    self.ann,
                    self.customers[hour],
                    f"2026-03-0{day} 0{hour}:00:00",
                    done=False,
                )
        visits = self.env["stm.visit"].search([("user_id", "=", self.ann.id)])
        counts = []
        for some in (visits[:2], visits[2:20]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("schedule_warning")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])


@tagged("post_install", "-at_install")
class TestCarryOver(StmCase):
    """A missed visit is made later and stays missed in its plan (DAY-04, DAY-12)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time(THURSDAY):
            cls.week = cls()._five_on_monday()

    def _five_on_monday(self):
        plan = (
            self.env["stm.work.plan"]
            .with_user(self.ann)
            .create(
                {
                    "date_from": "2026-03-02",
                    "line_ids": [
                        Command.create(
                            {
                                "partner_id": customer.id,
                                "date": "2026-03-02",
                                "hour": 9.0 + number,
                                "purpose": "Samples",
                            }
                        )
                        for number, customer in enumerate(self.customers[:5])
                    ],
                }
            )
        )
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        return plan

    def setUp(self):
        super().setUp()
        self.visits = self.week.visit_ids.with_user(self.ann).sorted("start_at")

    def test_at_day_04_four_of_five_done_and_one_carried_over_are_80_percent(self):
        with freeze_time("2026-03-02 09:30:00"):
            for visit in self.visits[:4]:
                visit.write({"content": "x", "result": "x", "problem": "none"})
                visit.action_done()
            self.visits[4].action_carry_over("2026-03-03")
        carried = self.visits[4].carried_to_ids
        self.assertEqual(carried.date, date(2026, 3, 3))
        self.assertEqual(self.share("visits_planned"), (4, 5))
        self.assertEqual(self.share("plan_completion"), (4, 5))
        # Making it later does not mend the day on which it was missed
        with freeze_time("2026-03-03 09:30:00"):
            carried.write({"content": "x", "result": "x", "problem": "none"})
            carried.action_done()
        self.assertEqual(self.share("visits_planned"), (4, 5))
        self.assertEqual(self.share("plan_completion"), (4, 5))

    def share(self, source):
        """(done, of) of a person in the week, by the facts of an indicator."""
        self.env.flush_all()
        query = getattr(self.env["stm.indicator"], f"_facts_{source}")(
            self.company, date(2026, 3, 2), date(2026, 3, 8)
        )
        rows = [row for row in self.env.execute_query(query) if row[1] == self.ann.id]
        return sum(row[3] for row in rows), sum(row[4] for row in rows)

    @freeze_time("2026-03-02 09:30:00")
    def test_the_new_visit_is_the_old_one_on_another_day(self):
        old = self.visits[4]
        action = old.action_carry_over("2026-03-05")
        new = self.env["stm.visit"].search(action["domain"])
        self.assertRecordValues(
            new,
            [
                {
                    "partner_id": old.partner_id.id,
                    "purpose": "Samples",
                    "user_id": self.ann.id,
                    "company_id": self.company.id,
                    "team_id": self.team_city.id,
                    "state": "planned",
                    "date": date(2026, 3, 5),
                    "duration": 1.0,
                    "plan_id": False,
                    "plan_line_id": False,
                    "carried_from_id": old.id,
                }
            ],
        )
        # 13:00 in Shanghai, as before
        self.assertEqual(str(new.start_at), "2026-03-05 05:00:00")
        self.assertEqual(old.state, "cancelled")
        self.assertIn("Carried over", old.cancel_reason)
        self.assertFalse(old.sudo().calendar_event_id)
        self.assertEqual(new.sudo().calendar_event_id.start, new.start_at)

    @freeze_time("2026-03-02 09:30:00")
    def test_only_to_a_later_day_that_is_not_over(self):
        visit = self.visits[4]
        for day in ("2026-03-02", "2026-03-01", "2026-02-27", "yesterday", 5):
            with self.subTest(day=day), self.assertRaises(UserError):
                visit.action_carry_over(day)
        self.assertEqual(visit.state, "planned")
        self.assertFalse(visit.carried_to_ids)
        with freeze_time("2026-03-09 09:30:00"), self.assertRaises(UserError):
            visit.action_carry_over("2026-03-04")

    @freeze_time("2026-03-02 09:30:00")
    def test_only_a_planned_visit_and_only_once(self):
        visit = self.visits[4]
        visit.action_carry_over("2026-03-05")
        with self.assertRaises(UserError):
            visit.action_carry_over("2026-03-06")
        self.assertEqual(len(visit.carried_to_ids), 1)
        started = self.visits[3]
        started.sudo().state = "started"
        with self.assertRaises(UserError):
            started.action_carry_over("2026-03-05")
        done = self.visits[2]
        done.write({"content": "x", "result": "x", "problem": "none"})
        done.action_done()
        with self.assertRaises(UserError):
            done.action_carry_over("2026-03-05")

    @freeze_time("2026-03-02 09:30:00")
    def test_only_its_person_carries_a_visit_over(self):
        for user in (self.ben, self.city, self.manager, self.gm, self.hr):
            with (
                self.subTest(user=user.login),
                self.assertRaises(AccessError),
                mute_logger(
                    "odoo.addons.base.models.ir_rule",
                    "odoo.addons.base.models.ir_model",
                ),
            ):
                self.visits[4].with_user(user).action_carry_over("2026-03-05")
        self.assertEqual(self.visits[4].state, "planned")
        with self.assertRaises(AccessError):
            self.visits[4].carried_from_id = self.visits[3]

    @freeze_time("2026-03-02 09:30:00")
    def test_a_closed_month_keeps_its_visits(self):
        month = self.env["stm.period"].create(
            {"name": "2026-04", "date_from": "2026-04-01", "date_to": "2026-04-30"}
        )
        month.action_close("work")
        with self.assertRaises(UserError):
            self.visits[4].action_carry_over("2026-04-02")

    @freeze_time("2026-03-02 09:30:00")
    def test_without_a_day_it_asks_for_the_next_working_day(self):
        action = self.visits[4].action_carry_over()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.ann)
            .with_context(**action["context"])
        )
        self.assertEqual(str(wizard.date), "2026-03-03")
        wizard.save().action_confirm()
        self.assertEqual(self.visits[4].carried_to_ids.date, date(2026, 3, 3))

    @freeze_time(THURSDAY)
    def test_key_customers_are_part_of_what_is_approved(self):
        plan = self.plan(self.ann, "2026-03-09")
        plan.action_submit()
        before = plan.sudo().approval_id.fingerprint
        plan.with_user(self.city).line_ids.is_key = True
        self.assertNotEqual(plan.sudo().approval_id.fingerprint, before)
        plan.with_user(self.city).action_approve()
        plan.sudo().line_ids.is_key = False
        self.assertEqual(plan.state, "draft")
