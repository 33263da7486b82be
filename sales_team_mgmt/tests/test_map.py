import json

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..tools import clusters
from .common import StmCase

WORLD = {"south": -90, "west": -180, "north": 90, "east": 180}
CITY = {"south": 31.0, "west": 121.2, "north": 31.5, "east": 121.8}
SHANGHAI = (31.2304, 121.4737)
# What one view may take on its way to the browser.
LIMIT = 200_000


class MapCase(StmCase):
    """Ann's shops in Shanghai, Wei's in Chengdu, and places that are none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.partner"].search(
            [
                "|",
                ("partner_latitude", "!=", 0),
                ("partner_longitude", "!=", 0),
            ]
        ).write({"partner_latitude": 0, "partner_longitude": 0})
        cls.classes = cls.env["stm.customer.class"].create(
            [{"name": f"Map {code}", "code": f"map{code}"} for code in "XY"]
        )
        cls.shop = cls.customer("Shop", *SHANGHAI, user_id=cls.ann.id)
        cls.corner = cls.customer("Corner", 31.2310, 121.4745, user_id=cls.ann.id)
        cls.far = cls.customer("Far", 30.6570, 104.0660, user_id=cls.wei.id)
        cls.unknown = cls.customer("Unknown", 0, 0, user_id=cls.ann.id)

    @classmethod
    def customer(cls, name, latitude, longitude, **values):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "is_company": True,
                "partner_latitude": latitude,
                "partner_longitude": longitude,
                **values,
            }
        )

    def ask(self, user, bounds=None, zoom=18, domain=()):
        """The points of a view, from the network's side: as JSON and back."""
        model = self.env["res.partner"].with_user(user)
        answer = model.stm_map_customers(
            bounds or WORLD, zoom, {"domain": list(domain)}
        )
        return json.loads(json.dumps(answer))

    def names(self, user, bounds=None, domain=()):
        """All customers of the view, whether as a point or in a crowd."""
        model = self.env["res.partner"].with_user(user)
        rows, more = [], True
        while more:
            answer = model.stm_map_list(
                bounds or WORLD, {"domain": list(domain)}, len(rows)
            )
            rows += answer["rows"]
            more = answer["more"]
        return {row["name"] for row in rows}


@tagged("post_install", "-at_install")
class TestMapOfCustomers(MapCase):
    def test_close_ones_are_one_point_and_two_when_zoomed_in(self):
        crowd, far = sorted(
            self.ask(self.ann, zoom=5)["points"],
            key=lambda p: p["id"] if "id" in p else 0,
        )
        self.assertEqual((crowd["count"], far["count"]), (2, 1))
        self.assertAlmostEqual(crowd["latitude"], (31.2304 + 31.2310) / 2, 5)
        self.assertEqual(crowd["box"], [31.2304, 121.4737, 31.231, 121.4745])
        self.assertEqual((far["id"], far["name"]), (self.far.id, "Far"))
        near = self.ask(
            self.ann,
            CITY | {"south": 31.22, "north": 31.24, "west": 121.46, "east": 121.48},
            18,
        )
        self.assertEqual({p["name"] for p in near["points"]}, {"Shop", "Corner"})
        self.assertEqual(near["count"], 2)

    def test_only_what_is_in_the_view(self):
        self.assertEqual(self.names(self.ann, CITY), {"Shop", "Corner"})
        self.assertEqual(self.ask(self.ann, CITY)["count"], 2)

    def test_a_crowd_has_the_class_that_most_have(self):
        few, many = self.classes
        self.shop.stm_class_id = few
        self.corner.stm_class_id = many
        self.customer("Third", 31.2308, 121.4740, stm_class_id=many.id)
        [crowd] = self.ask(self.ann, CITY, 8)["points"]
        self.assertEqual((crowd["count"], crowd["class_id"]), (3, many.id))

    def test_zero_zero_is_no_place_and_the_equator_is_one(self):
        self.customer("Greenwich", 51.4769, 0, user_id=self.ann.id)
        self.customer("Equator", 0, 109.33, user_id=self.ann.id)
        found = self.names(self.ann)
        self.assertEqual(found, {"Shop", "Corner", "Far", "Greenwich", "Equator"})
        self.assertEqual(self.ask(self.ann)["count"], 5)

    def test_across_the_date_line(self):
        self.customer("Fiji", -17.7, 178.0, user_id=self.ann.id)
        self.customer("Samoa", -13.8, -171.8, user_id=self.ann.id)
        pacific = {"south": -30, "west": 170, "north": 0, "east": -165}
        self.assertEqual(self.names(self.ann, pacific), {"Fiji", "Samoa"})
        self.assertEqual(self.ask(self.ann, pacific, 4)["count"], 2)
        rest = {**pacific, "west": -165, "east": 170}
        self.assertEqual(self.names(self.ann, rest), set())

    def test_poles_are_drawn_at_the_edge(self):
        self.customer("Pole", 90, 0, user_id=self.ann.id)
        self.customer("South Pole", -90, 180, user_id=self.ann.id)
        self.assertEqual(self.ask(self.ann)["count"], 5)

    def test_archived_ones_and_colleagues_are_not_there(self):
        self.corner.active = False
        self.ben.partner_id.write(
            {"partner_latitude": 31.2, "partner_longitude": 121.5, "user_id": self.ann}
        )
        self.assertEqual(self.names(self.ann), {"Shop", "Far"})
        self.assertEqual(self.ask(self.ann)["count"], 2)

    def test_who_is_no_customer_is_not_there(self):
        supplier = self.customer("Supplier", *SHANGHAI)
        self.assertNotIn("Supplier", self.names(self.ann))
        supplier.stm_class_id = self.classes[0]
        self.assertIn("Supplier", self.names(self.ann))

    def test_an_address_of_a_customer_has_its_own_place(self):
        self.customer(
            "Warehouse",
            31.3,
            121.6,
            parent_id=self.shop.id,
            type="delivery",
            is_company=False,
        )
        self.assertIn("Shop, Warehouse", self.names(self.ann))

    def test_rules_of_customers_hold(self):
        """Odoo shows all customers of the company; what a rule hides is not there."""
        self.assertEqual(self.names(self.ann), {"Shop", "Corner", "Far"})
        self.env["ir.rule"].create(
            {
                "name": "Own customers",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": "['|', ('partner_share', '=', False),"
                " ('user_id', '=', user.id)]",
            }
        )
        self.assertEqual(self.names(self.ann), {"Shop", "Corner"})
        self.assertEqual(self.ask(self.ann)["count"], 2)
        start = self.env["res.partner"].with_user(self.ann).stm_map_start({})
        self.assertEqual(start["count"], 2)
        with self.assertRaises(AccessError):
            self.far.with_user(self.ann).stm_map_details()

    def test_customers_of_another_company_are_not_there(self):
        sister = self.env["res.company"].create({"name": "Sister"})
        self.corner.company_id = sister
        self.assertEqual(self.names(self.ann), {"Shop", "Far"})
        self.assertEqual(self.ask(self.ann)["count"], 2)
        self.ann.company_ids = [Command.link(sister.id)]
        both = self.ann.company_ids.ids
        model = self.env["res.partner"].with_user(self.ann)
        answer = model.with_context(allowed_company_ids=both).stm_map_customers(
            WORLD, 3, {}
        )
        self.assertEqual(answer["count"], 3)

    def test_nobody_from_outside_asks(self):
        portal = new_test_user(self.env, "stm_map_portal", groups="base.group_portal")
        model = self.env["res.partner"].with_user(portal)
        self.assertFalse(model.stm_map_customers(WORLD, 3, {})["count"])

    def test_filters(self):
        self.shop.stm_class_id = self.classes[0]
        for domain, expected in (
            ([("user_id", "=", self.wei.id)], {"Far"}),
            ([("stm_class_id", "=", self.classes[0].id)], {"Shop"}),
            ([("name", "ilike", "corn")], {"Corner"}),
        ):
            with self.subTest(domain=domain):
                self.assertEqual(self.names(self.ann, domain=domain), expected)
                count = self.ask(self.ann, domain=domain)["count"]
                self.assertEqual(count, len(expected))

    @freeze_time("2026-03-06 02:00:00")
    def test_not_visited_for_long(self):
        self.company.stm_unseen_months = 3
        unseen = [("stm_is_unseen", "=", True)]
        own = [("user_id", "=", self.ann.id)]
        self.visit(self.ann, self.shop, "2026-03-02 02:00:00")
        self.visit(self.ann, self.corner, "2025-11-02 02:00:00")
        self.assertEqual(self.names(self.ann, domain=own + unseen), {"Corner"})
        self.assertEqual(
            self.names(self.ann, domain=own + [("stm_is_unseen", "=", False)]), {"Shop"}
        )
        seen = (self.shop | self.corner).with_user(self.ann)
        self.assertEqual(seen.mapped("stm_is_unseen"), [False, True])
        self.env["stm.visit"].search([("partner_id", "=", self.shop.id)]).write(
            {"is_counted": False}
        )
        self.assertEqual(self.names(self.ann, domain=own + unseen), {"Corner", "Shop"})

    @freeze_time("2026-03-06 02:00:00")
    def test_overdue_by_the_visit_policy(self):
        """A class that is visited weekly is overdue long before it is unseen."""
        overdue = [("stm_is_overdue", "=", True)]
        own = [("user_id", "=", self.ann.id)]
        policy = self.env["stm.visit.policy"].create(
            {
                "name": "Map",
                "company_id": self.company.id,
                "line_ids": [
                    Command.create(
                        {
                            "customer_class_id": self.classes[0].id,
                            "visits_per_month": 4,
                            "max_days": 10,
                        }
                    ),
                    Command.create({"visits_per_month": 0}),
                ],
            }
        )
        policy.action_release()
        (self.shop | self.corner | self.far).stm_class_id = self.classes[0]
        self.customer(
            "Store",
            31.24,
            121.48,
            parent_id=self.shop.id,
            is_company=False,
            type="delivery",
        )
        self.visit(self.ann, self.shop, "2026-02-23 02:00:00")
        self.visit(self.ann, self.corner, "2026-02-24 02:00:00")
        self.visit(self.wei, self.far, "2026-01-05 02:00:00")
        self.env.flush_all()
        address = "Shop, Store"
        self.assertEqual(self.names(self.ann, domain=overdue), {"Shop", address})
        self.assertEqual(self.ask(self.ann, domain=overdue)["count"], 2)
        self.assertEqual(
            self.names(self.ann, domain=own + [("stm_is_overdue", "=", False)]),
            {"Corner"},
        )
        # Whose customers one does not lead, nobody says.
        self.assertEqual(self.names(self.wei, domain=overdue), {"Far"})
        self.assertEqual(self.names(self.gm, domain=overdue), {"Far", "Shop", address})
        customers = (self.shop | self.corner).with_user(self.ann)
        self.assertEqual(customers.mapped("stm_is_overdue"), [True, False])
        office = new_test_user(self.env, "stm_map_office", groups="base.group_user")
        self.assertFalse(self.shop.with_user(office).stm_is_overdue)

    def test_who_is_missing_is_counted_and_found(self):
        self.customer(
            "Person",
            0,
            0,
            parent_id=self.unknown.id,
            is_company=False,
            type="contact",
            user_id=self.ann.id,
        )
        model = self.env["res.partner"].with_user(self.ann)
        start = model.stm_map_start({"domain": [("user_id", "=", self.ann.id)]})
        self.assertEqual(start["count"], 2)
        self.assertEqual(start["missing"]["count"], 1)
        found = model.search(json.loads(json.dumps(start["missing"]["domain"])))
        self.assertEqual(found, self.unknown)
        self.assertEqual(
            start["bounds"],
            {"south": 31.2304, "west": 121.4737, "north": 31.231, "east": 121.4745},
        )

    def test_nobody_on_the_map(self):
        start = (
            self.env["res.partner"]
            .with_user(self.ann)
            .stm_map_start({"domain": [("id", "=", 0)]})
        )
        self.assertEqual((start["count"], start["bounds"]), (0, None))
        answer = self.ask(self.ann, domain=[("id", "=", 0)])
        self.assertEqual(answer, {"count": 0, "points": []})

    def test_bad_input_gets_a_sentence(self):
        model = self.env["res.partner"].with_user(self.ann)
        for bounds, zoom, filters, word in (
            ({**WORLD, "south": -91}, 3, {}, "south edge"),
            ({**WORLD, "north": 90.5}, 3, {}, "north edge"),
            ({**WORLD, "south": 32, "north": 31}, 3, {}, "north edge"),
            ({**WORLD, "west": -181}, 3, {}, "west edge"),
            ({**WORLD, "east": "180"}, 3, {}, "east edge"),
            ({**WORLD, "east": float("nan")}, 3, {}, "east edge"),
            ({**WORLD, "east": 10**400}, 3, {}, "east edge"),
            ({"south": 1}, 3, {}, "edges"),
            ([1, 2, 3, 4], 3, {}, "edges"),
            (None, 3, {}, "edges"),
            (WORLD, -1, {}, "zoom"),
            (WORLD, 23, {}, "zoom"),
            (WORLD, 3.5, {}, "zoom"),
            (WORLD, True, {}, "zoom"),
            (WORLD, "3", {}, "zoom"),
            (WORLD, 3, ["user_id"], "filters"),
            (WORLD, 3, {"domain": "[]"}, "filters"),
            (WORLD, 3, {"where": "1 = 1"}, "filters"),
            (WORLD, 3, {"domain": [("no_such", "=", 1)]}, "filter"),
            (WORLD, 3, {"domain": [("name", "is", 1)]}, "filter"),
            (WORLD, 3, {"domain": [("name", "=")]}, "filter"),
            (WORLD, 3, {"domain": ["&"]}, "filter"),
            (WORLD, 3, {"domain": [("user_id", "any!", [])]}, "filter"),
            (WORLD, 3, {"domain": [("user_id.password", "like", "a")]}, "filter"),
            (WORLD, 3, {"domain": [("partner_latitude", "=", "x")]}, "filter"),
            (WORLD, 3, {"domain": [("id", "in", "x")]}, "filter"),
            (WORLD, 3, {"domain": [("name", "ilike", "\x00")]}, "filter"),
        ):
            with (
                self.subTest(bounds=bounds, zoom=zoom, filters=filters),
                self.assertRaisesRegex(UserError, word),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                model.stm_map_customers(bounds, zoom, filters)
            if word != "filter":
                continue
            for method, args in (
                ("stm_map_start", (filters,)),
                ("stm_map_list", (bounds, filters)),
            ):
                with (
                    self.subTest(method=method, filters=filters),
                    self.assertRaisesRegex(UserError, word),
                    mute_logger("odoo.sql_db"),
                    self.env.cr.savepoint(),
                ):
                    getattr(model, method)(*args)
        for offset in (-1, True, "0", 1.5):
            with self.subTest(offset=offset), self.assertRaises(UserError):
                model.stm_map_list(WORLD, {}, offset)

    def fill(self, count, name):
        """Customers all over the world, so far from each other that all are seen."""
        self.env["res.partner"].create(
            [
                {
                    "name": f"{name}{number}",
                    "user_id": self.ann.id,
                    "stm_class_id": self.classes[number % 2].id,
                    "partner_latitude": -80 + 160 * (number // 40) / (count / 40),
                    "partner_longitude": -179 + 357 * (number % 40) / 40,
                }
                for number in range(count)
            ]
        )

    def test_an_answer_stays_small_however_far_one_looks(self):
        """Long Chinese names, which take six bytes a character on their way."""
        self.fill(
            1600, "上海市徐汇区漕河泾新兴技术开发区办公家具批发零售有限责任公司第"
        )
        for zoom in (0, 2, 3, 4, 5, 10, 22):
            answer = self.ask(self.ann, zoom=zoom)
            with self.subTest(zoom=zoom):
                self.assertEqual(answer["count"], 1603)
                self.assertLessEqual(len(answer["points"]), clusters.MAX_CELLS)
                self.assertLess(len(json.dumps(answer)), LIMIT)

    def test_the_number_of_queries_does_not_depend_on_the_number_of_customers(self):
        model = self.env["res.partner"].with_user(self.ann)

        def queries(call):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            call()
            return self.env.cr.sql_log_count - before

        calls = {
            "customers": lambda: model.stm_map_customers(WORLD, 4, {}),
            "list": lambda: model.stm_map_list(WORLD, {}),
            "start": lambda: model.stm_map_start({}),
        }
        for call in calls.values():
            call()
        few = {name: queries(call) for name, call in calls.items()}
        self.fill(30, "Near")
        some = {name: queries(call) for name, call in calls.items()}
        self.fill(300, "More")
        many = {name: queries(call) for name, call in calls.items()}
        for name in calls:
            with self.subTest(name):
                self.assertLessEqual(many[name], some[name])
                self.assertLessEqual(some[name], few[name] + 1)
        self.assertLessEqual(many["customers"], 4)


@tagged("post_install", "-at_install")
class TestPositions(MapCase):
    def test_ann_sets_where_her_customer_is_and_the_chatter_says_so(self):
        with self.assertRaises(AccessError):
            self.shop.with_user(self.ann).name = "Mine"
        # A caller cannot switch the log off.
        quiet = self.unknown.with_user(self.ann).with_context(
            tracking_disable=True, mail_notrack=True
        )
        [row] = quiet.stm_set_position(31.2, 121.5)
        self.assertEqual((row["latitude"], row["longitude"]), (31.2, 121.5))
        self.assertEqual(self.unknown.partner_latitude, 31.2)
        first = self.unknown.message_ids[0]
        self.assertIn("Position: unknown → 31.200000, 121.500000", first.body)
        self.assertEqual(first.author_id, self.ann.partner_id)
        quiet.stm_set_position(31.21, 121.5)
        self.assertIn(
            "31.200000, 121.500000 → 31.210000, 121.500000",
            self.unknown.message_ids[0].body,
        )
        count = len(self.unknown.message_ids)
        quiet.stm_set_position(31.21, 121.5)
        self.assertEqual(len(self.unknown.message_ids), count)

    def test_who_may_set_it(self):
        nobody = self.customer("Nobody's", *SHANGHAI)
        address = self.customer(
            "Door", 0, 0, parent_id=self.shop.id, type="delivery", is_company=False
        )
        stand_in = (
            self.env["stm.substitution"]
            .with_user(self.ann)
            .create(
                {
                    "substitute_id": self.wei.id,
                    "date_from": "2026-03-02",
                    "date_to": "2026-03-03",
                }
            )
        )
        self.assertTrue(stand_in)
        self.ann.sale_team_id = self.team_city
        self.wei.sale_team_id = self.team_west
        cases = (
            (self.shop, self.ann, True),
            (address, self.ann, True),
            (self.shop, self.ben, False),
            (self.shop, self.city, True),
            (self.shop, self.east, True),
            (self.shop, self.west, False),
            (self.shop, self.manager, True),
            (self.shop, self.hr, False),
            (self.shop, self.finance, False),
            (self.far, self.ann, False),
            (nobody, self.ann, False),
            (nobody, self.manager, True),
        )
        for partner, user, allowed in cases:
            mine = partner.with_user(user)
            with self.subTest(customer=partner.name, user=user.name):
                self.assertEqual(mine.stm_can_set_position, allowed)
                before = (partner.partner_latitude, partner.partner_longitude)
                if allowed:
                    mine.action_stm_pick_position()
                    mine.stm_set_position(31.3, 121.3)
                    self.assertEqual(partner.partner_latitude, 31.3)
                    partner.write(
                        dict(
                            zip(
                                ("partner_latitude", "partner_longitude"),
                                before,
                                strict=True,
                            )
                        )
                    )
                    continue
                with self.assertRaisesRegex(AccessError, "Ask its salesperson"):
                    mine.stm_set_position(31.3, 121.3)
                with self.assertRaises(AccessError):
                    mine.action_stm_pick_position()
                after = (partner.partner_latitude, partner.partner_longitude)
                self.assertEqual(after, before)
        with freeze_time("2026-03-02 02:00:00"):
            self.shop.with_user(self.wei).stm_set_position(31.4, 121.4)
        with (
            freeze_time("2026-03-04 02:00:00"),
            self.assertRaises(AccessError),
        ):
            self.shop.with_user(self.wei).stm_set_position(31.5, 121.5)

    def test_the_right_to_change_contacts_does_not_move_the_customers_of_others(self):
        """Else everybody could be verified at home."""
        self.ben.group_ids = [
            Command.link(self.env.ref("base.group_partner_manager").id)
        ]
        mine = self.shop.with_user(self.ben)
        mine.street = "1 Nanjing Road"
        with self.assertRaises(AccessError):
            mine.write({"partner_latitude": 31.3, "partner_longitude": 121.3})
        with self.assertRaises(AccessError):
            mine.partner_latitude = 31.3
        # Half of a place is not forgotten: it is another place.
        for half in ("partner_latitude", "partner_longitude"):
            with self.assertRaises(AccessError):
                mine.write({half: 0})
        self.assertEqual(self.shop.partner_latitude, 31.2304)
        # A changed address forgets the place (base_geolocalize): nothing to gain.
        mine.write({"partner_latitude": 0, "partner_longitude": 0})
        self.assertIn("→ unknown", self.shop.message_ids[0].body)

    def test_places_that_do_not_exist_are_refused(self):
        mine = self.shop.with_user(self.ann)
        count = len(self.shop.message_ids)
        for latitude, longitude in (
            (91, 121),
            (-90.1, 121),
            (31, 180.5),
            (0, 0),
            (float("nan"), 121),
            (float("inf"), 121),
            ("31", "121"),
            (None, 121),
            (True, True),
        ):
            with (
                self.subTest(latitude=latitude, longitude=longitude),
                self.assertRaisesRegex(UserError, "no place on earth"),
            ):
                mine.stm_set_position(latitude, longitude)
        for latitude, longitude in ((91, 121), (31, 181), (-91, 0)):
            with (
                self.subTest(latitude=latitude, longitude=longitude),
                self.assertRaisesRegex(ValidationError, "no place on earth"),
                self.env.cr.savepoint(),
            ):
                self.shop.write(
                    {"partner_latitude": latitude, "partner_longitude": longitude}
                )
        self.env.invalidate_all()
        self.assertEqual(self.shop.partner_latitude, SHANGHAI[0])
        self.assertEqual(len(self.shop.message_ids), count)

    def test_many_are_moved_with_one_log(self):
        partners = self.shop | self.corner | self.far

        def queries(records, latitude):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.write({"partner_latitude": latitude, "partner_longitude": 121})
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(partners, 30)
        self.assertEqual(queries(partners[:2], 31), queries(partners, 32))


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 01:00:00")
class TestMapOfVisits(MapCase):
    def ask_visits(self, user, *args):
        model = self.env["stm.visit"].with_user(user)
        return json.loads(json.dumps(model.stm_map_visits(*args)))

    def test_the_day_in_the_order_of_its_stops(self):
        late = self.visit(self.ann, self.shop, "2026-03-02 06:00:00", done=False)
        self.visit(self.ann, self.corner, "2026-03-02 02:00:00", done=False)
        self.visit(self.ann, self.unknown, "2026-03-02 03:00:00", done=False)
        self.visit(self.ann, self.far, "2026-03-03 03:00:00", done=False)
        late.sequence = 1
        answer = self.ask_visits(self.ann)
        self.assertEqual(answer["day"], "2026-03-02")
        self.assertFalse(answer["more"])
        self.assertEqual(
            [(row["stop"], row["customer"]) for row in answer["visits"]],
            [(1, "Shop"), (2, "Corner"), (3, "Unknown")],
        )
        shop, _corner, unknown = answer["visits"]
        self.assertEqual((shop["latitude"], shop["longitude"]), SHANGHAI)
        self.assertEqual((unknown["latitude"], unknown["longitude"]), (None, None))
        tomorrow = self.ask_visits(self.ann, "2026-03-03")
        self.assertEqual([row["customer"] for row in tomorrow["visits"]], ["Far"])

    def test_cancelled_ones_are_left_out_and_verdicts_shown(self):
        visit = self.visit(self.ann, self.shop)
        visit.sudo().write({"verdict": "outside", "verdict_note": "2 km away"})
        gone = self.visit(self.ann, self.corner, done=False)
        gone.with_user(self.ann).action_cancel("Closed")
        [row] = self.ask_visits(self.ann)["visits"]
        self.assertEqual(
            (row["state"], row["verdict"], row["verdict_note"]),
            ("done", "outside", "2 km away"),
        )
        self.assertEqual(
            (row["state_label"], row["verdict_label"]), ("Done", "Outside")
        )

    def test_who_sees_whose_visits(self):
        self.visit(self.ann, self.shop, done=False)
        self.visit(self.wei, self.far, done=False)
        for user, expected in (
            (self.ann, {"Ann"}),
            (self.ben, set()),
            (self.city, {"Ann"}),
            (self.west, {"Wei"}),
            (self.manager, {"Ann", "Wei"}),
            (self.gm, {"Ann", "Wei"}),
        ):
            with self.subTest(user=user.name):
                people = self.ask_visits(user)["people"]
                self.assertEqual({person["name"] for person in people}, expected)
        wei_only = self.ask_visits(self.manager, False, [self.wei.id])
        self.assertEqual([row["customer"] for row in wei_only["visits"]], ["Far"])
        self.assertFalse(self.ask_visits(self.manager, False, [])["visits"])
        self.assertFalse(self.ask_visits(self.ben, False, [self.ann.id])["visits"])

    def test_each_person_has_stops_of_the_own(self):
        self.visit(self.ann, self.shop, done=False)
        self.visit(self.wei, self.far, done=False)
        stops = {
            row["customer"]: row["stop"] for row in self.ask_visits(self.gm)["visits"]
        }
        self.assertEqual(stops, {"Shop": 1, "Far": 1})

    def test_the_place_of_a_customer_that_may_not_be_read_is_not_shown(self):
        self.visit(self.ann, self.shop, done=False)
        self.env["ir.rule"].create(
            {
                "name": "Nobody's customers",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": f"[('id', '!=', {self.shop.id})]",
            }
        )
        [row] = self.ask_visits(self.city)["visits"]
        self.assertEqual(row["customer"], "Shop")
        self.assertEqual((row["latitude"], row["address"]), (None, ""))

    def test_bad_input_gets_a_sentence(self):
        model = self.env["stm.visit"].with_user(self.ann)
        for day in ("2026-02-30", "today", 20260302, "'; --", ["2026-03-02"], True):
            with self.subTest(day=day), self.assertRaisesRegex(UserError, "2026-03-02"):
                model.stm_map_visits(day)
        for people in ("all", 7, [True], ["7"], {"id": 7}):
            with self.subTest(people=people), self.assertRaisesRegex(UserError, "ids"):
                model.stm_map_visits(False, people)

    def test_the_number_of_queries_does_not_depend_on_the_number_of_visits(self):
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.ask_visits(self.city)
            return self.env.cr.sql_log_count - before

        self.visit(self.ann, self.shop, done=False)
        self.visit(self.ben, self.corner, done=False)
        queries()
        few = queries()
        for number in range(10):
            moment = f"2026-03-02 {number:02}:30:00"
            self.visit(self.ann, self.customers[number], moment, done=False)
            self.visit(self.ben, self.customers[number + 10], moment, done=False)
        self.assertEqual(queries(), few)


@tagged("post_install", "-at_install")
class TestMapSettings(MapCase):
    def settings(self, **values):
        with Form(self.env["res.config.settings"]) as form:
            for name, value in values.items():
                form[name] = value
        form.record.execute()

    def tiles(self):
        start = self.env["res.partner"].with_user(self.ann).stm_map_start({})
        return start["tiles"], start["attribution"]

    def test_tiles_come_from_where_the_settings_say(self):
        self.assertIn("openstreetmap", self.tiles()[0])
        own = "https://tiles.example.com/{z}/{x}/{y}.png"
        self.settings(stm_map_tiles=f" {own} ", stm_map_attribution="© Example")
        self.assertEqual(self.tiles(), (own, "© Example"))

    def test_an_empty_address_stays_empty(self):
        """Even when an update would load the default again."""
        self.settings(stm_map_tiles=False)
        self.assertEqual(self.tiles()[0], "")
        self.assertTrue(self.env.ref("sales_team_mgmt.map_tiles").exists())
        values = self.env["res.config.settings"].default_get(["stm_map_tiles"])
        self.assertFalse(values["stm_map_tiles"])

    def test_who_may_not_change_the_settings_cannot_empty_them(self):
        before = self.tiles()
        for user in (self.ann, self.manager):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                self.env["res.config.settings"].with_user(user).set_values()
        self.assertEqual(self.tiles(), before)

    def test_an_address_without_places_for_the_numbers_is_refused(self):
        before = self.tiles()
        for wrong in (
            "https://tiles.example.com/",
            "https://tiles.example.com/{z}/{x}.png",
            "javascript:alert(1)//{z}{x}{y}",
        ):
            with self.subTest(wrong=wrong), self.assertRaisesRegex(UserError, "https"):
                self.settings(stm_map_tiles=wrong)
        self.assertEqual(self.tiles(), before)
