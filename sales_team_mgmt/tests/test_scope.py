from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import StmCase

THURSDAY = "2026-02-26 02:00:00"
TODAY = date(2026, 2, 26)


class ScopeCase(StmCase):
    def sees(self, user, record):
        self.env.flush_all()
        self.env.invalidate_all()
        return bool(
            record.with_user(user).search([("id", "=", record.id)])
            and record.with_user(user).has_access("read")
        )

    def member(self, user, team=None):
        domain = [("user_id", "=", user.id)]
        if team:
            domain.append(("crm_team_id", "=", team.id))
        return (
            self.env["crm.team.member"]
            .with_context(active_test=False)
            .search(domain, order="stm_date_from desc, id desc")
        )

    def stand_in(self, absent, substitute, first, last):
        return (
            self.env["stm.substitution"]
            .with_user(absent)
            .create(
                {"substitute_id": substitute.id, "date_from": first, "date_to": last}
            )
        )


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestTeamTree(ScopeCase):
    """Who leads sees, at the next request and no longer."""

    def test_a_team_is_not_part_of_itself(self):
        for team, above in (
            (self.team_city, self.team_city),
            (self.team_east, self.team_city),
            (self.team_department, self.team_city),
        ):
            before = team.parent_id
            with self.assertRaises(UserError):
                team.parent_id = above
            self.assertEqual(team.parent_id, before)

    def test_whoever_leads_deputizes_or_assists_sees_at_once(self):
        plan = self.plan(self.ann)
        newcomer = self.person("newcomer", "group_leader")
        self.assertFalse(self.sees(newcomer, plan))
        for given, taken in (
            ({"user_id": newcomer.id}, {"user_id": self.city.id}),
            ({"stm_deputy_id": newcomer.id}, {"stm_deputy_id": False}),
            (
                {"stm_assistant_ids": [Command.link(newcomer.id)]},
                {"stm_assistant_ids": [Command.unlink(newcomer.id)]},
            ),
        ):
            for team in (self.team_city, self.team_east, self.team_department):
                with self.subTest(given=given, team=team.name):
                    leader = team.user_id
                    team.write(given)
                    self.assertTrue(self.sees(newcomer, plan))
                    if "user_id" in given:
                        self.assertFalse(self.sees(leader, plan))
                        taken = {"user_id": leader.id}
                    team.write(taken)
                    self.assertFalse(self.sees(newcomer, plan))
                    self.assertTrue(self.sees(leader, plan))

    def test_an_assistant_sees_and_decides_nothing(self):
        plan = self.plan(self.ann)
        plan.action_submit()
        assistant = self.person("assistant", "group_salesperson")
        self.team_city.stm_assistant_ids = assistant
        self.assertTrue(self.sees(assistant, plan))
        with self.assertRaises(UserError):
            plan.with_user(assistant).action_approve()
        with self.assertRaises(UserError):
            plan.with_user(assistant).write({"note": "x"})
        self.assertEqual((plan.state, plan.note), ("submitted", False))

    def test_the_team_beside_and_the_team_above_stay_hidden(self):
        of_city, of_wei = self.plan(self.city), self.plan(self.wei)
        self.assertFalse(self.sees(self.ann, of_city))
        self.assertFalse(self.sees(self.east, of_wei))
        self.assertFalse(self.sees(self.west, of_city))
        self.assertTrue(self.sees(self.manager, of_wei))

    def test_a_team_hung_under_another_one_is_seen_from_there(self):
        plan = self.plan(self.ann)
        self.assertFalse(self.sees(self.west, plan))
        self.team_city.parent_id = self.team_west
        self.assertTrue(self.sees(self.west, plan))
        self.assertFalse(self.sees(self.east, plan))
        self.assertTrue(self.sees(self.city, plan))
        # A whole branch goes along
        self.team_west.parent_id = self.team_east
        self.assertTrue(self.sees(self.east, plan))

    def test_an_archived_team_is_led_by_the_team_above(self):
        plan = self.plan(self.ann)
        plan.action_submit()
        self.team_city.active = False
        self.assertFalse(self.sees(self.city, plan))
        self.assertTrue(self.sees(self.east, plan))
        self.assertEqual(plan.sudo().approval_id.pending_user_ids, self.east)
        self.team_city.active = True
        self.assertTrue(self.sees(self.city, plan))
        self.assertEqual(plan.sudo().approval_id.pending_user_ids, self.city)

    def test_a_deleted_team_leaves_no_scope(self):
        team = self.team("Short-lived", self.ben, self.team_east)
        rows = self.env["stm.access"].search([("team_id", "=", team.id)])
        self.assertTrue(rows)
        team.unlink()
        self.assertFalse(rows.exists())

    def test_regions_form_a_tree_that_the_teams_follow(self):
        regions = self.env["stm.region"]
        province = regions.create({"name": "Zhejiang", "level": "province"})
        town = regions.create({"name": "Ningbo", "parent_id": province.id})
        other = regions.create({"name": "Jiangsu", "level": "province"})
        self.assertEqual(town.complete_name, "Zhejiang / Ningbo")
        with self.assertRaises(UserError):
            province.parent_id = town
        self.team_east.stm_region_id = province
        self.team_city.stm_region_id = town
        with self.assertRaises(ValidationError):
            self.team_city.stm_region_id = other
        with self.assertRaises(ValidationError):
            self.team_east.stm_region_id = other
        self.assertEqual(self.team_city.stm_region_id, town)


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestStandIns(ScopeCase):
    """From the first to the last day, by the calendar of the stand-in."""

    def test_the_days_are_those_of_the_stand_in_where_he_lives(self):
        plan = self.plan(self.ann)
        for tz, before, first, last, after in (
            (
                "Asia/Shanghai",
                "2026-03-01 15:59:59",
                "2026-03-01 16:00:00",
                "2026-03-03 15:59:59",
                "2026-03-03 16:00:00",
            ),
            (
                "UTC",
                "2026-03-01 23:59:59",
                "2026-03-02 00:00:00",
                "2026-03-03 23:59:59",
                "2026-03-04 00:00:00",
            ),
            (
                "America/Los_Angeles",
                "2026-03-02 07:59:59",
                "2026-03-02 08:00:00",
                "2026-03-04 07:59:59",
                "2026-03-04 08:00:00",
            ),
        ):
            helper = self.person(f"helper_{tz}", "group_salesperson", tz=tz)
            absence = self.stand_in(self.ann, helper, "2026-03-02", "2026-03-03")
            for moment, expected in (
                (before, False),
                (first, True),
                (last, True),
                (after, False),
            ):
                with self.subTest(tz=tz, moment=moment), freeze_time(moment):
                    self.assertEqual(self.sees(helper, plan), expected)
                    self.assertEqual(
                        absence.with_user(helper).with_context(tz=tz).is_current,
                        expected,
                    )
            absence.action_cancel()

    def test_seeing_and_deciding_begin_and_end_together(self):
        plan = self.plan(self.ann, "2026-03-09")
        plan.action_submit()
        self.west.tz = "America/Los_Angeles"
        self.stand_in(self.city, self.west, "2026-03-02", "2026-03-03")
        for moment, expected in (
            ("2026-03-02 07:59:59", False),
            ("2026-03-02 08:00:00", True),
            ("2026-03-04 07:59:59", True),
            ("2026-03-04 08:00:00", False),
        ):
            with self.subTest(moment=moment), freeze_time(moment):
                self.assertEqual(self.sees(self.west, plan), expected)
                if expected:
                    self.assertTrue(plan.with_user(self.west).can_decide)

    def test_the_stand_in_of_a_leader_sees_everything_below(self):
        plans = self.plan(self.ann) | self.plan(self.city) | self.plan(self.east)
        self.stand_in(self.east, self.wei, "2026-02-26", "2026-02-26")
        for plan in plans:
            self.assertTrue(self.sees(self.wei, plan))
        self.assertFalse(self.sees(self.wei, self.plan(self.west)))

    def test_the_stand_in_of_a_stand_in_has_nothing(self):
        plan = self.plan(self.ann)
        plan.action_submit()
        self.stand_in(self.city, self.west, "2026-02-26", "2026-03-31")
        self.stand_in(self.west, self.wei, "2026-02-26", "2026-03-31")
        self.assertTrue(self.sees(self.west, plan))
        self.assertFalse(self.sees(self.wei, plan))
        with self.assertRaises(UserError):
            plan.with_user(self.wei).action_approve()
        self.assertEqual(plan.state, "submitted")

    def test_cancelling_takes_the_rights_back_at_once(self):
        plan = self.plan(self.ann)
        absence = self.stand_in(self.ann, self.wei, "2026-02-26", "2026-03-31")
        self.assertTrue(self.sees(self.wei, plan))
        absence.action_cancel()
        self.assertFalse(self.sees(self.wei, plan))
        with self.assertRaises(UserError):
            self.stand_in(self.ann, self.ben, "2026-02-26", "2026-03-31").unlink()

    def test_two_stand_ins_on_one_day_are_refused(self):
        self.stand_in(self.ann, self.wei, "2026-03-02", "2026-03-06")
        with self.assertRaises(ValidationError):
            self.stand_in(self.ann, self.ben, "2026-03-06", "2026-03-09")
        self.stand_in(self.ann, self.ben, "2026-03-07", "2026-03-09")
        with self.assertRaises(ValidationError):
            absence = self.env["stm.substitution"].search(
                [("substitute_id", "=", self.ben.id)]
            )
            absence.with_user(self.ann).date_from = "2026-03-06"

    def test_the_superior_appoints_and_the_stand_in_takes_visits_over(self):
        visit = self.visit(self.ann, self.customers[0], done=False)
        with self.assertRaises(AccessError):
            visit.with_user(self.ben).action_take_over()
        self.env["stm.substitution"].with_user(self.city).create(
            {
                "user_id": self.ann.id,
                "substitute_id": self.ben.id,
                "date_to": "2026-03-31",
            }
        )
        visit.with_user(self.ben).action_take_over()
        self.assertEqual(visit.user_id, self.ben)
        self.assertEqual(visit.sudo().calendar_event_id.user_id, self.ben)


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestScopeAtSearchTime(ScopeCase):
    """The scope is looked up at each search and at each check, and kept nowhere."""

    def sees_now(self, user, record):
        """What a search and a check say, with whatever the caches hold by now."""
        mine = record.with_user(user)
        found = bool(mine.search([("id", "=", record.id)]))
        self.assertEqual(found, mine.has_access("read"))
        return found

    def test_midnight_in_the_middle_of_a_transaction(self):
        plan = self.plan(self.ann)
        self.stand_in(self.ann, self.wei, "2026-02-27", "2026-02-27")
        # Midnight where wei lives, in Shanghai.
        for moment, expected in (
            ("2026-02-26 15:59:59", False),
            ("2026-02-26 16:00:00", True),
            ("2026-02-27 15:59:59", True),
            ("2026-02-27 16:00:00", False),
        ):
            with self.subTest(moment=moment), freeze_time(moment):
                self.assertEqual(self.sees_now(self.wei, plan), expected)

    def test_a_leader_who_is_moved_sees_the_other_team_at_once(self):
        of_ann, of_wei = self.plan(self.ann), self.plan(self.wei)
        self.assertTrue(self.sees_now(self.city, of_ann))
        self.assertFalse(self.sees_now(self.city, of_wei))
        self.team_city.user_id, self.team_west.user_id = self.ben, self.city
        self.assertFalse(self.sees_now(self.city, of_ann))
        self.assertTrue(self.sees_now(self.city, of_wei))
        self.assertTrue(self.sees_now(self.ben, of_ann))

    def test_a_document_that_changes_hands_is_seen_by_the_new_side(self):
        visit = self.visit(self.ann, self.customers[0], done=False)
        self.assertFalse(self.sees_now(self.wei, visit))
        visit.sudo().user_id = self.wei
        self.assertTrue(self.sees_now(self.wei, visit))
        self.assertFalse(self.sees_now(self.ann, visit))

    def test_the_rule_reaches_the_database_as_plain_ids(self):
        """No subquery and no condition that never holds: an index can answer it."""
        Rule, Visit = self.env["ir.rule"], self.env["stm.visit"]
        for user, expected in (
            (self.ann, {("user_id", (self.ann.id,))}),
            (
                self.east,
                {
                    ("user_id", (self.east.id,)),
                    ("team_id", (self.team_east | self.team_city)._ids),
                },
            ),
        ):
            rule = Rule.with_user(user)._compute_domain("stm.visit")
            self.assertIn("stm_in_scope", str(rule), "Only the question is cached.")
            domain = rule.optimize_full(Visit.with_user(user).sudo())
            conditions = {
                (condition.field_expr, tuple(sorted(condition.value)))
                for condition in domain.iter_conditions()
                if condition.field_expr != "company_id"
            }
            expected = {(name, tuple(sorted(ids))) for name, ids in expected}
            self.assertEqual(conditions, expected)

    def test_search_and_check_agree_on_every_model_that_has_a_scope(self):
        self.report(self.wei)
        self.plan(self.ann).action_submit()
        self.plan(self.city).action_submit()
        self.visit(self.ann, self.customers[0], done=False)
        self.visit(self.wei, self.customers[1], done=False)
        self.open_duties("2026-02-26")
        self.env["sale.order"].create(
            [
                {"partner_id": self.customers[0].id, "user_id": user.id}
                for user in (self.ann, self.wei)
            ]
        )
        self.stand_in(self.city, self.wei, "2026-02-26", "2026-02-26")
        self.env.flush_all()
        seen = {}
        for name, model in self.env.registry.items():
            if model._abstract or "stm_in_scope" not in model._fields:
                continue
            everything = self.env[name].sudo().search([("id", "!=", False)])
            for user in (self.ann, self.ben, self.wei, self.city, self.west):
                mine = everything.with_user(user).sudo()
                for value in (True, False):
                    with self.subTest(model=name, user=user.login, value=value):
                        domain = [("stm_in_scope", "=", value)]
                        found = mine.search(domain)
                        self.assertEqual(found, mine.filtered_domain(domain))
                        if value:
                            seen.setdefault(name, set()).add(len(found))
        for name in ("stm.visit", "stm.work.plan", "stm.approval", "sale.order"):
            self.assertGreater(len(seen[name]), 1, f"{name}: all see the same.")

    def test_seeing_costs_the_same_however_many_teams_and_documents(self):
        def visits(count):
            return self.env["stm.visit"].union(
                *(
                    self.visit(self.ann, self.customers[number], done=False)
                    for number in range(count)
                )
            )

        def cost(records):
            """Queries of a search, and of a check of these records."""
            mine = records.with_user(self.east)
            counts = []
            for call in (
                lambda: mine.search([("partner_id", "!=", False)]),
                lambda: mine.check_access("read"),
            ):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                call()
                counts.append(self.env.cr.sql_log_count - before)
            return counts

        cost(visits(1))
        few = cost(visits(2))
        for number in range(5):
            self.team(f"Further {number}", self.ben, self.team_east)
        self.assertEqual(cost(visits(12)), few)
        self.assertEqual(few[0], 2, "One for the scope, one for the visits.")


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestMoves(ScopeCase):
    """Transfers, leavers, posts: what goes along and what stays (ORG-18)."""

    def transfer(self, user, **values):
        return (
            self.env["stm.transfer"]
            .with_user(self.manager)
            .create(
                {
                    "user_id": user.id,
                    "kind": "move",
                    "team_id": self.team_west.id,
                    "customers": "hand_over",
                    "successor_id": self.ben.id,
                    **values,
                }
            )
        )

    def test_a_transfer_in_mid_week(self):
        self.customers[:3].user_id = self.ann
        past = self.plan(self.ann, "2026-02-16")
        past.action_submit()
        past.with_user(self.city).action_approve()
        pending = self.plan(self.ann, "2026-03-02", days=2)
        pending.action_submit()
        draft = self.plan(self.ann, "2026-03-09")
        report = self.report(self.ann, "2026-02-23")
        done = self.visit(self.ann, self.customers[5], "2026-02-24 02:00:00")
        planned = self.visit(self.ann, self.customers[6], "2026-03-03 02:00:00", False)
        planned, done = planned.sudo(), done.sudo()
        self.open_duties("2026-02-26")
        items = self.duties(self.ann)
        self.assertTrue(items)

        self.transfer(self.ann).action_transfer()

        self.assertEqual(self.customers[:3].user_id, self.ben)
        # Closed documents stay where they were, open ones follow
        self.assertEqual(past.team_id, self.team_city)
        self.assertEqual(done.team_id, self.team_city)
        self.assertEqual((pending | draft).team_id, self.team_west)
        self.assertEqual(report.team_id, self.team_west)
        self.assertEqual(items.team_id, self.team_west)
        # Visits to customers that were handed over go to the successor
        self.assertEqual(planned.user_id, self.ben)
        self.assertEqual(planned.team_id, self.team_city)
        # The new leader decides, with an activity
        approval = pending.sudo().approval_id
        self.assertEqual(approval.team_id, self.team_west)
        self.assertEqual(approval.pending_user_ids, self.west)
        self.assertEqual(pending.sudo().activity_ids.user_id, self.west)
        self.assertTrue(self.sees(self.west, pending))
        self.assertFalse(self.sees(self.city, draft))
        self.assertTrue(self.sees(self.city, past))
        self.assertFalse(self.sees(self.west, past))
        # The history
        self.assertRecordValues(
            self.member(self.ann),
            [
                {
                    "crm_team_id": self.team_west.id,
                    "stm_date_from": TODAY,
                    "stm_date_to": False,
                    "active": True,
                },
                {
                    "crm_team_id": self.team_city.id,
                    "stm_date_from": date(2025, 1, 1),
                    "stm_date_to": date(2026, 2, 25),
                    "active": False,
                },
            ],
        )
        self.assertEqual(
            self.member(self.ann).stm_post_id,
            self.env.ref("sales_team_mgmt.post_salesperson"),
        )
        self.assertTrue(self.ann.has_group("sales_team_mgmt.group_salesperson"))

    def test_open_documents_of_a_closed_period_stay_where_they_were(self):
        report = self.report(self.ann, "2026-01-05")
        period = self.env["stm.period"].create(
            {"name": "2026-01", "date_from": "2026-01-01", "date_to": "2026-01-31"}
        )
        period.with_user(self.manager).action_close("work")
        self.transfer(self.ann).action_transfer()
        self.assertEqual(report.team_id, self.team_city)
        self.assertEqual(self.ann.sale_team_id, self.team_west)

    def test_a_transfer_planned_ahead_happens_on_its_day(self):
        pending = self.plan(self.ann, "2026-03-09")
        pending.action_submit()
        self.transfer(self.ann, date="2026-03-02", customers="keep").action_transfer()
        self.assertRecordValues(
            self.member(self.ann),
            [
                {
                    "crm_team_id": self.team_west.id,
                    "stm_date_from": date(2026, 3, 2),
                    "stm_date_to": False,
                    "active": False,
                },
                {
                    "crm_team_id": self.team_city.id,
                    "stm_date_from": date(2025, 1, 1),
                    "stm_date_to": date(2026, 3, 1),
                    "active": True,
                },
            ],
        )
        cron = self.env.ref("sales_team_mgmt.ir_cron_memberships")
        # Until the evening of the last day, in Shanghai, nothing moves
        for moment in (THURSDAY, "2026-03-01 15:59:59"):
            with freeze_time(moment), self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual(pending.sudo().team_id, self.team_city, moment)
            self.assertTrue(self.member(self.ann, self.team_city).active)
        with freeze_time("2026-03-02 02:00:00"):
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
                cron.method_direct_trigger()
            self.env.invalidate_all()
            self.assertFalse(self.member(self.ann, self.team_city).active)
            self.assertTrue(self.member(self.ann, self.team_west).active)
            self.assertEqual(self.ann.sale_team_id, self.team_west)
            self.assertEqual(pending.team_id, self.team_west)
            self.assertEqual(pending.sudo().approval_id.pending_user_ids, self.west)
            self.assertTrue(self.ann.has_group("sales_team_mgmt.group_salesperson"))
            self.assertEqual(self.plan(self.ann, "2026-03-16").team_id, self.team_west)

    def test_a_post_planned_ahead_gives_its_rights_on_its_day(self):
        self.env["stm.transfer"].with_user(self.manager).create(
            {
                "user_id": self.ann.id,
                "team_id": self.team_west.id,
                "post_id": self.env.ref("sales_team_mgmt.post_city_manager").id,
                "customers": "keep",
                "date": "2026-03-02",
            }
        ).action_transfer()
        self.assertFalse(self.ann.has_group("sales_team_mgmt.group_leader"))
        with freeze_time("2026-03-02 02:00:00"), self.enter_registry_test_mode():
            self.env.ref("sales_team_mgmt.ir_cron_memberships").method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(self.ann.has_group("sales_team_mgmt.group_leader"))

    def test_only_customers_can_be_handed_over_by_the_leader(self):
        self.customers[:2].user_id = self.ann
        visit = self.visit(self.ann, self.customers[0], "2026-03-03 02:00:00", False)
        other = self.visit(self.ann, self.customers[1], "2026-03-03 03:00:00", False)
        self.env["stm.transfer"].with_user(self.city).create(
            {
                "user_id": self.ann.id,
                "kind": "customers",
                "customers": "hand_over",
                "successor_id": self.ben.id,
                "partner_ids": [Command.set(self.customers[0].ids)],
            }
        ).action_transfer()
        self.assertEqual(self.customers[0].user_id, self.ben)
        self.assertEqual(self.customers[1].user_id, self.ann)
        self.assertEqual((visit.user_id, other.user_id), (self.ben, self.ann))
        self.assertEqual(self.ann.sale_team_id, self.team_city)

    def test_a_leaver(self):
        pending = self.plan(self.ann)
        pending.action_submit()
        self.open_duties("2026-02-26")
        leaver = self.person("leaver", "group_salesperson")
        self.join(leaver, self.team_city)
        self.open_duties("2026-02-26")
        self.assertTrue(self.duties(leaver, state="open"))
        absence = self.stand_in(self.ann, leaver, "2026-02-26", "2026-03-31")
        self.assertTrue(self.sees(leaver, pending))
        session = "0123456789"
        token = leaver._compute_session_token(session)
        leaver.active = False
        self.assertNotEqual(leaver._compute_session_token(session) or None, token)
        self.assertRecordValues(
            self.member(leaver), [{"active": False, "stm_date_to": TODAY}]
        )
        self.assertEqual(absence.state, "cancelled")
        self.assertFalse(
            self.env["stm.access"].search_count([("user_id", "=", leaver.id)])
        )
        with self.enter_registry_test_mode():
            self.env.ref("sales_team_mgmt.ir_cron_duties").method_direct_trigger()
            self.env.ref("sales_team_mgmt.ir_cron_memberships").method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(self.duties(leaver, state="open"))
        self.assertFalse(self.member(leaver).active)
        self.assertTrue(self.duties(self.ann, state="open"))

    def test_a_leader_who_leaves_is_followed_by_the_one_above(self):
        plan = self.plan(self.ann)
        plan.action_submit()
        self.city.active = False
        self.assertEqual(plan.sudo().approval_id.pending_user_ids, self.east)
        plan.with_user(self.east).action_approve()
        self.assertEqual(plan.state, "approved")

    def test_posts_give_rights_and_take_them_back(self):
        member = self.member(self.ben)
        member.stm_post_id = self.env.ref("sales_team_mgmt.post_city_manager")
        self.assertTrue(self.ben.has_group("sales_team_mgmt.group_leader"))
        member.stm_post_id = self.env.ref("sales_team_mgmt.post_salesperson")
        self.env.invalidate_all()
        self.assertFalse(self.ben.has_group("sales_team_mgmt.group_leader"))
        self.assertTrue(self.ben.has_group("sales_team_mgmt.group_salesperson"))
        # What was given by hand and not by the post stays
        self.ben.group_ids += self.env.ref("sales_team_mgmt.group_finance")
        member.stm_post_id = False
        self.env.invalidate_all()
        self.assertTrue(self.ben.has_group("sales_team_mgmt.group_finance"))

    def test_whoever_is_archived_loses_the_rights_of_the_post_at_once(self):
        member = self.member(self.ben)
        member.stm_post_id = self.env.ref("sales_team_mgmt.post_city_manager")
        member.action_archive()
        self.env.invalidate_all()
        self.assertFalse(self.ben.has_group("sales_team_mgmt.group_leader"))
        member.action_unarchive()
        self.env.invalidate_all()
        self.assertTrue(self.ben.has_group("sales_team_mgmt.group_leader"))
        self.assertEqual(self.member(self.ben), member)

    def test_saving_a_team_leaves_a_planned_transfer_alone(self):
        """The team form writes all its members, the manager's own one included."""
        self.transfer(self.ann, date="2026-03-02", customers="keep").action_transfer()
        newcomer = self.person("newcomer", "group_salesperson")
        for team in (self.team_city, self.team_department):
            team.with_user(self.manager).member_ids = [Command.link(newcomer.id)]
        self.assertEqual(
            self.member(self.ann, self.team_city).stm_date_to, date(2026, 3, 1)
        )
        self.assertTrue(self.member(self.manager).active)

    def test_archiving_and_coming_back_keep_the_history(self):
        member = self.member(self.ben)
        with freeze_time("2026-03-10 02:00:00"):
            member.action_archive()
            self.assertEqual(member.stm_date_to, date(2026, 3, 10))
        with freeze_time("2026-03-20 02:00:00"):
            member.action_unarchive()
        self.assertRecordValues(
            self.member(self.ben),
            [
                {
                    "stm_date_from": date(2026, 3, 20),
                    "stm_date_to": False,
                    "active": True,
                },
                {
                    "stm_date_from": date(2025, 1, 1),
                    "stm_date_to": date(2026, 3, 10),
                    "active": False,
                },
            ],
        )
        teams = self.env["crm.team.member"]._stm_teams_of
        for day, team in (
            (date(2026, 3, 10), self.team_city),
            (date(2026, 3, 15), None),
            (date(2026, 3, 20), self.team_city),
        ):
            self.assertEqual(teams(self.ben, day).get(self.ben), team)

    def test_what_was_archived_today_is_not_begun_again_by_the_cron(self):
        newcomer = self.person("newcomer", "group_salesperson")
        member = self.join(newcomer, self.team_city, first="2026-02-24")
        member.action_archive()
        with self.enter_registry_test_mode():
            self.env.ref("sales_team_mgmt.ir_cron_memberships").method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(member.active)
        self.assertEqual(member.stm_date_to, TODAY)

    def test_the_members_of_the_standard_team_form_get_dates_as_well(self):
        draft = self.plan(self.ben)
        self.team_west.member_ids = [Command.link(self.ben.id)]
        self.assertRecordValues(
            self.member(self.ben),
            [
                {
                    "crm_team_id": self.team_west.id,
                    "stm_date_from": TODAY,
                    "stm_date_to": False,
                    "active": True,
                },
                {
                    "crm_team_id": self.team_city.id,
                    "stm_date_from": date(2025, 1, 1),
                    "stm_date_to": date(2026, 2, 25),
                    "active": False,
                },
            ],
        )
        self.assertEqual(draft.team_id, self.team_west)
        self.team_west.member_ids = [Command.unlink(self.ben.id)]
        self.assertFalse(self.member(self.ben, self.team_west).active)
        self.assertEqual(self.member(self.ben, self.team_west).stm_date_to, TODAY)

    def test_past_memberships_are_not_deleted(self):
        with self.assertRaises(UserError):
            self.member(self.ann).unlink()
        self.assertTrue(self.member(self.ann))

    def test_a_document_has_the_team_of_its_day(self):
        """Whoever moved writes last week's report for last week's team."""
        self.transfer(self.ann, customers="keep").action_transfer()
        self.assertEqual(self.report(self.ann, "2026-02-16").team_id, self.team_city)
        self.assertEqual(self.report(self.ann, "2026-02-23").team_id, self.team_west)

    def test_customers_are_not_handed_over_ahead_of_the_day(self):
        self.customers[0].user_id = self.ann
        transfer = self.transfer(self.ann, date="2026-03-02")
        with self.assertRaisesRegex(UserError, "Stay with the Person"):
            transfer.action_transfer()
        self.assertEqual(self.customers[0].user_id, self.ann)
        self.assertEqual(len(self.member(self.ann)), 1)
        transfer.date = TODAY
        transfer.action_transfer()
        self.assertEqual(self.customers[0].user_id, self.ben)

    def follow_dates(self, moment):
        with freeze_time(moment), self.enter_registry_test_mode():
            self.env.ref("sales_team_mgmt.ir_cron_memberships").method_direct_trigger()
        self.env.invalidate_all()

    def test_a_membership_begins_and_ends_by_the_day_of_its_person(self):
        self.transfer(self.ann, date="2026-03-02", customers="keep").action_transfer()
        self.wei.tz = "America/Los_Angeles"
        self.member(self.wei).stm_date_to = "2026-03-01"
        for moment, begun, ended in (
            ("2026-03-01 15:59:00", False, False),
            # Monday in Shanghai, Sunday in Los Angeles
            ("2026-03-01 16:01:00", True, False),
            ("2026-03-02 07:59:00", True, False),
            ("2026-03-02 08:01:00", True, True),
        ):
            self.follow_dates(moment)
            with self.subTest(moment=moment):
                self.assertEqual(self.member(self.ann, self.team_west).active, begun)
                self.assertEqual(
                    self.member(self.ann, self.team_city).active, not begun
                )
                self.assertEqual(self.member(self.wei).active, not ended)

    def test_the_cron_catches_up_however_late_it_runs(self):
        leader = "sales_team_mgmt.group_leader"
        self.transfer(
            self.ann,
            date="2026-03-02",
            customers="keep",
            post_id=self.env.ref("sales_team_mgmt.post_city_manager").id,
        ).action_transfer()
        # Active from the start, as the form of a member makes it
        newcomer = self.person("newcomer", "group_salesperson")
        self.join(newcomer, self.team_city, "city_manager", first="2026-03-02")
        self.assertFalse(newcomer.has_group(leader))
        self.follow_dates("2026-05-04 02:00:00")
        for user in (self.ann, newcomer):
            self.assertTrue(self.member(user)[0].active)
            self.assertTrue(user.has_group(leader))
        # Once: what was archived since then does not come back
        with freeze_time("2026-05-05 02:00:00"):
            self.member(newcomer).write({"active": False, "stm_date_to": False})
        self.follow_dates("2026-05-06 02:00:00")
        self.assertFalse(self.member(newcomer).active)

    def test_a_plan_that_was_called_off_gives_no_role(self):
        leader = "sales_team_mgmt.group_leader"
        newcomer = self.person("newcomer", "group_salesperson")
        planned = self.join(newcomer, self.team_city, "city_manager", "2026-03-09")
        self.join(newcomer, self.team_west, first="2026-03-02")
        self.assertFalse(newcomer.has_group(leader))
        for moment in ("2026-03-05 02:00:00", "2026-03-10 02:00:00"):
            self.follow_dates(moment)
            self.assertFalse(newcomer.has_group(leader))
            self.assertEqual(newcomer.sale_team_id, self.team_west)
        self.assertFalse(planned.active)

    def test_a_plan_for_the_past_does_not_undo_a_later_move(self):
        self.transfer(self.ann, date="2026-03-02", customers="keep").action_transfer()
        with freeze_time("2026-03-03 02:00:00"):
            self.join(self.ann, self.team_east, first="2026-03-03")
        self.follow_dates("2026-03-04 02:00:00")
        self.assertEqual(self.ann.sale_team_id, self.team_east)
        self.assertFalse(self.member(self.ann, self.team_west).active)

    def test_the_cron_refreshes_decisions_once_a_batch(self):
        for user in (self.ann, self.ben, self.wei):
            self.member(user).stm_date_to = "2026-03-01"
        Approval = self.env.registry["stm.approval"]
        with patch.object(Approval, "_refresh_approvers") as refresh:
            self.follow_dates("2026-03-02 02:00:00")
        self.assertEqual(refresh.call_count, 1)
        for user in (self.ann, self.ben, self.wei):
            self.assertFalse(self.member(user).active)

    def test_a_role_given_by_hand_outlives_the_post(self):
        leader = self.env.ref("sales_team_mgmt.group_leader")
        post = self.env.ref("sales_team_mgmt.post_city_manager")
        self.ben.group_ids += leader
        for user, given in ((self.ann, True), (self.ben, False)):
            member = self.member(user)
            member.stm_post_id = post
            self.assertIn(leader, user.group_ids)
            self.assertEqual(member.stm_post_gave_role, given)
            member.action_archive()
            self.assertEqual(leader in user.group_ids, not given)
            self.assertFalse(member.stm_post_gave_role)

    def test_a_role_that_two_posts_give_goes_with_the_second_one(self):
        leader = self.env.ref("sales_team_mgmt.group_leader")
        params = self.env["ir.config_parameter"]
        params.set_param("sales_team.membership_multi", True)
        first = self.member(self.ann)
        first.stm_post_id = self.env.ref("sales_team_mgmt.post_city_manager")
        second = self.join(self.ann, self.team_west, "city_manager")
        first.action_archive()
        self.assertIn(leader, self.ann.group_ids)
        second.action_archive()
        self.assertNotIn(leader, self.ann.group_ids)

    def test_who_gave_a_role_is_not_written_by_hand(self):
        member = self.member(self.ann).with_user(self.manager)
        for name in ("stm_post_gave_role", "stm_is_planned"):
            with self.assertRaises(AccessError):
                member.write({name: True})
            self.assertFalse(member[name])

    def test_nobody_strips_a_post_of_a_role_above_the_own_one(self):
        post = self.env.ref("sales_team_mgmt.post_gm")
        general = post.group_id
        chief = self.person("chief", "group_salesperson")
        self.join(chief, self.team_department, "gm")
        for group in (False, self.env.ref("sales_team_mgmt.group_salesperson").id):
            with self.assertRaises(AccessError):
                post.with_user(self.manager).write({"group_id": group})
        self.assertEqual(post.group_id, general)
        self.assertIn(general, chief.group_ids)

    def test_a_post_in_use_is_archived_not_deleted(self):
        post = self.env["stm.post"].create({"name": "Envoy", "code": "envoy"})
        member = self.member(self.ann)
        member.stm_post_id = post
        member.action_archive()
        with self.assertRaisesRegex(UserError, "Archive it"):
            post.unlink()
        self.assertEqual(member.stm_post_id, post)
        unused = self.env["stm.post"].create({"name": "Unused", "code": "unused"})
        unused.unlink()
        self.assertFalse(unused.exists())
