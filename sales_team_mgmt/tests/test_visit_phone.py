import base64
import io
from datetime import timedelta
from uuid import uuid4

from PIL import Image

from odoo.exceptions import UserError
from odoo.fields import Datetime
from odoo.tests import freeze_time, tagged

from .common import StmCase

NOW = "2026-03-02 02:00:00"
SHOP = (31.2304, 121.4737)
# So many degrees of latitude are a metre.
METRE = 1 / 111195


def picture(width=40, height=30, color="red", **options):
    """A JPEG in base64, as phones send it."""
    target = io.BytesIO()
    Image.new("RGB", (width, height), color).save(target, "JPEG", **options)
    return base64.b64encode(target.getvalue()).decode()


class PhoneCase(StmCase):
    """Ann's phone on a Monday morning, at a shop whose place is known."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.stm_record_positions = True
        cls.shop = cls.customers[0]
        cls.shop.write(
            {
                "partner_latitude": SHOP[0],
                "partner_longitude": SHOP[1],
                "user_id": cls.ann.id,
                "phone": "+86 21 5555 0101",
            }
        )
        cls.product = cls.env["product.product"].create(
            {"name": "Green tea", "list_price": 12.5}
        )
        cls.consents = cls.env["stm.position.consent"]
        cls.consents.with_user(cls.ann)._stm_give(cls.company)

    # ------------------------------------------------------------
    # Builders
    # ------------------------------------------------------------

    def planned(self, user=None, partner=None, **values):
        """An open visit of today with nothing written down."""
        return (
            self.env["stm.visit"]
            .with_user(user or self.ann)
            .create(
                {
                    "partner_id": (partner or self.shop).id,
                    "start_at": Datetime.now(),
                    **values,
                }
            )
        )

    def stamp(self, moment=None, **shift):
        moment = (moment or Datetime.now()) + timedelta(**shift)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def action(self, kind, visit=None, uuid=None, at=None, **data):
        return {
            "uuid": uuid or str(uuid4()),
            "kind": kind,
            "visit": visit.id if hasattr(visit, "id") else visit,
            "at": at or self.stamp(),
            "data": data,
        }

    def position(self, metres=0, accuracy=10, at=None, **values):
        return {
            "latitude": SHOP[0] + metres * METRE,
            "longitude": SHOP[1],
            "accuracy": accuracy,
            "at": at or self.stamp(),
            **values,
        }

    def send(self, *actions, user=None, **kwargs):
        """What the phone gets back, each call with cold caches."""
        self.env.flush_all()
        self.env.invalidate_all()
        visits = self.env["stm.visit"].with_user(user or self.ann)
        results = visits.stm_send(list(actions), **kwargs)
        self.env.flush_all()
        self.env.invalidate_all()
        return results if len(actions) != 1 else results[0]

    def do(self, kind, visit=None, user=None, **data):
        """Send one action that must be carried out."""
        result = self.send(self.action(kind, visit, **data), user=user)
        self.assertEqual(result["state"], "done", result)
        return result

    def refused(self, kind, visit=None, user=None, **data):
        """Send one action that must be refused; returns the sentence."""
        before = self.traces()
        result = self.send(self.action(kind, visit, **data), user=user)
        self.assertEqual(result["state"], "refused", result)
        self.assertTrue(result["message"])
        self.assertEqual(self.traces(), before)
        return result["message"]

    def shown(self, visit):
        """The visit on the screen of whoever makes it."""
        day = self.env["stm.visit"].with_user(visit.user_id).stm_today()
        [found] = [shown for shown in day["visits"] if shown["id"] == visit.id]
        return found

    def traces(self):
        """Everything an action can leave behind, but for the line that it came."""
        visits = self.env["stm.visit"].search([], order="id")
        return [
            visits.read(["state", "check_in_at", "verdict", "content", "date"]),
            *(
                self.env[model].search([], order="id").ids
                for model in (
                    "stm.visit.position",
                    "stm.visit.photo",
                    "stm.visit.stock",
                    "stm.visit.competitor",
                    "stm.position.consent",
                    "sale.order",
                    "ir.attachment",
                )
            ),
            self.env["stm.checklist.answer"]
            .search([], order="id")
            .read(["is_answered", "value_yes_no"]),
        ]


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestToday(PhoneCase):
    """What the phone reads in the morning."""

    def today(self, user=None, day=False):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["stm.visit"].with_user(user or self.ann).stm_today(day)

    def test_the_visits_of_the_day_in_their_order(self):
        second = self.planned(sequence=20)
        first = self.planned(sequence=10, purpose="Spring order")
        self.planned(start_at="2026-03-03 02:00:00")
        self.planned(user=self.ben)
        self.planned().action_cancel("Closed today")
        today = self.today()
        self.assertEqual(today["day"], "2026-03-02")
        self.assertEqual(today["now"], "2026-03-02T02:00:00Z")
        self.assertEqual(today["user"], {"id": self.ann.id, "name": "Ann"})
        self.assertEqual([v["id"] for v in today["visits"]], [first.id, second.id])
        shown = today["visits"][0]
        self.assertEqual(
            {name: shown[name] for name in ("customer", "phone", "start", "state")},
            {
                "customer": "Customer 01",
                "phone": "+86 21 5555 0101",
                "start": "2026-03-02T02:00:00Z",
                "state": "planned",
            },
        )
        self.assertAlmostEqual(shown["latitude"], SHOP[0])
        self.assertEqual(shown["purpose"], "Spring order")
        self.assertEqual(shown["minutes_planned"], 60)
        self.assertFalse(shown["planned"])
        self.assertEqual(
            [(step["kind"], step["required"]) for step in shown["actions"]],
            [("note", True), ("next_step", False), ("order", False)],
        )
        self.assertEqual(today["counts"]["planned"], 2)
        tomorrow = self.today(day="2026-03-03")
        self.assertEqual(len(tomorrow["visits"]), 1)
        with self.assertRaisesRegex(UserError, "no day"):
            self.today(day="yesterday")

    def test_whoever_is_on_site_since_yesterday_sees_that_visit(self):
        visit = self.planned()
        self.do("check_in", visit, position=self.position())
        with freeze_time("2026-03-03 02:00:00"):
            self.assertEqual([v["id"] for v in self.today()["visits"]], [visit.id])

    def test_an_unknown_place_is_null(self):
        self.planned(partner=self.customers[1])
        shown = self.today()["visits"][0]
        self.assertIsNone(shown["latitude"])
        self.assertIsNone(shown["longitude"])

    def test_settings_types_products_and_customers(self):
        today = self.today()
        self.assertEqual(
            today["settings"],
            {
                "record_positions": True,
                "accuracy": 100,
                "age": 60,
                "radius": 200,
                "photo_px": 1600,
                "consent": {
                    "text": self.company.stm_position_consent,
                    "given": True,
                },
            },
        )
        self.assertFalse(self.today(self.ben)["settings"]["consent"]["given"])
        self.assertEqual(
            [(kind["name"], kind["default"]) for kind in today["types"]],
            [
                ("Customer Visit", True),
                ("Outlet Visit", False),
                ("Supplier Visit", False),
            ],
        )
        self.assertIn(self.product.id, [p["id"] for p in today["products"]])
        self.assertEqual([c["id"] for c in today["customers"]], [self.shop.id])
        self.company.stm_record_positions = False
        self.assertIsNone(self.today()["settings"]["consent"])

    def test_products_that_the_customers_of_the_day_buy_most_come_first(self):
        other = self.env["product.product"].create({"name": "Black tea"})
        for product, quantity in ((self.product, 3), (other, 30)):
            self.env["sale.order"].create(
                {
                    "partner_id": self.shop.id,
                    "user_id": self.ann.id,
                    "order_line": [
                        (0, 0, {"product_id": product.id, "product_uom_qty": quantity})
                    ],
                }
            ).action_confirm()
        self.planned()
        products = [product["id"] for product in self.today()["products"]]
        self.assertEqual(products[:2], [other.id, self.product.id])

    def test_as_many_queries_for_two_visits_as_for_twenty(self):
        outlet = self.env.ref("sales_team_mgmt.visit_type_outlet")
        counts = []
        for number in (2, 18):
            for partner in self.customers[1 : number + 1]:
                self.planned(partner=partner, type_id=outlet.id)
            self.today()
            before = self.env.cr.sql_log_count
            self.env.flush_all()
            self.env.invalidate_all()
            self.env["stm.visit"].with_user(self.ann).stm_today()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLess(counts[0], 70)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSend(PhoneCase):
    """What the phone sends."""

    def test_a_visit_from_check_in_to_check_out(self):
        visit = self.planned()
        result = self.do("check_in", visit, position=self.position(50))
        self.assertEqual(result["visit"]["state"], "started")
        self.assertEqual(result["visit"]["verdict"], "verified")
        # Nothing else has changed, and somebody waits at the door.
        self.assertNotIn("questions", result["visit"])
        self.assertEqual(result["visit_id"], visit.id)
        self.assertEqual(visit.check_in_at, Datetime.now())
        self.assertEqual(visit.distance, 50)
        with freeze_time("2026-03-02 02:40:00"):
            self.do("note", visit, content="Samples", result="Ordered", problem="none")
            result = self.do("check_out", visit, position=self.position(20))
        self.assertEqual(result["visit"]["state"], "done")
        self.assertEqual(visit.minutes, 40)
        self.assertEqual(
            visit.position_ids.mapped(lambda p: (p.kind, p.verdict, p.distance)),
            [("in", "verified", 50), ("out", "verified", 20)],
        )

    def test_a_replay_is_known_and_does_nothing(self):
        visit = self.planned()
        action = self.action("check_in", visit, position=self.position())
        self.assertEqual(self.send(action)["state"], "done")
        with freeze_time("2026-03-02 02:10:00"):
            again = self.send(action, {**action, "uuid": action["uuid"].upper()})
        self.assertEqual([r["state"] for r in again], ["known", "known"])
        self.assertEqual(again[0]["visit"]["state"], "started")
        self.assertEqual(visit.check_in_at, Datetime.to_datetime(NOW))
        self.assertEqual(len(visit.position_ids), 1)
        twice = self.action("note", visit, content="Once")
        states = [r["state"] for r in self.send(twice, twice)]
        self.assertEqual(states, ["done", "known"])
