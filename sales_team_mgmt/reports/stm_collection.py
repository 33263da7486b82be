from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class StmCollection(models.Model):
    """Money that came in for invoices, by accounting date of the payment (COL-01).

    One row a reconciliation between a customer invoice and a bank or cash entry;
    money paid back on credit notes counts negative. What Accounting has not
    reconciled has no salesperson yet and does not count.
    """

    _name = "stm.collection"
    _description = "Collection Analysis"
    _inherit = ["stm.scope.mixin"]
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "move_id"
    _depends = {
        "account.partial.reconcile": [
            "debit_move_id",
            "credit_move_id",
            "debit_amount_currency",
            "credit_amount_currency",
        ],
        "account.move.line": [
            "move_id",
            "date",
            "journal_id",
            "balance",
            "amount_currency",
        ],
        "account.move": [
            "move_type",
            "state",
            "invoice_user_id",
            "team_id",
            "commercial_partner_id",
            "company_id",
        ],
        "account.journal": ["type"],
        "account.payment": ["move_id", "amount_company_currency_signed"],
    }

    date = fields.Date(readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    payment_ref = fields.Char(string="Payment", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(readonly=True)

    @api.model
    def _stm_scope_domain(self):
        return Domain("user_id", "=", self.env.uid) | self.env[
            "stm.access"
        ]._stm_sales_domain("user_id")

    @property
    def _table_query(self) -> SQL:
        # Two arms instead of one join with OR: each starts from the money of the
        # days asked for, whatever came in before.
        return SQL("%s UNION ALL %s", self._received(), self._paid_back())

    def _received(self) -> SQL:
        return SQL(
            "%s %s",
            self._select(SQL("part.credit_amount_currency")),
            self._from(
                SQL("cash.id = part.credit_move_id"),
                SQL("part.debit_move_id"),
                "out_invoice",
            ),
        )

    def _paid_back(self) -> SQL:
        return SQL(
            "%s %s",
            self._select(SQL("-part.debit_amount_currency")),
            self._from(
                SQL("cash.id = part.debit_move_id"),
                SQL("part.credit_move_id"),
                "out_refund",
            ),
        )

    def _select(self, amount_currency) -> SQL:
        return SQL(
            """
            SELECT part.id, cash.date, invoice.invoice_user_id AS user_id,
                   invoice.team_id, invoice.commercial_partner_id AS partner_id,
                   invoice.id AS move_id, entry.name AS payment_ref,
                   invoice.company_id, company.currency_id,
                   -- The part of the money that went to this invoice, at the rate of
                   -- the day it came; what was written off with it never came.
                   ROUND(COALESCE(
                       %s
                       * LEAST(ABS(cash.balance),
                               ABS(payment.amount_company_currency_signed))
                       / NULLIF(ABS(cash.amount_currency), 0), 0
                   )::numeric, currency.decimal_places) AS amount
            """,
            amount_currency,
        )

    def _from(self, money_side, invoice_side, move_type) -> SQL:
        """Reconciliations with the money on one side, the invoice on the other."""
        return SQL(
            """
              FROM account_move_line cash
              JOIN account_partial_reconcile part ON %(money_side)s
              JOIN account_move entry ON entry.id = cash.move_id
              JOIN account_journal journal ON journal.id = cash.journal_id
              LEFT JOIN account_payment payment ON payment.move_id = entry.id
              JOIN account_move_line line ON line.id = %(invoice_side)s
              JOIN account_move invoice ON invoice.id = line.move_id
              JOIN res_company company ON company.id = invoice.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
             WHERE journal.type IN ('bank', 'cash', 'credit')
               AND entry.state = 'posted' AND invoice.state = 'posted'
               AND invoice.move_type = %(move_type)s
            """,
            money_side=money_side,
            invoice_side=invoice_side,
            move_type=move_type,
        )
