from odoo import api, fields, models
from odoo.tools import SQL

from .stm_indicator import Source


class StmIndicator(models.Model):
    """Sources: orders, invoices, payments."""

    _inherit = "stm.indicator"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _sources(self):
        return super()._sources() | {
            "orders_confirmed": Source("sale.order"),
            "invoiced": Source("account.move"),
            "collected": Source("stm.collection"),
            "new_customers": Source("res.partner"),
        }

    def _facts_orders_confirmed(self, company, date_from, date_to):
        """Confirmed orders, untaxed, at the rate of the day of confirmation."""
        return SQL(
            """
            SELECT o.id, o.user_id, o.team_id,
                   ROUND(o.amount_untaxed / COALESCE(NULLIF(o.currency_rate, 0), 1), (
                       SELECT currency.decimal_places FROM res_company company
                         JOIN res_currency currency
                           ON currency.id = company.currency_id
                        WHERE company.id = %(company)s)) AS numerator,
                   NULL::int AS denominator, NULL::int AS key
              %(orders)s
            """,
            company=company.id,
            orders=self._confirmed_orders(company, date_from, date_to),
        )

    def _facts_invoiced(self, company, date_from, date_to):
        """Posted customer invoices less credit notes, by accounting date (KPI-01)."""
        return SQL(
            """
            SELECT move.id, move.invoice_user_id AS user_id, move.team_id,
                   move.amount_untaxed_signed AS numerator,
                   NULL::int AS denominator, NULL::int AS key
              FROM account_move move
             WHERE move.move_type IN ('out_invoice', 'out_refund')
               AND move.state = 'posted' AND move.company_id = %(company)s
               AND move.date BETWEEN %(date_from)s AND %(date_to)s
            """,
            company=company.id,
            date_from=date_from,
            date_to=date_to,
        )

    def _facts_collected(self, company, date_from, date_to):
        """Money that came in, less what was paid back (COL-01)."""
        return SQL(
            """
            SELECT money.id, money.user_id, money.team_id, money.amount AS numerator,
                   NULL::int AS denominator, NULL::int AS key
              FROM (%(collections)s) money
             WHERE money.company_id = %(company)s
               AND money.date BETWEEN %(date_from)s AND %(date_to)s
            """,
            collections=self.env["stm.collection"]._table_query,
            company=company.id,
            date_from=date_from,
            date_to=date_to,
        )

    def _facts_new_customers(self, company, date_from, date_to):
        """Customers whose first confirmed order ever falls on these days."""
        return SQL(
            """
            SELECT c.commercial_partner_id AS id, o.user_id, o.team_id,
                   1 AS numerator, NULL::int AS denominator, NULL::int AS key
              %s
               AND NOT EXISTS (
                    SELECT FROM sale_order earlier
                      JOIN res_partner ec ON ec.id = earlier.partner_id
                     WHERE ec.commercial_partner_id = c.commercial_partner_id
                       AND earlier.state = 'sale'
                       AND earlier.company_id = o.company_id
                       AND (earlier.date_order, earlier.id) < (o.date_order, o.id))
            """,
            self._confirmed_orders(company, date_from, date_to),
        )

    # ------------------------------------------------------------
    # Tooling
    # ------------------------------------------------------------

    @api.model
    def _confirmed_orders(self, company, date_from, date_to):
        """SQL: orders ``o`` confirmed on these days of their salesperson.

        Orders without one count for team and company, by the day of the company.
        """
        return SQL(
            """
              FROM sale_order o
              JOIN res_partner c ON c.id = o.partner_id
              LEFT JOIN res_users u ON u.id = o.user_id
              LEFT JOIN res_partner p ON p.id = u.partner_id
             WHERE o.state = 'sale' AND o.company_id = %(company)s
               AND o.date_order >= %(start)s AND o.date_order < %(stop)s
               AND ((o.date_order AT TIME ZONE 'UTC') AT TIME ZONE COALESCE(
                    p.tz, CASE WHEN u.id IS NULL THEN (
                        SELECT home.tz FROM res_company company
                          JOIN res_partner home ON home.id = company.partner_id
                         WHERE company.id = %(company)s) END, 'UTC'))::date
                   BETWEEN %(date_from)s AND %(date_to)s
            """,
            company=company.id,
            # One day more on both ends holds every time zone and uses the index.
            start=fields.Date.subtract(date_from, days=1),
            stop=fields.Date.add(date_to, days=2),
            date_from=date_from,
            date_to=date_to,
        )
