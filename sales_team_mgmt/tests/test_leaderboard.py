from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import StmCase

NOW = "2026-03-18 04:00:00"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestLeaderboard(StmCase):
    """How the members of a team stand in the running periods, and who sees what."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["stm.period"].action_create_year(2026, cls.company.ids)
        cls.march = cls.env["stm.period"].search(
            [
                ("company_id", "=", cls.company.id),
                ("kind", "=", "month"),
                ("date_from", "=", "2026-03-01"),
            ]
        )
        cls.indicator = cls.env.ref("sales_team_mgmt.indicator_visits_done")
        cls.cat = cls.person("cat", "group_salesperson")
        cls.dan = cls.person("dan", "group_salesperson")
        for user in (cls.cat, cls.dan):
            cls.join(user, cls.team_city)

    # ------------------------------------------------------------
    # Builders and checks
    # ------------------------------------------------------------

    def visits(self, user, count, day=3):
        visits = self.env["stm.visit"]
        for number in range(count):
            moment = f"2026-03-{day:02} {number + 1:02}:00:00"
            visits |= self.visit(user, self.customers[number], moment)
        return visits

    def measure(self, *sources):
        indicators = self.env["stm.indicator"]
        for source in sources or ("visits_done",):
            indicators |= self.env.ref(f"sales_team_mgmt.indicator_{source}")
        self.env["stm.measure"]._refresh(self.march, indicators)

    def rows(self, reader, indicator=None, **values):
        domain = [
            ("indicator_id", "=", (indicator or self.indicator).id),
            ("period_kind", "=", values.pop("kind", "month")),
        ]
        domain += [(name, "=", value) for name, value in values.items()]
        # A request begins with nothing remembered: also no time zone of the reader,
        # which an environment keeps until the garbage collector comes by.
        self.env.flush_all()
        self.env.transaction.reset()
        return self.env["stm.leaderboard"].with_user(reader).search(domain)

    def places(self, reader, **values):
        return [(row.user_id.name, row.rank) for row in self.rows(reader, **values)]

    def figures(self, reader, **values):
        rows = self.rows(reader, **values)
        return {row.user_id.name: row.figure for row in rows if row.figure}

    # ------------------------------------------------------------
    # Places
    # ------------------------------------------------------------

    def test_members_of_a_team_by_their_figure(self):
        self.visits(self.ann, 2)
        self.visits(self.ben, 5)
        self.visits(self.cat, 1)
        self.visits(self.wei, 9)
        self.measure()
        expected = [("Ben", 1), ("Ann", 2), ("Cat", 3), ("Dan", 4)]
        self.assertEqual(self.places(self.ann), expected)
        mine = self.rows(self.ann).filtered("is_me")
        self.assertEqual(mine.user_id, self.ann)
        self.assertEqual(mine.place, "2 of 4")
        self.assertEqual(self.places(self.wei), [("Wei", 1)])

    def test_ties_share_a_place(self):
        for user, count in ((self.ann, 3), (self.ben, 3), (self.cat, 1)):
            self.visits(user, count)
        self.measure()
        expected = {("Ann", 1), ("Ben", 1), ("Cat", 3), ("Dan", 4)}
        self.assertEqual(set(self.places(self.ann)), expected)

    def test_less_is_better_where_the_indicator_says_so(self):
        self.visits(self.ann, 3)
        self.visits(self.ben, 1)
        self.indicator.direction = "lower"
        self.measure()
        found = dict(self.places(self.ann))
        self.assertEqual(found, {"Cat": 1, "Dan": 1, "Ben": 3, "Ann": 4})

    def test_people_without_a_figure_come_last(self):
        """A share without a base is no share, and not one of 0 %."""
        indicator = self.env.ref("sales_team_mgmt.indicator_visits_verified")
        self.visits(self.ann, 1).sudo().verdict = "verified"
        self.visits(self.ben, 1).sudo().verdict = "outside"
        self.visits(self.cat, 1)
        for direction, first, second in (
            ("higher", "Ann", "Ben"),
            ("lower", "Ben", "Ann"),
        ):
            indicator.direction = direction
            self.measure("visits_verified")
            found = self.places(self.ann, indicator=indicator)
            self.assertEqual(found[:2], [(first, 1), (second, 2)])
            self.assertEqual({name for name, _rank in found[2:]}, {"Cat", "Dan"})
            rows = self.rows(self.ann, indicator)
            self.assertEqual(rows.mapped("has_figure"), [True, True, False, False])
            self.assertEqual(rows[3].place, "No figure yet")

    def test_everybody_is_there_before_anything_was_measured(self):
        rows = self.rows(self.ann)
        self.assertEqual(len(rows), 4)
        self.assertFalse(any(rows.mapped("has_figure")))

    def test_a_joiner_of_today_is_in_the_list(self):
        self.measure()
        eve = self.person("eve", "group_salesperson")
        self.join(eve, self.team_city, first="2026-03-18")
        self.join(
            self.person("late", "group_salesperson"), self.team_city, first="2026-03-19"
        )
        names = [name for name, _rank in self.places(self.ann)]
        self.assertIn("Eve", names)
        self.assertNotIn("Late", names)
        self.visits(eve, 1, day=18)
        self.measure()
        self.assertEqual(self.places(eve)[0], ("Eve", 1))

    def test_who_moved_stands_in_the_new_team_with_the_whole_month(self):
        self.visits(self.ann, 4)
        self.visits(self.wei, 2)
        self.join(self.ann, self.team_west, first="2026-03-17")
        self.visits(self.ann, 1, day=18)
        self.measure()
        self.assertEqual(self.places(self.wei), [("Ann", 1), ("Wei", 2)])
        self.assertEqual(self.figures(self.west), {"Ann": "5", "Wei": "2"})
        # The old team neither has nor sees her, and she no longer sees it.
        self.assertNotIn("Ann", dict(self.places(self.ben)))
        self.assertEqual(self.places(self.ann), [("Ann", 1), ("Wei", 2)])

    def test_the_leader_is_not_ranked_among_the_members(self):
        self.visits(self.city, 9)
        self.measure()
        self.assertNotIn("City", dict(self.places(self.gm)))

    def test_only_running_open_periods(self):
        self.visits(self.ann, 1)
        self.measure()
        self.assertTrue(self.rows(self.ann, kind="quarter"))
        self.assertEqual(set(self.rows(self.ann).period_id), set(self.march))
        with freeze_time("2026-04-01 04:00:00"):
            self.assertNotIn(self.march, self.rows(self.ann).period_id)
        self.march.with_user(self.manager).action_close("targets")
        self.assertFalse(self.rows(self.ann))

    def test_only_indicators_that_are_for_it(self):
        absent = self.env.ref("sales_team_mgmt.indicator_absent_days")
        self.assertFalse(self.rows(self.ann, absent))
        self.indicator.active = False
        self.assertFalse(self.rows(self.ann))

    def test_rows_keep_their_number(self):
        rows = self.rows(self.ann)
        self.measure()
        self.assertEqual(set(rows.ids), set(self.rows(self.ann).ids))
        everything = self.env["stm.leaderboard"].search([("id", ">", 0)])
        self.assertEqual(len(set(everything.ids)), len(everything))
        self.assertLess(max(everything.ids), 2**53)

    # ------------------------------------------------------------
    # Who sees what
    # ------------------------------------------------------------

    def test_a_salesperson_sees_places_and_no_figure_but_the_own(self):
        self.visits(self.ann, 2)
        self.visits(self.ben, 5)
        self.measure()
        self.assertEqual(len(self.rows(self.ann)), 4)
        self.assertEqual(self.figures(self.ann), {"Ann": "2"})
        everything = {"Ann": "2", "Ben": "5", "Cat": "0", "Dan": "0"}
        for leader in (self.city, self.east, self.manager, self.gm):
            with self.subTest(leader=leader.name):
                self.assertEqual(
                    self.figures(leader, team_id=self.team_city.id), everything
                )
        self.assertFalse(self.rows(self.wei).filtered(lambda r: r.figure == "5"))
        self.assertFalse(self.rows(self.west, team_id=self.team_city.id))

    def test_figures_of_colleagues_do_not_come_out_another_way(self):
        self.visits(self.ben, 5)
        self.measure()
        Board = self.env["stm.leaderboard"].with_user(self.ann)
        rows = self.rows(self.ann)
        stored = {name for name, field in Board._fields.items() if field.store}
        self.assertFalse(stored & {"value", "numerator", "denominator", "measure_id"})
        for name in ("figure", "place"):
            with self.assertRaises(ValueError):
                Board.search([(name, "=", "5")])
        # As superuser or cached for the leader, it is not the colleague's to read.
        theirs = rows.filtered(lambda r: r.user_id == self.ben)
        self.assertEqual(theirs.with_user(self.city).figure, "5")
        self.assertEqual(theirs.sudo().figure, False)
        self.assertEqual(theirs.figure, False)
        with self.assertRaises(AccessError):
            self.env["stm.leaderboard"].with_user(self.finance).search([])

    def test_the_switch_of_the_company(self):
        self.measure()
        menu = self.env.ref("sales_team_mgmt.menu_leaderboard")
        Menu = self.env["ir.ui.menu"].with_user(self.ann)
        self.assertIn(menu.id, Menu.load_menus(False))
        self.company.stm_leaderboard = False
        for reader in (self.ann, self.city, self.gm):
            self.assertFalse(
                self.env["stm.leaderboard"].with_user(reader).search([("id", ">", 0)])
            )
        self.assertNotIn(menu.id, Menu.load_menus(False))
        sister = self.env["res.company"].create({"name": "Sister"})
        self.ann.company_ids = [Command.link(sister.id)]
        self.assertIn(menu.id, Menu.load_menus(False))
        self.assertFalse(self.rows(self.ann))

    def test_other_companies_have_their_own(self):
        sister = self.env["res.company"].create({"name": "Sister"})
        self.env["stm.period"].action_create_year(2026, sister.ids)
        team = self.team("Sister", company_id=sister.id)
        other = self.person(
            "sis",
            "group_salesperson",
            company_id=sister.id,
            company_ids=[Command.set(sister.ids)],
        )
        self.join(other, team)
        for reader in (self.ann, self.gm):
            self.assertNotIn(other, self.rows(reader).user_id)
        theirs = self.env["stm.leaderboard"].with_user(other).with_company(sister)
        self.assertEqual(theirs.search([("id", ">", 0)]).user_id, other)

    def test_as_many_queries_for_many_people(self):
        self.measure()
        counts = []
        for size in (1, 2, 12, 24):
            for number in range(size):
                user = self.person(f"more{size}x{number}", "group_salesperson")
                self.join(user, self.team_city)
            self.measure()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            rows = self.rows(self.city)
            rows.read(["rank", "place", "figure", "is_me"])
            counts.append(self.env.cr.sql_log_count - before)
        # The first one fills the caches of the server.
        self.assertEqual(set(counts[1:]), {counts[1]}, counts)
        self.assertEqual(fields.Date.to_string(rows[0].date_from), "2026-03-01")
