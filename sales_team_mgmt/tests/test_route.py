from datetime import date

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import StmCase

THURSDAY = "2026-02-26 02:00:00"


class RouteCase(StmCase):
    """Routes and plans that are proposed from them."""

    def route(self, user=None, stops=8, days=("monday", "thursday"), **values):
        """A route with the first customers as stops, half an hour each."""
        user = user or self.ann
        wanted = dict.fromkeys(
            ("monday", "tuesday", "wednesday", "thursday", "friday"), False
        )
        wanted.update(dict.fromkeys(days, True))
        return (
            self.env["stm.route"]
            .with_user(user)
            .create(
                {
                    "name": "North",
                    "date_from": "2026-01-05",
                    "cycle_start": "2026-01-05",
                    "line_ids": [
                        Command.create({"partner_id": customer.id})
                        for customer in self.customers[:stops]
                    ],
                    **wanted,
                    **values,
                }
            )
        )

    def propose(self, users=None, mondays=(date(2026, 3, 2),), company=None):
        return self.env["stm.work.plan"]._generate(
            users or self.ann, company or self.company, list(mondays)
        )

    def days(self, plans):
        """{day of the month: number of lines}"""
        counts = {}
        for line in plans.line_ids:
            counts[line.date.day] = counts.get(line.date.day, 0) + 1
        return counts


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestRoute(RouteCase):
    """Fixed rounds of customers on weekdays (VIS-25)."""

    def test_at_vis_05_a_route_on_two_days_with_eight_outlets_makes_16_lines(self):
        route = self.route()
        plan = self.propose()
        self.assertEqual(len(plan.line_ids), 16)
        self.assertEqual(self.days(plan), {2: 8, 5: 8})
        self.assertEqual(set(plan.line_ids.mapped("origin")), {"route"})
        self.assertEqual(plan.line_ids.route_id, route)
        self.assertEqual(plan.user_id, self.ann)
        self.assertEqual(plan.state, "draft")
        self.assertFalse(plan.unplaced_ids)
        # One after the other, from the first hour of the day on
        hours = plan.line_ids.filtered(lambda line: line.date.day == 2)
        self.assertEqual(
            sorted(hours.mapped("hour")), [9.0 + number for number in range(8)]
        )
        self.assertFalse(any(plan.line_ids.mapped("schedule_warning")))
        plan.with_user(self.ann).action_submit()
        plan.with_user(self.city).action_approve()
        self.assertEqual(len(plan.visit_ids), 16)

    def test_a_second_proposal_changes_nothing(self):
        self.route()
        plan = self.propose()
        before = plan.line_ids.ids
        self.assertEqual(self.propose(), plan)
        self.assertEqual(plan.line_ids.ids, before)

    def test_who_is_visited_on_that_day_anyway_is_not_proposed_again(self):
        """Such as a visit that was carried over to the day of the route."""
        self.route(stops=2, days=("monday",))
        self.visit(self.ann, self.customers[0], "2026-03-02 03:00:00", done=False)
        # A colleague's visit is another matter.
        self.visit(self.ben, self.customers[1], "2026-03-02 03:00:00", done=False)
        plan = self.propose()
        self.assertEqual(plan.line_ids.partner_id, self.customers[1])

    def test_a_stop_that_was_moved_is_not_proposed_again(self):
        self.route(stops=1)
        plan = self.propose()
        plan.line_ids.sorted("date")[0].date = date(2026, 3, 3)
        self.propose()
        self.assertEqual(self.days(plan), {3: 1, 5: 1})

    def test_holidays_on_the_day_of_the_route_are_named(self):
        self.route()
        self.env["stm.day.exception"].create(
            {"name": "Founding day", "date": "2026-03-02"}
        )
        plan = self.propose()
        self.assertEqual(self.days(plan), {5: 8})
        self.assertEqual(len(plan.unplaced_ids), 8)
        self.assertEqual(set(plan.unplaced_ids.mapped("reason")), {"no_day"})
        self.assertIn("day off", plan.unplaced_ids[0].note)
        self.assertEqual(set(plan.unplaced_ids.mapped("date")), {date(2026, 3, 2)})

    def test_absences_on_the_day_of_the_route_are_named(self):
        self.route()
        self.env["stm.absence"].create({"user_id": self.ann.id, "date": "2026-03-05"})
        plan = self.propose()
        self.assertEqual(self.days(plan), {2: 8})
        self.assertIn("absent", plan.unplaced_ids[0].note)

    def test_a_make_up_work_day_is_a_day_of_the_route(self):
        self.route(days=("saturday",), stops=2)
        plan = self.propose()
        self.assertFalse(plan.line_ids)
        self.assertEqual(len(plan.unplaced_ids), 2)
        self.env["stm.day.exception"].create(
            {"name": "Make-up", "date": "2026-03-07", "is_workday": True}
        )
        self.propose()
        self.assertEqual(self.days(plan), {7: 2})
        self.assertFalse(plan.unplaced_ids)

    def test_two_kinds_of_weeks_take_turns(self):
        route = self.route(stops=3, cycle_weeks=2, days=("monday",))
        route.line_ids[0].week = 1
        route.line_ids[1].week = 2
        plans = self.propose(mondays=[date(2026, 3, 2), date(2026, 3, 9)])
        first, second = plans.sorted("date_from")
        # 2026-01-05 begins week 1; eight weeks later, 2026-03-02, week 1 again.
        self.assertEqual(
            first.line_ids.partner_id, self.customers[0] | self.customers[2]
        )
        self.assertEqual(
            second.line_ids.partner_id, self.customers[1] | self.customers[2]
        )

    def test_a_route_is_made_on_the_days_on_which_it_holds(self):
        self.route(stops=1, date_from="2026-03-03", date_to="2026-03-10")
        plans = self.propose(mondays=[date(2026, 3, d) for d in (2, 9, 16)])
        self.assertEqual(self.days(plans), {5: 1, 9: 1})

    def test_an_archived_customer_is_named(self):
        self.route(stops=2, days=("monday",))
        self.customers[0].active = False
        plan = self.propose()
        self.assertEqual(plan.line_ids.partner_id, self.customers[1])
        self.assertEqual(plan.unplaced_ids.reason, "archived")
        self.assertEqual(
            plan.unplaced_ids.with_context(active_test=False).partner_id,
            self.customers[0],
        )

    def test_stops_are_driven_to_in_the_shortest_order(self):
        route = self.route(stops=4, days=("monday",))
        for number, customer in zip((3, 1, 4, 2), self.customers[:4], strict=True):
            customer.write(
                {"partner_latitude": 31.2, "partner_longitude": 121 + number / 100}
            )
        plan = self.propose()
        lines = plan.line_ids.sorted("hour")
        order = [self.customers.ids.index(line.partner_id.id) for line in lines]
        self.assertIn(order, ([1, 3, 0, 2], [2, 0, 3, 1]))
        route.action_order_stops()
        order = [
            self.customers.ids.index(line.partner_id.id)
            for line in route.line_ids.sorted("sequence")
        ]
        self.assertIn(order, ([1, 3, 0, 2], [2, 0, 3, 1]))

    def test_a_customer_without_a_position_comes_last(self):
        route = self.route(stops=3, days=("monday",))
        for number in (1, 2):
            self.customers[number].write(
                {"partner_latitude": 31.2, "partner_longitude": 121 + number / 100}
            )
        route.action_order_stops()
        self.assertEqual(
            route.line_ids.sorted("sequence")[-1].partner_id, self.customers[0]
        )

    def test_owner_and_leaders_make_routes_others_do_not(self):
        route = self.route()
        self.assertEqual(route.team_id, self.team_city)
        for user in (self.ann, self.city, self.east, self.manager):
            route.with_user(user).name = f"North of {user.name}"
            route.with_user(user).line_ids[0].sequence = 5
        for user in (self.ben, self.wei, self.west, self.gm):
            with (
                self.assertRaises(AccessError),
                mute_logger("odoo.addons.base.models.ir_rule"),
            ):
                route.with_user(user).name = "Mine"
            with (
                self.assertRaises(AccessError),
                mute_logger("odoo.addons.base.models.ir_rule"),
            ):
                route.with_user(user).line_ids[:1].sequence = 1
                self.env.flush_all()
        theirs = self.route(self.city, user_id=self.ann.id)
        self.assertEqual(theirs.user_id, self.ann)
        with self.assertRaises(AccessError):
            self.route(self.ben, user_id=self.ann.id)
        with self.assertRaises(AccessError):
            route.with_user(self.ann).user_id = self.ben
        with self.assertRaises(AccessError):
            self.route(self.ann, planned_until="2030-01-07")

    def test_a_stop_is_not_smuggled_into_a_route_of_somebody_else(self):
        route, other = self.route(), self.route(self.ben)
        with (
            self.assertRaises(AccessError),
            mute_logger("odoo.addons.base.models.ir_rule"),
        ):
            other.line_ids[0].write({"route_id": route.id, "week": 1})

    def test_a_route_follows_its_person_into_another_team(self):
        route = self.route()
        ended = self.route(date_to="2026-02-01")
        self.join(self.ann, self.team_west, first="2026-02-26")
        self.assertEqual(route.team_id, self.team_west)
        self.assertEqual(ended.team_id, self.team_city)

    def test_what_makes_no_sense_is_refused(self):
        for values in (
            {"cycle_weeks": 0},
            {"days": ()},
            {"date_to": "2026-01-01"},
        ):
            with (
                self.subTest(**values),
                self.assertRaises(CheckViolation),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.route(**values)
        with self.assertRaisesRegex(ValidationError, "Monday"):
            self.route(cycle_weeks=2, cycle_start="2026-01-06")
        route = self.route(stops=1, cycle_weeks=2)
        with self.assertRaisesRegex(ValidationError, "week 3"):
            route.line_ids.week = 3
        route.line_ids.week = 2
        with self.assertRaisesRegex(ValidationError, "cycle of 1"):
            route.cycle_weeks = 1
        with (
            self.assertRaises(UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            route.write(
                {
                    "line_ids": [
                        Command.create({"partner_id": self.customers[0].id, "week": 2})
                    ]
                }
            )

    def test_a_number_that_is_none_stops_no_plan_of_others(self):
        """JSON knows infinity; whoever sent it would have spoilt the whole batch."""
        plan = self.plan(self.ann)
        visit = self.visit(self.ann, self.customers[0], "2026-03-02 03:00:00", False)
        for record, name in (
            (plan.line_ids, "duration"),
            (plan.line_ids, "hour"),
            (visit, "duration"),
            (self.ann.sudo(), "stm_visits_per_week"),
        ):
            for number in (float("inf"), float("nan"), 1e9, -1.0):
                with (
                    self.subTest(record=record._name, field=name, number=number),
                    mute_logger("odoo.sql_db"),
                    self.env.cr.savepoint() as savepoint,
                ):
                    try:
                        record[name] = number
                        self.env.flush_all()
                        self.fail("stored")
                    except (CheckViolation, OverflowError, ValidationError, ValueError):
                        savepoint.rollback()
        self.route()
        self.assertEqual(len(self.propose(self.ann | self.ben)), 2)

    def test_a_closed_month_does_not_lock_the_route_that_began_in_it(self):
        route = self.route()
        month = self.env["stm.period"].create(
            {"name": "2026-01", "date_from": "2026-01-01", "date_to": "2026-01-31"}
        )
        month.action_close("work")
        route.name = "Still mine"
        self.assertEqual(route.name, "Still mine")


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestRouteCron(RouteCase):
    """Next week is proposed by itself (CRN-39)."""

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("sales_team_mgmt.ir_cron_plans").method_direct_trigger()
        self.env.invalidate_all()

    def plans(self):
        return self.env["stm.work.plan"].search([("user_id", "in", self.people.ids)])

    def setUp(self):
        super().setUp()
        self.people = self.ann | self.ben | self.wei

    def test_people_with_routes_get_a_draft_of_next_week(self):
        self.route(self.ann)
        self.route(self.ann, name="South", stops=9, days=("friday",))
        self.route(self.ben, date_to="2026-03-01")
        self.run_cron()
        plan = self.plans()
        self.assertEqual(plan.user_id, self.ann)
        self.assertEqual(plan.date_from, date(2026, 3, 2))
        self.assertEqual(len(plan.line_ids), 20)
        self.assertEqual(len(plan.unplaced_ids), 5)

    def test_what_its_person_takes_out_stays_out(self):
        self.route(self.ann)
        self.run_cron()
        self.plans().line_ids[0].unlink()
        self.run_cron()
        self.assertEqual(len(self.plans().line_ids), 15)
        self.plans().unlink()
        self.run_cron()
        self.assertFalse(self.plans())

    def test_whoever_has_begun_a_plan_is_left_alone(self):
        self.route(self.ann)
        plan = self.plan(self.ann)
        self.run_cron()
        self.assertEqual(self.plans(), plan)
        self.assertEqual(len(plan.line_ids), 1)

    def test_the_week_after_is_proposed_a_week_later(self):
        self.route(self.ann)
        self.run_cron()
        with freeze_time("2026-03-04 19:00:00"):
            self.run_cron()
        self.assertEqual(
            set(self.plans().mapped("date_from")), {date(2026, 3, 2), date(2026, 3, 9)}
        )

    def test_batches_come_one_after_the_other(self):
        for user in self.people:
            self.route(user, stops=1)
        Plan = self.env["stm.work.plan"]
        monday = date(2026, 3, 2)
        done = [Plan._propose_next(monday, 2) for _number in range(3)]
        self.assertEqual(done, [2, 1, 0])
        self.assertEqual(self.plans().user_id, self.people)

    def test_archived_people_and_closed_weeks_are_passed_over(self):
        self.route(self.ann)
        self.route(self.ben)
        self.ben.active = False
        month = self.env["stm.period"].create(
            {"name": "2026-03", "date_from": "2026-03-01", "date_to": "2026-03-31"}
        )
        month.action_close("work")
        self.run_cron()
        self.assertFalse(self.plans())

    def test_the_cron_is_not_called_by_people(self):
        for user in (self.ann, self.manager):
            with self.assertRaises(AccessError):
                self.env.ref("sales_team_mgmt.ir_cron_plans").with_user(
                    user
                ).method_direct_trigger()
        with self.assertRaises(UserError):
            self.propose_as(self.ann)

    def propose_as(self, user):
        wizard = (
            self.env["stm.plan.generator"]
            .with_user(user)
            .create({"date_from": "2026-02-16"})
        )
        return wizard.action_generate()
