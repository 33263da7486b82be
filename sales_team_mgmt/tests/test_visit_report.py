from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from . import test_figures
from .common import MONDAY, StmCase

FRIDAY = "2026-03-06 08:00:00"


@tagged("post_install", "-at_install")
@freeze_time(FRIDAY)
class TestVisitReport(StmCase):
    """REP-03: planned, done, distinct customers, verified, false, coverage."""

    approved_plan = test_figures.TestFigures.approved_plan
    finish = test_figures.TestFigures.finish

    def group(self, reader, by, *aggregates, domain=()):
        rows = (
            self.env["stm.visit.report"]
            .with_user(reader)
            ._read_group([("date", ">=", MONDAY), *domain], by, aggregates)
        )
        if not by:
            return rows[0]
        return {row[0]: row[1:] for row in rows}

    def week(self):
        """Ann: four planned, three done, one of them false, and two off plan."""
        self.customers[:4].user_id = self.ann
        self.customers[4].user_id = self.ben
        plan = self.approved_plan(self.ann, MONDAY, days=4)
        first, second, third, _fourth = plan.visit_ids.sorted("date")
        self.finish(first, "2026-03-02 01:20:00", 30, verdict="verified")
        self.finish(second, "2026-03-03 00:50:00", 50, verdict="outside")
        self.finish(third, is_counted=False)
        again = self.visit(self.ann, self.customers[0], "2026-03-05 01:00:00")
        other = self.visit(self.ann, self.customers[9], "2026-03-05 02:00:00")
        theirs = self.visit(self.ben, self.customers[0], "2026-03-05 03:00:00")
        # Checked out of the next morning only: nobody knows how long it was.
        self.finish(again, "2026-03-05 01:00:00", 24 * 60)
        return plan.visit_ids | again | other, theirs

    def test_what_was_planned_and_done(self):
        self.week()
        counts = self.group(
            self.city,
            ["user_id"],
            "planned:sum",
            "done:sum",
            "off_plan:sum",
            "customers:count_distinct",
            "verified:sum",
            "false_visits:sum",
        )
        self.assertEqual(counts[self.ann], (4, 4, 2, 3, 1, 1))
        self.assertEqual(counts[self.ben], (0, 1, 1, 1, 0, 0))
        # Ben's customer is one of Ann's: in total each one counts once.
        total = self.group(
            self.city, [], "planned:sum", "done:sum", "customers:count_distinct"
        )
        self.assertEqual(total, (4, 5, 3))

    def test_shares_are_shares_of_sums(self):
        self.week()
        spec = ("completion:avg", "verified_rate:avg", "minutes:avg", "delay:avg")
        found = self.group(self.city, ["user_id"], *spec)
        # 09:20 and 08:50 instead of 09:00 in Shanghai.
        self.assertEqual(found[self.ann], (50.0, 50.0, 40.0, 5.0))
        for share in found[self.ben]:
            self.assertIs(share, False)
        self.assertEqual(self.group(self.city, [], *spec), (50.0, 50.0, 40.0, 5.0))

    def test_coverage_of_each_level(self):
        self.week()
        found = self.group(self.city, ["user_id"], "coverage:avg")
        self.assertEqual(found[self.ann], (50.0,))
        self.assertEqual(found[self.ben], (0.0,))
        self.assertEqual(self.group(self.city, [], "coverage:avg"), (40.0,))
        by_day = self.group(self.city, ["date:day"], "coverage:avg")
        self.assertEqual(set(by_day.values()), {(25.0,), (0.0,), (20.0,)})
        # The same as the figure of the person.
        indicator = self.env.ref("sales_team_mgmt.indicator_coverage")
        figure = indicator._measure(
            self.ann | self.ben,
            self.company,
            *(test_figures.fields.Date.to_date(d) for d in (MONDAY, "2026-03-08")),
        )
        self.assertEqual(figure[self.ann], (2, 4))
        self.assertEqual(figure[self.ben], (0, 1))

    def test_coverage_of_regions_and_of_nobody(self):
        region = self.env["stm.region"].create({"name": "Zhejiang"})
        self.customers[:4].stm_region_id = region
        self.customers[3].user_id = self.ben
        self.env["stm.region.assignment"].create(
            {
                "user_id": self.ann.id,
                "region_id": region.id,
                "date_from": "2026-03-01",
            }
        )
        self.visit(self.ann, self.customers[0])
        self.visit(self.wei, self.customers[0])
        found = self.group(self.manager, ["user_id"], "coverage:avg")
        self.assertEqual(found[self.ann], (33.33,))
        # Nobody to visit is not 0 %.
        self.assertIs(found[self.wei][0], False)

    def test_rows_are_the_visits_that_the_reader_sees(self):
        mine, theirs = self.week()
        Report = self.env["stm.visit.report"]
        for reader in (self.ann, self.ben, self.wei, self.city, self.west, self.gm):
            with self.subTest(reader=reader.name):
                rows = Report.with_user(reader).search([("id", ">", 0)])
                visits = self.env["stm.visit"].with_user(reader)
                expected = visits.search([("id", "in", (mine | theirs).ids)])
                self.assertEqual(set(rows.visit_id.ids), set(expected.ids))
        row = Report.with_user(self.ann).search([("visit_id", "=", mine[0].id)])
        action = row.action_open_visit()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("stm.visit", mine[0].id)
        )

    def test_rows_of_another_company(self):
        sister = self.env["res.company"].create({"name": "Sister"})
        self.ann.company_ids = [Command.link(sister.id)]
        self.join(self.ann, self.team("Sister", company_id=sister.id))
        visit = self.visit(self.ann, self.customers[0], done=False)
        visit.sudo().company_id = sister
        Report = self.env["stm.visit.report"].with_user(self.ann)
        for company, there in ((self.company, False), (sister, True)):
            chosen = Report.with_context(allowed_company_ids=company.ids)
            found = chosen.search([("visit_id", "=", visit.id)])
            self.assertEqual(bool(found), there)
        self.assertFalse(self.gm.company_ids & sister)
        theirs = self.env["stm.visit.report"].with_user(self.gm)
        self.assertFalse(theirs.search([("visit_id", "=", visit.id)]))

    def test_what_is_written_shows_at_once(self):
        mine, _theirs = self.week()
        planned = mine.filtered(lambda v: v.state == "planned")
        planned.sudo()._do_cancel("Closed")
        [(total,)] = [self.group(self.city, [], "done:sum")]
        self.assertEqual(total, 5)
        self.finish(planned)
        [(total,)] = [self.group(self.city, [], "done:sum")]
        self.assertEqual(total, 6)
