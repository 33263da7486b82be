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


FIGURES = {
    "orders_confirmed": lambda orders: (
        sum(order.amount_untaxed / order.currency_rate for order in orders),
        None,
    ),
    "invoiced": _sum("amount_untaxed_signed"),
    "collected": _sum("amount"),
    "visits_done": lambda visits: (len(visits), None),
    "visits_planned": _share(lambda visit: visit.state == "done"),
    "customers_visited": lambda visits: (len(visits.commercial_partner_id), None),
    "new_customers": lambda partners: (len(partners), None),
    "key_points_done": _share(lambda point: point.outcome == "done"),
    "plan_completion": lambda plans: (
        len(plans.visit_ids.filtered(lambda v: v.state == "done"))
        + len(plans.point_ids.filtered(lambda p: p.outcome == "done")),
        len(plans.visit_ids) + len(plans.point_ids),
    ),
    "reports_reviewed": _share(lambda report: report.state in ("approved", "returned")),
    "report_punctuality": _share(lambda item: item.state in ("on_time", "excused")),
    "absent_days": _sum("weight"),
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
            share = self.indicator(source).unit == "share"
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
            check = visit.spot_check_ids
            check.write({"asked": "Ms. Wang", "finding": "Asked", "result": result})
            if result:
                check.action_check()
        checked = (first | second).spot_check_ids
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
            self.visit(user, self.customers[0])
            plan = self.approved_plan(user, MONDAY)
            plan.point_ids.sudo().outcome = "done" if number % 2 else "not_done"
            self.env["stm.absence"].with_user(self.city).create(
                {"user_id": user.id, "date": "2026-03-04"}
            )
        self.open_duties(MONDAY)
        for user in people:
            self.report(user).action_submit()
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
                    fields.Date.to_date(SUNDAY),
                )
                counts.append(self.env.cr.sql_log_count - before)
                total = sum(
                    figure.numerator + (figure.denominator or 0)
                    for figure in figures.values()
                )
            with self.subTest(source=indicator.source):
                self.assertEqual(counts[1:], [1, 1])
                self.assertTrue(total)
