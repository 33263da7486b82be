from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.deadlines import moment


class Figure(NamedTuple):
    """What was measured: a numerator and, for shares, what it is a share of."""

    numerator: float = 0.0
    denominator: float | None = None


class StmIndicator(models.Model):
    """A figure about people: what it counts, in which unit, and which way is good.

    A source is an entry of the selection, one method that measures *all* people of a
    stretch of days in one statement, and one method that names the records behind
    the figure of one person. Other addons add sources with ``selection_add``.
    """

    _name = "stm.indicator"
    _description = "Indicator"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    source = fields.Selection(
        [
            ("orders_confirmed", "Orders Confirmed, Untaxed"),
            ("invoiced", "Invoiced, Untaxed"),
            ("collected", "Collected"),
            ("visits_done", "Visits Done"),
            ("visits_planned", "Planned Visits Done"),
            ("customers_visited", "Distinct Customers Visited"),
            ("new_customers", "New Customers"),
            ("key_points_done", "Key Points Done"),
            ("reports_reviewed", "Weekly Reports Reviewed"),
        ],
        required=True,
    )
    unit = fields.Selection(
        [("money", "Money"), ("count", "Number"), ("share", "Share")],
        required=True,
        default="count",
    )
    direction = fields.Selection(
        [("higher", "Higher Is Better"), ("lower", "Lower Is Better")],
        required=True,
        default="higher",
    )

    _code_uniq = models.Constraint(
        "UNIQUE (code)", "An indicator with this code exists already."
    )

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _measure(self, users, company, date_from, date_to):
        """{user: Figure} of all people at once; people without any have zero.

        :param date_from: first day, in the time zone of each person
        :param date_to: last day, included
        """
        self.ensure_one()
        self.env.flush_all()
        rows = getattr(self, f"_measure_{self.source}")(
            users, company, date_from, date_to
        )
        found = {user_id: Figure(*figures) for user_id, *figures in rows}
        empty = Figure(0, 0) if self.unit == "share" else Figure()
        return {user: found.get(user.id, empty) for user in users}

    def _evidence(self, user, company, date_from, date_to):
        """(model, domain) of the records behind the figure of one person."""
        self.ensure_one()
        return getattr(self, f"_evidence_{self.source}")(
            user, company, date_from, date_to
        )

    def _open_evidence(self, user, company, date_from, date_to):
        """Window action on the records behind the figure, with the reader's rights."""
        model, domain = self._evidence(user, company, date_from, date_to)
        view_mode = "list,pivot,graph" if model == "stm.collection" else "list,form"
        if model == "account.move":
            return {
                **self.env["ir.actions.act_window"]._for_xml_id(
                    "account.action_move_out_invoice_type"
                ),
                "name": self.name,
                "domain": list(domain),
                "context": {"create": False},
            }
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": model,
            "view_mode": view_mode,
            "views": [(False, mode) for mode in view_mode.split(",")],
            "domain": list(domain),
            "context": {"create": False},
        }

    # ------------------------------------------------------------
    # Tooling
    # ------------------------------------------------------------

    @api.model
    def _utc_range(self, user, date_from, date_to):
        """Domain bounds of local days as UTC datetimes."""
        tz = user.sudo().tz or "UTC"
        start = moment(date_from, 0, tz)
        stop = moment(fields.Date.add(date_to, days=1), 0, tz)
        return start, stop

    @api.model
    def _local_day(self, column):
        """SQL: the local day of a UTC column for the person aliased ``p``."""
        return SQL(
            "((%s AT TIME ZONE 'UTC') AT TIME ZONE COALESCE(p.tz, 'UTC'))::date",
            SQL(column),
        )

    # ------------------------------------------------------------
    # Sources: orders, invoices, payments
    # ------------------------------------------------------------

    def _measure_orders_confirmed(self, users, company, date_from, date_to):
        return self.env.execute_query(
            SQL(
                """
                SELECT o.user_id,
                       SUM(o.amount_untaxed / COALESCE(NULLIF(o.currency_rate, 0), 1))
                  %s
                 GROUP BY o.user_id
                """,
                self._confirmed_orders(users, company, date_from, date_to),
            )
        )

    def _confirmed_orders(self, users, company, date_from, date_to):
        """SQL: orders ``o`` that these people confirmed on these days of theirs."""
        return SQL(
            """
              FROM sale_order o
              JOIN res_partner c ON c.id = o.partner_id
              JOIN res_users u ON u.id = o.user_id
              JOIN res_partner p ON p.id = u.partner_id
             WHERE o.state = 'sale' AND o.company_id = %(company)s
               AND o.user_id = ANY(%(users)s)
               AND o.date_order >= %(start)s AND o.date_order < %(stop)s
               AND %(day)s BETWEEN %(date_from)s AND %(date_to)s
            """,
            company=company.id,
            users=users.ids,
            # One day more on both ends holds every time zone and uses the index.
            start=fields.Date.subtract(date_from, days=1),
            stop=fields.Date.add(date_to, days=2),
            day=self._local_day("o.date_order"),
            date_from=date_from,
            date_to=date_to,
        )

    def _evidence_orders_confirmed(self, user, company, date_from, date_to):
        start, stop = self._utc_range(user, date_from, date_to)
        return "sale.order", (
            Domain("user_id", "=", user.id)
            & Domain("company_id", "=", company.id)
            & Domain("state", "=", "sale")
            & Domain("date_order", ">=", start)
            & Domain("date_order", "<", stop)
        )

    def _measure_invoiced(self, users, company, date_from, date_to):
        rows = (
            self.env["account.move"]
            .sudo()
            ._read_group(
                self._invoiced_domain(users, company, date_from, date_to),
                ["invoice_user_id"],
                ["amount_untaxed_signed:sum"],
            )
        )
        return [(user.id, amount) for user, amount in rows]

    def _evidence_invoiced(self, user, company, date_from, date_to):
        return "account.move", self._invoiced_domain(user, company, date_from, date_to)

    def _invoiced_domain(self, users, company, date_from, date_to):
        """Posted customer invoices and credit notes by accounting date."""
        return (
            Domain("move_type", "in", ("out_invoice", "out_refund"))
            & Domain("state", "=", "posted")
            & Domain("company_id", "=", company.id)
            & Domain("invoice_user_id", "in", users.ids)
            & Domain("date", ">=", date_from)
            & Domain("date", "<=", date_to)
        )

    def _measure_collected(self, users, company, date_from, date_to):
        rows = (
            self.env["stm.collection"]
            .sudo()
            ._read_group(
                self._collected_domain(users, company, date_from, date_to),
                ["user_id"],
                ["amount:sum"],
            )
        )
        return [(user.id, amount) for user, amount in rows]

    def _evidence_collected(self, user, company, date_from, date_to):
        domain = self._collected_domain(user, company, date_from, date_to)
        return "stm.collection", domain

    def _collected_domain(self, users, company, date_from, date_to):
        return (
            Domain("user_id", "in", users.ids)
            & Domain("company_id", "=", company.id)
            & Domain("date", ">=", date_from)
            & Domain("date", "<=", date_to)
        )

    # ------------------------------------------------------------
    # Sources: visits and customers
    # ------------------------------------------------------------

    def _visits_domain(self, users, company, date_from, date_to):
        return (
            Domain("user_id", "in", users.ids)
            & Domain("company_id", "=", company.id)
            & Domain("date", ">=", date_from)
            & Domain("date", "<=", date_to)
        )

    def _measure_visits_done(self, users, company, date_from, date_to):
        domain = self._visits_domain(users, company, date_from, date_to)
        rows = (
            self.env["stm.visit"]
            .sudo()
            ._read_group(
                domain & Domain("state", "=", "done"), ["user_id"], ["__count"]
            )
        )
        return [(user.id, count) for user, count in rows]

    def _evidence_visits_done(self, user, company, date_from, date_to):
        domain = self._visits_domain(user, company, date_from, date_to)
        return "stm.visit", domain & Domain("state", "=", "done")

    def _measure_visits_planned(self, users, company, date_from, date_to):
        """Visits of approved plans that were done, of all that were planned."""
        domain = self._visits_domain(users, company, date_from, date_to)
        rows = (
            self.env["stm.visit"]
            .sudo()
            ._read_group(
                domain & self._planned_domain(),
                ["user_id", "state"],
                ["__count"],
            )
        )
        figures = {}
        for user, state, count in rows:
            done, planned = figures.get(user.id, (0, 0))
            figures[user.id] = (done + count * (state == "done"), planned + count)
        return [(user_id, *figure) for user_id, figure in figures.items()]

    def _evidence_visits_planned(self, user, company, date_from, date_to):
        domain = self._visits_domain(user, company, date_from, date_to)
        return "stm.visit", domain & self._planned_domain()

    def _planned_domain(self):
        """Visits that the approved plan still contains."""
        return Domain("plan_id", "!=", False) & (
            Domain("plan_line_id", "!=", False) | Domain("state", "!=", "cancelled")
        )

    def _measure_customers_visited(self, users, company, date_from, date_to):
        """The same customer counts once, however often visited (VIS-03)."""
        domain = self._visits_domain(users, company, date_from, date_to)
        rows = (
            self.env["stm.visit"]
            .sudo()
            ._read_group(
                domain & Domain("state", "=", "done"),
                ["user_id"],
                ["commercial_partner_id:count_distinct"],
            )
        )
        return [(user.id, count) for user, count in rows]

    _evidence_customers_visited = _evidence_visits_done

    def _measure_new_customers(self, users, company, date_from, date_to):
        rows = self.env.execute_query(
            SQL(
                "SELECT user_id, COUNT(*) FROM (%s) first GROUP BY user_id",
                self._new_customers_query(users, company, date_from, date_to),
            )
        )
        return rows

    def _evidence_new_customers(self, user, company, date_from, date_to):
        self.env.flush_all()
        rows = self.env.execute_query(
            self._new_customers_query(user, company, date_from, date_to)
        )
        return "res.partner", Domain("id", "in", [partner for _user, partner in rows])

    def _new_customers_query(self, users, company, date_from, date_to):
        """Customers whose first confirmed order ever falls on these days."""
        return SQL(
            """
            SELECT o.user_id, c.commercial_partner_id
              %s
               AND NOT EXISTS (
                    SELECT FROM sale_order earlier
                      JOIN res_partner ec ON ec.id = earlier.partner_id
                     WHERE ec.commercial_partner_id = c.commercial_partner_id
                       AND earlier.state = 'sale'
                       AND earlier.company_id = o.company_id
                       AND (earlier.date_order, earlier.id) < (o.date_order, o.id))
            """,
            self._confirmed_orders(users, company, date_from, date_to),
        )

    # ------------------------------------------------------------
    # Sources: plans and reports
    # ------------------------------------------------------------

    def _measure_key_points_done(self, users, company, date_from, date_to):
        rows = (
            self.env["stm.work.plan.point"]
            .sudo()
            ._read_group(
                self._key_points_domain(users, company, date_from, date_to),
                ["user_id", "outcome"],
                ["__count"],
            )
        )
        figures = {}
        for user, outcome, count in rows:
            done, planned = figures.get(user.id, (0, 0))
            figures[user.id] = (done + count * (outcome == "done"), planned + count)
        return [(user_id, *figure) for user_id, figure in figures.items()]

    def _evidence_key_points_done(self, user, company, date_from, date_to):
        domain = self._key_points_domain(user, company, date_from, date_to)
        return "stm.work.plan.point", domain

    def _key_points_domain(self, users, company, date_from, date_to):
        return Domain(
            "plan_id",
            "any",
            Domain("user_id", "in", users.ids)
            & Domain("company_id", "=", company.id)
            & Domain("state", "=", "approved")
            & self._weeks_domain(date_from, date_to),
        )

    def _weeks_domain(self, date_from, date_to):
        """Weeks that belong to these days: those whose Thursday does."""
        return Domain("date_from", ">=", fields.Date.subtract(date_from, days=3)) & (
            Domain("date_from", "<=", fields.Date.subtract(date_to, days=3))
        )

    def _measure_reports_reviewed(self, users, company, date_from, date_to):
        """Weekly reports that one was asked to review, and those reviewed (WPL-16).

        A report counts once, by its latest submission; returning it with a comment is
        a review too.
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT user_id, COUNT(acted_at), COUNT(*) FROM (%s) latest
                 GROUP BY user_id
                """,
                self._reviews_query(users, company, date_from, date_to),
            )
        )

    def _evidence_reports_reviewed(self, user, company, date_from, date_to):
        self.env.flush_all()
        rows = self.env.execute_query(
            self._reviews_query(user, company, date_from, date_to)
        )
        return "stm.work.report", Domain("id", "in", [row[1] for row in rows])

    def _reviews_query(self, users, company, date_from, date_to):
        return SQL(
            """
            SELECT DISTINCT ON (line.user_id, report.id)
                   line.user_id, report.id AS report_id, line.acted_at
              FROM stm_approval_line line
              JOIN stm_approval approval ON approval.id = line.approval_id
              JOIN stm_work_report report ON report.id = approval.res_id
             WHERE approval.model = 'stm.work.report'
               AND approval.state IN ('pending', 'approved', 'returned')
               AND (line.state = 'pending' OR line.acted_at IS NOT NULL)
               AND line.user_id = ANY(%(users)s)
               AND report.company_id = %(company)s
               AND report.period_kind = 'week'
               AND report.date_from + 3 BETWEEN %(date_from)s AND %(date_to)s
             ORDER BY line.user_id, report.id, approval.id DESC
            """,
            users=users.ids,
            company=company.id,
            date_from=date_from,
            date_to=date_to,
        )
