"""Orders, posted invoices and credit notes, and what the bank received for them."""

from datetime import timedelta

from odoo.fields import Command

from .copying import Copier, Pattern, example
from .customers import Customers
from .growth import days_of, moment
from .parameters import (
    CREDIT_NOTES,
    ORDERS_NOT_CONFIRMED,
    PART_PAID_INVOICES,
    UNPAID_INVOICES,
    Parameters,
)
from .people import Organisation
from .weeks import zip_rows

#: Share of an invoice that its first line has.
FIRST_LINE = 0.6


class Money:
    def __init__(self, env, parameters: Parameters, copier: Copier, rng):
        self.env = env
        self.parameters = parameters
        self.copier = copier
        self.rng = rng

    def fill(self, organisation: Organisation, customers: Customers):
        self._make_patterns(organisation, customers)
        self._copy_orders(organisation, customers)
        self._copy_invoices()
        self._copy_payments()

    # ------------------------------------------------------------
    # Patterns
    # ------------------------------------------------------------

    def _make_patterns(self, organisation, customers):
        """An order, its invoice, a credit note and a bank statement line."""
        person = organisation.owner
        with example(self.env):
            self.copier.finish()
            partner = self.env["res.partner"].browse(customers.of[person.user_id][0])
            product = self.env["product.product"].create(
                {"name": "Goods", "invoice_policy": "order", "taxes_id": False}
            )
            order = self.env["sale.order"].create(
                {
                    "partner_id": partner.id,
                    "user_id": person.user_id,
                    "team_id": person.teams[-1][1],
                    "date_order": moment(self.parameters.last_day, 10),
                    "order_line": [
                        Command.create({"product_id": product.id, "price_unit": price})
                        for price in (60.0, 40.0)
                    ],
                }
            )
            order.action_confirm()
            invoice = order._create_invoices()
            invoice.invoice_date = self.parameters.last_day
            invoice.action_post()
            refund = invoice._reverse_moves([{"date": self.parameters.last_day}])
            refund.action_post()
            refund.line_ids.remove_move_reconcile()
            receipt = self._make_receipt(invoice)
            self.env.flush_all()
            self._read_patterns(order, invoice, refund, receipt)
        # The product of the pattern is gone; one for all lines takes its place.
        product = self.env["product.product"].create(
            {"name": "Goods", "invoice_policy": "order", "taxes_id": False}
        )
        self.env.flush_all()
        for name in ("order_line", "invoice_goods", "refund_goods"):
            self.patterns[name] = self.patterns[name].but(product_id=str(product.id))

    def _make_receipt(self, invoice):
        journal = self.env["account.journal"].search([("type", "=", "bank")], limit=1)
        owed = self._receivable(invoice)
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "date": self.parameters.last_day,
                "payment_ref": "Payment",
                "partner_id": invoice.commercial_partner_id.id,
                "amount": invoice.amount_total,
                "counterpart_account_id": owed.account_id.id,
            }
        )
        came_in = line.move_id.line_ids.filtered(
            lambda item: item.account_id == owed.account_id
        )
        (owed + came_in).reconcile()
        return line

    def _receivable(self, move):
        return move.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    def _read_patterns(self, order, invoice, refund, receipt):
        owed = self._receivable(invoice)
        came_in = self._receivable(receipt.move_id)
        records = {
            "order": order,
            "order_line": order.order_line[0],
            "invoice": invoice,
            "invoice_goods": (invoice.line_ids - owed)[0],
            "invoice_owed": owed,
            "refund": refund,
            "refund_goods": (refund.line_ids - self._receivable(refund))[0],
            "refund_owed": self._receivable(refund),
            "receipt": receipt,
            "entry": receipt.move_id,
            "entry_bank": receipt.move_id.line_ids - came_in,
            "entry_owed": came_in,
            "partial": owed.matched_credit_ids,
            "full": owed.full_reconcile_id,
        }
        self.patterns = {
            name: Pattern(self.env.cr, record._table, record.id)
            for name, record in records.items()
        }

    # ------------------------------------------------------------
    # Orders
    # ------------------------------------------------------------

    def _copy_orders(self, organisation, customers):
        """Orders by day. Those that will be invoiced have lines, the others have their
        amount only: lists and sums of orders do not look at lines."""
        self.invoiced = []
        self.copier.append(
            self.patterns["order"],
            ["id", "name", "user_id", "team_id", "partner_id", "partner_invoice_id"]
            + ["partner_shipping_id", "state", "date_order", "create_date"]
            + ["invoice_status", "amount_untaxed", "amount_total", "stm_visit_id"],
            self._order_rows(organisation, customers),
        )
        line_ids = self.copier.ids("sale_order_line", 2 * len(self.invoiced))
        self.copier.append(
            self.patterns["order_line"],
            ["id", "order_id", "order_partner_id", "salesman_id", "price_unit"]
            + ["price_subtotal", "price_total", "price_reduce_taxexcl"]
            + ["price_reduce_taxinc", "untaxed_amount_invoiced"],
            (
                (line_ids[2 * number + which], order_id, partner, user) + (share,) * 6
                for number, (order_id, _day, user, _team, partner, amount) in enumerate(
                    self.invoiced
                )
                for which, share in enumerate(split(amount))
            ),
        )

    def _order_rows(self, organisation, customers):
        count, rng = self.parameters.orders, self.rng
        every = self.parameters.invoices / count
        ids = self.copier.ids("sale_order", count)
        to_invoice = 0.0
        # Visits were made in the same order of days and people.
        per_order = self.parameters.visits / count
        first_visit = self.copier.ids("stm_visit", 0).start - self.parameters.visits
        for number, day in days_of(self.parameters.work_days, count):
            person = organisation.owner_of(number)
            partner = customers.choose(person, day)
            user, team = person.user_id, person.team_on(day)
            amount = round(50 + 2000 * rng.random() ** 3, 2)
            to_invoice += every
            state, status = "sale", "to invoice"
            if number % 100 == 57:
                # Not one of our people: the order is never invoiced.
                user = organisation.odoo_owner.id
            elif rng.random() < ORDERS_NOT_CONFIRMED and count - number > 100:
                state, status = rng.choice(("draft", "sent", "cancel")), "no"
            elif to_invoice >= 1:
                to_invoice -= 1
                status = "invoiced"
                self.invoiced.append((ids[number], day, user, team, partner, amount))
            moment_of_order = moment(day, 9 + 8 * rng.random())
            yield (
                *(ids[number], f"S{ids[number]:07}", user, team, partner, partner),
                *(partner, state, moment_of_order, moment_of_order, status),
                *(amount, amount),
                None if number % 4 else first_visit + int(number * per_order),
            )

    # ------------------------------------------------------------
    # Invoices
    # ------------------------------------------------------------

    def _copy_invoices(self):
        """An invoice some days after the order; few are credited in part instead."""
        invoices = []
        for order_id, day, user, team, partner, amount in self.invoiced:
            posted = min(
                day + timedelta(days=self.rng.randint(1, 6)), self.parameters.last_day
            )
            is_refund = self.rng.random() < CREDIT_NOTES
            invoices.append((posted, is_refund, order_id, user, team, partner, amount))
        invoices.sort()
        self._decide_payments(invoices)
        for is_refund in (False, True):
            self._copy_moves(
                [invoice for invoice in self.invoices if invoice.is_refund == is_refund]
            )

    def _decide_payments(self, invoices):
        last_day = self.parameters.last_day
        self.invoices = []
        for posted, is_refund, _order, user, team, partner, amount in invoices:
            paid, paid_on = amount, posted + timedelta(days=self.rng.randint(3, 60))
            luck = self.rng.random()
            if luck < UNPAID_INVOICES or paid_on > last_day:
                paid, paid_on = 0, None
            elif luck < UNPAID_INVOICES + PART_PAID_INVOICES:
                paid = round(amount / 2, 2)
            self.invoices.append(
                Invoice(posted, is_refund, user, team, partner, amount, paid, paid_on)
            )

        whole = [invoice for invoice in self.invoices if not invoice.residual]
        ids = self.copier.ids("account_full_reconcile", len(whole))
        for invoice, full_id in zip(whole, ids, strict=True):
            invoice.full_id = full_id

    def _copy_moves(self, invoices: list["Invoice"]):
        if not invoices:
            return
        kind, prefix, sign = ("refund", "RINV", -1)
        if not invoices[0].is_refund:
            kind, prefix, sign = ("invoice", "INV", 1)
        ids = self.copier.ids("account_move", len(invoices))
        goods = self.copier.ids("account_move_line", 2 * len(invoices))
        owed = self.copier.ids("account_move_line", len(invoices))
        for number, invoice in enumerate(invoices):
            invoice.move_id, invoice.owed_id = ids[number], owed[number]
            invoice.name = f"{prefix}/{invoice.day.year}/{number + 1:06}"
        self.copier.append(
            self.patterns[kind],
            ["id", "name", "sequence_prefix", "sequence_number", "partner_id"]
            + ["commercial_partner_id", "partner_shipping_id", "invoice_user_id"]
            + ["team_id", "date", "invoice_date", "invoice_date_due", "create_date"]
            + ["payment_state", "payment_reference", "amount_untaxed", "amount_total"]
            + ["amount_residual", "amount_untaxed_signed", "amount_total_signed"]
            + ["amount_untaxed_in_currency_signed", "amount_total_in_currency_signed"]
            + ["amount_residual_signed"],
            (
                (i.move_id, i.name, f"{prefix}/{i.day.year}/", number + 1)
                + (i.partner, i.partner, i.partner, i.user, i.team)
                + (i.day, i.day, i.day, i.day, i.payment_state, i.name)
                + (i.amount, i.amount, i.residual)
                + (sign * i.amount,) * 4
                + (sign * i.residual,)
                for number, i in enumerate(invoices)
            ),
        )
        self.copier.append(
            self.patterns[f"{kind}_goods"],
            ["id", "move_id", "move_name", "partner_id", "date", "invoice_date"]
            + ["debit", "credit", "balance", "amount_currency"]
            + ["price_unit", "price_subtotal", "price_total"],
            (
                (goods[2 * number + which], i.move_id, i.name, i.partner, i.day, i.day)
                + sides(-sign * share)
                + (share, share, share)
                for number, i in enumerate(invoices)
                for which, share in enumerate(split(i.amount))
            ),
        )
        self.copier.append(
            self.patterns[f"{kind}_owed"],
            ["id", "move_id", "move_name", "partner_id", "date", "invoice_date"]
            + ["date_maturity", "debit", "credit", "balance", "amount_currency"]
            + ["amount_residual", "amount_residual_currency", "reconciled"]
            + ["matching_number", "full_reconcile_id"],
            (
                (i.owed_id, i.move_id, i.name, i.partner, i.day, i.day, i.day)
                + sides(sign * i.amount)
                + (sign * i.residual, sign * i.residual, not i.residual)
                + (str(i.owed_id) if i.paid else None, i.full_id)
                for i in invoices
            ),
        )

    # ------------------------------------------------------------
    # Payments
    # ------------------------------------------------------------

    def _copy_payments(self):
        """A bank statement line for each paid invoice, reconciled with it."""
        paid = sorted((i for i in self.invoices if i.paid), key=lambda i: i.paid_on)
        entries = self.copier.ids("account_move", len(paid))
        receipts = self.copier.ids("account_bank_statement_line", len(paid))
        bank = self.copier.ids("account_move_line", len(paid))
        came_in = self.copier.ids("account_move_line", len(paid))
        names = [
            f"BNK1/{invoice.paid_on.year}/{number + 1:06}"
            for number, invoice in enumerate(paid)
        ]
        self.copier.append(
            self.patterns["entry"],
            ["id", "statement_line_id", "name", "sequence_prefix", "sequence_number"]
            + ["partner_id", "commercial_partner_id", "date", "create_date"]
            + ["amount_total", "amount_total_signed"]
            + ["amount_total_in_currency_signed"],
            (
                (entry, receipt, name, name[:-6], number + 1, i.partner, i.partner)
                + (i.paid_on, i.paid_on, i.paid, i.paid, i.paid)
                for number, (entry, receipt, name, i) in enumerate(
                    zip(entries, receipts, names, paid, strict=True)
                )
            ),
        )
        self.copier.append(
            self.patterns["receipt"],
            ["id", "move_id", "partner_id", "payment_ref", "internal_index", "amount"],
            (
                (receipt, entry, i.partner, i.name, f"{i.paid_on:%Y%m%d}{receipt:020}")
                + (-i.paid if i.is_refund else i.paid,)
                for receipt, entry, i in zip(receipts, entries, paid, strict=True)
            ),
        )
        for key, ids, side in (("bank", bank, 1), ("owed", came_in, -1)):
            self.copier.append(
                self.patterns[f"entry_{key}"],
                ["id", "move_id", "statement_line_id", "move_name", "partner_id"]
                + ["date", "debit", "credit", "balance", "amount_currency"]
                + ["matching_number", "full_reconcile_id"],
                (
                    (line, entry, receipt, name, i.partner, i.paid_on)
                    + sides(-side * i.paid if i.is_refund else side * i.paid)
                    + ((str(i.owed_id), i.full_id) if key == "owed" else (None, None))
                    for line, entry, receipt, name, i in zip(
                        ids, entries, receipts, names, paid, strict=True
                    )
                ),
            )
        self._copy_reconciliations(paid, came_in)

    def _copy_reconciliations(self, paid: list["Invoice"], came_in):
        fulls = [i.full_id for i in paid]
        self.copier.append(
            self.patterns["full"], ["id"], ((full,) for full in fulls if full)
        )
        self.copier.append(
            self.patterns["partial"],
            ["id", "full_reconcile_id", "debit_move_id", "credit_move_id", "max_date"]
            + ["amount", "debit_amount_currency", "credit_amount_currency"],
            zip_rows(
                self.copier.ids("account_partial_reconcile", len(paid)),
                fulls,
                (
                    ((line, i.owed_id) if i.is_refund else (i.owed_id, line))
                    + (i.paid_on, i.paid, i.paid, i.paid)
                    for line, i in zip(came_in, paid, strict=True)
                ),
            ),
        )


class Invoice:
    """A customer invoice or credit note, and what came in for it."""

    __slots__ = (
        *("day", "is_refund", "user", "team", "partner", "amount", "paid", "paid_on"),
        *("move_id", "owed_id", "name", "full_id"),
    )

    def __init__(self, day, is_refund, user, team, partner, amount, paid, paid_on):
        self.day, self.is_refund = day, is_refund
        self.user, self.team, self.partner = user, team, partner
        self.amount, self.paid, self.paid_on = amount, paid, paid_on
        self.full_id = None

    @property
    def residual(self):
        return round(self.amount - self.paid, 2)

    @property
    def payment_state(self):
        if not self.paid:
            return "not_paid"
        return "partial" if self.residual else "paid"


def split(amount):
    """The amounts of the two lines."""
    first = round(amount * FIRST_LINE, 2)
    return first, round(amount - first, 2)


def sides(balance):
    """Debit, credit, balance and the same in currency.

    >>> sides(-2.5)
    (0, 2.5, -2.5, -2.5)
    """
    return max(balance, 0), max(-balance, 0), balance, balance
