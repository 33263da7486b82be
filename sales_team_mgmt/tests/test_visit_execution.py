import base64
import hashlib
import io
from datetime import timedelta
from uuid import uuid4

from PIL import Image
from psycopg2.errors import SerializationFailure

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Datetime
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .test_visit_phone import METRE, NOW, SHOP, PhoneCase, picture

WRITTEN = {"content": "Samples", "result": "Will order", "problem": "none"}


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestVerdict(PhoneCase):
    """What a check-in proves."""

    def check_in(self, visit=None, **data):
        data.setdefault("error", None)
        data.setdefault("reason", None)
        visit = visit or self.planned()
        return visit, self.send(self.action("check_in", visit, **data))

    def assertAsksForReason(self, result, verdict):
        self.assertEqual(
            (result["state"], result.get("needs"), result.get("verdict")),
            ("refused", "reason", verdict),
        )
        self.assertEqual(result["message"], result["verdict_note"])

    def test_within_the_radius(self):
        visit, result = self.check_in(position=self.position(200, accuracy=0))
        self.assertEqual(result["state"], "done", result)
        self.assertRecordValues(
            visit,
            [
                {
                    "state": "started",
                    "verdict": "verified",
                    "distance": 200,
                    "verdict_reason": False,
                    "sent_late": 0,
                }
            ],
        )
        self.assertIn("within 200 m", visit.verdict_note)
        position = visit.position_ids
        self.assertAlmostEqual(position.latitude, SHOP[0] + 200 * METRE, 6)
        self.assertEqual(position.server_at, Datetime.now())

    def test_outside_asks_for_a_reason_and_then_lets_through(self):
        visit, result = self.check_in(position=self.position(900))
        self.assertAsksForReason(result, "outside")
        self.assertEqual(visit.state, "planned")
        self.assertFalse(visit.position_ids)
        _visit, result = self.check_in(
            visit, position=self.position(900), reason="At their fair"
        )
        self.assertEqual(result["state"], "done")
        self.assertRecordValues(
            visit,
            [
                {
                    "state": "started",
                    "verdict": "outside",
                    "distance": 900,
                    "verdict_reason": "At their fair",
                }
            ],
        )

    def test_no_position_is_unverified_not_outside(self):
        for error in ("denied", "unavailable", "timeout", "unsupported", "off"):
            with self.subTest(error=error):
                visit, result = self.check_in(error=error, position=None)
                self.assertAsksForReason(result, "unverified")
                visit, result = self.check_in(visit, error=error, reason="Basement")
                self.assertEqual(result["state"], "done")
                self.assertEqual(visit.verdict, "unverified")
                self.assertEqual(visit.position_ids.error, error)
                self.assertFalse(visit.position_ids.place)
                visit.with_user(self.ann).action_cancel("Next one")

    def test_stale_inexact_and_unknown_places_are_unverified(self):
        stale = self.stamp(seconds=-61)
        for data in (
            {"position": self.position(at=stale)},
            {"position": self.position(accuracy=101)},
        ):
            _visit, result = self.check_in(**data)
            self.assertAsksForReason(result, "unverified")
        visit = self.planned(partner=self.customers[3])
        _visit, result = self.check_in(visit, position=self.position())
        self.assertAsksForReason(result, "unverified")
        self.assertIn("no position yet", result["message"])

    def test_limits_are_settings_of_the_company(self):
        self.company.write(
            {
                "stm_check_in_radius": 1000,
                "stm_position_accuracy": 500,
                "stm_position_age": 600,
            }
        )
        visit, result = self.check_in(
            position=self.position(900, accuracy=400, at=self.stamp(minutes=-9))
        )
        self.assertEqual(result["state"], "done", result)
        self.assertEqual(visit.verdict, "verified")

    def test_without_consent_nothing_is_recorded_and_nobody_is_locked_out(self):
        self.do("consent", given=False)
        visit, result = self.check_in(position=self.position(5))
        self.assertEqual(result["state"], "done", result)
        self.assertEqual(visit.verdict, "unverified")
        self.assertFalse(visit.distance)
        position = visit.position_ids
        self.assertEqual(position.error, "no_consent")
        self.assertFalse(position.latitude or position.longitude or position.accuracy)

    def test_positions_switched_off_for_the_company(self):
        self.company.stm_record_positions = False
        visit, result = self.check_in(position=self.position(5000))
        self.assertEqual(result["state"], "done", result)
        self.assertFalse(visit.verdict)
        self.assertFalse(visit.distance)
        visit.with_user(self.ann).write(WRITTEN)
        self.do("check_out", visit, position=self.position(5000))
        self.assertEqual(visit.state, "done")
        self.assertFalse(self.env["stm.visit.position"].search([]))

    def test_positions_that_do_not_exist_are_refused(self):
        visit = self.planned()
        for wrong in (
            {"latitude": 90.0001},
            {"latitude": -91},
            {"longitude": 180.5},
            {"latitude": "31.2"},
            {"latitude": True},
            {"longitude": None},
            {"accuracy": -1},
            {"accuracy": float("nan")},
            {"latitude": float("nan")},
            {"latitude": float("inf")},
            {"latitude": 0, "longitude": 0},
        ):
            with self.subTest(wrong=wrong):
                sentence = self.refused(
                    "check_in", visit, position=self.position(**wrong), reason="x"
                )
                self.assertIn("position that does not exist", sentence)
        self.refused("check_in", visit, position=["31", "121"], reason="x")
        self.refused("check_in", visit, error="because", reason="x")
        self.refused("check_in", visit, position=self.position(at="soon"))

    def test_the_hooks_are_called_at_the_right_moment(self):
        seen = []
        model = self.env.registry["stm.visit"]
        self.patch(
            model, "_stm_after_check_in", lambda v: seen.append((v.state, v.verdict))
        )
        self.patch(
            model,
            "_stm_after_check_out",
            lambda v: seen.append((v.state, len(v.sudo().position_ids))),
        )
        self.patch(
            model, "_stm_after_photo", lambda v, photos: seen.append(photos.sha256)
        )
        visit, _result = self.check_in(position=self.position())
        image = picture()
        self.do("photo", visit, label="Shelf", image=image)
        self.do("note", visit, **WRITTEN)
        self.do("check_out", visit, position=self.position())
        digest = hashlib.sha256(base64.b64decode(image)).hexdigest()
        self.assertEqual(seen, [("started", "verified"), digest, ("done", 2)])

    def test_a_hook_that_refuses_leaves_nothing(self):
        def refuse(visits):
            raise UserError(visits.partner_id.name)

        self.patch(self.env.registry["stm.visit"], "_stm_after_check_in", refuse)
        visit = self.planned()
        sentence = self.refused("check_in", visit, position=self.position())
        self.assertEqual(sentence, visit.partner_id.name)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestLate(PhoneCase):
    """What waited in a phone without a network, and phones whose clock is wrong."""

    def test_a_check_in_made_an_hour_ago_counts_from_then(self):
        visit = self.planned(start_at="2026-03-02 01:00:00")
        at = self.stamp(minutes=-60)
        result = self.send(
            self.action("check_in", visit, at=at, position=self.position(at=at)),
            sent_at=self.stamp(),
        )
        self.assertEqual(result["state"], "done", result)
        self.assertEqual(visit.check_in_at, Datetime.now() - timedelta(hours=1))
        self.assertEqual(visit.sent_late, 60)
        self.assertEqual(visit.verdict, "verified")
        sent = self.env["stm.client.action"].search([("visit_id", "=", visit.id)])
        self.assertEqual((sent.late, sent.received_at), (60, Datetime.now()))

    def test_a_phone_that_does_not_tell_its_time_is_believed_about_the_past(self):
        visit = self.planned(start_at="2026-03-02 01:00:00")
        at = self.stamp(minutes=-60)
        self.do("check_in", visit, at=at, position=self.position(at=at))
        self.assertEqual(visit.check_in_at, Datetime.now() - timedelta(hours=1))
        self.assertEqual(visit.sent_late, 60)

    def test_online_the_server_decides(self):
        visit = self.planned()
        at = self.stamp(seconds=-90)
        self.do("check_in", visit, at=at, position=self.position(at=at))
        self.assertEqual(visit.check_in_at, Datetime.now())
        self.assertFalse(visit.sent_late)

    def test_a_clock_an_hour_wrong_proves_nothing(self):
        for minutes in (60, -60):
            with self.subTest(minutes=minutes):
                visit = self.planned()
                wrong = self.stamp(minutes=minutes)
                action = self.action(
                    "check_in", visit, at=wrong, position=self.position(at=wrong)
                )
                result = self.send(action, sent_at=wrong)
                self.assertEqual(result.get("needs"), "reason")
                self.assertIn("wrong by 60 minutes", result["message"])
                action["data"]["reason"] = "New phone"
                result = self.send(action, sent_at=wrong)
                self.assertEqual(result["state"], "done", result)
                self.assertEqual(visit.check_in_at, Datetime.now())
                visit.with_user(self.ann).action_cancel("Next one")

    def test_a_time_of_the_future_is_now(self):
        visit = self.planned()
        at = self.stamp(minutes=30)
        self.do("check_in", visit, at=at, position=self.position(), reason="x")
        self.assertEqual(visit.check_in_at, Datetime.now())
        self.assertEqual(visit.verdict, "unverified")

    def test_checking_out_before_checking_in_lasts_no_time(self):
        visit = self.planned(**WRITTEN)
        self.do("check_in", visit, position=self.position())
        at = self.stamp(minutes=-30)
        self.do("check_out", visit, at=at, position=self.position(at=at))
        self.assertEqual(visit.check_out_at, visit.check_in_at)
        self.assertEqual(visit.minutes, 0)

    def test_only_on_the_day_of_the_visit(self):
        """Where the person is: 16:30 in London is Tuesday in Shanghai already."""
        visit = self.planned()
        with freeze_time("2026-03-02 16:30:00"):
            sentence = self.refused("check_in", visit, position=self.position())
            self.assertIn("03/03/2026", sentence)
        with freeze_time("2026-03-02 15:30:00"):
            self.do("check_in", visit, position=self.position())

    def test_times_that_are_none(self):
        visit = self.planned()
        for at in ("soon", "", 5, "0001-01-01T00:00:00+14:00", "9999-12-31T00:00:00Z"):
            with self.subTest(at=at):
                action = {**self.action("check_in", visit), "at": at}
                self.assertEqual(self.send(action)["state"], "refused")
        self.assertEqual(visit.state, "planned")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestActions(PhoneCase):
    """Each action of the phone, and what it refuses."""

    def test_a_visit_off_the_plan_gets_the_number_of_the_phone(self):
        uuid = str(uuid4())
        results = self.send(
            self.action("create", uuid, partner_id=self.shop.id, purpose="By chance"),
            self.action("check_in", uuid, position=self.position()),
            self.action("note", uuid, **WRITTEN),
            self.action("check_out", uuid, position=self.position()),
        )
        self.assertEqual([r["state"] for r in results], ["done"] * 4, results)
        visit = self.env["stm.visit"].search([("client_uuid", "=", uuid)])
        self.assertEqual(visit.user_id, self.ann)
        self.assertEqual(visit.state, "done")
        self.assertEqual({r["visit_id"] for r in results}, {visit.id})
        self.assertEqual(results[0]["visit"]["uuid"], uuid)

    def test_numbers_of_new_visits(self):
        uuid = str(uuid4())
        self.do("create", uuid, partner_id=self.shop.id)
        self.refused("create", uuid, partner_id=self.shop.id)
        self.refused("create", uuid, user=self.ben, partner_id=self.shop.id)
        self.refused("create", None, partner_id=self.shop.id)
        self.refused("create", "x", partner_id=self.shop.id)
        for partner in (None, 0, -1, 2**40, "1", True, [self.shop.id]):
            self.refused("create", str(uuid4()), partner_id=partner)
        foreign = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.env["res.partner"].create(
            {"name": "Theirs", "company_id": foreign.id}
        )
        self.refused("create", str(uuid4()), partner_id=theirs.id)
        draft = self.env["stm.visit.type"].create({"name": "Draft"})
        self.refused("create", str(uuid4()), partner_id=self.shop.id, type_id=draft.id)

    def test_malformed_actions(self):
        visit = self.planned()
        good = self.action("note", visit, content="x")
        for wrong in (
            {**good, "uuid": None},
            {**good, "uuid": "1"},
            {**good, "kind": "write"},
            {**good, "kind": ["note"]},
            {**good, "kind": "after_check_in"},
            {**good, "visit": {"id": visit.id}},
            {**good, "visit": True},
            {**good, "data": [1]},
            {**good, "data": {"state": "done"}},
            {**good, "at": None},
            "note",
            None,
        ):
            with self.subTest(wrong=wrong):
                before = self.traces()
                result = self.send(wrong)
                self.assertEqual(result["state"], "refused")
                self.assertTrue(result["message"])
                self.assertEqual(self.traces(), before)
        with self.assertRaises(UserError):
            self.env["stm.visit"].with_user(self.ann).stm_send("actions")

    def test_nobody_else_sends_for_a_visit(self):
        visit = self.planned()
        for user in (self.ben, self.wei, self.city, self.manager, self.gm):
            with self.subTest(user=user.login):
                for kind, data in (
                    ("check_in", {"position": self.position(), "reason": "x"}),
                    ("note", {"content": "Hostile"}),
                    ("cancel", {"reason": "Hostile"}),
                    ("competitor", {"name": "Hostile"}),
                    ("photo", {"image": picture()}),
                    ("next_visit", {"start": self.stamp(days=1)}),
                ):
                    self.refused(kind, visit, user=user, **data)
                hidden = user in (self.ben, self.wei)
                result = self.send(self.action("note", visit), user=user)
                self.assertEqual(result["visit"] is None, hidden)
        for user in (self.finance, self.hr):
            with self.assertRaises(AccessError):
                self.send(self.action("note", visit), user=user)

    def test_a_number_of_somebody_else_is_not_known(self):
        visit = self.planned()
        action = self.action("note", visit, content="Mine")
        self.send(action)
        theirs = self.planned(user=self.ben)
        result = self.send({**action, "visit": theirs.id}, user=self.ben)
        self.assertEqual(result["state"], "refused")
        self.assertIsNone(result["visit_id"])
        self.assertFalse(theirs.content)

    def test_what_was_refused_may_be_sent_again(self):
        visit = self.planned()
        action = self.action("check_out", visit, position=self.position())
        self.assertEqual(self.send(action)["state"], "refused")
        refused = self.env["stm.client.action"].search([("visit_id", "=", visit.id)])
        self.assertEqual(refused.state, "refused")
        self.assertIn("not checked in", refused.message)
        self.do("check_in", visit, position=self.position())
        self.do("note", visit, **WRITTEN)
        self.assertEqual(self.send(action)["state"], "done")
        self.env.invalidate_all()
        self.assertEqual((refused.state, refused.message), ("done", False))
        self.assertEqual(self.send(action)["state"], "known")

    def test_the_queue_of_another_person_waits(self):
        visit = self.planned()
        visits = self.env["stm.visit"].with_user(self.ann)
        action = self.action("note", visit, content="By Ben")
        [result] = visits.with_context(stm_user_id=self.ben.id).stm_send([action])
        self.assertEqual(result["state"], "retry")
        self.assertFalse(visit.content)
        [result] = visits.with_context(stm_user_id=self.ann.id).stm_send([action])
        self.assertEqual(result["state"], "done")

    def test_at_most_two_hundred_actions_a_call(self):
        visit = self.planned()
        actions = [self.action("note", visit, purpose=str(n)) for n in range(201)]
        states = [result["state"] for result in self.send(*actions)]
        self.assertEqual(states, ["done"] * 200 + ["retry"])
        self.assertEqual(visit.purpose, "199")

    def test_one_that_is_refused_does_not_stop_the_others(self):
        visit = self.planned()
        results = self.send(
            self.action("note", visit, content="First"),
            self.action("stock", visit, lines=[{"product_id": 0, "quantity": 1}]),
            self.action("note", visit, result="Third"),
        )
        self.assertEqual([r["state"] for r in results], ["done", "refused", "done"])
        self.assertEqual((visit.content, visit.result), ("First", "Third"))

    def test_one_customer_at_a_time(self):
        first, second = self.planned(), self.planned(partner=self.customers[1])
        self.do("check_in", first, position=self.position())
        sentence = self.refused("check_in", second, error="denied", reason="x")
        self.assertIn("still checked in at Customer 01", sentence)
        sentence = self.refused("check_in", first, position=self.position())
        self.assertIn("already", sentence)
        with mute_logger("odoo.sql_db"), self.assertRaises(Exception) as caught:
            with self.env.cr.savepoint():
                second.sudo().state = "started"
                self.env.flush_all()
        self.assertIn("one_on_site", str(caught.exception))

    def test_finished_and_cancelled_visits(self):
        done, gone = self.planned(**WRITTEN), self.planned()
        self.do("check_in", done, position=self.position())
        self.do("check_out", done, position=self.position())
        self.do("cancel", gone, reason="Closed")
        self.assertEqual(gone.cancel_reason, "Closed")
        for visit in (done, gone):
            for kind, data in (
                ("check_in", {"position": self.position()}),
                ("check_out", {"position": self.position()}),
                ("note", {"content": "Later"}),
                ("photo", {"image": picture()}),
                ("competitor", {"name": "Later"}),
                ("stock", {"lines": [self.line()]}),
                ("order", {"lines": [self.line()]}),
                ("cancel", {"reason": "x"}),
            ):
                with self.subTest(visit=visit.state, kind=kind):
                    self.refused(kind, visit, **data)
        self.refused("cancel", self.planned(), reason="  ")

    def line(self, quantity=5, **values):
        return {"product_id": self.product.id, "quantity": quantity, **values}

    def test_check_out_wants_everything_done_and_written_down(self):
        outlet = self.env.ref("sales_team_mgmt.visit_type_outlet")
        outlet.action_ids.filtered(lambda a: a.kind == "photo").required = True
        visit = self.planned(type_id=outlet.id)
        self.do("check_in", visit, position=self.position())
        shown = self.shown(visit)
        steps = {step["kind"]: step for step in shown["actions"]}
        self.assertFalse(steps["questions"]["done"])
        out = {"position": self.position()}
        self.assertIn("Take a Photo", self.refused("check_out", visit, **out))
        self.do("photo", visit, label="Shelf", image=picture())
        self.assertIn("Write down", self.refused("check_out", visit, **out))
        self.do("note", visit, **WRITTEN)
        self.assertIn("Sales clarified", self.refused("check_out", visit, **out))
        for question in shown["questions"]:
            if question["required"]:
                self.do("answer", visit, answer_id=question["id"], value="yes")
        self.do("check_out", visit, **out)
        shown = self.shown(visit)
        steps = {step["kind"]: step["done"] for step in shown["actions"]}
        self.assertEqual(
            steps,
            {
                "photo": True,
                "questions": True,
                "stock": False,
                "competitor": False,
                "order": False,
                "note": True,
            },
        )

    def test_the_type_decides_what_is_asked(self):
        general = self.env["stm.checklist"].create(
            {"name": "Everybody", "line_ids": [Command.create({"name": "Tidy?"})]}
        )
        general.action_release()
        patrol = self.env.ref("sales_team_mgmt.checklist_patrol")
        outlet = self.env.ref("sales_team_mgmt.visit_type_outlet")
        self.assertEqual(self.planned().checklist_id, general)
        visit = self.planned(type_id=outlet.id)
        self.assertEqual(visit.checklist_id, patrol)
        self.assertEqual(len(visit.checklist_answer_ids), 5)
        customer = self.env.ref("sales_team_mgmt.visit_type_customer")
        visit.type_id = customer
        self.assertEqual(visit.checklist_id, general)
        # A new version of the checklist is asked without touching the type.
        patrol.action_new_version()
        newer = self.env["stm.checklist"].search([("previous_id", "=", patrol.id)])
        newer.line_ids[0].unlink()
        newer.date_from = "2026-03-03"
        newer.action_release()
        self.assertEqual(self.planned(type_id=outlet.id).checklist_id, patrol)
        tomorrow = self.planned(type_id=outlet.id, start_at="2026-03-03 02:00:00")
        self.assertEqual(tomorrow.checklist_id, newer)

    def test_a_used_type_is_locked_and_its_next_version_is_for_new_visits(self):
        outlet = self.env.ref("sales_team_mgmt.visit_type_outlet")
        visit = self.planned(type_id=outlet.id)
        types = outlet.with_user(self.manager)
        with self.assertRaises(UserError):
            types.action_ids[0].required = True
        with self.assertRaises(UserError):
            types.checklist_id = False
        types.sequence = 1
        self.assertEqual(self.planned().type_id, outlet)
        draft = self.env["stm.visit.type"].browse(types.action_new_version()["res_id"])
        draft = draft.with_user(self.manager)
        draft.action_ids.filtered(lambda a: a.kind == "photo").required = True
        draft.action_release()
        self.assertEqual(self.planned().type_id, draft)
        self.assertEqual(visit.type_id, outlet)
        with self.assertRaises(ValidationError):
            self.env["stm.visit.type"].create(
                {
                    "name": "Wrong",
                    "checklist_id": self.env["stm.checklist"]
                    .create({"name": "Talk", "usage": "interview"})
                    .id,
                }
            )

    def test_answers(self):
        checklist = self.env["stm.checklist"].create(
            {
                "name": "All kinds",
                "line_ids": [
                    Command.create({"name": kind, "answer_type": kind, **values})
                    for kind, values in (
                        ("yes_no", {}),
                        ("text", {}),
                        ("number", {}),
                        ("choice", {"options": "Red\nGreen"}),
                        ("score", {"minimum": 1, "maximum": 5}),
                        ("date", {}),
                        ("photo", {}),
                    )
                ],
            }
        )
        checklist.action_release()
        visit = self.planned()
        answers = {a.answer_type: a.id for a in visit.checklist_answer_ids}
        good = {
            "yes_no": "no",
            "text": "Good",
            "number": 0,
            "choice": "Red",
            "score": 5,
            "date": "2026-03-09",
            "photo": picture(),
        }
        for kind, value in good.items():
            result = self.do("answer", visit, answer_id=answers[kind], value=value)
        shown = {q["type"]: q["value"] for q in result["visit"]["questions"]}
        self.assertEqual(shown, {**good, "photo": True})
        for kind, value in (
            ("yes_no", "maybe"),
            ("yes_no", 5),
            ("text", {"a": 1}),
            ("number", "many"),
            ("number", float("nan")),
            ("choice", "Blue"),
            ("score", 6),
            ("date", "soon"),
            ("date", [1]),
            ("photo", "bm8gcGhvdG8="),
            ("photo", 7),
        ):
            with self.subTest(kind=kind, value=value):
                self.refused("answer", visit, answer_id=answers[kind], value=value)
        other = self.planned(user=self.ben)
        theirs = other.checklist_answer_ids[0]
        self.refused("answer", visit, answer_id=theirs.id, value="yes")
        mine = self.planned().checklist_answer_ids[0]
        self.refused("answer", visit, answer_id=mine.id, value="yes")
        self.refused("answer", visit, answer_id="1", value="yes")

    def test_a_stock_count_replaces_the_one_before(self):
        visit = self.planned()
        self.do("stock", visit, lines=[self.line(7, facings=3, price=9.9)])
        self.assertRecordValues(
            visit.stock_ids,
            [
                {
                    "product_id": self.product.id,
                    "quantity": 7,
                    "facings": 3,
                    "price": 9.9,
                    "user_id": self.ann.id,
                    "partner_id": self.shop.id,
                }
            ],
        )
        self.do("stock", visit, lines=[self.line(4)])
        self.assertEqual(visit.stock_ids.mapped("quantity"), [4])
        unsold = self.env["product.product"].create(
            {"name": "Samples", "sale_ok": False}
        )
        for lines in (
            [self.line(-1)],
            [self.line("many")],
            [self.line(float("inf"))],
            [self.line(), self.line()],
            [self.line(product_id=unsold.id)],
            [self.line(product_id=2**31)],
            [5],
            {"product_id": 1},
        ):
            with self.subTest(lines=lines):
                self.refused("stock", visit, lines=lines)
        self.assertEqual(visit.stock_ids.mapped("quantity"), [4])

    def test_the_suggestion_says_what_it_rests_on(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        for quantity, unit in ((1, dozen), (30, self.product.uom_id)):
            self.env["sale.order"].create(
                {
                    "partner_id": self.shop.id,
                    "user_id": self.ann.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.product.id,
                                "product_uom_qty": quantity,
                                "product_uom_id": unit.id,
                            }
                        )
                    ],
                }
            ).action_confirm()
        visit = self.planned()
        self.do("stock", visit, lines=[self.line(6)])
        stock = visit.with_user(self.ann).stock_ids
        self.assertEqual(stock.suggested, 15)
        self.assertEqual(
            stock.suggested_note, "21 on average in the last 2 orders, 6 are there."
        )
        # Who may not see the orders learns nothing of them.
        theirs = self.planned(user=self.wei)
        self.do("stock", theirs, user=self.wei, lines=[self.line(6)])
        self.assertEqual(theirs.with_user(self.wei).stock_ids.suggested, 0)

    def test_competitors(self):
        visit = self.planned()
        self.do(
            "competitor", visit, name="Other", product="Tea", price=8, promotion="2+1"
        )
        self.assertRecordValues(
            visit.competitor_ids,
            [{"name": "Other", "product": "Tea", "price": 8, "promotion": "2+1"}],
        )
        self.refused("competitor", visit, name="")
        self.refused("competitor", visit, name="Other", price=-1)
        self.refused("competitor", visit, name="x" * 20_001)

    def test_an_order_is_a_quotation_of_the_salesperson(self):
        visit = self.planned()
        result = self.do("order", visit, lines=[self.line(3)], note="Before noon")
        order = self.env["sale.order"].search([("stm_visit_id", "=", visit.id)])
        self.assertRecordValues(
            order,
            [
                {
                    "state": "draft",
                    "user_id": self.ann.id,
                    "create_uid": self.ann.id,
                    "partner_id": self.shop.id,
                    "amount_untaxed": 37.5,
                }
            ],
        )
        self.assertEqual(
            result["visit"]["order_ids"], [{"id": order.id, "name": order.name}]
        )
        self.assertEqual(visit.with_user(self.ann).order_count, 1)
        self.refused("order", visit, lines=[])
        self.refused("order", visit, lines=[self.line(0)])
        self.refused("order", visit, lines=[self.line(-2)])
        sales = self.env.ref("sales_team.group_sale_salesman")
        access = self.env["ir.model.access"].search(
            [("model_id.model", "=", "sale.order"), ("group_id", "=", sales.id)]
        )
        access.perm_create = False
        self.refused("order", visit, lines=[self.line(1)])

    def test_the_next_visit(self):
        visit = self.planned()
        self.do("next_visit", visit, start=self.stamp(days=7), purpose="Collect")
        following = self.env["stm.visit"].search([("purpose", "=", "Collect")])
        self.assertEqual(following.partner_id, self.shop)
        self.assertEqual(str(following.date), "2026-03-09")
        self.refused("next_visit", visit)

    def test_a_closed_period_takes_nothing(self):
        visit = self.planned()
        self.env["stm.period"].create(
            {"name": "2026-03", "date_from": "2026-03-01", "date_to": "2026-03-31"}
        ).action_close("work")
        for kind, data in (
            ("check_in", {"position": self.position()}),
            ("note", WRITTEN),
            ("photo", {"image": picture()}),
            ("stock", {"lines": [self.line()]}),
            ("competitor", {"name": "Other"}),
        ):
            with self.subTest(kind=kind):
                self.assertIn("closed", self.refused(kind, visit, **data))

    def test_a_visit_of_another_company_is_not_there(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.ann.company_ids |= company
        team = self.env["crm.team"].create({"name": "There", "company_id": company.id})
        self.join(self.ann, team)
        visit = self.planned(company_id=company.id, partner=self.customers[1])
        here = self.env["stm.visit"].with_user(self.ann)
        here = here.with_context(allowed_company_ids=self.company.ids)
        [result] = here.stm_send([self.action("note", visit, content="x")])
        self.assertEqual(result["state"], "refused")
        self.assertIn("not there", result["message"])
        self.assertFalse(here.stm_today()["visits"])


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestPhotos(PhoneCase):
    """Pictures are checked by what they are, and stored small and anonymous."""

    def add(self, image, **data):
        return self.do("photo", self.visit_, label="Shelf", image=image, **data)

    def setUp(self):
        super().setUp()
        self.visit_ = self.planned()

    def stored(self):
        photo = self.visit_.photo_ids[-1:]
        return photo, Image.open(io.BytesIO(base64.b64decode(photo.image)))

    def test_twelve_megapixels_are_scaled_down_and_the_place_is_taken_out(self):
        exif = Image.Exif()
        exif[0x0110] = "Some phone"
        exif[0x8825] = {1: "N", 2: (31.0, 13.0, 49.0), 3: "E", 4: (121.0, 28.0, 25.0)}
        image = picture(4032, 3024, exif=exif.tobytes())
        self.assertIn(b"Some phone", base64.b64decode(image))
        result = self.add(image, taken_at=self.stamp(minutes=-2))
        photo, content = self.stored()
        self.assertEqual(content.size, (1600, 1200))
        self.assertFalse(dict(content.getexif()))
        self.assertNotIn(b"Some phone", base64.b64decode(photo.image))
        self.assertRecordValues(
            photo,
            [
                {
                    "width": 1600,
                    "height": 1200,
                    "sha256": hashlib.sha256(base64.b64decode(image)).hexdigest(),
                    "taken_at": Datetime.now() - timedelta(minutes=2),
                    "received_at": Datetime.now(),
                }
            ],
        )
        self.assertEqual(
            result["visit"]["photos"],
            [{"id": photo.id, "label": "Shelf", "taken_at": "2026-03-02T01:58:00Z"}],
        )
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", photo._name), ("res_field", "=", "image")]
        )
        self.assertEqual((attachment.res_id, attachment.public), (photo.id, False))

    def test_turned_pictures_stand_upright(self):
        exif = Image.Exif()
        exif[0x0112] = 6
        self.add(picture(40, 30, exif=exif.tobytes()))
        self.assertEqual(self.stored()[1].size, (30, 40))

    def test_small_pictures_do_not_grow_and_png_is_taken(self):
        target = io.BytesIO()
        Image.new("RGBA", (10, 10)).save(target, "PNG")
        self.add(base64.b64encode(target.getvalue()).decode())
        self.assertEqual(self.stored()[1].size, (10, 10))
        self.assertEqual(self.stored()[1].format, "JPEG")

    def test_the_same_picture_once_a_visit(self):
        image = picture()
        self.add(image)
        sentence = self.refused("photo", self.visit_, label="Again", image=image)
        self.assertIn("already", sentence)
        other = self.planned(partner=self.customers[1])
        self.do("photo", other, label="Elsewhere", image=image)

    def test_what_is_no_picture(self):
        vector = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
        page = base64.b64encode(b"<html><script>alert(1)</script></html>").decode()
        cut = base64.b64encode(base64.b64decode(picture(800, 600))[:2000]).decode()
        gif = io.BytesIO()
        Image.new("RGB", (5, 5)).save(gif, "GIF")
        for image, sentence in (
            (None, "picture"),
            ("", "picture"),
            (5, "broken"),
            ("%%%", "broken"),
            ("bm8gcGhvdG8", "broken"),
            (vector.decode(), "no photo"),
            (page, "no photo"),
            (base64.b64encode(gif.getvalue()).decode(), "no photo"),
            (cut, "broken"),
            ("A" * (15 * 1024 * 1024 + 4), "too big"),
            (picture(4200, 3100), "megapixels"),
        ):
            with self.subTest(sentence=sentence):
                found = self.refused("photo", self.visit_, label="x", image=image)
                self.assertIn(sentence, found)

    def test_uploading_by_the_form(self):
        photos = self.env["stm.visit.photo"].with_user(self.ann)
        photo = photos.create({"visit_id": self.visit_.id, "image": picture(20, 20)})
        self.assertTrue(photo.sha256)
        for name, value in (
            ("sha256", "x"),
            ("received_at", "2020-01-01 00:00:00"),
            ("is_purged", True),
            ("user_id", self.ben.id),
            ("company_id", 7),
        ):
            with self.subTest(name=name), self.assertRaises(AccessError):
                photos.create(
                    {
                        "visit_id": self.visit_.id,
                        "image": picture(21, 20),
                        name: value,
                    }
                )


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestFinishedVisits(PhoneCase):
    """Nobody changes a finished visit, over RPC neither."""

    def setUp(self):
        super().setUp()
        outlet = self.env.ref("sales_team_mgmt.visit_type_outlet")
        self.done = self.planned(type_id=outlet.id, **WRITTEN)
        self.do("check_in", self.done, position=self.position())
        self.do("photo", self.done, label="Shelf", image=picture())
        line = {"product_id": self.product.id, "quantity": 2}
        self.do("stock", self.done, lines=[line])
        self.do("order", self.done, lines=[line])
        self.do("competitor", self.done, name="Other")
        for answer in self.done.checklist_answer_ids.filtered("required"):
            self.do("answer", self.done, answer_id=answer.id, value="yes")
        self.do("check_out", self.done, position=self.position())
        self.everybody = (
            self.ann | self.ben | self.city | self.manager | self.gm
        ) | self.env.ref("base.user_admin")

    def assertRefused(self, user, records, method, *args):
        self.env.invalidate_all()
        with (
            self.subTest(user=user.login, model=records._name, method=method),
            mute_logger("odoo.addons.base.models.ir_rule"),
            mute_logger("odoo.addons.base.models.ir_model"),
            self.assertRaises(UserError),
            self.env.cr.savepoint(),
        ):
            getattr(records.with_user(user), method)(*args)
            self.env.flush_all()

    def test_not_its_parts(self):
        changes = {
            "stm.visit.position": {"latitude": 31.0},
            "stm.visit.photo": {"label": "x"},
            "stm.visit.stock": {"quantity": 9},
            "stm.visit.competitor": {"product": "x"},
            "stm.checklist.answer": {"value_yes_no": "no"},
        }
        other = self.env["product.product"].create({"name": "Black tea"})
        new = {
            "stm.visit.position": {"kind": "in", "server_at": NOW},
            "stm.visit.photo": {"image": picture(50, 50)},
            "stm.visit.stock": {"product_id": other.id, "quantity": 1},
            "stm.visit.competitor": {"name": "New"},
        }
        parts = [
            self.done.position_ids,
            self.done.photo_ids,
            self.done.stock_ids,
            self.done.competitor_ids,
            self.done.checklist_answer_ids[0],
        ]
        for user in self.everybody:
            for part in parts:
                self.assertTrue(part)
                self.assertRefused(user, part, "write", changes[part._name])
                self.assertRefused(user, part, "unlink")
                if part._name in new:
                    vals = {"visit_id": self.done.id, **new[part._name]}
                    self.assertRefused(user, part.browse(), "create", vals)

    def test_not_the_files_of_its_photos(self):
        files = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "stm.visit.photo"),
                ("res_id", "in", self.done.photo_ids.ids),
                ("res_field", "=", "image"),
            ]
        )
        self.assertTrue(files)
        for user in self.everybody:
            if user != self.env.ref("base.user_admin"):
                self.assertRefused(user, files, "write", {"datas": picture(9, 9)})
                self.assertRefused(user, files, "unlink")

    def test_not_the_visit_nor_its_orders(self):
        order = self.done.order_ids
        other = self.planned()
        for user in self.everybody:
            for vals in (
                {"content": "x"},
                {"type_id": False},
                {"verdict": "verified"},
                {"check_in_at": False},
                {"photo_ids": [Command.clear()]},
                {"stock_ids": [Command.clear()]},
            ):
                self.assertRefused(user, self.done, "write", vals)
            self.assertRefused(user, self.done, "unlink")
            self.assertRefused(user, order, "write", {"stm_visit_id": False})
            self.assertRefused(user, order, "write", {"stm_visit_id": other.id})
            self.assertRefused(user, order, "unlink")
        self.patch(self.env.cr, "_now", Datetime.now())
        loose = order.copy()
        self.assertFalse(loose.stm_visit_id)
        self.assertRefused(self.ann, loose, "write", {"stm_visit_id": self.done.id})
        loose.with_user(self.ann).stm_visit_id = other
        elsewhere = self.planned(partner=self.customers[5])
        self.assertRefused(self.ann, loose, "write", {"stm_visit_id": elsewhere.id})

    def test_parts_stay_with_their_visit(self):
        visit, other = self.planned(), self.planned()
        self.do("competitor", visit, name="Other")
        seen = visit.competitor_ids
        self.assertRefused(self.ann, seen, "write", {"visit_id": other.id})
        self.assertRefused(self.ann, seen, "write", {"user_id": self.ben.id})
        seen.with_user(self.ann).write({"product": "Tea"})
        self.assertRefused(self.city, seen, "write", {"product": "Coffee"})

    def test_who_reads_the_proof(self):
        cover = self.person("cover", "group_salesperson")
        helper = self.person("helper", "group_salesperson")
        deputy = self.person("deputy", "group_leader")
        for user in (cover, helper, deputy):
            self.join(user, self.team_west, "customer_service")
        self.team_city.write(
            {
                "stm_deputy_id": deputy.id,
                "stm_assistant_ids": [Command.link(helper.id)],
            }
        )
        absences = self.env["stm.substitution"]
        absences.with_user(self.city).create(
            {
                "substitute_id": self.wei.id,
                "date_from": "2026-03-02",
                "date_to": "2026-03-02",
            }
        )
        absences.with_user(helper).create(
            {
                "substitute_id": cover.id,
                "date_from": "2026-03-02",
                "date_to": "2026-03-02",
            }
        )
        of_leader = self.planned(user=self.city)
        self.do("check_in", of_leader, user=self.city, position=self.position())
        readers = {self.ann, self.city, self.east, self.manager, deputy, self.wei}
        for user in (*readers, self.ben, self.west, self.gm, helper, cover):
            self.env.invalidate_all()
            with self.subTest(user=user.login):
                mine = self.done.with_user(user)
                sees = user in readers
                for parts in (self.done.position_ids, self.done.photo_ids):
                    self.assertEqual(
                        bool(parts.with_user(user)._filtered_access("read")), sees
                    )
                    found = parts.with_user(user).search([("id", "in", parts.ids)])
                    self.assertEqual(bool(found), sees)
                self.env.invalidate_all()
                if mine.has_access("read"):
                    self.assertEqual(mine.can_see_proof, sees)
                    self.assertEqual(mine.verdict, "verified")
                    self.assertEqual(bool(mine.position_ids), sees)
                # Whoever acts for a leader does not look into the leader's own proof.
                above = user in (self.city, self.east, self.manager)
                theirs = of_leader.position_ids.with_user(user)
                self.assertEqual(bool(theirs._filtered_access("read")), above)

    def test_a_visit_that_was_begun_is_not_deleted(self):
        visit = self.planned()
        self.do("check_in", visit, position=self.position())
        self.assertRefused(self.ann, visit, "unlink")

    def test_files_go_with_a_visit_that_is_deleted(self):
        visit = self.planned()
        self.do("photo", visit, label="Shelf", image=picture())
        domain = [("res_model", "=", "stm.visit.photo"), ("res_field", "=", "image")]
        before = self.env["ir.attachment"].search_count(domain)
        visit.with_user(self.ann).unlink()
        after = self.env["ir.attachment"].search_count(domain)
        self.assertEqual(after, before - 1)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestPurge(PhoneCase):
    """What is personal is deleted in time; what was concluded from it stays."""

    def setUp(self):
        super().setUp()
        self.done = self.planned(**WRITTEN)
        self.do("check_in", self.done, position=self.position(42))
        self.do("photo", self.done, label="Shelf", image=picture())
        self.do("check_out", self.done, position=self.position())

    def purge(self):
        with self.enter_registry_test_mode():
            for name in ("positions", "photos"):
                cron = self.env.ref(f"sales_team_mgmt.ir_cron_purge_{name}")
                cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_positions(self):
        self.company.stm_position_days = 180
        with freeze_time("2026-08-29 02:00:00"):
            self.purge()
            self.assertEqual(len(self.done.position_ids), 2)
        with freeze_time("2026-08-29 02:00:01"):
            self.purge()
        self.assertFalse(self.done.position_ids)
        self.assertFalse(self.env["stm.client.action"].search([]))
        self.assertEqual((self.done.verdict, self.done.distance), ("verified", 42))
        self.assertTrue(self.done.photo_ids.image)

    def test_photos(self):
        photo = self.done.photo_ids
        before = photo.sha256
        self.env["stm.period"].create(
            {"name": "2026-03", "date_from": "2026-03-01", "date_to": "2026-03-31"}
        ).action_close("work")
        with freeze_time("2028-03-02 02:00:01"):
            self.purge()
        self.assertFalse(photo.image)
        self.assertTrue(photo.is_purged)
        self.assertEqual((photo.sha256, photo.label), (before, "Shelf"))
        domain = [("res_model", "=", photo._name), ("res_id", "=", photo.id)]
        files = self.env["ir.attachment"].search([*domain, ("res_field", "!=", False)])
        self.assertFalse(files)

    def test_each_company_keeps_its_own_time(self):
        other = self.env["res.company"].create(
            {"name": "Elsewhere", "stm_position_days": 1, "stm_photo_days": 1}
        )
        with freeze_time("2026-03-10 02:00:00"):
            self.purge()
            self.assertEqual(len(self.done.position_ids), 2)
            self.company.write({"stm_position_days": 1, "stm_photo_days": 1})
            other.write({"stm_position_days": 900, "stm_photo_days": 900})
            self.purge()
            self.assertFalse(self.done.position_ids)
            self.assertTrue(self.done.photo_ids.is_purged)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestConsent(PhoneCase):
    """Given and withdrawn by the person alone, for the words as they are."""

    def test_given_and_withdrawn(self):
        ben = self.consents.with_user(self.ben)
        self.assertFalse(ben._stm_given(self.ben, self.company))
        self.do("consent", user=self.ben, given=True)
        self.do("consent", user=self.ben, given=True)
        consent = self.consents.search([("user_id", "=", self.ben.id)])
        self.assertEqual(len(consent), 1)
        self.assertEqual(consent.text, self.company.stm_position_consent)
        with freeze_time("2026-03-02 03:00:00"):
            self.do("consent", user=self.ben, given=False)
        self.assertEqual(str(consent.withdrawn_at), "2026-03-02 03:00:00")
        self.assertFalse(ben._stm_given(self.ben, self.company))
        self.do("consent", user=self.ben, given=True)
        self.assertEqual(self.consents.search_count([("user_id", "=", self.ben.id)]), 2)
        self.refused("consent", given="yes")

    def test_other_words_need_a_new_consent(self):
        self.assertEqual(self.ann.with_user(self.ann).stm_consent_state, "given")
        self.company.stm_position_consent = "Positions are kept for ever."
        self.env.invalidate_all()
        self.assertFalse(self.consents._stm_given(self.ann, self.company))
        self.assertEqual(self.ann.with_user(self.ann).stm_consent_state, "changed")
        self.ann.with_user(self.ann).action_stm_give_consent()
        old, new = self.consents.search([("user_id", "=", self.ann.id)], order="id")
        self.assertTrue(old.withdrawn_at)
        self.assertEqual(new.text, "Positions are kept for ever.")

    def test_words_are_those_of_the_language_they_were_read_in(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.company.with_context(lang="zh_CN").stm_position_consent = "您同意吗?"
        self.assertTrue(self.consents._stm_given(self.ann, self.company))
        self.ben.lang = "zh_CN"
        ben = self.consents.with_user(self.ben).with_context(lang="zh_CN")
        self.assertEqual(ben._stm_give(self.company).text, "您同意吗?")
        self.assertTrue(self.consents._stm_given(self.ben, self.company))

    def test_only_for_oneself(self):
        for user in (self.city, self.manager, self.env.ref("base.user_admin")):
            for method in ("action_stm_give_consent", "action_stm_withdraw_consent"):
                with self.assertRaises(AccessError):
                    getattr(self.ann.with_user(user), method)()
            self.assertFalse(self.ann.with_user(user).stm_consent_state)
        with self.assertRaises(AccessError):
            self.consents.with_user(self.ann).create(
                {
                    "user_id": self.ben.id,
                    "company_id": self.company.id,
                    "given_at": NOW,
                    "text": "x",
                }
            )

    def test_where_positions_are_not_recorded_there_is_nothing_to_agree_to(self):
        self.company.stm_record_positions = False
        self.refused("consent", user=self.ben, given=True)
        self.env.invalidate_all()
        self.assertFalse(self.ann.with_user(self.ann).stm_consent_state)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestDesk(PhoneCase):
    """The buttons of the form, where there is no phone."""

    def test_the_reason_is_asked(self):
        visit = self.planned(**WRITTEN).with_user(self.ann)
        action = visit.action_check_in()
        self.assertEqual(visit.state, "planned")
        wizard = self.env["stm.visit.check.in"].with_user(self.ann)
        form = Form(wizard.with_context(**action["context"]))
        form.reason = "Written from the office"
        form.save().action_confirm()
        self.assertRecordValues(
            visit,
            [
                {
                    "state": "started",
                    "verdict": "unverified",
                    "verdict_reason": "Written from the office",
                }
            ],
        )
        with freeze_time("2026-03-02 02:25:00"):
            visit.action_check_out()
        self.assertEqual((visit.state, visit.minutes), ("done", 25))

    def test_finishing_ends_the_stay(self):
        self.company.stm_record_positions = False
        visit = self.planned(**WRITTEN).with_user(self.ann)
        self.assertIs(visit.action_check_in(), True)
        with freeze_time("2026-03-02 02:25:00"):
            visit.action_done()
        self.assertEqual((visit.state, visit.minutes), ("done", 25))

    def test_check_in_leaves_the_meeting_alone(self):
        visit = self.planned()
        event = visit.sudo().calendar_event_id
        written = []
        write = type(event).write

        def watch(events, vals):
            written.append(vals)
            return write(events, vals)

        self.patch(self.env.registry["calendar.event"], "write", watch)
        self.do("check_in", visit, position=self.position())
        self.do("note", visit, **WRITTEN)
        self.do("check_out", visit, position=self.position())
        self.assertFalse(written)
        self.assertTrue(event.exists())

    def test_a_new_quotation(self):
        visit = self.planned().with_user(self.ann)
        action = visit.action_new_order()
        orders = self.env["sale.order"].with_user(self.ann)
        order = Form(orders.with_context(**action["context"])).save()
        self.assertEqual(order.stm_visit_id, visit)
        self.assertEqual(order.partner_id, self.shop)
        found = self.env["sale.order"].search(visit.action_open_orders()["domain"])
        self.assertEqual(found, order)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestOrdersOfVisits(PhoneCase):
    """Ten in the morning in Shanghai; only orders that a visit can have brought."""

    def order(self, created=NOW, user=None, **values):
        """A quotation that was made at some moment, by the clock of the database."""
        self.env.flush_all()
        self.patch(self.env.cr, "_now", Datetime.to_datetime(created))
        orders = self.env["sale.order"].with_user(user or self.ann)
        order = orders.create({"partner_id": self.shop.id, **values})
        self.assertEqual(order.create_date, Datetime.to_datetime(created))
        return order

    def assertNotLinked(self, order, visit, sentence="was not taken at the visit"):
        with self.assertRaisesRegex(UserError, sentence), self.env.cr.savepoint():
            order.stm_visit_id = visit
            self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(order.stm_visit_id)

    def test_an_old_order_was_not_taken_at_the_visit(self):
        visit = self.planned()
        self.assertNotLinked(self.order("2026-03-01 15:59:59"), visit)
        # Midnight of Monday in Shanghai, and the day after.
        for created in ("2026-03-01 16:00:00", NOW, "2026-03-03 02:00:00"):
            with self.subTest(created=created):
                order = self.order(created)
                order.stm_visit_id = visit
                self.assertEqual(order.stm_visit_id, visit)

    def test_the_day_is_that_of_the_salesperson(self):
        self.ann.tz = "America/Los_Angeles"
        visit = self.planned()
        self.assertEqual(str(visit.date), "2026-03-01")
        self.order("2026-03-01 08:00:00").stm_visit_id = visit
        self.assertNotLinked(self.order("2026-03-01 07:59:59"), visit)

    def test_an_old_quotation_is_confirmed_at_the_visit(self):
        visit = self.planned()
        order = self.order("2026-02-02 02:00:00")
        order.date_order = NOW
        self.assertNotLinked(order, visit)
        order.action_confirm()
        order.stm_visit_id = visit
        before = self.order("2026-02-02 02:00:00")
        with freeze_time("2026-02-03 02:00:00"):
            before.action_confirm()
        self.assertNotLinked(before, visit)
        self.assertEqual(visit.order_ids, order)

    def test_nobody_gets_round_it(self):
        visit = self.planned()
        for user in (self.env.user, self.env.ref("base.user_admin")):
            with self.subTest(user=user.login):
                old = self.order("2026-02-02 02:00:00", user)
                self.assertNotLinked(old.sudo(), visit.sudo())
        old = self.order("2026-02-02 02:00:00")
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            old.write({"create_date": NOW, "date_order": NOW, "stm_visit_id": visit.id})

    def test_an_order_for_a_visit_to_come(self):
        """The phone keeps what was entered, with a sentence that says what is wrong."""
        tomorrow = self.planned(start_at="2026-03-03 02:00:00")
        line = {"product_id": self.product.id, "quantity": 2}
        message = self.refused("order", tomorrow, lines=[line])
        self.assertIn("was not taken at the visit to", message)
        with self.assertRaises(ValidationError):
            tomorrow.action_new_order()
        self.assertFalse(tomorrow.order_ids)
        with freeze_time("2026-03-03 02:00:00"):
            self.do("order", tomorrow, lines=[line])
        self.assertTrue(tomorrow.order_ids)

    def test_an_order_of_another_customer_or_company(self):
        visit = self.planned()
        other = self.order(partner_id=self.customers[5].id)
        self.assertNotLinked(other, visit, "stays with that customer")
        sister = self.env["res.company"].create({"name": "Sister"})
        elsewhere = self.order(
            user=self.env.user, company_id=sister.id, user_id=False, team_id=False
        )
        self.assertNotLinked(elsewhere, visit.sudo(), "Sister")

    def test_the_visit_stays_where_the_order_was_taken(self):
        visit, free = self.planned(), self.planned()
        self.order(stm_visit_id=visit.id)
        branch = self.env["res.partner"].create(
            {"name": "Branch", "parent_id": self.shop.id}
        )
        for values in (
            {"partner_id": self.customers[5].id},
            {"start_at": "2026-03-03 02:00:00"},
        ):
            free.write(values)
            with (
                self.subTest(values=values),
                self.assertRaises(ValidationError),
                self.env.cr.savepoint(),
            ):
                visit.write(values)
        self.env.invalidate_all()
        self.assertEqual((visit.partner_id, str(visit.start_at)), (self.shop, NOW))
        visit.write({"partner_id": branch.id, "start_at": "2026-03-02 05:00:00"})


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestReportToTheLeader(PhoneCase):
    """After a revisit its report is handed to the leader (VIS-15)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.revisit = cls.env["stm.visit.type"].create(
            {"name": "Revisit", "company_id": cls.company.id, "is_reported": True}
        )
        cls.revisit.action_release()

    def to_dos(self):
        return self.env["mail.activity"].search(
            [("res_model", "=", "stm.visit"), ("summary", "like", "Report of")]
        )

    def test_whoever_leads_reads_it(self):
        visit = self.planned(type_id=self.revisit.id, **WRITTEN)
        self.do("check_in", visit, position=self.position())
        self.assertFalse(self.to_dos())
        self.do("check_out", visit, position=self.position())
        to_do = self.to_dos()
        self.assertRecordValues(
            to_do,
            [
                {
                    "user_id": self.city.id,
                    "res_id": visit.id,
                    "date_deadline": self.city._stm_today(),
                }
            ],
        )
        self.assertIn(self.ann.name, to_do.summary)
        to_do.with_user(self.city).action_feedback("Read")
        self.assertFalse(self.to_dos())

    def test_the_stand_in_of_the_leader_reads_it(self):
        today = self.city._stm_today()
        stand_in = self.env["stm.substitution"].create(
            {
                "user_id": self.city.id,
                "substitute_id": self.ben.id,
                "date_from": today,
                "date_to": today,
            }
        )
        self.assertEqual(stand_in.state, "confirmed")
        self.planned(type_id=self.revisit.id, **WRITTEN).action_done()
        self.assertEqual(self.to_dos().user_id, self.ben)

    def test_other_types_are_not_reported(self):
        self.planned(**WRITTEN).action_done()
        self.assertFalse(self.to_dos())

    def test_a_type_says_it_from_its_next_version_on(self):
        self.planned(type_id=self.revisit.id, **WRITTEN).action_done()
        with self.assertRaises(UserError):
            self.revisit.with_user(self.manager).is_reported = False
        self.assertEqual(len(self.to_dos()), 1)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSpeed(PhoneCase):
    """How many queries it takes, with the caches of a running server and the settings
    that a company starts with."""

    def approved(self):
        """The visit of a plan that the leader approved."""
        plan = self.plan(self.ann, days=1)
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        plan.visit_ids.write(WRITTEN)
        self.assertEqual(plan.visit_ids.partner_id, self.shop)
        return plan.visit_ids

    def queries(self, act):
        self.env.flush_all()
        self.env.cr.flush()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        act()
        self.env.flush_all()
        self.env.cr.flush()
        return self.env.cr.sql_log_count - before

    def count(self, kind, visit, metres=0, reason=None):
        data = {"position": self.position(metres), "reason": reason}
        mine = visit.with_user(self.ann)
        evidence = mine._stm_evidence(
            mine._stm_parse(self.action(kind, visit, **data), None)
        )
        return self.queries(lambda: getattr(mine, f"_stm_{kind}")(evidence))

    def meeting(self):
        """What Odoo itself lets somebody enter about a visit, at its cheapest."""
        events = self.env["calendar.event"].with_user(self.ann)
        events.with_context(no_mail_to_attendees=True, dont_notify=True).create(
            {
                "name": "Visit",
                "start": Datetime.now(),
                "stop": Datetime.now() + timedelta(hours=1),
                "partner_ids": [Command.set((self.ann.partner_id | self.shop).ids)],
            }
        )

    def both(self, visit, **data):
        """Queries of check-in and check-out, and the exceptions they raised."""
        counts = self.count("check_in", visit, **data), self.count("check_out", visit)
        return *counts, visit.exception_ids.sorted("kind").mapped("kind")

    def test_check_in_and_check_out(self):
        self.assertEqual(self.company.stm_visit_notice, "exception")
        approved = self.approved()
        self.both(self.planned(**WRITTEN))
        self.queries(self.meeting)
        vanilla = self.queries(self.meeting)
        found = {
            "in an approved plan": self.both(approved),
            "without notice": self.both(self.planned(**WRITTEN)),
        }
        with freeze_time("2026-03-02 03:00:00"):
            found["somewhere else"] = self.both(
                self.planned(**WRITTEN), metres=900, reason="At their fair"
            )
        whole = self.action("check_in", self.planned(), position=self.position())
        self.send(self.action("note", self.planned(), content="Warms up"))
        self.assertLessEqual(self.queries(lambda: self.send(whole)), vanilla + 8)
        for (title, counts), (most, kinds) in zip(
            found.items(),
            [(11, []), (15, ["no_notice"]), (16, ["no_notice", "outside"])],
            strict=True,
        ):
            with self.subTest(title):
                self.assertEqual(counts[2], kinds)
                self.assertLessEqual(counts[0], most)
                self.assertLessEqual(counts[1], 11)
                self.assertLessEqual(max(counts[:2]), vanilla + 15)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestTwice(PhoneCase):
    """The same action from two tabs at once."""

    def test_what_another_transaction_has_just_entered_is_done_anew(self):
        """PostgreSQL refuses the older snapshot, and Odoo makes the call again."""
        visit = self.planned()
        action = self.action("note", visit, content="Once")

        def late(actions, vals):
            raise SerializationFailure

        self.patch(self.env.registry["stm.client.action"], "_stm_enter", late)
        with self.assertRaises(SerializationFailure), self.env.cr.savepoint():
            visit.with_user(self.ann).stm_send([action])
