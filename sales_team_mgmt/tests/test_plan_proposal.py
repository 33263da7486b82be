from datetime import date, timedelta

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .test_route import THURSDAY, RouteCase

MONDAY = date(2026, 3, 2)


class ProposalCase(RouteCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.classes = {
            code: cls.env.ref(f"sales_team_mgmt.customer_class_{code}")
            for code in ("a", "b", "c", "distributor")
        }

    def give(self, user, code, *numbers, **values):
        """Customers with these numbers become the person's, of a class."""
        customers = self.customers.browse(self.customers[n].id for n in numbers)
        customers.write(
            {"user_id": user.id, "stm_class_id": self.classes[code].id, **values}
        )
        return customers

    def seen(self, customer, day, user=None, done=True):
        """A visit in the past, written down."""
        with freeze_time(f"{day} 09:00:00"):
            return self.visit(user or self.ann, customer, f"{day} 02:00:00", done)

    def planned(self, plans):
        """{number of the customer: days of the month}"""
        days = {}
        for line in plans.line_ids.sorted("date"):
            number = self.customers.ids.index(line.partner_id.id)
            days.setdefault(number, []).append(line.date.day)
        return days


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestProposal(ProposalCase):
    """Who is due comes into the plan, where there is room (VIS-04, VIS-13)."""

    def test_customers_who_were_never_visited_come_first(self):
        self.give(self.ann, "a", *range(3))
        plan = self.propose()
        self.assertEqual(set(self.planned(plan)), {0, 1, 2})
        self.assertEqual(set(plan.line_ids.mapped("origin")), {"policy"})
        line = self.env.ref("sales_team_mgmt.visit_policy_default_a")
        self.assertEqual(plan.line_ids.policy_line_id, line)
        self.assertEqual(set(plan.line_ids.mapped("duration")), {1.0})

    def test_who_was_visited_is_due_after_the_days_of_the_policy(self):
        (a,) = self.give(self.ann, "a", 0)
        b, other = self.give(self.ann, "b", 1, 2)
        self.seen(a, "2026-02-25")
        self.seen(b, "2026-02-18")
        self.seen(other, "2026-02-24")
        plan = self.propose()
        # A: due on 03-04, may come from 02-28 on. B: every 15 days, on 03-05; the
        # other B not before 03-11.
        self.assertEqual(set(self.planned(plan)), {0, 1})

    def test_not_before_the_days_at_least(self):
        policy = self.env["stm.visit.policy"].create(
            {
                "name": "Strict",
                "company_id": self.company.id,
                "line_ids": [
                    Command.create({"visits_per_month": 4, "min_days": 7}),
                ],
            }
        )
        policy.action_release()
        (customer,) = self.give(self.ann, "a", 0)
        self.seen(customer, "2026-02-25")
        with freeze_time("2026-03-01"):
            plan = self.propose()
        self.assertGreaterEqual(self.planned(plan)[0][0], 4)

    def test_a_false_visit_is_none(self):
        (customer,) = self.give(self.ann, "c", 0)
        visit = self.seen(customer, "2026-02-25")
        visit.sudo().is_counted = False
        self.assertEqual(self.planned(self.propose()).keys(), {0})

    def test_a_visit_to_a_contact_is_a_visit_to_the_customer(self):
        (customer,) = self.give(self.ann, "c", 0)
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": customer.id}
        )
        self.seen(contact, "2026-02-25")
        self.assertFalse(self.propose().line_ids)

    def test_contacts_of_a_customer_are_no_customers(self):
        (customer,) = self.give(self.ann, "a", 0)
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": customer.id, "user_id": self.ann.id}
        )
        plan = self.propose()
        self.assertNotIn(contact, plan.line_ids.partner_id)

    def test_a_month_spreads_visits_as_the_policy_says(self):
        self.give(self.ann, "a", 0)
        self.give(self.ann, "b", 1)
        self.give(self.ann, "c", 2)
        mondays = [MONDAY + timedelta(weeks=n) for n in range(4)]
        days = self.planned(self.propose(mondays=mondays))
        self.assertEqual({n: len(d) for n, d in days.items()}, {0: 4, 1: 2, 2: 1})

    def test_each_week_follows_the_policy_of_its_monday(self):
        Policy = self.env["stm.visit.policy"]
        first = Policy.create(
            {
                "name": "Often",
                "company_id": self.company.id,
                "line_ids": [Command.create({"visits_per_month": 4})],
            }
        )
        first.action_release()
        first.action_new_version()
        second = Policy.search([("previous_id", "=", first.id)])
        second.line_ids.visits_per_month = 1
        second.date_from = "2026-03-16"
        second.action_release()
        self.give(self.ann, "a", 0)
        mondays = [MONDAY + timedelta(weeks=n) for n in range(4)]
        plans = self.propose(mondays=mondays)
        lines = plans.line_ids.sorted("date")
        self.assertEqual(lines.policy_line_id.policy_id, first)
        self.assertEqual([line.date.day for line in lines], [2, 9])
        # A month after the last one, by the version that holds then.
        plans = self.propose(mondays=[date(2026, 4, 6)])
        self.assertEqual(plans.line_ids.policy_line_id.policy_id, second)

    def test_february_has_four_visits_of_an_a_customer(self):
        self.give(self.ann, "a", 0)
        with freeze_time("2027-01-28"):
            mondays = [date(2027, 2, 1) + timedelta(weeks=n) for n in range(4)]
            plans = self.propose(mondays=mondays)
        self.assertEqual(len(plans.line_ids), 4)

    def test_the_week_takes_what_one_person_can_do(self):
        self.give(self.ann, "a", *range(25))
        plan = self.propose()
        self.assertEqual(len(plan.line_ids), 20)
        self.assertEqual(self.days(plan), dict.fromkeys(range(2, 7), 4))
        self.assertEqual(len(plan.unplaced_ids), 5)
        self.assertEqual(set(plan.unplaced_ids.mapped("reason")), {"capacity"})
        self.assertIn("20", plan.unplaced_ids[0].note)

    def test_capacity_of_the_person_and_0_means_the_company(self):
        self.give(self.ann, "a", *range(10))
        self.ann.stm_visits_per_week = 5
        plan = self.propose()
        self.assertEqual(len(plan.line_ids), 5)
        self.ann.stm_visits_per_week = 0
        self.company.stm_visits_per_week = 8
        self.propose()
        self.assertEqual(len(plan.line_ids), 8)

    def test_capacity_is_a_visit_a_week_at_least(self):
        """With less nobody would ever get a plan, and nothing would say why."""
        self.give(self.ann, "a", *range(3))
        for number in (0.2, 0.99):
            with (
                self.subTest(number=number),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.ann.stm_visits_per_week = number
                self.env.flush_all()
            with self.subTest(number=number), self.assertRaises(ValidationError):
                self.company.stm_visits_per_week = number
        self.env.invalidate_all()
        self.ann.stm_visits_per_week = 1
        self.assertEqual(len(self.propose().line_ids), 1)
        self.ann.stm_visits_per_week = 2.9
        self.assertEqual(len(self.propose().line_ids), 2)

    def test_whoever_is_absent_makes_fewer_visits(self):
        self.give(self.ann, "a", *range(25))
        for day, part in ((2, "full"), (3, "full"), (4, "half")):
            self.env["stm.absence"].create(
                {"user_id": self.ann.id, "date": date(2026, 3, day), "part": part}
            )
        plan = self.propose()
        self.assertEqual(self.days(plan), {4: 2, 5: 4, 6: 4})

    def test_nobody_works_on_days_off(self):
        self.give(self.ann, "a", *range(25))
        for day in (2, 3):
            self.env["stm.day.exception"].create(
                {"name": "Off", "date": date(2026, 3, day)}
            )
        self.assertEqual(self.days(self.propose()), {4: 4, 5: 4, 6: 4})

    def test_what_a_person_entered_stays_and_counts(self):
        plan = self.plan(self.ann, days=5)
        entered = plan.line_ids
        before = entered.read(["partner_id", "date", "hour", "duration", "purpose"])
        self.give(self.ann, "a", *range(25))
        plan.action_propose()
        self.assertEqual(
            entered.read(["partner_id", "date", "hour", "duration", "purpose"]), before
        )
        self.assertEqual(len(plan.line_ids), 20)
        self.assertEqual(self.days(plan), dict.fromkeys(range(2, 7), 4))
        # Nobody is in two places at once
        self.assertFalse(any(plan.line_ids.mapped("schedule_warning")))

    def test_other_visits_of_the_week_count(self):
        self.give(self.ann, "a", *range(25))
        self.visit(self.ann, self.customers[24], "2026-03-02 02:00:00", done=False)
        plan = self.propose()
        self.assertEqual(self.days(plan)[2], 3)
        self.assertEqual(len(plan.line_ids), 19)
        hours = plan.line_ids.filtered(lambda line: line.date.day == 2).mapped("hour")
        self.assertFalse([hour for hour in hours if 8.5 < hour < 11.5])

    def test_submitted_and_approved_plans_stay(self):
        self.give(self.ann, "a", 5, 6)
        plan = self.plan(self.ann)
        plan.action_submit()
        self.assertFalse(self.propose())
        self.assertEqual(len(plan.line_ids), 1)
        with self.assertRaisesRegex(UserError, "submitted"):
            plan.action_propose()
        plan.with_user(self.city).action_approve()
        self.assertFalse(self.propose())
        plan.action_reopen()
        plan.action_propose()
        self.assertEqual(len(plan.line_ids), 3)

    def test_near_customers_share_a_day(self):
        places = {"Hangzhou": (30.25, 120.16), "Ningbo": (29.87, 121.55)}
        for number in range(8):
            city = "Hangzhou" if number % 2 else "Ningbo"
            self.give(
                self.ann,
                "a",
                number,
                partner_latitude=places[city][0] + number / 1000,
                partner_longitude=places[city][1],
            )
        days = self.planned(self.propose())
        self.assertEqual(len({tuple(days[n]) for n in (1, 3, 5, 7)}), 1)
        self.assertEqual(len({tuple(days[n]) for n in (0, 2, 4, 6)}), 1)
        self.assertNotEqual(days[0], days[1])

    def test_visiting_hours_are_kept(self):
        customer = self.give(self.ann, "a", 0)
        window = self.env["stm.visit.window"].create(
            {
                "partner_id": customer.id,
                "weekday": "2",
                "hour_from": 14.0,
                "hour_to": 15.0,
            }
        )
        plan = self.propose()
        self.assertRecordValues(
            plan.line_ids, [{"date": date(2026, 3, 4), "hour": 14.0}]
        )
        # A minute too short for the hour that a visit takes
        plan.line_ids.unlink()
        window.hour_to = 15 - 1 / 60
        self.propose()
        self.assertFalse(plan.line_ids)
        self.assertEqual(plan.unplaced_ids.reason, "window")

    def test_reasons_are_said_in_the_language_of_the_person(self):
        self.give(self.ann, "a", *range(21))
        lang = self.env["res.lang"]._activate_lang("zh_CN")
        self.ann.lang = lang.code
        notes = self.propose().unplaced_ids.mapped("note")
        self.assertEqual(len(notes), 1)

    # ------------------------------------------------------------
    # Regions
    # ------------------------------------------------------------

    def regions(self):
        Region = self.env["stm.region"]
        province = Region.create({"name": "Zhejiang", "level": "province"})
        city = Region.create({"name": "Hangzhou", "parent_id": province.id})
        return province, city

    def assign(self, user, region, first="2026-01-01", last=False):
        return self.env["stm.region.assignment"].create(
            {
                "user_id": user.id,
                "region_id": region.id,
                "date_from": first,
                "date_to": last,
            }
        )

    def test_customers_of_nobody_go_to_whoever_has_the_deepest_region(self):
        province, city = self.regions()
        self.assign(self.ann, province)
        self.assign(self.ben, city)
        inside = self.customers[:2]
        inside.write({"stm_class_id": self.classes["a"].id})
        inside[0].stm_region_id = province
        inside[1].stm_region_id = city
        plans = self.propose(self.ann | self.ben)
        owners = {plan.user_id: plan.line_ids.partner_id for plan in plans}
        self.assertEqual(owners, {self.ann: inside[0], self.ben: inside[1]})

    def test_an_assignment_that_begins_in_the_week_counts_from_its_day(self):
        _province, city = self.regions()
        self.assign(self.ann, city, "2026-03-05")
        customer = self.customers[0]
        customer.write({"stm_class_id": self.classes["a"].id, "stm_region_id": city.id})
        plan = self.propose()
        self.assertGreaterEqual(self.planned(plan)[0][0], 5)

    def test_own_customers_outside_the_assigned_regions_are_named(self):
        province, city = self.regions()
        other = self.env["stm.region"].create({"name": "Jiangsu"})
        self.assign(self.ann, city)
        ended = self.assign(self.ann, other, last="2026-03-01")
        self.give(self.ann, "a", 0, stm_region_id=city.id)
        self.give(self.ann, "a", 1, stm_region_id=other.id)
        self.give(self.ann, "a", 2, stm_region_id=province.id)
        self.give(self.ann, "a", 3)
        plan = self.propose()
        self.assertEqual(set(self.planned(plan)), {0, 3})
        self.assertEqual(
            plan.unplaced_ids.partner_id, self.customers[1] | self.customers[2]
        )
        self.assertEqual(set(plan.unplaced_ids.mapped("reason")), {"region"})
        ended.date_to = False
        self.propose()
        self.assertEqual(set(self.planned(plan)), {0, 1, 3})
        self.company.stm_region_rule = "none"
        self.propose()
        self.assertEqual(set(self.planned(plan)), {0, 1, 2, 3})
        self.assertFalse(plan.unplaced_ids)

    # ------------------------------------------------------------
    # People, companies, periods
    # ------------------------------------------------------------

    def test_who_joins_in_mid_month_is_planned_from_the_first_whole_week(self):
        new = self.person("new", "group_salesperson")
        self.join(new, self.team_city, first="2026-03-11")
        self.give(new, "a", 0)
        mondays = [MONDAY + timedelta(weeks=n) for n in range(3)]
        plans = self.propose(new, mondays)
        self.assertEqual(plans.mapped("date_from"), [date(2026, 3, 16)])

    def test_who_leaves_in_the_week_is_planned_until_then(self):
        self.env["crm.team.member"].search(
            [("user_id", "=", self.ann.id)]
        ).stm_date_to = "2026-03-03"
        self.give(self.ann, "a", *range(20))
        self.assertEqual(self.days(self.propose()), {2: 4, 3: 4})

    def test_closed_weeks_are_left_out(self):
        month = self.env["stm.period"].create(
            {"name": "2026-03", "date_from": "2026-03-01", "date_to": "2026-03-31"}
        )
        month.action_close("work")
        self.give(self.ann, "a", 0)
        plans = self.propose(mondays=[MONDAY, date(2026, 3, 30)])
        self.assertEqual(plans.date_from, date(2026, 3, 30))

    def test_customers_of_another_company_stay_there(self):
        sister = self.env["res.company"].create({"name": "Sister"})
        own, other, both = self.give(self.ann, "a", 0, 1, 2)
        own.company_id = self.company
        other.company_id = sister
        plan = self.propose()
        self.assertEqual(plan.line_ids.partner_id, own | both)

    def test_hours_are_those_of_the_person(self):
        self.give(self.ann, "a", 0)
        self.ann.tz = "America/New_York"
        plan = self.propose()
        self.assertEqual(plan.line_ids.hour, 9.0)
        plan.with_user(self.ann).action_submit()
        plan.with_user(self.city).action_approve()
        self.assertEqual(plan.visit_ids.start_at.hour, 14)

    def test_archived_customers_are_not_due(self):
        self.give(self.ann, "a", 0, active=False)
        self.assertFalse(self.propose().line_ids)

    # ------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------

    def generate(self, user, people=None, **values):
        wizard = (
            self.env["stm.plan.generator"]
            .with_user(user)
            .create(
                {
                    "date_from": MONDAY,
                    **({"user_ids": [Command.set(people.ids)]} if people else {}),
                    **values,
                }
            )
        )
        return wizard.action_generate()

    def test_leaders_propose_for_their_people_and_others_for_themselves(self):
        self.give(self.ann, "a", 0)
        self.give(self.ben, "a", 1)
        action = self.generate(self.city, self.ann | self.ben)
        plans = self.env["stm.work.plan"].search(action["domain"])
        self.assertEqual(plans.user_id, self.ann | self.ben)
        self.assertEqual(len(plans.line_ids), 2)
        self.generate(self.wei)
        for user, people in (
            (self.ben, self.ann),
            (self.west, self.ann),
            (self.ann, self.ann | self.city),
            (self.hr, self.ann),
        ):
            with (
                self.assertRaises(AccessError),
                mute_logger("odoo.addons.base.models.ir_model"),
            ):
                self.generate(user, people)
        with self.assertRaises(AccessError):
            self.generate(self.ann, weeks=2)
        with self.assertRaises(UserError):
            self.generate(self.city, self.ann, date_from=date(2026, 2, 16))

    def test_a_month_is_the_weeks_whose_thursday_it_has(self):
        self.give(self.ann, "a", 0)
        action = self.generate(self.city, self.ann, span="month", date_from=MONDAY)
        plans = self.env["stm.work.plan"].search(action["domain"])
        self.assertEqual(
            sorted(plans.mapped("date_from")),
            [date(2026, 3, day) for day in (2, 9, 16, 23)],
        )

    def test_nothing_to_propose_says_why(self):
        plan = self.plan(self.ann)
        plan.action_submit()
        with self.assertRaisesRegex(UserError, "submitted"):
            self.generate(self.ann)

    def test_not_for_weeks_that_nobody_thinks_of_yet(self):
        for span in ("weeks", "month"):
            wizard = self.env["stm.plan.generator"].with_user(self.city)
            wizard = wizard.create({"date_from": "9999-12-31", "span": span})
            with self.assertRaisesRegex(UserError, "twelve months"):
                wizard.action_generate()

    def test_all_my_people(self):
        wizard = self.env["stm.plan.generator"].with_user(self.east).create({})
        wizard.action_team()
        self.assertEqual(wizard.user_ids, self.city | self.ann | self.ben)

    def test_only_its_person_has_a_plan_proposed_by_the_button(self):
        plan = self.plan(self.ann)
        for user in (self.ben, self.city, self.manager):
            with (
                self.assertRaises(AccessError),
                mute_logger("odoo.addons.base.models.ir_rule"),
            ):
                plan.with_user(user).action_propose()

    def test_where_a_line_comes_from_is_not_written_by_people(self):
        plan = self.plan(self.ann)
        with self.assertRaises(AccessError):
            plan.line_ids.origin = "route"
        line = self.env.ref("sales_team_mgmt.visit_policy_default_a")
        with self.assertRaises(AccessError):
            plan.write(
                {
                    "line_ids": [
                        Command.create(
                            {
                                "partner_id": self.customers[9].id,
                                "date": MONDAY,
                                "policy_line_id": line.id,
                            }
                        )
                    ]
                }
            )

    # ------------------------------------------------------------
    # Speed
    # ------------------------------------------------------------

    def test_the_number_of_queries_does_not_depend_on_the_people(self):
        people = self.env["res.users"]
        for number in range(12):
            user = self.person(f"many{number}", "group_salesperson")
            self.join(user, self.team_city)
            people |= user
        customers = self.env["res.partner"].create(
            [
                {
                    "name": f"Many {number}",
                    "user_id": people[number % 12].id,
                    "stm_class_id": self.classes["c"].id,
                    "is_company": True,
                }
                for number in range(120)
            ]
        )
        self.assertEqual(len(customers), 120)
        self.propose()
        counts = []
        for users in (people[:2], people[2:12]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            plans = self.propose(users)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(plans.line_ids), 10 * len(users))
        self.assertLessEqual(counts[1], counts[0] + 3)


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestPolicy(ProposalCase):
    """How often, by class and region; versions (VIS-04)."""

    def test_the_shipped_policy(self):
        lines = {
            line.customer_class_id.code: line.visits_per_month
            for line in self.env.ref("sales_team_mgmt.visit_policy_default").line_ids
        }
        self.assertEqual(lines, {"A": 4, "B": 2, "C": 1, "D": 2})

    def policy(self, lines, **values):
        policy = self.env["stm.visit.policy"].create(
            {
                "name": "Own",
                "company_id": self.company.id,
                "line_ids": [Command.create(line) for line in lines],
                **values,
            }
        )
        policy.action_release()
        return policy

    def test_the_deepest_region_wins_then_the_class(self):
        Region = self.env["stm.region"]
        province = Region.create({"name": "Zhejiang"})
        city = Region.create({"name": "Hangzhou", "parent_id": province.id})
        district = Region.create({"name": "Xihu", "parent_id": city.id})
        a = self.classes["a"]
        policy = self.policy(
            [
                {"visits_per_month": 1},
                {"visits_per_month": 2, "customer_class_id": a.id},
                {"visits_per_month": 3, "region_id": city.id},
                {
                    "visits_per_month": 4,
                    "region_id": province.id,
                    "customer_class_id": a.id,
                },
            ]
        )
        plain, of_class, of_city, below, of_province, outside = self.customers[:6]
        of_class.stm_class_id = a
        of_city.write({"stm_region_id": city.id, "stm_class_id": a.id})
        below.stm_region_id = district
        of_province.write({"stm_region_id": province.id, "stm_class_id": a.id})
        outside.stm_region_id = province
        found = policy._for_partners(self.customers[:6], self.company, MONDAY)
        self.assertEqual(
            [found[partner].visits_per_month for partner in self.customers[:6]],
            [1, 2, 3, 3, 4, 1],
        )
        self.assertTrue(plain)

    def test_one_of_the_company_comes_before_one_for_all(self):
        customer = self.give(self.ann, "a", 0)
        Policy = self.env["stm.visit.policy"]
        shipped = self.env.ref("sales_team_mgmt.visit_policy_default_a")
        sister = self.env["res.company"].create({"name": "Sister"})
        self.assertEqual(
            Policy._for_partners(customer, self.company, MONDAY), {customer: shipped}
        )
        own = self.policy([{"visits_per_month": 8}])
        self.assertEqual(
            Policy._for_partners(customer, self.company, MONDAY),
            {customer: own.line_ids},
        )
        self.assertEqual(
            Policy._for_partners(customer, sister, MONDAY), {customer: shipped}
        )

    def test_who_has_no_line_is_missing(self):
        self.policy(
            [{"visits_per_month": 2, "customer_class_id": self.classes["a"].id}]
        )
        self.assertFalse(
            self.env["stm.visit.policy"]._for_partners(
                self.customers[:1], self.company, MONDAY
            )
        )

    def test_a_used_version_is_locked(self):
        policy = self.policy([{"visits_per_month": 4}])
        policy.line_ids.duration = 2.0
        self.give(self.ann, "a", 0)
        plan = self.propose()
        self.assertEqual(plan.line_ids.duration, 2.0)
        mine = policy.with_user(self.manager)
        self.assertTrue(mine.is_locked)
        with self.assertRaisesRegex(UserError, "new version"):
            mine.line_ids.visits_per_month = 1
        with self.assertRaisesRegex(UserError, "new version"):
            mine.name = "Other"
        action = mine.action_new_version()
        draft = mine.browse(action["res_id"])
        self.assertEqual(draft.version, 2)
        draft.line_ids.visits_per_month = 1
        draft.date_from = "2026-03-09"
        draft.action_release()
        self.assertEqual(policy.date_to, date(2026, 3, 8))
        self.assertEqual(
            self.env["stm.visit.policy"]._find(self.company, MONDAY), policy
        )
        self.assertEqual(
            self.env["stm.visit.policy"]._find(self.company, date(2026, 3, 9)), draft
        )

    def test_days_between_visits(self):
        line = self.policy([{"visits_per_month": 4}]).line_ids
        for visits, least, most, interval, overdue in (
            (4, 0, 0, 7, 7),
            (2, 0, 21, 15, 21),
            (1, 0, 0, 30, 30),
            (0, 0, 0, None, None),
            (0, 0, 90, 90, 90),
            (8, 5, 0, 5, 5),
            (1, 0, 20, 20, 20),
            (31, 0, 0, 1, 1),
        ):
            with self.subTest(visits=visits, least=least, most=most):
                line.write(
                    {"visits_per_month": visits, "min_days": least, "max_days": most}
                )
                self.assertEqual(line._interval(), interval)
                self.assertEqual(line._overdue_after(), overdue)

    def test_the_number_of_queries_does_not_depend_on_the_customers(self):
        self.give(self.ann, "a", *range(20))
        counts = []
        for partners in (self.customers[:2], self.customers[2:20]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["stm.visit.policy"]._for_partners(partners, self.company, MONDAY)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
