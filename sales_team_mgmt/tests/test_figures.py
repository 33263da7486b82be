from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from .common import MONDAY, StmCase

SUNDAY = "2026-03-08"
FRIDAY = "2026-03-06 08:00:00"


# What a figure is, told by the records behind it.
def _sum(name):
    return lambda records: (sum(records.mapped(name)), None)


def _share(done):
    return lambda records: (len(records.filtered(done)), len(records))


def _share_of_customers(done, planned):
    """A share of distinct customers, those in the base only."""

    def figure(visits):
        base = visits.filtered(planned).commercial_partner_id
        return len(visits.filtered(done).commercial_partner_id & base), len(base)

    return figure


def _counts(visit):
    return visit.state == "done" and visit.is_counted


def _day_on_site(visit):
    if not visit.check_in_at:
        return visit.date
    local = visit.with_context(tz=visit.user_id.tz)
    return fields.Datetime.context_timestamp(local, visit.check_in_at).date()


def _kept_order(visits):
    """Second stops of pairs in the planned order, of all second stops."""
    kept = 0
    for visit in visits:
        before = visit.plan_id.visit_ids.filtered(
            lambda v, stop=visit: (
                _counts(v)
                and v.check_in_at
                and v.plan_line_id.date == stop.plan_line_id.date
                and v.plan_line_id.hour < stop.plan_line_id.hour
            )
        )
        before = before.sorted(lambda v: v.plan_line_id.hour)[-1:]
        kept += before.check_in_at <= visit.check_in_at
    return kept, len(visits)


def _days_on_target(visits):
    days = visits.sudo().grouped(lambda v: (v.user_id, v.date))
    load = visits.company_id.stm_visits_per_week
    reached = [
        len(day) >= (user.stm_visits_per_week or load) / 5
        for (user, _date), day in days.items()
    ]
    return sum(reached), len(days)


def _covered(partners):
    visits = partners.env["stm.visit"].sudo()
    visits = visits.search([("commercial_partner_id", "in", partners.ids)])
    return len(visits.filtered(_counts).commercial_partner_id), len(partners)


FIGURES = {
    "orders_confirmed": lambda orders: (
        sum(order.amount_untaxed / order.currency_rate for order in orders),
        None,
    ),
    "invoiced": _sum("amount_untaxed_signed"),
    "collected": _sum("amount"),
    "visits_done": lambda visits: (len(visits), None),
    "visits_planned": _share(_counts),
    "customers_visited": lambda visits: (len(visits.commercial_partner_id), None),
    "new_customers": lambda partners: (len(partners), None),
    "key_points_done": _share(lambda point: point.outcome == "done"),
    "plan_completion": lambda plans: (
        len(plans.visit_ids.filtered(_counts))
        + len(plans.point_ids.filtered(lambda p: p.outcome == "done")),
        len(plans.visit_ids) + len(plans.point_ids),
    ),
    "reports_reviewed": _share(lambda report: report.state in ("approved", "returned")),
    "report_punctuality": _share(lambda item: item.state in ("on_time", "excused")),
    "absent_days": _sum("weight"),
    "calls": lambda logs: (len(logs), None),
    "promises_kept": _share(lambda promise: promise.state == "kept"),
    "plan_adherence": _share(
        lambda visit: (
            _counts(visit) and _day_on_site(visit) == visit.sudo().plan_line_id.date
        )
    ),
    "call_compliance": _share_of_customers(_counts, lambda visit: visit.plan_line_id),
    "route_compliance": _kept_order,
    "strike_rate": _share(
        lambda visit: (
            visit.env["sale.order"]
            .sudo()
            .search([("stm_visit_id", "=", visit.id), ("state", "!=", "cancel")])
        )
    ),
    "coverage": _covered,
    "visit_minutes": lambda visits: (sum(visits.mapped("minutes")), len(visits)),
    "visits_verified": _share(lambda visit: visit.verdict == "verified"),
    "days_on_target": _days_on_target,
    "visits_outlets": _share(
        lambda visit: (
            (
                visit.partner_id.stm_class_id
                or visit.commercial_partner_id.stm_class_id
            ).kind
            == "outlet"
        )
    ),
    "visit_authenticity": _share(lambda check: check.result == "true"),
}


@tagged("post_install", "-at_install")
@freeze_time(FRIDAY)
class TestFigures(StmCase, AccountTestInvoicingCommon):
    """Every figure is the expected number, and the records behind it add up to it.

    The company is one of its own with a chart of accounts; EUR is worth a half of
    its currency in March 2026, as it was before, a quarter from 9 March on and twice
    as much from 16 March on.
    """

    chart_template = "generic_coa"

    @classmethod
    def setup_independent_user(cls):
        """The superuser prepares the data, as in the other tests of the addon."""
        return None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency(
            "EUR",
            rates=[
                ("1900-01-01", 2.0),
                ("2026-03-09", 4.0),
                ("2026-03-16", 0.5),
            ],
        )
        cls.bank = cls.company_data["default_journal_bank"]
        cls.goods = cls.env["product.product"].create(
            {"name": "Goods", "type": "service", "invoice_policy": "order"}
        )
        cls.env.ref("sales_team_mgmt.report_template_weekly").needs_next_plan = False

    # ------------------------------------------------------------
    # Builders
    # ------------------------------------------------------------

    def order(self, user, moment, amount=100.0, partner=None, confirm=True, **values):
        order = self.env["sale.order"].create(
            {
                "partner_id": (partner or self.customers[0]).id,
                "user_id": user.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.goods.id,
                            "product_uom_qty": 1,
                            "price_unit": amount,
                            "tax_ids": [Command.set(self.tax_sale_a.ids)],
                        }
                    )
                ],
                **values,
            }
        )
        if confirm:
            with freeze_time(moment):
                order.action_confirm()
        return order

    def invoice(self, user, day, amount=100.0, post=True, taxes=None, **values):
        company = values.pop("company", self.company)
        move = (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customers[0].id,
                    "invoice_user_id": user.id,
                    "invoice_date": day,
                    "date": day,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Goods",
                                "quantity": 1,
                                "price_unit": amount,
                                "tax_ids": [Command.set(taxes.ids if taxes else [])],
                            }
                        )
                    ],
                    **values,
                }
            )
        )
        if post:
            move.action_post()
        return move

    def refund(self, user, day, amount=100.0, **values):
        return self.invoice(user, day, amount, move_type="out_refund", **values)

    def pay(self, moves, day, amount=None, **values):
        """Register a payment on invoices, as the button on them does."""
        values |= {"amount": amount} if amount else {}
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create({"payment_date": day, "journal_id": self.bank.id, **values})
        )
        payment = wizard._create_payments()
        self.assertTrue(payment.move_id)
        return payment

    def approved_plan(self, user, monday, moment="2026-02-26 02:00:00", **values):
        with freeze_time(moment):
            plan = self.plan(user, monday, **values)
            plan.action_submit()
            plan.with_user(self.city).action_approve()
        self.assertEqual(plan.state, "approved")
        return plan

    # ------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------

    def indicator(self, source):
        return self.env["stm.indicator"].search([("source", "=", source)], limit=1)

    def measured(self, source, user, first=MONDAY, last=SUNDAY, company=None):
        """The figure of one person, measured together with everybody else's."""
        people = self.ann | self.ben | self.wei | self.city | user
        figures = self.indicator(source)._measure(
            people,
            company or self.company,
            fields.Date.to_date(first),
            fields.Date.to_date(last),
        )
        self.assertEqual(set(figures), set(people))
        return figures[user]

    def check(self, source, user, expected, evidence=None, **period):
        """The figure is the expected one and so is its evidence, whoever reads it.

        Readers are the owner, the leader and the general manager unless ``readers``
        says otherwise.
        """
        first = fields.Date.to_date(period.get("first", MONDAY))
        last = fields.Date.to_date(period.get("last", SUNDAY))
        company = period.get("company", self.company)
        figure = self.measured(source, user, first, last, company)
        numerator, denominator = (
            expected if isinstance(expected, tuple) else (expected, None)
        )
        self.assertAlmostEqual(figure.numerator, numerator)
        self.assertEqual(figure.denominator, denominator)
        leader = self.east if user == self.city else self.city
        for reader in period.get("readers", (user, leader, self.gm)):
            model, domain = self.indicator(source)._evidence(user, company, first, last)
            records = self.env[model].with_user(reader).search(domain)
            with self.subTest(source=source, reader=reader.name):
                found, of_all = FIGURES[source](records)
                self.assertAlmostEqual(found, numerator)
                self.assertEqual(of_all, denominator)
                if evidence is not None:
                    self.assertEqual(set(records.ids), set(evidence.ids))
            # What the button opens says the same.
            action = (
                self.indicator(source)
                .with_user(reader)
                ._open_evidence(user, company, first, last)
            )
            opened = self.env[action["res_model"]].with_user(reader)
            self.assertEqual(opened.search(action["domain"]), records)

    def test_every_source_has_a_figure_and_a_case(self):
        sources = dict(self.env["stm.indicator"]._fields["source"].selection)
        self.assertEqual(sources.pop("gone"), "No Longer Measured")
        self.assertEqual(set(sources), set(FIGURES))
        self.assertEqual(set(sources), set(self.env["stm.indicator"]._sources()))
        for source in sources:
            with self.subTest(source=source):
                self.assertTrue(hasattr(self, f"test_{source}"))
                self.assertTrue(self.indicator(source))

    def test_without_records_figures_are_zero(self):
        for source in FIGURES:
            share = self.indicator(source).unit in ("share", "average")
            self.check(source, self.ann, (0, 0) if share else 0)

    # ------------------------------------------------------------
    # Orders
    # ------------------------------------------------------------

    def test_orders_confirmed(self):
        # Monday 00:30 and Sunday 23:30 in Shanghai are inside
        inside = self.order(self.ann, "2026-03-01 16:30:00", 100)
        inside |= self.order(self.ann, "2026-03-08 15:30:00", 250)
        self.order(self.ann, "2026-03-01 15:59:59", 1000)
        self.order(self.ann, "2026-03-08 16:00:00", 1000)
        self.order(self.ben, "2026-03-04 02:00:00", 1000)
        self.order(self.ann, "2026-03-04 02:00:00", 1000, confirm=False)
        self.order(self.ann, "2026-03-04 02:00:00", 1000)._action_cancel()
        self.check("orders_confirmed", self.ann, 350, inside)
        self.check("orders_confirmed", self.ben, 1000)

    def test_orders_confirmed_in_a_foreign_currency(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": self.euro.id}
        )
        values = {"pricelist_id": pricelist.id}
        orders = self.order(self.ann, "2026-03-04 02:00:00", 100)
        orders |= self.order(self.ann, "2026-03-04 02:00:00", 300, **values)
        self.assertEqual(orders[1].currency_id, self.euro)
        self.check("orders_confirmed", self.ann, 100 + 150, orders)
        # The rate of the day of confirmation is the one that counts.
        later = self.order(self.ann, "2026-03-10 02:00:00", 300, **values)
        self.check(
            "orders_confirmed",
            self.ann,
            75,
            later,
            first="2026-03-09",
            last="2026-03-15",
        )

    # ------------------------------------------------------------
    # Invoices
    # ------------------------------------------------------------

    def test_invoiced(self):
        moves = self.invoice(self.ann, "2026-03-02", 1000, taxes=self.tax_sale_a)
        self.assertGreater(moves.amount_total, 1000)
        moves |= self.invoice(self.ann, "2026-03-08", 500)
        moves |= self.refund(self.ann, "2026-03-04", 200, taxes=self.tax_sale_a)
        self.invoice(self.ann, "2026-03-01", 7000)
        self.invoice(self.ann, "2026-03-09", 7000)
        self.invoice(self.ann, "2026-03-04", 7000, post=False)
        self.invoice(self.ann, "2026-03-04", 7000, post=False).button_cancel()
        self.refund(self.ann, "2026-03-04", 7000, post=False)
        self.invoice(self.ben, "2026-03-04", 70)
        self.invoice(self.ann, "2026-03-04", 7000, move_type="in_invoice")
        self.check("invoiced", self.ann, 1300, moves)
        self.check("invoiced", self.ben, 70)

    def test_invoiced_goes_by_the_accounting_date(self):
        early = self.invoice(self.ann, "2026-02-27", 100, post=False)
        early.date = "2026-03-03"
        early.action_post()
        late = self.invoice(self.ann, "2026-03-03", 30, post=False)
        late.date = "2026-03-10"
        late.action_post()
        self.assertEqual(str(early.date), "2026-03-03")
        self.assertEqual(str(late.date), "2026-03-10")
        self.check("invoiced", self.ann, 100, early)

    def test_invoiced_in_a_foreign_currency(self):
        moves = self.invoice(self.ann, "2026-03-03", 1000, currency_id=self.euro.id)
        moves |= self.refund(self.ann, "2026-03-04", 200, currency_id=self.euro.id)
        self.check("invoiced", self.ann, 400, moves)

    def test_invoiced_and_collected_in_another_company_count_there_only(self):
        other = self.setup_other_company(name="Sister")["company"]
        both = {"company_ids": [Command.link(other.id)]}
        (self.ann | self.city | self.gm).write(both)
        here = self.invoice(self.ann, "2026-03-03", 100)
        there = self.invoice(self.ann, "2026-03-03", 40, company=other)
        self.assertEqual(there.company_id, other)
        bank = self.env["account.journal"].search(
            [("company_id", "=", other.id), ("type", "=", "bank")], limit=1
        )
        self.pay(here, "2026-03-04")
        self.pay_with_statement_line(there, bank.id, "2026-03-04", 40)
        self.check("invoiced", self.ann, 100, here)
        # City leads no team in the other company.
        there_only = {"company": other, "readers": (self.ann, self.gm)}
        self.check("invoiced", self.ann, 40, there, **there_only)
        self.check("collected", self.ann, 100)
        self.check("collected", self.ann, 40, **there_only)

    # ------------------------------------------------------------
    # Collections
    # ------------------------------------------------------------

    def collections(self, moves):
        return self.env["stm.collection"].search([("move_id", "in", moves.ids)])

    def test_collected(self):
        full = self.invoice(self.ann, "2026-03-02", 1000, taxes=self.tax_sale_a)
        part = self.invoice(self.ann, "2026-03-02", 500)
        self.invoice(self.ann, "2026-03-02", 7000)
        theirs = self.invoice(self.ben, "2026-03-02", 70)
        self.pay(full, "2026-03-02")
        self.pay(part, "2026-03-08", 120)
        self.pay(theirs, "2026-03-04")
        total = full.amount_total + 120
        self.check("collected", self.ann, total, self.collections(full | part))
        self.check("collected", self.ben, 70)
        rows = self.collections(full | part)
        self.assertEqual(rows.partner_id, self.customers[0])
        self.assertEqual(rows.team_id, self.team_city)
        self.assertEqual(rows.currency_id, self.company.currency_id)

    def test_collected_by_one_payment_for_two_salespeople(self):
        mine = self.invoice(self.ann, "2026-03-02", 100)
        theirs = self.invoice(self.ben, "2026-03-02", 30)
        self.pay(mine | theirs, "2026-03-04", group_payment=True)
        self.check("collected", self.ann, 100, self.collections(mine))
        self.check("collected", self.ben, 30, self.collections(theirs))

    def test_collected_in_parts_in_the_week_of_each_payment(self):
        invoice = self.invoice(self.ann, "2026-02-10", 1000)
        self.pay(invoice, "2026-03-01", 100)
        self.pay(invoice, "2026-03-02", 200)
        self.pay(invoice, "2026-03-08", 300)
        self.pay(invoice, "2026-03-09")
        self.check("collected", self.ann, 500)
        self.check("invoiced", self.ann, 0)
        self.check("collected", self.ann, 100, first="2026-02-23", last="2026-03-01")
        self.check("collected", self.ann, 400, first="2026-03-09", last="2026-03-15")

    def test_collected_on_the_last_day_of_february(self):
        for year, last in (("2026", "2026-02-28"), ("2028", "2028-02-29")):
            invoice = self.invoice(self.ann, f"{year}-01-10", 100)
            self.pay(invoice, last, 60)
            self.pay(invoice, f"{year}-03-01", 40)
            self.check("collected", self.ann, 60, first=f"{year}-02-01", last=last)
            self.check(
                "collected",
                self.ann,
                40,
                first=f"{year}-03-01",
                last=f"{year}-03-31",
            )

    def test_collected_by_a_bank_statement(self):
        invoice = self.invoice(self.ann, "2026-02-10", 1000)
        self.pay_with_statement_line(invoice, self.bank.id, "2026-03-03", 1000)
        self.check("collected", self.ann, 1000, self.collections(invoice))

    def test_collected_once_when_the_payment_is_found_on_the_statement(self):
        invoice = self.invoice(self.ann, "2026-02-10", 1000)
        payment = self.pay(invoice, "2026-03-03")
        line = self.env["account.bank.statement.line"].create(
            {
                "payment_ref": "found",
                "journal_id": self.bank.id,
                "amount": 1000,
                "date": "2026-03-05",
            }
        )
        _liquidity, suspense, _other = line.with_context(
            skip_account_move_synchronization=True
        )._seek_for_lines()
        outstanding = payment._seek_for_lines()[0]
        suspense.account_id = outstanding.account_id
        (suspense + outstanding).reconcile()
        self.assertTrue(outstanding.reconciled)
        self.check("collected", self.ann, 1000, self.collections(invoice))

    def test_collected_less_what_is_paid_back(self):
        invoice = self.invoice(self.ann, "2026-02-10", 1000)
        refund = self.refund(self.ann, "2026-02-20", 300)
        self.pay(invoice, "2026-03-03")
        self.pay(refund, "2026-03-05")
        self.check("collected", self.ann, 700, self.collections(invoice | refund))

    def test_collected_is_nothing_for_a_credit_note(self):
        invoice = self.invoice(self.ann, "2026-03-02", 1000)
        refund = self.refund(self.ann, "2026-03-03", 400)
        lines = (invoice | refund).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        lines.reconcile()
        self.assertEqual(invoice.amount_residual, 600)
        self.check("collected", self.ann, 0)
        self.check("invoiced", self.ann, 600)
        self.pay(invoice, "2026-03-05")
        self.check("collected", self.ann, 600)

    def test_collected_no_longer_after_the_payment_is_taken_back(self):
        invoice = self.invoice(self.ann, "2026-03-02", 1000)
        payment = self.pay(invoice, "2026-03-03")
        self.check("collected", self.ann, 1000)
        payment.action_draft()
        self.check("collected", self.ann, 0)
        payment.action_cancel()
        self.check("collected", self.ann, 0)
        payment = self.pay(invoice, "2026-03-04")
        self.check("collected", self.ann, 1000)
        payment.move_id.line_ids.remove_move_reconcile()
        self.check("collected", self.ann, 0)

    def test_collected_in_the_currency_of_the_company(self):
        invoice = self.invoice(self.ann, "2026-03-02", 1000, currency_id=self.euro.id)
        self.pay(invoice, "2026-03-03", 400, currency_id=self.euro.id)
        self.check("collected", self.ann, 200, self.collections(invoice))

    def test_collected_at_the_rate_of_the_payment_when_it_fell(self):
        invoice = self.invoice(self.ann, "2026-03-02", 1000, currency_id=self.euro.id)
        self.pay(invoice, "2026-03-10", currency_id=self.euro.id)
        self.check("collected", self.ann, 250, first="2026-03-09", last="2026-03-15")

    def test_collected_at_the_rate_of_the_payment_when_it_rose(self):
        invoice = self.invoice(self.ann, "2026-03-02", 1000, currency_id=self.euro.id)
        self.pay(invoice, "2026-03-17", currency_id=self.euro.id)
        self.check("collected", self.ann, 2000, first="2026-03-16", last="2026-03-22")

    def test_collected_is_not_what_was_written_off_with_the_payment(self):
        invoice = self.invoice(self.ann, "2026-03-02", 1000)
        self.pay(
            invoice,
            "2026-03-03",
            900,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data["default_account_expense"].id,
        )
        self.assertEqual(invoice.amount_residual, 0)
        self.check("collected", self.ann, 900)

    def test_collected_is_nothing_for_a_write_off_in_a_general_journal(self):
        invoice = self.invoice(self.ann, "2026-03-02", 1000)
        account = invoice.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        ).account_id
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-03-04",
                "journal_id": self.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.customers[0].id,
                            "credit": 1000,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_expense"
                            ].id,
                            "debit": 1000,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        (invoice | entry).line_ids.filtered(
            lambda line: line.account_id == account
        ).reconcile()
        self.assertEqual(invoice.amount_residual, 0)
        self.check("collected", self.ann, 0)

    # ------------------------------------------------------------
    # Records of no team or of another one
    # ------------------------------------------------------------

    def test_the_leader_sees_behind_the_figure_what_is_of_no_team(self):
        order = self.order(self.ann, FRIDAY, 100, team_id=False)
        invoice = self.invoice(self.ann, "2026-03-03", 50, team_id=False)
        self.pay(invoice, "2026-03-04")
        self.assertFalse(order.team_id | invoice.team_id)
        self.check("orders_confirmed", self.ann, 100, order)
        self.check("invoiced", self.ann, 50, invoice)
        self.check("collected", self.ann, 50, self.collections(invoice))

    def test_the_leader_sees_behind_the_figure_what_is_of_another_team(self):
        team = {"team_id": self.team_west.id}
        order = self.order(self.ann, FRIDAY, 100, **team)
        invoice = self.invoice(self.ann, "2026-03-03", 50, **team)
        self.pay(invoice, "2026-03-04")
        self.check("orders_confirmed", self.ann, 100, order)
        self.check("invoiced", self.ann, 50, invoice)
        self.check("collected", self.ann, 50, self.collections(invoice))

    # ------------------------------------------------------------
    # Visits and customers
    # ------------------------------------------------------------

    def some_visits(self):
        """Three visits of ann to two customers, and some that do not count."""
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customers[1].id}
        )
        done = self.visit(self.ann, self.customers[0])
        done |= self.visit(self.ann, self.customers[1])
        # Monday 00:30 in Shanghai
        done |= self.visit(self.ann, contact, "2026-03-01 16:30:00")
        self.visit(self.ann, self.customers[2], done=False)
        self.visit(self.ann, self.customers[3], "2026-03-01 15:30:00")
        with freeze_time("2026-03-09 02:00:00"):
            self.visit(self.ann, self.customers[4], "2026-03-08 16:30:00")
        self.visit(self.ben, self.customers[5])
        return done

    def test_visits_done(self):
        done = self.some_visits()
        self.check("visits_done", self.ann, 3, done)
        self.check("visits_done", self.ben, 1)

    def test_visit_authenticity(self):
        """Of Ann's visits one is true, one false, one not checked; Ben's is no use."""
        first, second, third = self.some_visits().sorted("id")
        ben = self.env["stm.visit"].search(
            [("user_id", "=", self.ben.id), ("state", "=", "done")], limit=1
        )
        visits = (first | second | third | ben).with_user(self.city)
        visits.action_spot_check()
        results = ("true", "false", False, "ineffective")
        for visit, result in zip(visits, results, strict=True):
            check = visit.sudo().spot_check_ids.with_user(self.city)
            check.write({"asked": "Ms. Wang", "finding": "Asked", "result": result})
            if result:
                check.action_check()
        checked = (first | second).sudo().spot_check_ids
        self.check("visit_authenticity", self.ann, (1, 2), checked)
        self.check("visit_authenticity", self.ben, (0, 1))

    def test_customers_visited(self):
        done = self.some_visits()
        self.check("customers_visited", self.ann, 2, done)
        self.check("customers_visited", self.ben, 1)

    def test_visits_planned(self):
        plan = self.approved_plan(self.ann, MONDAY, days=4)
        self.approved_plan(self.ann, "2026-03-09", days=2)
        self.approved_plan(self.ben, MONDAY, days=1)
        self.some_visits()
        visits = plan.visit_ids.sorted("date")
        self.assertEqual(len(visits), 4)
        for visit in visits[:2].with_user(self.ann):
            visit.write({"content": "Samples", "result": "Good", "problem": "none"})
            visit.action_done()
        visits[2].sudo()._do_cancel("Closed for the day")
        self.check("visits_planned", self.ann, (2, 4), visits)
        self.check("visits_planned", self.ben, (0, 1))

    def test_new_customers(self):
        old, new, again, contacted, theirs, cancelled = self.customers[:6]
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": contacted.id}
        )
        self.order(self.ann, "2026-01-10 02:00:00", partner=old)
        self.order(self.ann, "2026-03-03 02:00:00", partner=old)
        self.order(self.ann, "2026-03-03 02:00:00", partner=new)
        self.order(self.ann, "2026-03-03 02:00:00", partner=again)
        self.order(self.ann, "2026-03-04 02:00:00", partner=again)
        self.order(self.ann, "2026-03-04 02:00:00", partner=contact)
        self.order(self.ann, "2026-03-05 02:00:00", partner=contacted)
        self.order(self.ben, "2026-03-02 02:00:00", partner=theirs)
        self.order(self.ann, "2026-03-03 02:00:00", partner=theirs)
        gone = self.order(self.ben, "2026-02-02 02:00:00", partner=cancelled)
        gone._action_cancel()
        self.order(self.ann, "2026-03-03 02:00:00", partner=cancelled)
        # Sunday 23:59 and Monday 00:00 in Shanghai
        self.order(self.ann, "2026-03-01 15:59:59", partner=self.customers[6])
        self.order(self.ann, "2026-03-08 16:00:00", partner=self.customers[7])
        self.check("new_customers", self.ann, 4, new | again | contacted | cancelled)
        self.check("new_customers", self.ben, 1, theirs)

    # ------------------------------------------------------------
    # Visits that a check found to be false
    # ------------------------------------------------------------

    def test_a_false_visit_is_neither_done_nor_visited(self):
        """AT-VIS-02: the visit no longer counts; what was planned stays planned."""
        plan = self.approved_plan(self.ann, MONDAY, days=2)
        first, second = plan.visit_ids.sorted("date")
        for visit in first | second:
            self.finish(visit)
        for source in ("visits_planned", "plan_adherence", "call_compliance"):
            self.check(source, self.ann, (2, 2), first | second)
        self.check("customers_visited", self.ann, 2)
        self.check("plan_completion", self.ann, (2, 3))
        partner = second.partner_id.with_user(self.ann)
        self.assertEqual(partner.stm_visit_count, 1)
        self.assertEqual(partner.stm_last_visit_date, second.date)
        second.sudo().is_counted = False
        for source in ("visits_planned", "plan_adherence", "call_compliance"):
            self.check(source, self.ann, (1, 2), first | second)
        self.check("visits_done", self.ann, 1, first)
        self.check("customers_visited", self.ann, 1, first)
        self.check("plan_completion", self.ann, (1, 3))
        self.check("strike_rate", self.ann, (0, 1), first)
        self.check("days_on_target", self.ann, (0, 1), first)
        self.env.invalidate_all()
        self.assertEqual(partner.stm_visit_count, 0)
        self.assertFalse(partner.stm_last_visit_date)
        self.assertEqual(plan.visit_done_count, 1)
        self.assertEqual(plan.visit_count, 2)

    def test_days_on_target_by_the_full_load_of_the_person(self):
        self.company.stm_visits_per_week = 20
        visits = self.visit(self.ann, self.customers[0])
        visits |= self.visit(self.ann, self.customers[1], "2026-03-02 04:00:00")
        self.check("days_on_target", self.ann, (0, 1), visits)
        self.ann.stm_visits_per_week = 10
        self.check("days_on_target", self.ann, (1, 1))
        self.ann.stm_visits_per_week = 0
        self.check("days_on_target", self.ann, (0, 1), visits)

    def test_at_vis_02_59_of_60_visits_are_effective(self):
        visits = self.env["stm.visit"]
        for number in range(60):
            moment = f"2026-03-{2 + number // 15:02} {1 + number % 15 // 3:02}:00:00"
            visits |= self.visit(self.ann, self.customers[number % 25], moment)
        self.check("visits_done", self.ann, 60, visits)
        visits[30].sudo().is_counted = False
        self.check("visits_done", self.ann, 59, visits - visits[30])
        # The weekly report says the same, in figures and in its list of visits.
        report = self.report(self.ann)
        done = self.env.ref("sales_team_mgmt.indicator_visits_done")
        line = report.line_ids.filtered(lambda line: line.indicator_id == done)
        self.assertEqual(line.value, 59)
        self.assertEqual(len(report._visits_table()["rows"]), 59)

    # ------------------------------------------------------------
    # Visits and the plan
    # ------------------------------------------------------------

    def finish(self, visit, check_in=None, minutes=30, **values):
        """What check-in, check-out and finishing leave on a visit."""
        if check_in:
            check_in = fields.Datetime.to_datetime(check_in)
            values["check_in_at"] = check_in
            values["check_out_at"] = check_in + timedelta(minutes=minutes)
        visit.sudo().write(
            {"state": "done", "done_at": fields.Datetime.now(), **values}
        )
        return visit

    def day_plan(self, user, *stops, monday=MONDAY):
        """An approved plan with several stops on a Monday: (customer, hour)."""
        lines = [
            Command.create({"partner_id": partner.id, "date": monday, "hour": hour})
            for partner, hour in stops
        ]
        plan = self.approved_plan(user, monday, line_ids=lines)
        return [
            plan.visit_ids.filtered(lambda v, who=partner: v.partner_id == who)
            for partner, _hour in stops
        ]

    def test_plan_adherence(self):
        plan = self.approved_plan(self.ann, MONDAY, days=5)
        same, moved, late, cancelled, still = plan.visit_ids.sorted("date")
        self.finish(same)
        # On another day than approved: moved, or only checked in on another day.
        moved.with_user(self.ann).start_at = "2026-03-04 02:00:00"
        self.finish(moved)
        self.finish(late, "2026-03-05 01:00:00")
        cancelled.sudo()._do_cancel("Closed for the day")
        self.visit(self.ann, self.customers[9])
        self.approved_plan(self.ben, MONDAY)
        self.plan(self.ann, "2026-03-09")
        visits = same | moved | late | cancelled | still
        self.check("plan_adherence", self.ann, (1, 5), visits)
        self.check("visits_planned", self.ann, (3, 5), visits)
        self.check("plan_adherence", self.ben, (0, 1))

    def test_plan_adherence_goes_by_the_day_of_the_person(self):
        first, second = self.day_plan(
            self.ann, (self.customers[0], 0.5), (self.customers[1], 23)
        )
        # 00:30 and 23:50 on Monday in Shanghai are Sunday and Monday in UTC.
        self.finish(first, "2026-03-01 16:30:00")
        self.finish(second, "2026-03-02 15:50:00")
        self.check("plan_adherence", self.ann, (2, 2), first | second)
        second.sudo().check_in_at = "2026-03-02 16:00:00"
        self.check("plan_adherence", self.ann, (1, 2), first | second)

    def test_plan_adherence_belongs_to_the_day_that_was_approved(self):
        plan = self.approved_plan(self.ann, MONDAY, days=2)
        first, second = plan.visit_ids.sorted("date")
        second.with_user(self.ann).start_at = "2026-03-02 05:00:00"
        self.finish(first | second)
        monday = {"first": MONDAY, "last": MONDAY}
        self.check("plan_adherence", self.ann, (1, 1), first, **monday)
        tuesday = {"first": "2026-03-03", "last": "2026-03-03"}
        self.check("plan_adherence", self.ann, (0, 1), second, **tuesday)

    def test_plan_adherence_of_whoever_took_the_visit_over(self):
        plan = self.approved_plan(self.ann, MONDAY)
        visit = plan.visit_ids
        visit.sudo().user_id = self.ben
        self.finish(visit)
        self.check("plan_adherence", self.ann, (0, 0))
        self.check("plan_adherence", self.ben, (1, 1), visit)

    def test_plan_adherence_of_a_plan_that_is_being_changed(self):
        plan = self.approved_plan(self.ann, MONDAY)
        plan.with_user(self.ann).action_reopen()
        self.check("plan_adherence", self.ann, (0, 0))
        self.check("call_compliance", self.ann, (0, 0))

    def test_call_compliance(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customers[1].id}
        )
        lines = [
            (self.customers[0], MONDAY),
            (self.customers[0], "2026-03-04"),
            (self.customers[1], "2026-03-03"),
            (self.customers[2], "2026-03-05"),
        ]
        plan = self.approved_plan(
            self.ann,
            MONDAY,
            line_ids=[
                Command.create({"partner_id": partner.id, "date": day})
                for partner, day in lines
            ],
        )
        planned = plan.visit_ids
        self.assertEqual(len(planned), 4)
        self.check("call_compliance", self.ann, (0, 3), planned)
        # Twice the same customer is one; a visit off plan to a contact is as good.
        self.finish(planned.filtered(lambda v: v.partner_id == self.customers[0]))
        off_plan = self.visit(self.ann, contact)
        self.visit(self.ann, self.customers[7])
        self.check("call_compliance", self.ann, (2, 3), planned | off_plan)
        # Somebody else's visit is not mine.
        self.visit(self.ben, self.customers[2])
        self.check("call_compliance", self.ann, (2, 3), planned | off_plan)
        self.check("call_compliance", self.ben, (0, 0))

    def test_call_compliance_of_a_team_counts_each_customer_once(self):
        """Planned by Ann and visited by Ben is visited for the team."""
        self.approved_plan(self.ann, MONDAY, days=2)
        self.approved_plan(self.ben, MONDAY, days=1)
        self.visit(self.ben, self.customers[1])
        self.check("call_compliance", self.ann, (0, 2))
        self.check("call_compliance", self.ben, (0, 1))
        figure = self.indicator("call_compliance")._measure_teams(
            self.team_city,
            self.company,
            fields.Date.to_date(MONDAY),
            fields.Date.to_date(SUNDAY),
        )
        self.assertEqual(figure, (1, 2))

    def test_route_compliance(self):
        stops = self.day_plan(
            self.ann,
            (self.customers[0], 9),
            (self.customers[1], 10),
            (self.customers[2], 11),
            (self.customers[3], 14),
        )
        self.check("route_compliance", self.ann, (0, 0))
        self.finish(stops[0], "2026-03-02 01:00:00")
        self.check("route_compliance", self.ann, (0, 0))
        # The third before the second.
        self.finish(stops[2], "2026-03-02 02:00:00")
        self.finish(stops[1], "2026-03-02 03:00:00")
        self.finish(stops[3], "2026-03-02 06:00:00")
        seconds = stops[1] | stops[2] | stops[3]
        self.check("route_compliance", self.ann, (2, 3), seconds)
        # Left out, without a check-in or on another day: no order is broken.
        stops[1].sudo().is_counted = False
        self.check("route_compliance", self.ann, (2, 2), stops[2] | stops[3])
        stops[3].sudo().write({"check_in_at": False, "check_out_at": False})
        self.check("route_compliance", self.ann, (1, 1), stops[2])
        stops[2].sudo().check_in_at = "2026-03-03 02:00:00"
        self.check("route_compliance", self.ann, (0, 0))

    def test_route_compliance_keeps_people_and_days_apart(self):
        mine = self.day_plan(self.ann, (self.customers[0], 9), (self.customers[1], 10))
        theirs = self.day_plan(
            self.ben, (self.customers[0], 9), (self.customers[1], 10)
        )
        self.finish(mine[0], "2026-03-02 01:00:00")
        self.finish(mine[1], "2026-03-02 03:00:00")
        self.finish(theirs[0], "2026-03-02 04:00:00")
        self.finish(theirs[1], "2026-03-02 02:00:00")
        self.check("route_compliance", self.ann, (1, 1), mine[1])
        self.check("route_compliance", self.ben, (0, 1), theirs[1])

    def test_days_on_target(self):
        self.company.stm_visits_per_week = 10.0
        three = self.env["stm.visit"]
        for number in range(3):
            three |= self.visit(self.ann, self.customers[number])
        one = self.visit(self.ann, self.customers[0], "2026-03-04 02:00:00")
        self.visit(self.ann, self.customers[1], "2026-03-04 03:00:00", done=False)
        self.visit(self.ben, self.customers[0], "2026-03-04 04:00:00")
        self.check("days_on_target", self.ann, (1, 2), three | one)
        two = self.visit(self.ann, self.customers[1], "2026-03-04 05:00:00")
        self.check("days_on_target", self.ann, (2, 2), three | one | two)
        self.company.stm_visits_per_week = 15.0
        self.check("days_on_target", self.ann, (1, 2), three | one | two)
        # A day of people who work six days a week is a sixth.
        self.company.stm_visits_per_week = 12.0
        self.assertEqual(self.measured("days_on_target", self.ann).numerator, 1)
        calendar = self.company.resource_calendar_id
        line = {"name": "Saturday", "dayofweek": "5", "hour_from": 8, "hour_to": 12}
        calendar.attendance_ids = [Command.create(line)]
        self.assertEqual(self.measured("days_on_target", self.ann).numerator, 2)

    # ------------------------------------------------------------
    # What comes of visits, and whom they reach
    # ------------------------------------------------------------

    def test_strike_rate(self):
        with_order, cancelled, without = (
            self.visit(self.ann, customer) for customer in self.customers[:3]
        )
        self.visit(self.ann, self.customers[3], done=False)
        self.visit(self.ben, self.customers[4])
        for visit in (with_order, with_order, cancelled):
            self.order(
                self.ann,
                FRIDAY,
                partner=visit.partner_id,
                confirm=False,
                stm_visit_id=visit.id,
            )
        self.env["sale.order"].search(
            [("stm_visit_id", "=", cancelled.id)]
        )._action_cancel()
        # An order of the same day that did not come from the visit.
        self.order(self.ann, FRIDAY, partner=without.partner_id)
        visits = with_order | cancelled | without
        self.check("strike_rate", self.ann, (1, 3), visits)
        self.check("strike_rate", self.ben, (0, 1))

    def test_visit_minutes(self):
        first, second, without = (
            self.visit(self.ann, customer) for customer in self.customers[:3]
        )
        self.finish(first, "2026-03-02 01:00:00", 40)
        self.finish(second, "2026-03-02 03:00:00", 5)
        forgotten = self.visit(self.ann, self.customers[4])
        self.finish(forgotten, "2026-03-02 09:00:00", 8 * 60 + 1)
        without.sudo().check_in_at = "2026-03-02 05:00:00"
        open_one = self.visit(self.ann, self.customers[3], done=False)
        open_one.sudo().write(
            {
                "check_in_at": "2026-03-02 06:00:00",
                "check_out_at": "2026-03-02 07:00:00",
            }
        )
        self.check("visit_minutes", self.ann, (45, 2), first | second)
        self.check("visit_minutes", self.ben, (0, 0))

    def test_visits_verified(self):
        good, outside, without, false = (
            self.visit(self.ann, customer) for customer in self.customers[:4]
        )
        good.sudo().verdict = "verified"
        outside.sudo().verdict = "outside"
        false.sudo().write({"verdict": "verified", "is_counted": False})
        self.check("visits_verified", self.ann, (1, 2), good | outside)
        without.sudo().verdict = "unverified"
        self.check("visits_verified", self.ann, (1, 3), good | outside | without)
        self.check("visits_verified", self.ben, (0, 0))

    def test_coverage(self):
        mine = self.customers[:4]
        mine.user_id = self.ann
        self.customers[4].user_id = self.ben
        self.customers[5].user_id = self.ann
        self.customers[5].active = False
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": mine[1].id}
        )
        self.visit(self.ann, mine[0])
        self.visit(self.ann, mine[0], "2026-03-03 02:00:00")
        self.visit(self.ann, contact)
        self.visit(self.ann, mine[2], done=False)
        self.visit(self.ann, mine[3]).sudo().is_counted = False
        # Visited, but not among those that should be.
        self.visit(self.ann, self.customers[6])
        self.check("coverage", self.ann, (2, 4), mine)
        self.check("coverage", self.ben, (0, 1), self.customers[4])

    def test_coverage_of_regions(self):
        province, other = self.env["stm.region"].create(
            [{"name": "Zhejiang"}, {"name": "Jiangsu"}]
        )
        city = self.env["stm.region"].create(
            {"name": "Hangzhou", "parent_id": province.id}
        )
        inside = self.customers[:3]
        inside[0].stm_region_id = province
        inside[1].stm_region_id = city
        inside[2].write({"stm_region_id": city.id, "user_id": self.ann.id})
        self.customers[3].write({"stm_region_id": city.id, "user_id": self.ben.id})
        self.customers[4].stm_region_id = other
        assignment = self.env["stm.region.assignment"].create(
            {
                "user_id": self.ann.id,
                "region_id": province.id,
                "date_from": "2026-03-08",
            }
        )
        self.visit(self.ann, inside[1])
        self.check("coverage", self.ann, (1, 3), inside)
        self.check("coverage", self.ben, (0, 1))
        # Assigned on a day after the period, or until a day before it.
        assignment.date_from = "2026-03-09"
        self.check("coverage", self.ann, (0, 1), inside[2])
        assignment.write({"date_from": "2026-02-01", "date_to": "2026-03-01"})
        self.check("coverage", self.ann, (0, 1), inside[2])
        assignment.date_to = "2026-03-02"
        self.check("coverage", self.ann, (1, 3), inside)

    def test_coverage_of_a_customer_of_another_company(self):
        other = self.env["res.company"].create({"name": "Sister"})
        mine, shared, theirs = self.customers[:3]
        (mine | shared | theirs).user_id = self.ann
        mine.company_id = self.company
        theirs.company_id = other
        self.check("coverage", self.ann, (0, 2), mine | shared)

    def test_coverage_of_a_team_counts_each_customer_once(self):
        """Ben covers Ann's customer for the team, not for Ann."""
        self.customers[:2].user_id = self.ann
        self.customers[2].user_id = self.ben
        self.visit(self.ben, self.customers[0])
        self.visit(self.ann, self.customers[0])
        self.visit(self.ben, self.customers[1])
        self.visit(self.ben, self.customers[9])
        self.assertEqual(self.measured("coverage", self.ann), (1, 2))
        self.assertEqual(self.measured("coverage", self.ben), (0, 1))
        period = (fields.Date.to_date(MONDAY), fields.Date.to_date(SUNDAY))
        indicator = self.indicator("coverage")
        figure = indicator._measure_teams(self.team_city, self.company, *period)
        self.assertEqual(figure, (2, 3))
        _model, domain = indicator._evidence(self.team_city, self.company, *period)
        found = self.env["res.partner"].search(domain)
        self.assertEqual(found, self.customers[:3])

    def test_visits_outlets(self):
        outlet, distributor, other = self.env["stm.customer.class"].create(
            [
                {"name": kind, "code": f"test-{kind}", "kind": kind}
                for kind in ("outlet", "distributor", "other")
            ]
        )
        self.customers[0].stm_class_id = outlet
        self.customers[1].stm_class_id = distributor
        self.customers[2].stm_class_id = other
        branch = self.env["res.partner"].create(
            {
                "name": "Branch",
                "parent_id": self.customers[1].id,
                "stm_class_id": outlet.id,
            }
        )
        buyer = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customers[1].id}
        )
        buyer.stm_class_id = False
        counted = self.env["stm.visit"]
        for partner in (self.customers[0], self.customers[1], branch, buyer):
            counted |= self.visit(self.ann, partner)
        self.visit(self.ann, self.customers[2])
        self.visit(self.ann, self.customers[3])
        self.visit(self.ann, self.customers[0], done=False)
        self.check("visits_outlets", self.ann, (2, 4), counted)
        self.check("visits_outlets", self.ben, (0, 0))

    def test_visits_of_another_company_count_there_only(self):
        other = self.env["res.company"].create({"name": "Sister"})
        both = {"company_ids": [Command.link(other.id)]}
        (self.ann | self.gm).write(both)
        team = self.team("Sister", company_id=other.id)
        self.join(self.ann, team)
        there = self.visit(self.ann, self.customers[0], done=False)
        there.sudo().write({"company_id": other.id})
        self.finish(there, "2026-03-02 01:00:00", 40, verdict="verified")
        for source in ("visit_minutes", "visits_verified", "strike_rate", "coverage"):
            self.check(source, self.ann, (0, 0))
        there_only = {"company": other, "readers": (self.gm,)}
        self.check("visits_done", self.ann, 1, there, **there_only)
        self.check("visit_minutes", self.ann, (40, 1), there, **there_only)
        self.check("visits_verified", self.ann, (1, 1), there, **there_only)

    # ------------------------------------------------------------
    # Plans and reports
    # ------------------------------------------------------------

    def test_key_points_done(self):
        points = [Command.create({"name": f"Point {number}"}) for number in range(3)]
        plan = self.approved_plan(self.ann, MONDAY, point_ids=points)
        self.approved_plan(self.ann, "2026-03-09")
        self.plan(self.ben)
        first, second, _third = plan.point_ids.with_user(self.ann)
        first.outcome = "done"
        second.outcome = "not_done"
        self.check("key_points_done", self.ann, (1, 3), plan.point_ids)
        self.check("key_points_done", self.ben, (0, 0))

    def test_key_points_belong_to_the_month_of_the_thursday(self):
        march = self.approved_plan(self.ann, "2026-02-23", "2026-02-19 02:00:00")
        self.check(
            "key_points_done",
            self.ann,
            (0, 1),
            march.point_ids,
            first="2026-02-01",
            last="2026-02-28",
        )
        self.approved_plan(self.ann, "2026-03-30", "2026-03-26 02:00:00")
        self.check(
            "key_points_done",
            self.ann,
            (0, 0),
            first="2026-03-01",
            last="2026-03-31",
        )

    def test_reports_reviewed(self):
        reports = self.env["stm.work.report"]
        for user in (self.ann, self.ben, self.wei):
            report = self.report(user)
            report.action_submit()
            reports |= report
        with freeze_time("2026-03-13 08:00:00"):
            self.report(self.ann, "2026-03-09").action_submit()
        mine = reports[:2]
        self.check("reports_reviewed", self.city, (0, 2), mine)
        mine[0].with_user(self.city).action_approve("Seen")
        self.check("reports_reviewed", self.city, (1, 2), mine)
        mine[1].with_user(self.city).action_return("Write more")
        self.check("reports_reviewed", self.city, (2, 2), mine)
        # Handed in again it waits for its second review, and counts once.
        mine[1].with_user(self.ben).action_submit()
        self.check("reports_reviewed", self.city, (1, 2), mine)
        self.check("reports_reviewed", self.ann, (0, 0))

    def test_plan_completion(self):
        points = [Command.create({"name": f"Point {number}"}) for number in range(3)]
        plan = self.approved_plan(self.ann, MONDAY, days=4, point_ids=points)
        self.approved_plan(self.ben, MONDAY)
        self.plan(self.ann, "2026-03-09")
        self.check("plan_completion", self.ann, (0, 7), plan)
        visit = plan.visit_ids.sorted("date")[0].with_user(self.ann)
        visit.write({"content": "Samples", "result": "Good", "problem": "none"})
        visit.action_done()
        first, second, _third = plan.point_ids.with_user(self.ann)
        first.outcome = "done"
        second.outcome = "partly"
        self.check("plan_completion", self.ann, (2, 7), plan)
        self.check("plan_completion", self.ben, (0, 2))

    def test_report_punctuality(self):
        self.open_duties(MONDAY)
        self.open_duties("2026-02-23")
        self.report(self.ann).action_submit()
        items = self.duties(self.ann, period_start=MONDAY)
        self.assertEqual(items.state, "on_time")
        self.check("report_punctuality", self.ann, (1, 1), items)
        # Still open: nobody knows yet.
        self.check("report_punctuality", self.ben, (0, 0))
        with freeze_time("2026-03-10 08:00:00"):
            theirs = self.duties(self.ben, period_start=MONDAY)
            theirs.sudo()._judge(fields.Datetime.now())
            self.assertEqual(theirs.state, "missing")
            self.check("report_punctuality", self.ben, (0, 1), theirs)
            theirs.with_user(self.city).waive_reason = "In hospital"
            theirs.with_user(self.city).action_waive()
            self.check("report_punctuality", self.ben, (0, 0))

    def test_absent_days(self):
        """ATT-04: half a day counts as one, unless the company says otherwise."""
        Absence = self.env["stm.absence"].with_user(self.city)
        values = {"user_id": self.ann.id}
        mine = Absence.create({**values, "date": "2026-03-02"})
        mine |= Absence.create({**values, "date": "2026-03-03", "part": "half"})
        Absence.create({**values, "date": "2026-03-09"})
        Absence.create({"user_id": self.ben.id, "date": "2026-03-03"})
        self.check("absent_days", self.ann, 2, mine)
        self.company.stm_half_day_weight = 0.5
        self.check("absent_days", self.ann, 2, mine)
        mine |= Absence.create({**values, "date": "2026-03-04", "part": "half"})
        self.check("absent_days", self.ann, 2.5, mine)

    # ------------------------------------------------------------
    # Contacts
    # ------------------------------------------------------------

    def contact(self, user, moment, **values):
        logs = self.env["stm.contact.log"].with_user(user)
        return logs.create(
            {"partner_id": self.customers[0].id, "contact_at": moment, **values}
        )

    def promise(self, user, due, kept=None, **values):
        """Made on the first of March; kept at a moment, or broken at last."""
        with freeze_time("2026-03-01 02:00:00"):
            promise = self.env["stm.promise"].with_user(user)
            promise = promise.create(
                {
                    "name": "Samples",
                    "partner_id": self.customers[0].id,
                    "date_due": due,
                    **values,
                }
            )
        if kept:
            with freeze_time(kept):
                promise.action_keep()
        return promise

    def test_calls(self):
        """KPI-04: calls made, on the day of the person."""
        # Monday 00:00 in Shanghai is inside, as is Friday 15:59
        mine = self.contact(self.ann, "2026-03-01 16:00:00")
        mine |= self.contact(self.ann, "2026-03-06 07:59:00")
        self.contact(self.ann, "2026-03-01 15:59:59")
        self.contact(self.ann, "2026-03-04 02:00:00", way="phone_in")
        self.contact(self.ann, "2026-03-04 02:00:00", way="visitor")
        self.contact(self.ben, "2026-03-04 02:00:00")
        self.check("calls", self.ann, 2, mine)
        self.check("calls", self.ben, 1)

    def test_promises_kept(self):
        """KPI-29: kept in time, of those that were due and are not open any more."""
        counted = self.promise(self.ann, "2026-03-02", "2026-03-02 15:59:59")
        counted |= self.promise(self.ann, "2026-03-08", "2026-03-03 02:00:00")
        counted |= self.promise(self.ann, "2026-03-02", "2026-03-02 16:00:00")
        counted |= self.promise(self.ann, "2026-03-04")
        self.promise(self.ann, "2026-03-07")
        self.promise(self.ann, "2026-03-01", "2026-03-01 02:00:00")
        self.promise(self.ann, "2026-03-09", "2026-03-03 02:00:00")
        self.promise(
            self.ann, "2026-03-03", "2026-03-03 02:00:00", kind="collection", amount=1
        )
        off = self.promise(self.ann, "2026-03-06")
        off.with_user(self.city).action_cancel("Not needed")
        self.promise(self.ben, "2026-03-05", "2026-03-05 02:00:00")
        # The one of the 4th is judged by the cron
        self.env["stm.duty.item"]._find_of_records(counted[3].sudo())._judge()
        self.assertEqual(counted[3].state, "broken")
        self.check("promises_kept", self.ann, (2, 4), counted)
        self.check("promises_kept", self.ben, (1, 1))

    # ------------------------------------------------------------
    # Cost
    # ------------------------------------------------------------

    def test_thirty_people_take_as_many_queries_as_three(self):
        people = self.env["res.users"]
        for number in range(30):
            user = self.person(f"many{number}", "group_salesperson")
            self.join(user, self.team_city)
            people |= user
            self.order(user, FRIDAY, partner=self.customers[number % 20])
            self.pay(self.invoice(user, "2026-03-03"), "2026-03-04")
            self.customers[number % 20].user_id = user
            off_plan = self.visit(user, self.customers[0])
            self.finish(off_plan, "2026-03-02 01:00:00", verdict="verified")
            self.order(
                user, FRIDAY, partner=self.customers[0], stm_visit_id=off_plan.id
            )
            off_plan.with_user(self.city).action_spot_check()
            check = off_plan.sudo().spot_check_ids.with_user(self.city)
            check.write({"asked": "Ms. Wang", "result": "true"})
            check.action_check()
            plan = self.approved_plan(user, MONDAY)
            stops = (self.customers[18], 9), (self.customers[19], 10)
            early, late = self.day_plan(user, *stops, monday="2026-03-09")
            self.finish(early, "2026-03-09 01:00:00")
            self.finish(late, "2026-03-09 02:00:00")
            plan.point_ids.sudo().outcome = "done" if number % 2 else "not_done"
            self.env["stm.absence"].with_user(self.city).create(
                {"user_id": user.id, "date": "2026-03-04"}
            )
            self.contact(user, "2026-03-04 02:00:00")
            self.promise(user, "2026-03-04", "2026-03-04 02:00:00")
        self.open_duties(MONDAY)
        for user in people:
            self.report(user).action_submit()
        outlet = self.env.ref("sales_team_mgmt.customer_class_a")
        self.customers[0].stm_class_id = outlet
        # One query about people, and never more for more of them.
        for indicator in self.env["stm.indicator"].search([]):
            counts, total = [], 0
            for users in (people[:2], people[:2], people[:29]):
                self.env.flush_all()
                self.env.invalidate_all()
                indicator.fetch(["source", "unit"])
                before = self.env.cr.sql_log_count
                figures = indicator._measure(
                    self.env["res.users"].browse((users | self.city).ids),
                    self.company,
                    fields.Date.to_date(MONDAY),
                    fields.Date.to_date("2026-03-15"),
                )
                counts.append(self.env.cr.sql_log_count - before)
                total = sum(
                    figure.numerator + (figure.denominator or 0)
                    for figure in figures.values()
                )
            with self.subTest(source=indicator.source):
                self.assertEqual(counts[1:], [1, 1])
                self.assertTrue(total)
