from datetime import date
from decimal import Decimal

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import StmCase

FRIDAY = "2026-03-06 02:00:00"


class EventCase(StmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Event = cls.env["stm.event"]

    def kind(self, code):
        return self.env.ref(f"sales_team_mgmt.event_type_{code}")

    def event(self, actor=None, user=None, code="complaint", **values):
        """An event about Ann that her leader recorded by hand."""
        return self.Event.with_user(actor or self.city).create(
            {
                "user_id": (user or self.ann).id,
                "type_id": self.kind(code).id,
                "date": "2026-03-05",
                "note": "A customer complained",
                **values,
            }
        )

    def vals(self, user=None, key="test:1", **values):
        """What a document hands to ``_raise``."""
        return {
            "key": key,
            "user_id": (user or self.ann).id,
            "company_id": self.company.id,
            "date": date(2026, 3, 5),
            "type": "false_visit",
            "note": "The customer saw nobody",
            **values,
        }

    def close(self, first, last, company=None, area="appraisal"):
        period = self.env["stm.period"].create(
            {
                "name": first[:7],
                "date_from": first,
                "date_to": last,
                "company_id": (company or self.company).id,
            }
        )
        # What its gate would ask for is not what is tested here.
        self.env["stm.period.closing"].create({"period_id": period.id, "area": area})
        return period

    def facts(self, users=None, first="2026-03-01", last="2026-03-31", **kwargs):
        return self.Event._facts(users or self.ann, self.company, first, last, **kwargs)

    def queries(self, act):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        act()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def crowd(self, size):
        """Salespeople of the city team."""
        group = self.env.ref("sales_team_mgmt.group_salesperson")
        users = self.env["res.users"].create(
            [
                {
                    "name": f"Crowd {size} {n}",
                    "login": f"stm_crowd_{size}_{n}",
                    "tz": "Asia/Shanghai",
                    "group_ids": [Command.link(group.id)],
                }
                for n in range(size)
            ]
        )
        self.env["crm.team.member"].create(
            [
                {
                    "user_id": user.id,
                    "crm_team_id": self.team_city.id,
                    "stm_date_from": "2025-01-01",
                }
                for user in users
            ]
        )
        return users


@tagged("post_install", "-at_install")
@freeze_time(FRIDAY)
class TestEventRights(EventCase):
    """Who records, sees, changes and decides what (APP-12, APP-15)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deputy = cls.person("deputy", "group_salesperson")
        cls.cover = cls.person("cover", "group_salesperson")
        cls.join(cls.deputy, cls.team_west)
        cls.join(cls.cover, cls.team_west)
        cls.team_city.stm_deputy_id = cls.deputy
        cls.env["stm.substitution"].create(
            [
                {
                    "user_id": absent.id,
                    "substitute_id": cls.cover.id,
                    "date_from": "2026-03-01",
                    "date_to": "2026-03-31",
                }
                for absent in (cls.city, cls.ben)
            ]
        )

    def everybody(self):
        return (self.ann | self.ben | self.wei | self.city | self.east | self.west) | (
            self.manager | self.gm | self.hr | self.finance | self.deputy | self.cover
        )

    def test_who_records_what_about_ann(self):
        may = self.city | self.east | self.manager | self.gm | self.hr
        may |= self.deputy | self.cover
        for user in self.everybody():
            with self.subTest(user=user.login):
                if user in may:
                    self.assertEqual(self.event(user).state, "proposed")
                else:
                    with self.assertRaises(AccessError), mute_logger("odoo.addons"):
                        self.event(user)
                    self.env.clear()

    def test_nobody_records_about_oneself(self):
        for user in self.everybody():
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.event(user, user)

    def test_a_stand_in_or_deputy_records_nothing_about_the_leader(self):
        for user in (self.deputy, self.cover):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.event(user, self.city)
        event = self.event(self.east, self.city)
        for user in (self.deputy, self.cover):
            self.assertIn(event, event.with_user(user)._get_cannot_decide_reasons())

    def test_who_decides_about_ann(self):
        may = self.city | self.east | self.manager | self.deputy | self.cover
        event = self.event(self.hr)
        for user in self.everybody():
            mine = event.with_user(user)
            with self.subTest(user=user.login):
                reasons = mine._get_cannot_decide_reasons()
                self.assertEqual(bool(reasons), user not in may)
                self.assertEqual(
                    mine.sudo(False).can_confirm if user in may else False, user in may
                )
                for act in (mine.action_confirm, lambda m=mine: m.action_dismiss("x")):
                    with self.env.cr.savepoint() as savepoint:
                        try:
                            with mute_logger("odoo.addons.base.models.ir_rule"):
                                act()
                            done = True
                        except UserError:
                            done = False
                        self.assertEqual(done, user in may)
                        savepoint.rollback()
                    self.env.invalidate_all()
                self.assertEqual(event.state, "proposed")

    def test_about_the_head_of_the_department_decides_the_general_manager(self):
        event = self.event(self.hr, self.manager)
        for user in (self.manager, self.hr, self.east, self.ann):
            self.assertTrue(event.with_user(user)._get_cannot_decide_reasons())
        event.with_user(self.gm).action_confirm()
        self.assertEqual((event.state, event.decided_by_id), ("confirmed", self.gm))

    def test_who_sees_what_before_and_after_the_decision(self):
        """The person sees it once it counts; a stand-in of the person never."""
        event = self.event(self.hr)
        leaders = self.city | self.east | self.manager | self.gm | self.hr
        leaders |= self.deputy | self.cover
        for state, readers in (
            ("proposed", leaders),
            ("confirmed", leaders | self.ann),
            ("dismissed", leaders),
        ):
            event.sudo().write({"state": state, "dismiss_reason": "x"})
            for user in self.everybody():
                with self.subTest(state=state, user=user.login):
                    mine = event.with_user(user)
                    self.assertEqual(mine.has_access("read"), user in readers)
        of_ben = self.event(self.hr, self.ben)
        self.team_city.stm_deputy_id = False
        self.env["stm.substitution"].search(
            [("user_id", "=", self.city.id)]
        ).action_cancel()
        self.assertFalse(of_ben.with_user(self.cover).has_access("read"))

    def test_a_leader_does_not_see_own_proposals(self):
        """The city manager stands in the team that he leads."""
        event = self.event(self.east, self.city)
        self.assertFalse(event.with_user(self.city).has_access("read"))
        about_manager = self.event(self.hr, self.manager)
        self.assertFalse(about_manager.with_user(self.manager).has_access("read"))
        found = self.Event.with_user(self.city).search([("user_id", "=", self.city.id)])
        self.assertFalse(found)
        event.action_confirm()
        self.assertTrue(event.with_user(self.city).has_access("read"))

    def test_to_decide_finds_what_the_buttons_allow(self):
        events = self.event(self.hr) | self.event(self.hr, self.wei)
        events |= self.event(self.hr, self.city) | self.event(self.hr, self.manager)
        decided = self.event(self.hr)
        decided.with_user(self.city).action_confirm()
        events |= decided
        for user in self.everybody() - self.finance:
            mine = self.Event.with_user(user)
            found = mine.search([("can_confirm", "=", True)])
            readable = events.with_user(user)._filtered_access("read")
            with self.subTest(user=user.login):
                self.assertEqual(found, readable.filtered("can_confirm"))
        self.assertEqual(
            len(self.Event.with_user(self.city).search([("can_confirm", "=", True)])), 1
        )

    def test_who_moved_is_decided_on_by_the_new_leader(self):
        proposed, counted = self.event(self.hr), self.event(self.hr)
        counted.with_user(self.city).action_confirm()
        self.join(self.ann, self.team_west, first="2026-03-06")
        self.env.invalidate_all()
        self.assertEqual(proposed.team_id, self.team_west)
        self.assertEqual(counted.team_id, self.team_city)
        for event in (proposed, counted):
            with self.assertRaises(UserError):
                event.with_user(self.city).action_dismiss("No")
        self.assertEqual(proposed.activity_ids.user_id, self.west)
        proposed.with_user(self.west).action_confirm()
        counted.with_user(self.west).action_dismiss("No")
        self.assertEqual((proposed.state, counted.state), ("confirmed", "dismissed"))

    def test_changes_before_and_after_the_decision(self):
        event = self.event(self.hr)
        for user in (self.hr, self.city, self.east):
            event.with_user(user).note = f"Changed by {user.name}"
        for user in (self.gm, self.ann, self.ben, self.west):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                with mute_logger("odoo.addons.base.models.ir_rule"):
                    event.with_user(user).note = "Mine"
            self.env.invalidate_all()
        with self.assertRaises(AccessError):
            event.with_user(self.city).user_id = self.city
        with self.assertRaises(AccessError):
            event.with_user(self.city).user_id = self.wei
        event.with_user(self.city).action_confirm()
        changes = {"note": "y", "quantity": 2, "date": "2026-03-04", "amount": 1}
        changes["type_id"] = self.kind("discipline_breach").id
        for name, value in changes.items():
            for user in (self.hr, self.city):
                with self.subTest(name=name), self.assertRaisesRegex(UserError, "deci"):
                    event.with_user(user).write({name: value})

    def test_system_fields_are_not_written(self):
        event = self.event()
        for values in (
            {"factor": 3},
            {"state": "confirmed"},
            {"key": "duty:1"},
            {"origin": "system"},
            {"decided_by_id": self.city.id},
            {"model": "res.users"},
            {"res_id": 1},
            {"dismiss_reason": "x"},
            {"team_id": self.team_west.id},
        ):
            with self.subTest(values=values):
                with self.assertRaises(AccessError):
                    event.write(values)
                with self.assertRaises(AccessError):
                    self.event(**values)
        forged = self.Event.with_user(self.city).with_context(
            default_state="confirmed", default_factor=9, default_key="k"
        )
        made = forged.create(
            {
                "user_id": self.ann.id,
                "type_id": self.kind("complaint").id,
                "note": "x",
            }
        )
        self.assertEqual((made.state, made.factor, made.key), ("proposed", 1.0, False))

    def test_only_who_recorded_it_deletes_and_only_before_the_decision(self):
        event = self.event(self.hr)
        with self.assertRaisesRegex(UserError, "Dismiss"):
            event.with_user(self.city).unlink()
        event.with_user(self.city).action_confirm()
        with self.assertRaises(UserError):
            event.with_user(self.hr).unlink()
        self.event(self.hr).unlink()
        raised = self.Event._raise([self.vals()])
        with self.assertRaises(UserError):
            raised.with_user(self.city).unlink()

    def test_two_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        away = self.person("away", "group_leader")
        worker = self.person("worker", "group_salesperson")
        for user in away | worker:
            user.write(
                {"company_ids": [Command.set(other.ids)], "company_id": other.id}
            )
        team = self.team("Abroad", away, company_id=other.id)
        self.join(away, team)
        self.join(worker, team)
        abroad = self.event(away, worker, company_id=other.id)
        for user in (self.manager, self.gm, self.hr, self.city):
            self.assertFalse(abroad.with_user(user).has_access("read"))
        both = self.person("both", "group_hr")
        both.company_ids |= other
        with self.assertRaisesRegex(UserError, "does not work"):
            self.event(both, company_id=other.id)
        local = self.env["stm.event.type"].create(
            {"name": "Local", "code": "local", "company_id": other.id}
        )
        with self.assertRaises(UserError):
            self.event(type_id=local.id)
        raised = self.Event._raise(
            [
                self.vals(),
                self.vals(worker, "test:2", company_id=other.id),
            ]
        )
        raised.sudo().write({"state": "confirmed"})
        self.assertEqual(
            self.Event._facts(
                self.ann | worker, other, "2026-03-01", "2026-03-31"
            ).keys(),
            {(worker.id, self.kind("false_visit").id)},
        )

    def test_whoever_works_in_two_companies_is_led_in_each_by_its_leader(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.ann.company_ids |= other
        away = self.person("away", "group_leader")
        away.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.env["ir.config_parameter"].set_param("sales_team.membership_multi", True)
        team = self.team("Abroad", away, company_id=other.id)
        self.join(self.ann, team, first="2026-01-01")
        here = self.event()
        there = self.event(away, company_id=other.id)
        self.assertEqual((here.team_id, there.team_id), (self.team_city, team))
        self.assertFalse(here._get_cannot_decide_reasons())
        self.assertFalse(there._get_cannot_decide_reasons())
        self.assertTrue(there.with_user(self.city)._get_cannot_decide_reasons())


@tagged("post_install", "-at_install")
@freeze_time(FRIDAY)
class TestEvent(EventCase):
    """What an event holds and how it is decided."""

    def test_bad_input_is_refused(self):
        for error, values in (
            (UserError, {"note": " "}),
            (UserError, {"note": False}),
            (UserError, {"date": "2026-03-07"}),
            (UserError, {"code": "loss_amount"}),
            (ValidationError, {"code": "discipline_breach", "quantity": 2}),
            (ValidationError, {"amount": 5}),
            (IntegrityError, {"quantity": 0}),
            (IntegrityError, {"quantity": -1}),
            (UserError, {"quantity": float("inf")}),
            (UserError, {"quantity": float("nan")}),
            (UserError, {"code": "loss_amount", "amount": float("nan")}),
            (UserError, {"code": "loss_amount", "amount": "much"}),
            (IntegrityError, {"quantity": 1e12}),
            (IntegrityError, {"code": "loss_amount", "amount": -5}),
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(error),
                self.env.cr.savepoint(),
                mute_logger("odoo.sql_db"),
            ):
                self.event(**values)
                self.env.flush_all()
        count = self.Event.search_count([("user_id", "=", self.ann.id)])
        self.assertEqual(count, 0)
        loss = self.event(code="loss_amount", amount=20000)
        self.assertEqual(loss.amount, 20000)

    def test_an_archived_type_is_recorded_no_more(self):
        self.kind("complaint").active = False
        self.kind("false_visit").active = False
        with self.assertRaisesRegex(UserError, "archived"):
            self.event()
        self.assertFalse(self.Event._raise([self.vals()]))

    def test_today_in_shanghai_is_not_the_future(self):
        with freeze_time("2026-03-05 17:00:00"):
            self.assertTrue(self.event(date="2026-03-06"))

    def test_confirm_then_dismiss_with_a_reason_in_the_chatter(self):
        event = self.event(self.hr).with_context(tracking_disable=False)
        leader = event.with_user(self.city).with_context(tracking_disable=False)
        leader.action_confirm()
        self.env.cr.precommit.run()
        self.assertEqual((event.state, event.decided_by_id), ("confirmed", self.city))
        self.assertTrue(event.decided_at)
        with self.assertRaisesRegex(UserError, "decided already"):
            leader.action_confirm()
        wizard = leader.action_dismiss()
        self.assertEqual(wizard["res_model"], "stm.event.dismiss")
        self.assertEqual(leader.action_dismiss("  ")["type"], wizard["type"])
        leader.env["stm.event.dismiss"].create(
            {"event_ids": event.ids, "reason": "It was the carrier"}
        ).action_confirm()
        self.env.cr.precommit.run()
        self.assertEqual(event.state, "dismissed")
        self.assertIn("It was the carrier", event.sentence)
        event.invalidate_recordset()
        tracked = event.message_ids.sudo().tracking_value_ids
        self.assertIn("It was the carrier", tracked.mapped("new_value_char"))
        self.assertIn("Dismissed", tracked.mapped("new_value_char"))
        with self.assertRaisesRegex(UserError, "decided already"):
            leader.action_confirm()

    def test_many_at_once_and_none_if_one_is_refused(self):
        mine = self.event(self.hr) | self.event(self.hr, self.ben)
        foreign = self.event(self.hr, self.wei)
        with self.assertRaises(UserError), mute_logger("odoo.addons"):
            (mine | foreign).with_user(self.city).action_confirm()
        self.assertEqual(set((mine | foreign).mapped("state")), {"proposed"})
        mine.with_user(self.city).action_confirm()
        self.assertEqual(mine.mapped("state"), ["confirmed"] * 2)
        mine.with_user(self.city).action_dismiss("No")
        self.assertEqual(mine.mapped("state"), ["dismissed"] * 2)

    def test_a_type_that_counts_at_once_still_needs_the_leader(self):
        """HR cannot decide, so it cannot decide by choosing a type either."""
        counted = self.event(code="weak_score")
        self.assertEqual(
            (counted.state, counted.decided_by_id), ("confirmed", self.city)
        )
        self.assertEqual(self.event(self.hr, code="weak_score").state, "proposed")

    def test_the_leader_is_asked_or_the_stand_in(self):
        event = self.event(self.hr)
        self.assertEqual(event.activity_ids.user_id, self.city)
        event.with_user(self.city).action_confirm()
        self.assertFalse(event.activity_ids)
        self.assertFalse(self.event().activity_ids)
        self.env["stm.substitution"].create(
            {
                "user_id": self.city.id,
                "substitute_id": self.west.id,
                "date_from": "2026-03-01",
                "date_to": "2026-03-31",
            }
        )
        raised = self.Event._raise([self.vals()])
        self.assertEqual(raised.activity_ids.user_id, self.west)
        self.assertFalse(raised.message_partner_ids)

    def test_a_closed_period_is_left_alone(self):
        event, counted = self.event(), self.event()
        counted.action_confirm()
        self.close("2026-03-01", "2026-03-31")
        self.env.invalidate_all()
        for act in (
            lambda: self.event(),
            lambda: event.action_confirm(),
            lambda: counted.action_dismiss("No"),
            lambda: event.write({"note": "x"}),
            lambda: event.unlink(),
            lambda: event.sudo().write({"note": "x"}),
        ):
            with self.assertRaisesRegex(UserError, "closed"):
                act()
        self.assertFalse(event.can_confirm or counted.can_dismiss)
        self.Event._withdraw(["nothing"], "x")

    def test_another_area_may_be_closed(self):
        self.close("2026-03-01", "2026-03-31", area="work")
        self.event().action_confirm()

    def test_types_that_were_used_keep_their_meaning(self):
        kind = self.kind("complaint").with_user(self.manager)
        kind.uses_amount = True
        kind.uses_amount = False
        self.event()
        kind.invalidate_recordset()
        self.assertTrue(kind.is_used)
        for values in (
            {"uses_amount": True},
            {"uses_quantity": False},
            {"code": "other"},
        ):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, "used"):
                kind.write(values)
        kind.write({"name": "Grievance", "active": False, "code": "complaint"})
        with self.assertRaisesRegex(UserError, "Archive"):
            kind.unlink()
        other = self.env["res.company"].create({"name": "Other"})
        with self.assertRaisesRegex(ValidationError, "stays there"):
            kind.sudo().company_id = other
        with self.assertRaisesRegex(UserError, "Documents"):
            self.kind("false_visit").with_user(self.manager).unlink()
        mine = self.env["stm.event.type"].with_user(self.manager)
        mine.create({"name": "Mine", "code": "mine"}).unlink()

    def test_every_type_of_the_catalogue_is_there(self):
        codes = set(self.env["stm.event.type"].search([]).mapped("code"))
        self.assertLessEqual(
            {
                "monthly_report_late",
                "weekly_report_late",
                "weekly_report_illegible",
                "weekly_summary_untrue",
                "training_missing",
                "subordinate_breach",
                "distributor_report_late",
                "network_plan_missed",
                "end_user_problem_late",
                "policy_not_executed",
                "distributor_problem_not_reported",
                "rebate_form_late",
                "discipline_breach",
                "weak_score",
                "false_visit",
                "customer_lost",
                "complaint",
                "loss_amount",
            },
            codes,
        )


@tagged("post_install", "-at_install")
@freeze_time(FRIDAY)
class TestRaise(EventCase):
    """What documents ask of events."""

    def test_raising_again_doubles_nothing(self):
        events = self.Event._raise([self.vals(), self.vals(self.ben, "test:2")])
        self.assertEqual(events.mapped("state"), ["proposed"] * 2)
        self.assertEqual(set(events.mapped("origin")), {"system"})
        self.assertEqual(events.mapped("quantity"), [1, 1])
        again = self.Event._raise(
            [self.vals(quantity=3, note="Three"), self.vals(self.ben, "test:2")]
        )
        self.assertEqual(again, events)
        mine = events.filtered(lambda e: e.user_id == self.ann)
        self.assertEqual((mine.quantity, mine.note), (3, "Three"))
        self.assertEqual(len(events.activity_ids), 2)
        twice = self.Event._raise([self.vals(key="k"), self.vals(key="k", quantity=2)])
        self.assertEqual(twice.mapped("quantity"), [2])
        moved = self.Event._raise([self.vals(date="2026-03-04")])
        self.assertEqual(moved.date, date(2026, 3, 4))

    def test_what_a_person_decided_stays(self):
        for key, act in (
            ("a", lambda e: e.action_confirm()),
            ("b", lambda e: e.action_dismiss("No")),
        ):
            event = self.Event._raise([self.vals(key=key)])
            act(event.with_user(self.city))
            state = event.state
            self.Event._raise([self.vals(key=key, quantity=7, date="2026-03-01")])
            self.assertEqual((event.state, event.quantity), (state, 1))
            self.assertEqual(event.date, date(2026, 3, 5))

    def test_the_caller_is_no_author_and_cannot_interfere(self):
        """A late report is handed in by its person: not the author of the event."""
        forged = self.Event.with_user(self.ann).sudo()
        event = forged.with_context(default_state="dismissed", default_amount=9)._raise(
            [self.vals()]
        )
        self.assertNotEqual(event.create_uid, self.ann)
        self.assertEqual((event.state, event.amount), ("proposed", 0))

    def test_a_type_without_figures_ignores_them(self):
        event = self.Event._raise(
            [self.vals(type="discipline_breach", quantity=4, amount=3)]
        )
        self.assertEqual((event.quantity, event.amount), (1, 0))
        with self.assertRaisesRegex(ValueError, "no_such"):
            self.Event._raise([self.vals(type="no_such", key="other")])

    def test_types_that_count_at_once(self):
        event = self.Event._raise([self.vals(type="weak_score")])
        self.assertEqual((event.state, bool(event.decided_by_id)), ("confirmed", False))
        self.assertFalse(event.activity_ids)
        self.Event._raise([self.vals(type="weak_score", note="Corrected")])
        self.assertEqual(event.note, "Corrected")

    def test_withdraw_and_raise_again(self):
        proposed = self.Event._raise([self.vals(key="a")])
        counted = self.Event._raise([self.vals(key="b")])
        counted.with_user(self.city).action_confirm()
        withdrawn = self.Event._withdraw(["a", "b", "c"], "The visit was found")
        self.assertEqual(withdrawn, proposed | counted)
        self.assertEqual(withdrawn.mapped("state"), ["dismissed"] * 2)
        self.assertIn("The visit was found", proposed.sentence)
        self.assertFalse(proposed.activity_ids)
        self.Event._raise([self.vals(key="a")])
        self.assertEqual(proposed.state, "proposed")
        self.assertTrue(proposed.activity_ids)

    def test_a_closed_period_moves_what_the_system_raises(self):
        self.close("2026-01-01", "2026-01-31")
        self.close("2026-02-01", "2026-02-28")
        vals = self.vals(date="2026-01-15")
        event = self.Event._raise([vals])
        self.assertEqual(event.date, date(2026, 3, 1))
        self.assertIn("01/15/2026", event.note)
        self.assertEqual(event.team_id, self.team_city)
        # Raised again it stays where it is, and still says so
        self.Event._raise([self.vals(date="2026-01-15", note="New")])
        self.assertEqual(event.date, date(2026, 3, 1))
        self.assertIn("New", event.note)
        self.assertIn("01/15/2026", event.note)

    def test_what_lies_in_a_closed_period_is_neither_changed_nor_withdrawn(self):
        event = self.Event._raise([self.vals(type="weak_score", date="2026-02-10")])
        self.close("2026-02-01", "2026-02-28")
        self.Event._raise([self.vals(type="weak_score", date="2026-02-10", note="N")])
        self.assertEqual(event.note, "The customer saw nobody")
        self.assertFalse(self.Event._withdraw(["test:1"], "x"))
        self.assertEqual(event.state, "confirmed")

    def test_facts_are_what_was_confirmed(self):
        kinds = self.kind("customer_lost") | self.kind("loss_amount")
        lost = self.event(code="customer_lost", quantity=2)
        loss = self.event(code="loss_amount", amount=20000.5, date="2026-03-01")
        more = self.event(code="loss_amount", amount=1)
        late = self.Event._raise(
            [self.vals(type="monthly_report_late", factor=1.5, date="2026-02-28")]
        )
        self.assertFalse(self.facts())
        self.assertEqual(
            self.Event._undecided(
                self.ann | self.ben, self.company, "2026-03-01", "2026-03-31"
            ),
            {self.ann.id: 3},
        )
        (lost | loss | more).action_confirm()
        found = self.facts(self.ann | self.ben)
        self.assertEqual(
            found[self.ann.id, kinds[0].id],
            [(lost.id, Decimal(2), Decimal(0), Decimal(1))],
        )
        self.assertEqual(
            [fact.id for fact in found[self.ann.id, kinds[1].id]], [loss.id, more.id]
        )
        self.assertEqual(found[self.ann.id, kinds[1].id][0].amount, Decimal("20000.5"))
        self.assertEqual(len(found), 2)
        self.assertEqual(len(self.facts(types=kinds[0])), 1)
        self.assertFalse(self.facts(types=kinds.browse()))
        february = self.facts(first="2026-02-01", last="2026-02-28")
        self.assertEqual(
            february[self.ann.id, late.type_id.id][0].factor, Decimal("1.5")
        )
        lost.action_dismiss("No")
        self.assertEqual(len(self.facts()), 1)

    def test_queries_for_10_and_500_people(self):
        counts = {}
        for size in (10, 500):
            people = self.crowd(size)
            vals = [self.vals(user, f"crowd:{user.id}") for user in people]
            again = [dict(v, note="New", quantity=2) for v in vals]
            keys = [v["key"] for v in vals]
            args = (people, self.company, "2026-03-01", "2026-03-31")
            raised = self.Event.search([("key", "in", keys)])
            counts[size] = [
                self.queries(lambda v=vals: self.Event._raise(v)),
                self.queries(lambda v=again: self.Event._raise(v)),
                self.queries(lambda a=args: self.Event._undecided(*a)),
            ]
            raised = self.Event.search([("key", "in", keys)])
            self.assertEqual(set(raised.mapped("note")), {"New"})
            self.assertEqual(len(raised.activity_ids), size)
            leader = raised.with_user(self.city)
            counts[size] += [
                self.queries(lambda e=leader: e.mapped("can_confirm")),
                self.queries(lambda e=leader: e.action_confirm()),
                self.queries(lambda a=args: self.Event._facts(*a)),
                self.queries(lambda k=keys: self.Event._withdraw(k, "Gone")),
            ]
            self.assertEqual(set(raised.mapped("state")), {"dismissed"})
        self.assertEqual((counts[10][2], counts[10][5]), (1, 1))
        self.assertEqual((counts[500][2], counts[500][5]), (1, 1))
        for few, many in zip(counts[10], counts[500], strict=True):
            self.assertLessEqual(many, few + 12, counts)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 02:00:00")
class TestDutyEvents(EventCase):
    """Late and missing duties record events (APP-12, WPL-17, APP-T2 item 4)."""

    def cron(self, moment):
        with freeze_time(moment), self.enter_registry_test_mode():
            cron = self.env.ref("sales_team_mgmt.ir_cron_duties")
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    def events(self, user=None, code="weekly_report_late"):
        return self.Event.search(
            [
                ("user_id", "=", (user or self.ann).id),
                ("type_id", "=", self.kind(code).id),
            ],
            order="date",
        )

    def hand_in(self, moment, monday="2026-03-02", **values):
        self.env.ref("sales_team_mgmt.report_template_weekly").needs_next_plan = False
        with freeze_time(moment):
            report = self.report(self.ann, monday, **values)
            report.action_submit()
        return report

    def monthly(self, months, user=None):
        """Monthly reports that nobody hands in, and their events."""
        for month in months:
            self.open_duties(f"{month}-15")
        self.cron("2026-06-15 02:00:00")
        return self.events(user, "monthly_report_late")

    def test_missing_is_recorded_once_by_the_cron(self):
        self.open_duties()
        self.cron("2026-03-09 00:59:00")
        self.assertFalse(self.events())
        self.cron("2026-03-09 01:00:01")
        self.cron("2026-03-09 02:00:00")
        event = self.events()
        item = self.duties(self.ann)[0]
        self.assertEqual(event.key, f"duty:{item.id}")
        self.assertEqual((event.date, event.state), (date(2026, 3, 6), "confirmed"))
        self.assertEqual((event.model, event.res_id), (item._name, item.id))
        self.assertIn("Nothing was handed in", event.note)
        self.assertEqual(item.event_id, event)
        self.assertEqual(
            item.with_user(self.ann).action_open_event()["res_id"], event.id
        )
        self.assertTrue(item.with_user(self.ann).has_event)
        self.assertEqual(
            event.with_user(self.ann).action_open_source()["res_id"], item.id
        )
        self.assertTrue(item.activity_ids)

    def test_a_rung_that_was_passed_is_no_reason_to_forget_the_event(self):
        """Only the highest rung is taken after a pause, but the event comes as well."""
        self.open_duties()
        items = self.duties(self.ann)
        items.sudo().ladder = 99
        self.cron("2026-03-12 02:00:00")
        self.assertEqual(len(self.events()), 1)
        self.assertFalse(items.activity_ids)

    def test_the_person_does_not_open_what_is_not_confirmed(self):
        self.kind("weekly_report_late").confirmation = "leader"
        self.open_duties()
        self.cron("2026-03-09 01:00:01")
        item = self.duties(self.ann)[0]
        self.assertEqual(self.events().state, "proposed")
        self.assertFalse(item.with_user(self.ann).has_event)
        self.assertTrue(item.with_user(self.city).has_event)
        with self.assertRaises(AccessError), mute_logger("odoo.addons"):
            item.with_user(self.ann).action_open_event()
        self.assertEqual(self.events().activity_ids.user_id, self.city)

    def test_late_is_recorded_at_once(self):
        self.open_duties()
        self.hand_in("2026-03-06 10:00:01")
        self.assertEqual(self.duties(self.ann).state, "late")
        event = self.events()
        self.assertEqual((event.factor, event.date), (1.0, date(2026, 3, 6)))
        self.assertIn("without a reason", event.note)
        self.assertNotEqual(event.create_uid, self.ann)

    def test_on_time_and_excused_record_nothing(self):
        self.open_duties()
        self.hand_in("2026-03-06 11:00:00", late_reason="The train stood still")
        self.assertEqual(self.duties(self.ann).state, "excused")
        self.cron("2026-03-12 02:00:00")
        self.assertFalse(self.events())
        self.open_duties("2026-03-09")
        self.hand_in("2026-03-13 09:00:00", "2026-03-09")
        self.cron("2026-03-19 02:00:00")
        self.assertFalse(self.events())
        self.assertTrue(self.events(self.ben))

    def test_waiving_withdraws(self):
        self.open_duties()
        self.cron("2026-03-12 02:00:00")
        item = self.duties(self.ann)[0].with_user(self.city)
        item.waive_reason = "In hospital"
        item.action_waive()
        event = self.events()
        self.assertEqual(event.state, "dismissed")
        self.assertIn("In hospital", event.dismiss_reason)
        self.cron("2026-03-13 02:00:00")
        self.assertEqual(self.events().state, "dismissed")

    def test_judged_on_time_after_all_withdraws(self):
        self.open_duties()
        self.cron("2026-03-12 02:00:00")
        item = self.duties(self.ann)[0]
        item.sudo().submitted_at = "2026-03-06 09:00:00"
        item.sudo()._judge()
        self.assertEqual(item.state, "on_time")
        self.assertEqual(self.events().state, "dismissed")

    def test_taken_back_is_owed_again_and_late_twice_is_one_event(self):
        self.open_duties()
        report = self.hand_in("2026-03-06 10:30:00")
        event = self.events()
        with freeze_time("2026-03-06 11:00:00"):
            report.action_withdraw()
            self.assertEqual(self.duties(self.ann).state, "open")
            self.assertEqual(event.state, "dismissed")
        with freeze_time("2026-03-10 02:00:00"):
            report.action_submit()
        self.assertEqual(self.events(), event)
        self.assertEqual(event.state, "confirmed")

    def test_wpl_17_the_second_missing_monthly_report_weighs_double(self):
        events = self.monthly(["2026-03", "2026-04"])
        self.assertEqual(events.mapped("factor"), [1.0, 2.0])
        self.assertEqual(events.mapped("date"), [date(2026, 3, 31), date(2026, 4, 30)])
        facts = self.facts(first="2026-04-01", last="2026-04-30")
        kind = self.kind("monthly_report_late")
        self.assertEqual(facts[self.ann.id, kind.id][0].factor, Decimal(2))

    def test_wpl_17_the_company_says_how_much(self):
        self.company.stm_deduction_factor = 1.5
        events = self.monthly(["2026-03", "2026-04", "2026-05"])
        self.assertEqual(events.mapped("factor"), [1.0, 1.5, 1.5])

    def test_the_area_manager_owes_by_the_30th(self):
        events = self.monthly(["2026-03"], self.city)
        self.assertEqual(events.date, date(2026, 3, 30))

    def test_handing_in_after_all_recounts_the_ones_behind(self):
        for monday in ("2026-03-02", "2026-03-09", "2026-03-16"):
            self.open_duties(monday)
        self.cron("2026-03-24 02:00:00")
        events = self.events()
        self.assertEqual(events.mapped("factor"), [1.0, 2.0, 2.0])
        self.hand_in("2026-03-24 03:00:00", "2026-03-09")
        self.assertEqual(events.mapped("factor"), [1.0, 1.0, 1.0])
        self.assertIn("Handed in", events[1].note)
        self.assertEqual(self.events(), events)
        first = self.duties(self.ann)[0].with_user(self.city)
        first.waive_reason = "Ill"
        first.action_waive()
        self.assertEqual(events.mapped("state"), ["dismissed"] + ["confirmed"] * 2)

    def test_what_the_leader_dismissed_stays_dismissed(self):
        self.open_duties()
        self.cron("2026-03-12 02:00:00")
        event = self.events()
        event.with_user(self.city).action_dismiss("Server was down")
        self.hand_in("2026-03-12 03:00:00")
        self.assertEqual(event.state, "dismissed")
        self.assertIn("Nothing was handed in", event.note)

    def test_a_closed_month_gets_nothing_new(self):
        self.open_duties("2026-02-25")
        self.close("2026-02-01", "2026-02-28")
        self.cron("2026-03-03 02:00:00")
        event = self.events()
        self.assertEqual(event.date, date(2026, 3, 1))
        self.assertIn("closed", event.note)

    def test_a_late_decision_counts_where_the_duty_says_so(self):
        duty = self.env.ref("sales_team_mgmt.duty_decide_plan")
        duty.step_ids = [
            Command.create(
                {
                    "action": "event",
                    "hours": 0,
                    "sequence": 50,
                    "event_type_id": self.kind("discipline_breach").id,
                }
            )
        ]
        self.plan(self.ann).action_submit()
        self.cron("2026-03-05 02:00:00")
        event = self.events(self.city, "discipline_breach")
        self.assertEqual(event.state, "proposed")
        self.team_city.user_id = self.west
        self.assertEqual(event.state, "dismissed")

    def test_the_ladder_refuses_what_makes_no_sense(self):
        duty = self.env.ref("sales_team_mgmt.duty_weekly_plan")
        other = self.env["res.company"].create({"name": "Other"})
        local = self.env["stm.event.type"].create(
            {"name": "Local", "code": "local", "company_id": other.id}
        )
        good = {"duty_id": duty.id, "action": "event", "hours": 0}
        good["event_type_id"] = self.kind("discipline_breach").id
        for error, values in (
            (IntegrityError, {"event_type_id": False}),
            (IntegrityError, {"hours": -3}),
            (ValidationError, {"event_type_id": local.id}),
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(error),
                self.env.cr.savepoint(),
                mute_logger("odoo.sql_db"),
            ):
                self.env["stm.duty.step"].create({**good, **values})
                self.env.flush_all()
        self.env["stm.duty.step"].create(good)
        with (
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
            mute_logger("odoo.sql_db"),
        ):
            self.env["stm.duty.step"].create(good)
            self.env.flush_all()

    def test_an_archived_type_stops_the_rung(self):
        self.kind("weekly_report_late").active = False
        self.open_duties()
        self.cron("2026-03-12 02:00:00")
        self.assertFalse(self.events())

    def test_queries_for_10_and_500_missing_items(self):
        Item = self.env["stm.duty.item"].sudo()
        now = fields.Datetime.to_datetime("2026-03-12 02:00:00")
        counts = {}
        for size in (10, 500):
            people = self.crowd(size)
            Item._open_for_day(date(2026, 3, 4))
            items = Item.search(
                [("user_id", "in", people.ids), ("duty_key", "=", "weekly_report")]
            )
            self.assertEqual(len(items), size)
            items._judge(now)
            counts[size] = [self.queries(lambda: Item._record_missing(now, 5000))]
            self.assertEqual(len(items.event_id), size)
            items.sudo().write({"submitted_at": "2026-03-12 01:00:00"})
            counts[size].append(self.queries(lambda i=items: i._judge(now)))
            self.assertEqual(set(items.mapped("state")), {"late"})
            self.assertNotIn("Nothing", " ".join(items.event_id.mapped("note")))
            Item.search([]).event_id.sudo().unlink()
            Item.search([]).unlink()
        for few, many in zip(counts[10], counts[500], strict=True):
            self.assertLessEqual(many, few + 8, counts)
