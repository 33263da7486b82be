from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import StmCase

SHOP = {"partner_latitude": 30.27, "partner_longitude": 120.15}


class TodayCase(StmCase, HttpCase):
    """Two planned stops of today, and a third customer who is not planned."""

    def setUp(self):
        super().setUp()
        self.company.write(
            {
                "stm_record_positions": True,
                "stm_position_consent": "We read where you are at check-in.",
                "stm_check_in_radius": 200,
                "stm_position_accuracy": 100,
                "stm_position_age": 60,
            }
        )
        self.shops = self.env["res.partner"].create(
            [
                {
                    "name": f"Tour Shop {number}",
                    "user_id": self.ann.id,
                    "phone": "+86 571 8888 8888",
                    "street": "1 Lake Road",
                    **SHOP,
                }
                for number in ("One", "Two", "Three")
            ]
        )
        self.product = self.env["product.product"].create(
            {"name": "Tour Water", "list_price": 10, "sale_ok": True}
        )
        self.brief = self.kind(
            "Tour Talk", steps=[("note", True), ("photo", True), ("order", False)]
        )
        # The browser's clock cannot be frozen: the visits are of the real today.
        now = fields.Datetime.now().replace(second=0)
        self.today = fields.Date.context_today(self.ann.with_user(self.ann))
        self.one, self.two = (
            self.env["stm.visit"]
            .with_user(self.ann)
            .create(
                [
                    {
                        "partner_id": shop.id,
                        "start_at": now,
                        "sequence": number,
                        "type_id": self.brief.id,
                    }
                    for number, shop in enumerate(self.shops[:2], start=1)
                ]
            )
        )

    def ask_all(self):
        """The first stop asks for all there is, questions among it."""
        checklist = self.env["stm.checklist"].create(
            {
                "name": "Shelf",
                "line_ids": [
                    Command.create(
                        {"name": "Tidy?", "answer_type": "yes_no", "required": True}
                    ),
                    Command.create(
                        {
                            "name": "Facings?",
                            "answer_type": "number",
                            "required": True,
                            "minimum": 0,
                            "maximum": 50,
                        }
                    ),
                ],
            }
        )
        checklist.action_release()
        self.one.type_id = self.kind(
            "Tour Shop Visit",
            checklist_id=checklist.id,
            steps=[
                ("note", True),
                ("questions", True),
                ("photo", True),
                ("stock", False),
                ("order", False),
                ("competitor", False),
            ],
        )

    def kind(self, name, steps, **values):
        kind = self.env["stm.visit.type"].create(
            {
                "name": name,
                "date_from": "2025-01-01",
                "action_ids": [
                    Command.create({"kind": kind, "required": required})
                    for kind, required in steps
                ],
                **values,
            }
        )
        kind.action_release()
        return kind

    def agree(self):
        self.env["stm.position.consent"].with_user(self.ann)._stm_give(self.company)

    def tour(self, name):
        self.start_tour(
            "/odoo/stm-today", f"stm_today_{name}", login=self.ann.login, timeout=90
        )
        self.env.invalidate_all()

    def sent(self, visit, kind):
        return self.env["stm.client.action"].search(
            [("visit_id", "=", visit.id), ("kind", "=", kind), ("state", "=", "done")]
        )


@tagged("post_install", "-at_install", "stm_tour")
class TestTodayOnPhone(TodayCase):
    """The day on a phone: position, steps, photo, order; with and without a network."""

    browser_size = "390x844"
    touch_enabled = True

    def test_inside(self):
        """A whole visit in the shop; nothing is finished before all is done."""
        self.agree()
        self.ask_all()
        self.tour("inside")
        visit = self.one
        self.assertEqual(visit.state, "done")
        self.assertEqual((visit.verdict, visit.verdict_reason), ("verified", False))
        self.assertEqual(visit.distance, 0)
        self.assertEqual(visit.position_ids.mapped("kind"), ["in", "out"])
        self.assertEqual(visit.problem, "none")
        answers = visit.checklist_answer_ids.sorted("sequence")
        self.assertEqual(answers.mapped("value_yes_no"), ["yes", False])
        self.assertEqual(answers.mapped("value_number"), [0, 12])
        # 12 megapixels came out of the camera.
        photo = visit.photo_ids
        self.assertEqual((photo.width, photo.height), (1600, 1200))
        self.assertEqual(photo.label, "Shelf")
        self.assertEqual(visit.stock_ids.product_id, self.product)
        self.assertEqual(visit.stock_ids.quantity, 0)
        self.assertEqual(visit.competitor_ids.price, 9)
        self.assertEqual(visit.order_ids.order_line.product_uom_qty, 2)
        self.assertEqual(self.two.state, "planned")

    def test_outside(self):
        self.agree()
        self.tour("positions")
        self.assertEqual(self.one.verdict, "outside")
        self.assertEqual(self.one.verdict_reason, "Met in the warehouse")
        self.assertAlmostEqual(self.one.distance, 1112, delta=2)

    def test_without_a_position(self):
        """Whatever is the matter, it is said, and a reason lets one through."""
        self.agree()
        for name in ("denied", "unavailable", "timeout", "stale", "inexact"):
            with self.subTest(name):
                self.tour(name)
                visit = (self.one | self.two).filtered(lambda v: v.state == "started")
                self.assertEqual(visit.verdict, "unverified")
                self.assertEqual(visit.verdict_reason, f"Reason for {name}")
                visit.sudo().write(
                    {"state": "planned", "check_in_at": False, "verdict": False}
                )
                visit.sudo().position_ids.unlink()
                self.env["stm.client.action"].sudo().search([]).unlink()

    def test_tries_again(self):
        self.agree()
        self.tour("tries_again")
        self.assertEqual(self.one.verdict, "verified")
        self.assertFalse(self.one.verdict_reason)

    def test_agrees(self):
        """The position is read once one has agreed to it, and not before."""
        self.tour("agrees")
        self.assertEqual(self.one.verdict, "verified")
        given = self.env["stm.position.consent"]._stm_given(self.ann, self.company)
        self.assertTrue(given)

    def test_does_not_agree(self):
        self.tour("does_not_agree")
        self.assertEqual(self.one.state, "started")
        self.assertEqual(self.one.verdict, "unverified")
        self.assertFalse(self.one.position_ids.latitude)

    def test_refused(self):
        """What the server refuses is shown with its sentence, kept, and discarded."""
        self.agree()
        self.tour("refused")
        self.assertEqual(self.one.state, "planned")
        self.assertEqual(self.two.state, "started")

    def test_holds_back(self):
        """A refused action holds back the later ones of its visit, and no others."""
        self.tour("holds_back")
        self.assertEqual(self.one.competitor_ids.name, "Rival")
        self.assertEqual(self.one.content, "After it")
        self.assertEqual(self.two.content, "On its own")
        mended = self.sent(self.one, "competitor")
        self.assertGreater(self.sent(self.one, "note").id, mended.id)
        self.assertLess(self.sent(self.two, "note").id, mended.id)

    def test_full(self):
        """A full device says so and loses nothing."""
        self.agree()
        self.tour("full")
        self.assertEqual(self.one.content, "Much to say")
        self.assertEqual(len(self.sent(self.one, "note")), 1)

    def test_offline(self):
        """The network goes in mid-visit, the page is closed: all is sent, all once."""
        self.agree()
        self.tour("offline")
        self.assertEqual(self.one.state, "done")
        self.assertEqual(self.one.verdict, "verified")
        self.assertEqual(self.one.content, "Showed the samples")
        self.assertEqual(len(self.one.photo_ids), 1)
        # Sent twice: its answer was lost.
        self.assertEqual(len(self.one.order_ids), 1)
        self.assertEqual(self.one.order_ids.order_line.product_uom_qty, 2)
        for kind in ("check_in", "order", "note", "photo", "check_out"):
            self.assertEqual(len(self.sent(self.one, kind)), 1, kind)
        visits = self.env["stm.visit"].search([("user_id", "=", self.ann.id)])
        extra = visits - self.one - self.two
        self.assertEqual(extra.partner_id, self.shops[2])
        self.assertEqual(extra.state, "started")
        self.assertTrue(extra.client_uuid)
        # Entered while the phone was offline, counted from then.
        self.assertGreaterEqual(extra.check_in_at, self.one.check_out_at)

    def test_puts_off(self):
        self.tour("puts_off")
        self.assertEqual(self.one.state, "cancelled")
        self.assertEqual(self.one.cancel_reason, "Shop is closed")


@tagged("post_install", "-at_install", "stm_tour")
class TestTodayOnDesktop(TodayCase):
    """The same screen, two columns wide."""

    browser_size = "1280x800"
    touch_enabled = False

    def test_inside(self):
        self.agree()
        self.ask_all()
        self.tour("inside")
        self.assertEqual(self.one.state, "done")


@tagged("post_install", "-at_install")
class TestToday(StmCase):
    def test_calls_against_the_target(self):
        self.company.stm_calls_per_day = 7
        counts = self.env["stm.visit"].with_user(self.ann).stm_today()["counts"]
        self.assertEqual((counts["calls"], counts["calls_target"]), (0, 7))
