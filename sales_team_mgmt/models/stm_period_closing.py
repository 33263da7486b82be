from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date


class StmPeriodClosing(models.Model):
    """A period is closed for one area of work, like a lock date of Accounting.

    A closed period is read-only for the documents of that area; what has to be
    corrected goes into an open one (SYS-06).
    """

    _name = "stm.period.closing"
    _description = "Closed Period"
    _order = "period_id, area"

    period_id = fields.Many2one(
        "stm.period", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="period_id.company_id", store=True, index=True)
    date_from = fields.Date(related="period_id.date_from", store=True)
    date_to = fields.Date(related="period_id.date_to", store=True)
    area = fields.Selection(
        string="Area of Work",
        selection=[
            ("work", "Visits, Plans and Reports"),
            ("targets", "Targets and Figures"),
            ("appraisal", "Appraisal"),
            ("pay", "Pay"),
        ],
        required=True,
    )

    _uniq = models.UniqueIndex("(period_id, area)", "This period is closed already.")

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Closing targets measures the figures once more and freezes them."""
        closings = super().create(vals_list)
        periods = closings.filtered(lambda c: c.area == "targets").period_id
        if periods:
            self.env["stm.measure"].sudo()._refresh(periods.sudo())
        return closings

    def unlink(self):
        """Reopening targets takes the corrections back into the figures."""
        Measure = self.env["stm.measure"].sudo()
        periods = self.filtered(lambda c: c.area == "targets").period_id.sudo()
        Measure._check_can_unfreeze(periods)
        result = super().unlink()
        Measure._unfreeze(periods)
        return result

    # ------------------------------------------------------------
    # Action and business methods
    # ------------------------------------------------------------

    def action_reopen(self):
        """Open the period again for this area of work only."""
        for closing in self:
            closing.period_id.action_reopen(closing.area)
        return True

    @api.model
    def _closed_days(self, area, company_days):
        """{(company id, day): period id} of those days that are closed.

        :param str area: area of work; what belongs to none is never closed
        :param company_days: pairs (company, date) that a document falls on
        """
        pairs = {(company.id, day) for company, day in company_days if company and day}
        if not area or not pairs:
            return {}
        self.flush_model()
        companies, days = zip(*sorted(pairs), strict=True)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT wanted.company, wanted.day, closing.period_id
                  FROM UNNEST(%(companies)s, %(days)s::date[]) wanted (company, day)
                  JOIN stm_period_closing closing
                    ON closing.company_id = wanted.company
                   AND wanted.day BETWEEN closing.date_from AND closing.date_to
                 WHERE closing.area = %(area)s
                """,
                companies=list(companies),
                days=list(days),
                area=area,
            )
        )
        return {(company, day): period for company, day, period in rows}

    @api.model
    def _check_open(self, area, company_days):
        """Refuse to touch a day of a closed period.

        :raises UserError: names the period and what to do instead
        """
        closed = self._closed_days(area, company_days)
        for (_company, day), period_id in closed.items():
            self._refuse(day, self.env["stm.period"].sudo().browse(period_id))

    @api.model
    def _refuse(self, day, period):
        raise UserError(
            self.env._(
                "%(day)s lies in %(period)s, which is closed. Enter the correction"
                " in an open period, or ask a manager to reopen it.",
                day=format_date(self.env, day),
                period=period.name,
            )
        )

    @api.model
    def _closed_spans(self, area, spans):
        """{span: period} of the stretches of days that are closed from end to end.

        A month that is closed does not close the quarter that ends with it.

        :param spans: triples (company, first day, last day)
        """
        closings = self.search(
            [
                ("area", "=", area),
                ("company_id", "in", list({company.id for company, *_days in spans})),
            ]
        )
        return {
            (company, first, last): closing.period_id
            for company, first, last in spans
            for closing in closings
            if closing.company_id == company
            and closing.date_from <= first
            and closing.date_to >= last
        }
