from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..models.stm_indicator import Figure
from ..tools import rates
from . import test_figures
from .common import StmCase

APRIL = "2026-04-08 04:00:00"


class MeasureCase(StmCase, AccountTestInvoicingCommon):
    """Figures of March 2026 and around, looked at in April."""

    chart_template = "generic_coa"

    # The builders of the tests of figures.
    order = test_figures.TestFigures.order
    invoice = test_figures.TestFigures.invoice
    refund = test_figures.TestFigures.refund
    pay = test_figures.TestFigures.pay
    approved_plan = test_figures.TestFigures.approved_plan
    indicator = test_figures.TestFigures.indicator

    @classmethod
    def setup_independent_user(cls):
        """The superuser prepares the data, as in the other tests of the addon."""
        return None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.company_data["default_journal_bank"]
        cls.goods = cls.env["product.product"].create(
            {"name": "Goods", "type": "service", "invoice_policy": "order"}
        )
        cls.env.ref("sales_team_mgmt.report_template_weekly").needs_next_plan = False
        periods = cls.env["stm.period"].action_create_year(2026, cls.company.ids)
        by_name = {period.name: period for period in periods}
        cls.february = by_name["2026-02"]
        cls.march = by_name["2026-03"]
        cls.april = by_name["2026-04"]
        cls.quarter = by_name["2026 Q1"]
        cls.Measure = cls.env["stm.measure"]

    # ------------------------------------------------------------
    # Builders and checks
    # ------------------------------------------------------------

    def refresh(self, source=None, period=None):
        indicators = self.indicator(source) if source else None
        self.Measure._refresh(period or self.march, indicators)

    def close(self, period=None, area="targets"):
        (period or self.march).with_user(self.manager).action_close(area)

    def measures(self, source, period=None):
        return self.Measure.search(
            [
                ("indicator_id", "=", self.indicator(source).id),
                ("period_id", "=", (period or self.march).id),
            ]
        )

    def measure(self, source, owner, period=None):
        kinds = {"res.users": "user", "crm.team": "team", "res.company": "company"}
        return self.measures(source, period).filtered(
            lambda m: m.owner_kind == kinds[owner._name] and m._owner() == owner
        )

    def check(self, source, expected, period=None):
        """{owner: numerator or (numerator, denominator)}, each with its evidence."""
        for owner, figure in expected.items():
            measure = self.measure(source, owner, period)
            share = isinstance(figure, tuple)
            numerator, denominator = figure if share else (figure, 0)
            with self.subTest(source=source, owner=owner.name):
                self.assertEqual(len(measure), 1)
                self.assertAlmostEqual(measure.numerator, numerator)
                self.assertAlmostEqual(measure.denominator, denominator)
                rate = rates.percentage(numerator, denominator) if share else numerator
                self.assertAlmostEqual(measure.value, float(rate or 0))
                action = measure.with_user(self.gm).action_open_evidence()
                records = self.env[action["res_model"]].search(action["domain"])
                found, of_all = test_figures.FIGURES[source](records)
                self.assertAlmostEqual(found, numerator)
                self.assertAlmostEqual(of_all or 0, denominator)

    def now_says(self, source, period=None):
        """Frozen figure and corrections together are what the facts say now."""
        period = period or self.march
        rows = self.env.execute_query(
            self.Measure._compute_sql(self.indicator(source), period.company_id, period)
        )
        facts = {(kind, user or team): n for kind, user, team, n, _d in rows}
        for measure in self.measures(source, period):
            owner = measure.user_id or (
                measure.team_id
                if measure.owner_kind == "team"
                else self.env["crm.team"]
            )
            total = measure.numerator + sum(measure.correction_ids.mapped("numerator"))
            key = (measure.owner_kind, owner.id or None)
            with self.subTest(owner=measure.display_name):
                self.assertAlmostEqual(total, float(facts.get(key, 0)))

    def booked(self, measure):
        return [
            (c.numerator, c.came, c.gone, c.changed, c.period_id)
            for c in measure.correction_ids.sorted("id")
        ]


@tagged("post_install", "-at_install")
@freeze_time(APRIL)
class TestMeasure(MeasureCase):
    """Figures of people, teams and the company while their period is open."""

    def test_money_of_people_teams_and_company(self):
        self.invoice(self.ann, "2026-03-02", 100)
        self.invoice(self.ben, "2026-03-31", 30)
        self.refund(self.ben, "2026-03-31", 10)
        self.invoice(self.wei, "2026-03-15", 7)
        self.invoice(self.ann, "2026-04-01", 1000)
        self.invoice(self.ann, "2026-02-28", 1000)
        self.refresh("invoiced")
        expected = {
            self.ann: 100,
            self.ben: 20,
            self.wei: 7,
            self.city: 0,
            self.team_city: 120,
            self.team_east: 120,
            self.team_west: 7,
            self.team_department: 127,
            self.company: 127,
        }
        self.check("invoiced", expected)
        self.refresh("invoiced", self.quarter)
        self.check("invoiced", {self.ann: 1100, self.company: 1127}, self.quarter)

    def test_last_day_of_february(self):
        self.invoice(self.ann, "2026-02-28", 100)
        self.invoice(self.ann, "2026-03-01", 30)
        self.refresh("invoiced", self.february | self.march)
        self.check("invoiced", {self.ann: 100}, self.february)
        self.check("invoiced", {self.ann: 30})

    def test_orders_count_on_the_day_where_the_person_is(self):
        self.wei.tz = "America/Los_Angeles"
        # 1 April in Shanghai, 31 March in Los Angeles; then the other way round
        self.order(self.ann, "2026-03-31 17:00:00", 100)
        self.order(self.wei, "2026-03-31 17:00:00", 30)
        self.order(self.ann, "2026-02-28 17:00:00", 7)
        self.order(self.wei, "2026-02-28 17:00:00", 3)
        self.refresh("orders_confirmed")
        self.check("orders_confirmed", {self.ann: 7, self.wei: 30, self.company: 37})

    def test_orders_of_nobody_count_for_team_and_company(self):
        order = self.order(self.ann, "2026-03-10 02:00:00", 100)
        order.write({"user_id": False, "team_id": self.team_city.id})
        self.refresh("orders_confirmed")
        self.check(
            "orders_confirmed",
            {self.ann: 0, self.team_city: 100, self.team_west: 0, self.company: 100},
        )

    def test_who_moved_leaves_the_documents_with_their_team(self):
        self.invoice(self.ann, "2026-03-02", 100)
        self.join(self.ann, self.team_west, first="2026-03-16")
        self.invoice(self.ann, "2026-03-20", 30, team_id=self.team_west.id)
        self.refresh("invoiced")
        self.check(
            "invoiced",
            {
                self.ann: 130,
                self.team_city: 100,
                self.team_west: 30,
                self.team_department: 130,
            },
        )
        # Whoever leads the person at the end of the period sees the figure.
        mine = self.measure("invoiced", self.ann)
        self.assertTrue(mine.with_user(self.west).has_access("read"))
        self.assertFalse(mine.with_user(self.city).has_access("read"))

    def test_distinct_customers_are_counted_at_every_level(self):
        with freeze_time("2026-03-04 04:00:00"):
            for user in (self.ann, self.ben, self.wei):
                self.visit(user, self.customers[0])
            self.visit(self.ann, self.customers[0])
            self.visit(self.ann, self.customers[1])
        self.refresh("customers_visited")
        self.check(
            "customers_visited",
            {
                self.ann: 2,
                self.ben: 1,
                self.team_city: 2,
                self.team_west: 1,
                self.team_department: 2,
                self.company: 2,
            },
        )
        groups = self.Measure._read_group(
            [
                ("owner_kind", "=", "user"),
                ("indicator_id", "=", self.indicator("customers_visited").id),
            ],
            [],
            ["value:sum"],
        )
        self.assertFalse(groups[0][0])

    def test_totals_of_what_adds_up(self):
        self.invoice(self.ann, "2026-03-02", 100)
        self.invoice(self.wei, "2026-03-15", 7)
        self.refresh()

        def total(domain):
            return self.Measure._read_group(
                [("period_id", "=", self.march.id), *domain], [], ["value:sum"]
            )[0][0]

        invoiced = ("indicator_id", "=", self.indicator("invoiced").id)
        people, teams = ("owner_kind", "=", "user"), ("owner_kind", "=", "team")
        self.assertAlmostEqual(total([invoiced, people]), 107)
        self.assertFalse(total([invoiced, teams]))
        self.assertFalse(total([invoiced]))
        self.assertFalse(total([people]))

    def test_a_share_without_a_base_is_none(self):
        with freeze_time("2026-02-26 02:00:00"):
            plan = self.plan(self.ann)
            plan.action_submit()
            plan.with_user(self.city).action_approve()
        plan.point_ids.sudo().outcome = "done"
        self.refresh("key_points_done")
        self.check(
            "key_points_done",
            {
                self.ann: (1, 1),
                self.ben: (0, 0),
                self.team_city: (1, 1),
                self.team_west: (0, 0),
            },
        )
        ann, ben = (self.measure("key_points_done", u) for u in (self.ann, self.ben))
        self.assertEqual(ann.figure, "1 of 1 (100 %)")
        self.assertEqual(ben.figure, "No share: nothing to measure it by")
        stored = self.env.execute_query(
            self.env["stm.measure"]._search([("id", "=", ben.id)]).select("value")
        )
        self.assertEqual(stored, [(None,)])

    def test_shares_are_rounded_as_everywhere(self):
        """Two of three, one of eight: half up, to two digits."""
        points = [Command.create({"name": f"Point {n}"}) for n in range(3)]
        with freeze_time("2026-02-26 02:00:00"):
            plan = self.plan(self.ann, point_ids=points)
            plan.action_submit()
            plan.with_user(self.city).action_approve()
        plan.point_ids[:2].sudo().outcome = "done"
        self.refresh("key_points_done")
        self.assertEqual(self.measure("key_points_done", self.ann).value, 66.67)

    def test_absences_of_a_month(self):
        """AT-ATT-01: a full day and half a day are two days."""
        Absence = self.env["stm.absence"].with_user(self.city)
        Absence.create({"user_id": self.ann.id, "date": "2026-03-02"})
        Absence.create({"user_id": self.ann.id, "date": "2026-03-03", "part": "half"})
        self.refresh("absent_days")
        self.check(
            "absent_days",
            {self.ann: 2, self.ben: 0, self.team_city: 2, self.company: 2},
        )

    def test_only_members_and_people_with_facts_have_a_figure(self):
        guest = self.person("guest", "group_salesperson")
        self.refresh("invoiced")
        self.assertFalse(self.measure("invoiced", guest))
        move = self.invoice(guest, "2026-03-02", 100)
        self.refresh("invoiced")
        self.check("invoiced", {guest: 100})
        move.button_draft()
        self.refresh("invoiced")
        self.assertFalse(self.measure("invoiced", guest))
        self.check("invoiced", {self.company: 0})

    def test_another_company_has_figures_of_its_own(self):
        other = self.setup_other_company(name="Sister")["company"]
        (self.ann | self.gm).write({"company_ids": [Command.link(other.id)]})
        periods = (
            self.env["stm.period"]
            .sudo()
            .create(
                {
                    "name": "2026-03",
                    "date_from": "2026-03-01",
                    "date_to": "2026-03-31",
                    "company_id": other.id,
                }
            )
        )
        self.invoice(self.ann, "2026-03-02", 100)
        self.invoice(self.ann, "2026-03-02", 40, company=other)
        self.refresh("invoiced", self.march | periods)
        self.check("invoiced", {self.ann: 100, self.company: 100})
        self.check("invoiced", {self.ann: 40, other: 40}, periods)
        self.assertFalse(self.measure("invoiced", self.ben, periods))

    def test_nothing_is_written_when_nothing_changed(self):
        self.invoice(self.ann, "2026-03-02", 100)
        self.refresh("invoiced")
        before = self.measures("invoiced").mapped("measured_at")
        with freeze_time("2026-04-09 04:00:00"):
            self.refresh("invoiced")
            self.assertEqual(self.measures("invoiced").mapped("measured_at"), before)
            self.invoice(self.ben, "2026-03-03", 1)
            self.refresh("invoiced")
        changed = self.measures("invoiced").filtered(
            lambda m: str(m.measured_at)[:10] == "2026-04-09"
        )
        owners = {m._owner() for m in changed}
        teams = {self.team_city, self.team_east, self.team_department}
        self.assertEqual(owners, {self.ben, self.company} | teams)

    def test_as_many_queries_for_many_people_as_for_few(self):
        def cost():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.refresh("invoiced")
            return self.env.cr.sql_log_count - before

        cost()
        few = cost()
        for number in range(40):
            user = self.person(f"many{number}", "group_salesperson")
            self.join(user, self.team_city)
            self.invoice(user, "2026-03-03")
        self.assertEqual(cost(), few)
        self.check("invoiced", {self.team_city: 4000})

    # ------------------------------------------------------------
    # Readers
    # ------------------------------------------------------------

    def test_figures_for_readers_come_in_one_query(self):
        self.invoice(self.ann, "2026-03-02", 100)
        self.refresh()
        indicators = self.indicator("invoiced") | self.indicator("plan_completion")
        people = self.ann | self.ben | self.gm
        self.env.flush_all()
        with self.assertQueryCount(1):
            figures = self.Measure._figures_of(self.march, people, indicators)
        invoiced, completion = indicators
        self.assertEqual(tuple(figures[self.ann, invoiced]), (100, None))
        self.assertEqual(tuple(figures[self.ben, completion]), (0, 0))
        self.assertNotIn((self.gm, invoiced), figures)

    def test_the_teams_a_leader_leads_are_taken_together_once(self):
        """What a line of a monthly report about the teams of its writer shows."""
        self.invoice(self.ann, "2026-03-02", 100)
        self.invoice(self.wei, "2026-03-15", 7)
        report = self.report(self.east, "2026-03-30")
        invoiced = self.indicator("invoiced")
        days = (self.company, self.march.date_from, self.march.date_to)
        both = self.team_east | self.team_city
        self.assertEqual(invoiced._measure_teams(both, *days).numerator, 100)
        line = report.line_ids.filtered(lambda li: li.indicator_id == invoiced)
        self.assertIsNone(line._led_teams())
        self.env.cr.execute(
            "UPDATE stm_report_template_line SET figure_of = 'teams' WHERE id = %s",
            (line.template_line_id.id,),
        )
        self.env.invalidate_all()
        self.assertEqual(line._led_teams(), self.team_east)
        self.invoice(self.ann, "2026-03-31", 40)
        report.action_refresh_figures()
        self.assertEqual(line.value, 40)
        action = line.with_user(self.east).action_open_evidence()
        self.assertEqual(len(self.env["account.move"].search(action["domain"])), 1)

    # ------------------------------------------------------------
    # Sources that are gone
    # ------------------------------------------------------------

    def test_a_source_whose_addon_is_gone_is_passed_over(self):
        self.invoice(self.ann, "2026-03-02", 100)
        report = self.report(self.ann, "2026-03-30")
        self.refresh()
        indicator = self.indicator("invoiced")
        line = report.line_ids.filtered(lambda li: li.indicator_id == indicator)
        measure = self.measure("invoiced", self.ann)
        for gone in ("gone", "an_addon_that_left"):
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE stm_indicator SET source = %s WHERE id = %s",
                (gone, indicator.id),
            )
            self.env.invalidate_all()
            with self.subTest(source=gone):
                self.assertFalse(indicator._is_measured())
                self.refresh()
                self.assertEqual(measure.numerator, 100)
                self.assertIn("No longer measured", measure.explanation)
                report.action_refresh_figures()
                self.assertEqual(line.figure, "No longer measured")
                for call in (
                    measure.with_user(self.manager).action_refresh,
                    measure.with_user(self.ann).action_open_evidence,
                    line.action_open_evidence,
                ):
                    with self.assertRaisesRegex(UserError, "no longer measured"):
                        call()
        self.assertGreater(self.Measure._refresh_next(500), 0)

    def test_uninstalling_an_addon_keeps_the_indicator(self):
        indicator = self.indicator("invoiced")
        indicator._source_gone()
        self.assertEqual(indicator.source, "gone")

    # ------------------------------------------------------------
    # Queue
    # ------------------------------------------------------------

    def test_the_queue_is_worked_off_in_steps_and_only_once_a_day(self):
        indicators = len(self.env["stm.indicator"].search([]))
        self.env["stm.measure.task"].search([("id", "!=", 0)]).unlink()
        mine = [("company_id", "=", self.company.id)]
        self.env["stm.period"].search([("company_id", "!=", self.company.id)]).unlink()
        # January to April, Q1 and Q2, the half-year and the year
        total = 8 * indicators
        self.assertEqual(self.Measure._refresh_next(5), 5)
        done = self.env["stm.measure.task"].search(
            [*mine, ("refreshed_at", "!=", False)]
        )
        newest = self.env["stm.period"].search(
            [*mine, ("date_from", "<", APRIL[:10])], order="date_to desc", limit=1
        )
        self.assertEqual(done.period_id, newest)
        rest = 0
        while count := self.Measure._refresh_next(20):
            rest += count
        self.assertEqual(rest, total - 5)
        self.assertEqual(self.Measure._refresh_next(20), 0)
        self.check("invoiced", {self.company: 0}, self.february)
        self.assertFalse(
            self.measures(
                "invoiced",
                self.env["stm.period"].search(
                    [*mine, ("kind", "=", "month"), ("date_from", "=", "2026-05-01")]
                ),
            )
        )
        with freeze_time("2026-04-09 04:00:00"):
            self.assertEqual(self.Measure._refresh_next(500), total)

    def test_the_cron_measures(self):
        self.invoice(self.ann, "2026-03-02", 100)
        with self.enter_registry_test_mode():
            self.env.ref("sales_team_mgmt.ir_cron_measures").method_direct_trigger()
        self.check("invoiced", {self.ann: 100})

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    def test_who_reads_which_figures(self):
        self.refresh("invoiced")
        figures = {
            "ann": self.measure("invoiced", self.ann),
            "city": self.measure("invoiced", self.team_city),
            "west": self.measure("invoiced", self.team_west),
            "company": self.measure("invoiced", self.company),
        }
        everything = set(figures)
        table = {
            self.ann: {"ann"},
            self.ben: set(),
            self.city: {"ann", "city"},
            self.east: {"ann", "city"},
            self.west: {"west"},
            self.manager: everything,
            self.gm: everything,
            self.finance: everything,
            self.hr: everything,
        }
        for user, readable in table.items():
            found = {
                name
                for name, m in figures.items()
                if m.with_user(user).has_access("read")
            }
            with self.subTest(user=user.name):
                self.assertEqual(found, readable)

    def test_who_may_measure_again(self):
        self.invoice(self.ann, "2026-03-02", 100)
        self.refresh()
        self.invoice(self.ann, "2026-03-03", 1)
        mine = self.measure("invoiced", self.ann)
        for user in (self.ann, self.city, self.gm):
            with self.assertRaises(AccessError):
                mine.with_user(user).action_refresh()
            with self.assertRaises(AccessError):
                self.march.with_user(user).action_refresh_figures()
        self.assertEqual(mine.numerator, 100)
        mine.with_user(self.finance).action_refresh()
        self.assertEqual(mine.numerator, 101)
        self.invoice(self.ann, "2026-03-03", 1)
        self.march.with_user(self.hr).action_refresh_figures()
        self.assertEqual(mine.numerator, 102)

    def test_nobody_writes_figures(self):
        self.refresh("invoiced")
        mine = self.measure("invoiced", self.ann)
        for user in (self.ann, self.manager, self.finance):
            with self.assertRaises(AccessError):
                mine.with_user(user).write({"numerator": 5})
            with self.assertRaises(AccessError):
                mine.with_user(user).unlink()


@tagged("post_install", "-at_install")
@freeze_time(APRIL)
class TestFrozen(MeasureCase):
    """Closing freezes; what changes afterwards is a correction in an open month."""

    def test_late_invoice(self):
        first = self.invoice(self.ann, "2026-03-02", 100)
        self.close()
        ann = self.measure("invoiced", self.ann)
        self.assertTrue(ann.is_frozen and ann.checksum)
        late = self.invoice(self.ann, "2026-03-20", 40)
        self.refresh()
        self.assertEqual((ann.numerator, ann.value), (100, 100))
        self.assertEqual(self.booked(ann), [(40, 1, 0, 0, self.april)])
        self.assertEqual(
            ann.correction_ids.sentence,
            "Records after closing: 1 came later. The figure changes by +40.",
        )
        department = self.measure("invoiced", self.team_department)
        self.assertEqual(self.booked(department), [(40, 1, 0, 0, self.april)])
        self.assertFalse(self.measure("invoiced", self.ben).correction_ids)
        self.now_says("invoiced")
        # Again: nothing more
        self.refresh()
        self.assertEqual(len(ann.correction_ids), 1)
        self.assertEqual(
            len(
                self.env["stm.measure.correction"].search(
                    [("measure_id.period_id", "=", self.march.id)]
                )
            ),
            5,
        )
        # Each button opens its own records
        mine = ann.with_user(self.ann)
        self.assertEqual(mine.action_open_frozen()["domain"], [("id", "in", first.ids)])
        self.assertEqual(mine.action_open_changed()["domain"], [("id", "in", late.ids)])
        self.assertEqual(
            mine.action_open_evidence()["domain"],
            [("id", "in", sorted((first | late).ids))],
        )

    def test_open_period_follows_the_facts(self):
        move = self.invoice(self.ann, "2026-03-02", 100)
        self.refresh("invoiced")
        self.refund(self.ann, "2026-03-20", 40)
        self.refresh("invoiced")
        self.check("invoiced", {self.ann: 60})
        move.button_draft()
        self.refresh("invoiced")
        self.check("invoiced", {self.ann: -40})
        self.assertFalse(self.measure("invoiced", self.ann).correction_ids)

    def test_cancelled_payment_and_credit_note(self):
        move = self.invoice(self.ann, "2026-03-02", 100)
        payment = self.pay(move, "2026-03-10")
        self.invoice(self.ben, "2026-03-02", 100)
        self.close()
        payment.action_draft()
        payment.action_cancel()
        self.refund(self.ben, "2026-03-30", 20)
        self.refresh()
        collected = self.measure("collected", self.ann)
        self.assertEqual(self.booked(collected), [(-100, 0, 1, 0, self.april)])
        invoiced = self.measure("invoiced", self.ben)
        self.assertEqual(self.booked(invoiced), [(-20, 1, 0, 0, self.april)])
        self.now_says("collected")
        self.now_says("invoiced")
        # Paid after all, in March: a second correction
        with freeze_time("2026-05-05 04:00:00"):
            self.pay(move, "2026-03-11")
            self.refresh()
        self.assertEqual(
            [(n, came) for n, came, *_rest in self.booked(collected)],
            [(-100, 0), (100, 1)],
        )
        self.assertEqual(
            collected.correction_ids.sorted("id")[1].period_id.name, "2026-05"
        )
        self.assertEqual(collected.numerator, 100)
        self.now_says("collected")

    def test_changed_record_and_new_owner(self):
        move = self.invoice(self.ann, "2026-03-02", 100)
        guest = self.person("guest", "group_salesperson")
        self.close()
        move.invoice_user_id = guest
        self.refresh()
        self.assertEqual(
            self.booked(self.measure("invoiced", self.ann))[0][:4], (-100, 0, 1, 0)
        )
        late = self.measure("invoiced", guest)
        self.assertEqual((late.numerator, late.is_frozen), (0, True))
        self.assertEqual(self.booked(late)[0][:4], (100, 1, 0, 0))
        # The company has the same record with the same amount.
        self.assertFalse(self.measure("invoiced", self.company).correction_ids)
        self.now_says("invoiced")

    def test_distinct_customers_are_corrected_at_every_level(self):
        with freeze_time("2026-03-04 04:00:00"):
            self.visit(self.ann, self.customers[0])
            other = self.visit(self.ben, self.customers[0], done=False)
            second = self.visit(self.ben, self.customers[1], done=False)
        self.close()
        (other | second).with_user(self.ben).action_done()
        self.refresh()
        ben = self.measure("customers_visited", self.ben)
        team = self.measure("customers_visited", self.team_city)
        self.assertEqual(self.booked(ben)[0][:2], (2, 2))
        self.assertEqual(self.booked(team)[0][:2], (1, 2))
        self.now_says("customers_visited")

    def test_reorganisation_corrects_nothing(self):
        self.invoice(self.ann, "2026-03-02", 100)
        self.close()
        self.team_city.parent_id = self.team_west
        self.refresh()
        self.check("invoiced", {self.team_east: 100})
        self.assertFalse(
            self.env["stm.measure.correction"].search(
                [("measure_id.period_id", "=", self.march.id)]
            )
        )
        # What comes late goes where the documents went then.
        self.invoice(self.ann, "2026-03-20", 40)
        self.refresh()
        east = self.measure("invoiced", self.team_east)
        self.assertEqual(self.booked(east)[0][0], 40)
        self.assertFalse(self.measure("invoiced", self.team_west).correction_ids)

    def test_reopening_takes_corrections_back(self):
        self.invoice(self.ann, "2026-03-02", 100)
        self.close()
        self.invoice(self.ann, "2026-03-20", 40)
        self.refresh()
        ann = self.measure("invoiced", self.ann)
        self.march.with_user(self.manager).action_reopen("targets")
        self.assertFalse(ann.is_frozen or ann.checksum or ann.correction_ids)
        self.check("invoiced", {self.ann: 140, self.company: 140})
        with self.assertRaises(UserError):
            ann.action_open_frozen()
        self.close()
        self.refresh()
        self.assertEqual((ann.numerator, ann.is_frozen), (140, True))
        self.assertFalse(ann.correction_ids)

    def test_reopening_is_refused_while_a_correction_is_booked_in_a_closed_month(self):
        self.close()
        self.invoice(self.ann, "2026-03-20", 40)
        self.refresh()
        self.close(self.april)
        with self.assertRaisesRegex(UserError, "Reopen 2026-04 first"):
            self.march.with_user(self.manager).action_reopen("targets")
        self.assertTrue(self.measure("invoiced", self.ann).is_frozen)
        self.april.with_user(self.manager).action_reopen("targets")
        self.march.with_user(self.manager).action_reopen("targets")
        self.check("invoiced", {self.ann: 40})

    def test_corrections_go_into_the_next_open_month(self):
        self.close()
        self.close(self.april)
        self.invoice(self.ann, "2026-03-20", 40)
        self.refresh()
        [booked] = self.booked(self.measure("invoiced", self.ann))
        self.assertEqual(booked[-1].name, "2026-05")

    def test_an_indicator_with_frozen_figures_is_archived_not_deleted(self):
        late = self.env["stm.indicator"].create(
            {"name": "Late", "code": "late", "source": "invoiced", "unit": "money"}
        )
        other = late.copy({"code": "other"})
        self.refresh()
        other.unlink()
        self.close()
        with self.assertRaisesRegex(UserError, "Archive it"):
            late.unlink()

    def test_other_areas_freeze_nothing(self):
        self.close(area="work")
        self.refresh("invoiced")
        self.assertFalse(any(self.measures("invoiced").mapped("is_frozen")))

    def test_an_indicator_that_comes_later_is_frozen_when_measured(self):
        self.close()
        late = self.env["stm.indicator"].create(
            {"name": "Late", "code": "late", "source": "invoiced", "unit": "money"}
        )
        self.Measure._refresh(self.march, late)
        rows = self.Measure.search([("indicator_id", "=", late.id)])
        self.assertTrue(rows and all(rows.mapped("is_frozen")))

    def test_readers_get_the_frozen_figure_and_corrections_apart(self):
        invoiced = self.indicator("invoiced")
        self.invoice(self.ann, "2026-03-02", 100)
        self.close(self.march | self.quarter)
        self.invoice(self.ann, "2026-03-20", 40)
        self.refresh(period=self.march | self.quarter)
        people = self.ann | self.ben
        figures = self.Measure._figures_of(self.march, people, invoiced)
        self.assertEqual(figures[self.ann, invoiced].numerator, 100)
        found = self.Measure._correction_figures(self.april, people, invoiced)
        # Of the month once; the quarter has its own.
        self.assertEqual(
            {k: f.numerator for k, f in found.items()}, {(self.ann, invoiced): 40}
        )
        self.assertFalse(self.Measure._correction_figures(self.march, people, invoiced))

    def test_the_queue_finds_corrections_of_closed_periods(self):
        self.close()
        self.invoice(self.ann, "2026-03-20", 40)
        with freeze_time("2026-04-20 04:00:00"):
            while self.Measure._refresh_next(500):
                pass
        self.assertEqual(self.booked(self.measure("invoiced", self.ann))[0][0], 40)


@tagged("post_install", "-at_install")
@freeze_time(APRIL)
class TestAbsence(StmCase):
    """Typed by hand, never by the person (ATT-04)."""

    def absence(self, user, **values):
        return (
            self.env["stm.absence"]
            .with_user(user)
            .create({"user_id": self.ann.id, "date": "2026-04-07", **values})
        )

    def test_who_enters_absences(self):
        for user in (self.ann, self.ben, self.wei, self.west, self.finance, self.gm):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                self.absence(user)
        for user in (self.city, self.east, self.manager, self.hr):
            with self.subTest(user=user.name):
                absence = self.absence(user)
                self.assertEqual(absence.team_id, self.team_city)
                self.assertTrue(absence.with_user(self.ann).has_access("read"))
                absence.unlink()
        self.join(self.hr, self.team_department)
        with self.assertRaises(AccessError):
            self.absence(self.hr, user_id=self.hr.id)

    def test_the_person_changes_nothing(self):
        absence = self.absence(self.city)
        for user in (self.ann, self.ben):
            with self.assertRaises(AccessError):
                absence.with_user(user).write({"reason": "Sick"})
            with self.assertRaises(AccessError):
                absence.with_user(user).unlink()
        # Nor do leaders change their own one.
        own = self.absence(self.east, user_id=self.city.id)
        with self.assertRaises(AccessError):
            own.with_user(self.city).write({"part": "half"})
        with self.assertRaises(AccessError):
            own.with_user(self.city).unlink()
        with self.assertRaises(AccessError):
            absence.with_user(self.city).write({"user_id": self.wei.id})
        self.assertEqual(own.part, "full")

    def test_days_off_are_refused_and_make_up_days_taken(self):
        Day = self.env["stm.day.exception"]
        Day.create({"name": "Holiday", "date": "2026-04-06"})
        Day.create({"name": "Make-up", "date": "2026-04-11", "is_workday": True})
        for day in ("2026-04-05", "2026-04-06"):
            with self.assertRaisesRegex(UserError, "day off"):
                self.absence(self.city, date=day)
        self.assertTrue(self.absence(self.city, date="2026-04-11"))

    def test_what_is_about_others_starts_without_a_person(self):
        for model in ("stm.absence", "stm.event", "stm.spot.check"):
            with self.subTest(model=model):
                Model = self.env[model].with_user(self.city)
                self.assertFalse(Model.default_get(["user_id"]).get("user_id"))
                Named = Model.with_context(default_user_id=self.ann.id)
                self.assertEqual(
                    Named.default_get(["user_id"]), {"user_id": self.ann.id}
                )
        Visit = self.env["stm.visit"].with_user(self.city)
        Visit = Visit.with_context(default_user_id=self.ann.id)
        self.assertEqual(Visit.default_get(["user_id"]), {"user_id": self.city.id})

    def test_days_before_the_membership_are_refused(self):
        with self.assertRaisesRegex(UserError, "not in a sales team"):
            self.absence(self.hr, date="2024-12-31")

    def test_one_a_day(self):
        self.absence(self.city)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self.absence(self.hr, part="half")

    def test_weights(self):
        half = self.absence(self.city, part="half")
        self.assertEqual(half.weight, 1)
        self.company.stm_half_day_weight = 0.5
        self.assertEqual(half.weight, 1)
        later = self.absence(self.city, date="2026-04-08", part="half")
        self.assertEqual(later.weight, 0.5)
        with self.assertRaises(AccessError):
            later.write({"weight": 0.1})
        for wrong in (0, -1, 1.5):
            with self.assertRaises(ValidationError):
                self.company.stm_half_day_weight = wrong

    def test_closed_appraisal_refuses(self):
        month = self.env["stm.period"].create(
            {"name": "x", "date_from": "2026-04-01", "date_to": "2026-04-30"}
        )
        absence = self.absence(self.city)
        month.with_user(self.manager).action_close("appraisal")
        with self.assertRaisesRegex(UserError, "closed"):
            self.absence(self.city, date="2026-04-08")
        with self.assertRaisesRegex(UserError, "closed"):
            absence.with_user(self.city).unlink()
        self.assertEqual(fields.Date.to_string(absence.date), "2026-04-07")


@tagged("post_install", "-at_install")
@freeze_time(APRIL)
class TestMeasuresOfVisits(MeasureCase):
    """Shares of distinct customers and averages: stored, totalled, frozen."""

    finish = test_figures.TestFigures.finish
    MARCH_3 = "2026-03-03 02:00:00"

    def check_shares(self, source, expected):
        for owner, (numerator, denominator, value) in expected.items():
            measure = self.measure(source, owner)
            with self.subTest(owner=owner.name):
                self.assertEqual(measure.numerator, numerator)
                self.assertEqual(measure.denominator, denominator)
                self.assertAlmostEqual(measure.value, value)
                self.assertEqual(measure.adds_up, False)

    def cover(self):
        """Two customers of Ann's, two of Ben's, one of Wei's; one is moved along."""
        self.customers[:2].user_id = self.ann
        self.customers[2:4].user_id = self.ben
        self.customers[4].user_id = self.wei
        self.visit(self.ann, self.customers[0], self.MARCH_3)
        self.visit(self.ben, self.customers[0], self.MARCH_3)
        self.visit(self.ben, self.customers[1], self.MARCH_3)
        self.visit(self.wei, self.customers[2], self.MARCH_3)

    def test_coverage_of_people_teams_and_company(self):
        self.cover()
        self.refresh("coverage")
        expected = {
            self.ann: (1, 2, 50),
            self.ben: (0, 2, 0),
            self.wei: (0, 1, 0),
            # Ben was at Ann's second one, Wei at one of Ben's.
            self.team_city: (2, 4, 50),
            self.team_east: (2, 4, 50),
            self.team_department: (3, 5, 60),
            self.company: (3, 5, 60),
        }
        self.check_shares("coverage", expected)
        nobody = self.measure("coverage", self.city)
        self.assertEqual((nobody.numerator, nobody.denominator), (0, 0))
        self.assertFalse(nobody.value)
        self.assertIn("nothing to measure", nobody.figure)

    def test_coverage_of_a_person_who_moved(self):
        """The customers stand where the person stood last in the month."""
        self.cover()
        with freeze_time("2026-03-16 02:00:00"):
            self.join(self.ann, self.team_west, first="2026-03-16")
        self.refresh("coverage")
        expected = {
            self.ann: (1, 2, 50),
            self.team_city: (0, 2, 0),
            self.team_west: (0, 3, 0),
            self.company: (3, 5, 60),
        }
        self.check_shares("coverage", expected)

    def test_coverage_is_kept_when_the_month_is_closed(self):
        self.cover()
        self.refresh()
        self.close()
        measure = self.measure("coverage", self.team_city)
        opened = measure.with_user(self.gm).action_open_frozen()
        found = self.env["res.partner"].search(opened["domain"])
        self.assertEqual(found, self.customers[:4])
        # Measuring again finds nothing that changed.
        self.refresh("coverage")
        self.assertFalse(self.measures("coverage").correction_ids)
        # One customer more, and a visit to one of the old ones.
        self.customers[5].user_id = self.ann
        self.visit(self.ben, self.customers[3], self.MARCH_3)
        self.refresh("coverage")
        self.assertEqual((measure.numerator, measure.denominator), (2, 4))
        booked = measure.correction_ids
        self.assertEqual((booked.numerator, booked.denominator), (1, 1))
        own = self.measure("coverage", self.ann).correction_ids
        self.assertEqual((own.numerator, own.denominator), (0, 1))
        self.now_says("coverage")

    def test_an_average_is_no_percentage(self):
        for user, minutes in ((self.ann, 20), (self.ann, 45), (self.ben, 10)):
            visit = self.visit(user, self.customers[0], self.MARCH_3)
            self.finish(visit, self.MARCH_3, minutes)
        self.refresh("visit_minutes")
        measures = self.measures("visit_minutes")
        mine = self.measure("visit_minutes", self.ann)
        self.assertEqual((mine.numerator, mine.denominator), (65, 2))
        self.assertAlmostEqual(mine.value, 32.5)
        self.assertEqual(mine.figure, "32.5")
        nobody = self.measure("visit_minutes", self.wei)
        self.assertEqual(nobody.figure, "No average: nothing to measure it by")
        total = self.env["stm.measure"]._read_group(
            [("id", "in", measures.ids), ("owner_kind", "=", "user")],
            [],
            ["value:sum"],
        )
        self.assertAlmostEqual(total[0][0], 25)

    def test_an_average_against_a_target(self):
        """Reports and appraisals compare the average itself."""
        indicator = self.indicator("visit_minutes")
        figure = indicator._as_compared(Figure(65, 2))
        self.assertEqual(figure, (32.5, None))
        self.assertIsNone(indicator._as_compared(Figure(0, 0)))
        share = self.indicator("coverage")._as_compared(Figure(1, 2))
        self.assertEqual(share, (1, 2))
