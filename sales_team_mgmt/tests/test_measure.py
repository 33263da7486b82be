from odoo.tests import freeze_time, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from . import test_figures
from .common import StmCase

APRIL = "2026-04-08 04:00:00"
THURSDAY = "2026-04-02 04:00:00"


class MeasureCase(StmCase, AccountTestInvoicingCommon):
    """Figures of March and April 2026, looked at in April."""

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
        return None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.company_data["default_journal_bank"]
        cls.goods = cls.env["product.product"].create(
            {"name": "Goods", "type": "service", "invoice_policy": "order"}
        )
        Period = cls.env["stm.period"]
        cls.env["stm.period"].action_create_year(2026, cls.company.ids)
        months = Period.search(
            [("company_id", "=", cls.company.id), ("kind", "=", "month")]
        )
        by_name = {period.name: period for period in months}
        cls.february = by_name["2026-02"]
        cls.march = by_name["2026-03"]
        cls.april = by_name["2026-04"]
        cls.quarter = Period.search(
            [("company_id", "=", cls.company.id), ("kind", "=", "quarter")],
            order="date_from",
            limit=1,
        )
        cls.Measure = cls.env["stm.measure"]

    def refresh(self, source=None, period=None):
        indicators = self.indicator(source) if source else None
        self.Measure._refresh(period or self.march, indicators)

    def measures(self, source, period=None):
        return self.Measure.search(
            [
                ("indicator_id", "=", self.indicator(source).id),
                ("period_id", "=", (period or self.march).id),
            ]
        )

    def measure(self, source, owner, period=None):
        kind = {"res.users": "user", "crm.team": "team", "res.company": "company"}
        return self.measures(source, period).filtered(
            lambda m: m.owner_kind == kind[owner._name] and m._owner() == owner
        )

    def check(self, source, expected, period=None):
        """{owner: numerator, or (numerator, denominator)}, each with its evidence."""
        for owner, figure in expected.items():
            measure = self.measure(source, owner, period)
            numerator, denominator = (
                figure if isinstance(figure, tuple) else (figure, 0)
            )
            with self.subTest(source=source, owner=owner.name):
                self.assertEqual(len(measure), 1)
                self.assertAlmostEqual(measure.numerator, numerator)
                self.assertAlmostEqual(measure.denominator, denominator)

    def corrections(self, measure):
        return [
            (c.numerator, c.came, c.gone, c.changed, c.period_id)
            for c in measure.correction_ids.sorted("id")
        ]


@tagged("post_install", "-at_install")
@freeze_time(APRIL)
class TestMeasure(MeasureCase):
    def test_money_of_people_teams_and_company(self):
        self.invoice(self.ann, "2026-03-02", 100)
        self.invoice(self.ben, "2026-03-31", 30)
        self.invoice(self.wei, "2026-03-15", 7)
        self.invoice(self.ann, "2026-04-01", 1000)
        self.refresh("invoiced")
        self.check(
            "invoiced",
            {
                self.ann: 100,
                self.ben: 30,
                self.wei: 7,
                self.city: 0,
                self.team_city: 130,
                self.team_east: 130,
                self.team_west: 7,
                self.team_department: 137,
                self.company: 137,
            },
        )

    def test_late_invoice_becomes_a_correction(self):
        self.invoice(self.ann, "2026-03-02", 100)
        self.march.with_user(self.manager).action_close("targets")
        ann = self.measure("invoiced", self.ann)
        self.assertTrue(ann.is_frozen)
        self.invoice(self.ann, "2026-03-20", 40)
        self.refresh()
        self.check("invoiced", {self.ann: 100, self.team_department: 100})
        self.assertEqual(self.corrections(ann), [(40, 1, 0, 0, self.april)])
        self.refresh()
        self.assertEqual(len(ann.correction_ids), 1)
