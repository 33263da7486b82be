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
        return SQL("%s %s %s", self._select(), self._from(), self._where())

    def _select(self) -> SQL:
        return SQL(
            """
            SELECT part.id, cash.date, invoice.invoice_user_id AS user_id,
                   invoice.team_id, invoice.commercial_partner_id AS partner_id,
                   invoice.id AS move_id, entry.name AS payment_ref,
                   invoice.company_id, company.currency_id,
                   -- The part of the money that went to this invoice, at the rate of
                   -- the day it came; what was written off with it never came.
                   ROUND(COALESCE(
                       CASE WHEN invoice.move_type = 'out_invoice'
                            THEN part.credit_amount_currency
                            ELSE -part.debit_amount_currency END
                       * LEAST(ABS(cash.balance),
                               ABS(payment.amount_company_currency_signed))
                       / NULLIF(ABS(cash.amount_currency), 0), 0
                   )::numeric, currency.decimal_places) AS amount
            """
        )

    def _from(self) -> SQL:
        return SQL(
            """
              FROM account_partial_reconcile part
              JOIN account_move_line debit ON debit.id = part.debit_move_id
              JOIN account_move_line credit ON credit.id = part.credit_move_id
              JOIN account_move invoice
                ON (invoice.id = debit.move_id AND invoice.move_type = 'out_invoice')
                OR (invoice.id = credit.move_id AND invoice.move_type = 'out_refund')
              JOIN account_move_line cash
                ON cash.id = CASE WHEN invoice.move_type = 'out_invoice'
                                  THEN credit.id ELSE debit.id END
              JOIN account_move entry ON entry.id = cash.move_id
              LEFT JOIN account_payment payment ON payment.move_id = entry.id
              JOIN account_journal journal ON journal.id = cash.journal_id
              JOIN res_company company ON company.id = invoice.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
            """
        )

    def _where(self) -> SQL:
        return SQL(
            """
             WHERE journal.type IN ('bank', 'cash', 'credit')
               AND entry.state = 'posted' AND invoice.state = 'posted'
            """
        )
