from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .test_plan_proposal import ProposalCase
from .test_route import THURSDAY

LOGGERS = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestCoverage(ProposalCase):
    """Who was not visited for how long (VIS-16, VIS-26)."""

    def row(self, customer, user=None):
        # What was read before does not know what came after.
        self.env.flush_all()
        self.env.invalidate_all()
        Coverage = self.env["stm.coverage"].with_user(user or self.env.user)
        return Coverage.search([("partner_id", "=", customer.id)])

    def test_days_without_a_visit_against_the_policy(self):
        a, b, c = self.give(self.ann, "a", 0, 1, 2)
        self.seen(a, "2026-02-16")
        self.seen(b, "2026-02-15")
        self.assertRecordValues(
            self.row(a) | self.row(b),
            [
                {
                    "user_id": self.ann.id,
                    "team_id": self.team_city.id,
                    "class_id": self.classes["a"].id,
                    "kind": "outlet",
                    "last_visit": date(2026, 2, 16),
                    "days_since": 10,
                    "max_days": 10,
                    "days_overdue": 0,
                    "state": "covered",
                    "is_unseen": False,
                },
                {
                    "user_id": self.ann.id,
                    "team_id": self.team_city.id,
                    "class_id": self.classes["a"].id,
                    "kind": "outlet",
                    "last_visit": date(2026, 2, 15),
                    "days_since": 11,
                    "max_days": 10,
                    "days_overdue": 1,
                    "state": "overdue",
                    "is_unseen": False,
                },
            ],
        )
        self.assertEqual(self.row(c).state, "never")
        self.assertTrue(self.row(c).is_unseen)

    def test_what_is_not_done_or_false_does_not_count(self):
        (a,) = self.give(self.ann, "a", 0)
        self.seen(a, "2026-02-20", done=False)
        self.assertEqual(self.row(a).state, "never")
        visit = self.seen(a, "2026-02-20")
        self.assertEqual(self.row(a).state, "covered")
        visit.sudo().is_counted = False
        self.assertEqual(self.row(a).state, "never")

    def test_a_visit_to_a_contact_counts(self):
        (a,) = self.give(self.ann, "a", 0)
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": a.id})
        self.seen(contact, "2026-02-20")
        self.assertEqual(self.row(a).last_visit, date(2026, 2, 20))
        self.assertFalse(self.row(contact))

    def test_unseen_for_as_many_months_as_the_company_says(self):
        day, before = self.give(self.ann, "distributor", 0, 1)
        self.seen(day, "2025-02-26")
        self.seen(before, "2025-02-25")
        self.assertFalse(self.row(day).is_unseen)
        self.assertTrue(self.row(before).is_unseen)
        self.assertEqual(self.row(before).kind, "distributor")
        self.company.stm_unseen_months = 13
        self.assertFalse(self.row(before).is_unseen)

    def test_the_deepest_region_says_how_often_and_by_whom(self):
        province = self.env["stm.region"].create({"name": "Zhejiang"})
        city = self.env["stm.region"].create(
            {"name": "Hangzhou", "parent_id": province.id}
        )
        for user, region in ((self.wei, province), (self.ben, city)):
            self.env["stm.region.assignment"].create(
                {"user_id": user.id, "region_id": region.id, "date_from": "2026-01-01"}
            )
        policy = self.env["stm.visit.policy"].create(
            {
                "name": "Own",
                "company_id": self.company.id,
                "line_ids": [
                    (0, 0, {"visits_per_month": 4, "region_id": province.id}),
                    (0, 0, {"visits_per_month": 2, "region_id": city.id}),
                    (0, 0, {"visits_per_month": 1}),
                ],
            }
        )
        policy.action_release()
        inside, above, own = self.customers[:3]
        inside.stm_region_id = city
        above.stm_region_id = province
        own.write({"stm_region_id": city.id, "user_id": self.ann.id})
        self.assertRecordValues(
            self.row(inside) | self.row(above) | self.row(own),
            [
                {"user_id": self.ben.id, "max_days": 15},
                {"user_id": self.wei.id, "max_days": 7},
                {"user_id": self.ann.id, "max_days": 15},
            ],
        )
        # The list says the same as what plans are proposed by
        found = policy._for_partners(inside | above | own, self.company, date.today())
        for customer, line in found.items():
            self.assertEqual(self.row(customer).max_days, line._overdue_after())

    def test_whoever_leads_the_salesperson_sees_the_customer(self):
        (a,) = self.give(self.ann, "a", 0)
        for user, sees in (
            (self.ann, True),
            (self.city, True),
            (self.manager, True),
            (self.gm, True),
            (self.ben, False),
            (self.wei, False),
            (self.west, False),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(bool(self.row(a, user)), sees)
        sister = self.env["res.company"].create({"name": "Sister"})
        a.company_id = sister
        self.assertFalse(self.row(a, self.manager))

    def test_archived_customers_and_those_of_nobody_are_not_listed(self):
        (a,) = self.give(self.ann, "a", 0)
        a.active = False
        self.assertFalse(self.row(a))
        self.assertFalse(self.row(self.customers[5]))

    def test_the_share_that_is_covered(self):
        a, b, _c, _d = self.give(self.ann, "a", 0, 1, 2, 3)
        self.seen(a, "2026-02-20")
        self.seen(b, "2026-02-20")
        self.env.flush_all()
        rows = self.env["stm.coverage"]._read_group(
            [("user_id", "=", self.ann.id)], ["user_id"], ["is_covered:avg"]
        )
        self.assertEqual(rows, [(self.ann, 0.5)])


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestReassign(ProposalCase):
    """Customers change hands, with what is planned for them (ORG-18)."""

    def reassign(self, actor, customers, user, day="2026-02-26"):
        wizard = (
            self.env["stm.reassign"]
            .with_user(actor)
            .with_context(active_model="res.partner", active_ids=customers.ids)
            .create({"user_id": user.id, "date": day})
        )
        return wizard.action_reassign()

    def test_planned_visits_go_along_and_finished_ones_stay(self):
        one, other = self.give(self.ann, "a", 0, 1)
        done = self.seen(one, "2026-02-20")
        today = self.visit(self.ann, one, "2026-02-26 03:00:00", False)
        later = self.visit(self.ann, one, "2026-03-04 02:00:00", False)
        kept = self.visit(self.ann, other, "2026-03-05 02:00:00", False)
        self.reassign(self.city, one, self.ben, "2026-02-27")
        self.assertEqual(one.user_id, self.ben)
        self.assertEqual(other.user_id, self.ann)
        self.assertEqual(
            (done | today | later | kept).mapped("user_id.name"), ["Ann", "Ben"]
        )
        self.assertEqual(later.user_id, self.ben)
        self.assertEqual(today.user_id, self.ann)

    def test_nobody_goes_on_planning_them(self):
        one, other = self.give(self.ann, "a", 0, 1)
        mondays = [date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16)]
        plans = self.propose(mondays=mondays)
        plans[1].with_user(self.ann).action_submit()
        self.assertEqual(len(plans.line_ids), 6)
        messages = len(plans[2].message_ids)
        self.reassign(self.city, one, self.ben, "2026-03-09")
        # What is over by then stays, and what the leader is asked to approve.
        self.assertEqual(
            [plan.line_ids.partner_id for plan in plans], [one | other] * 2 + [other]
        )
        self.assertEqual(len(plans[2].message_ids), messages + 1)
        self.assertIn("Reassigned to Ben", plans[2].message_ids[0].body)
        self.assertIn(one, self.propose(self.ben, mondays[2:]).line_ids.partner_id)

    def test_stops_go_along_from_the_day_on(self):
        route = self.route(stops=3)
        moved = self.customers[0]
        self.reassign(self.city, moved, self.ben, "2026-03-09")
        self.assertEqual(route.date_to, date(2026, 3, 8))
        self.assertEqual(len(route.line_ids), 3)
        routes = self.env["stm.route"].search([("date_from", "=", "2026-03-09")])
        of_ann = routes.filtered(lambda r: r.user_id == self.ann)
        of_ben = routes.filtered(lambda r: r.user_id == self.ben)
        self.assertEqual(of_ann.line_ids.partner_id, self.customers[1:3])
        self.assertEqual(of_ben.line_ids.partner_id, moved)
        self.assertEqual((of_ben.monday, of_ben.thursday), (True, True))
        plans = self.propose(self.ann | self.ben, [date(2026, 3, 2), date(2026, 3, 9)])
        self.assertEqual(
            {
                (plan.user_id, plan.date_from.day): len(plan.line_ids)
                for plan in plans
                if plan.line_ids
            },
            {(self.ann, 2): 6, (self.ann, 9): 4, (self.ben, 9): 2},
        )

    def test_only_who_leads_both_people(self):
        (one,) = self.give(self.ann, "a", 0)
        for actor, user in (
            (self.ann, self.ben),
            (self.ben, self.ben),
            (self.city, self.wei),
            (self.west, self.wei),
            (self.hr, self.ben),
            (self.gm, self.ben),
        ):
            with (
                self.subTest(actor=actor.login),
                self.assertRaises(AccessError),
                mute_logger(*LOGGERS),
            ):
                self.reassign(actor, one, user)
        self.assertEqual(one.user_id, self.ann)
        self.reassign(self.manager, one, self.wei)
        self.assertEqual(one.user_id, self.wei)

    def test_a_visit_of_a_third_person_needs_its_leader(self):
        (one,) = self.give(self.ann, "a", 0)
        visit = self.visit(self.wei, one, "2026-03-04 02:00:00", False)
        with self.assertRaises(AccessError):
            self.reassign(self.city, one, self.ben)
        self.assertEqual(visit.user_id, self.wei)

    def test_only_to_somebody_who_can_take_over(self):
        (one,) = self.give(self.ann, "a", 0)
        with self.assertRaisesRegex(UserError, "today or later"):
            self.reassign(self.city, one, self.ben, "2026-02-25")
        sister = self.env["res.company"].create({"name": "Sister"})
        one.company_id = sister
        with self.assertRaises(UserError):
            self.reassign(self.city, one, self.ben)

    def test_from_the_coverage_list(self):
        one, other = self.give(self.ann, "a", 0, 1)
        self.env.flush_all()
        wizard = (
            self.env["stm.reassign"]
            .with_user(self.city)
            .with_context(active_model="stm.coverage", active_ids=(one | other).ids)
            .new({})
        )
        self.assertEqual(wizard.partner_ids._origin, one | other)
