from odoo import api, fields, models
from odoo.tools import SQL

from .stm_indicator import Source


class StmIndicator(models.Model):
    """Source: what checks confirmed."""

    _inherit = "stm.indicator"  # pylint: disable=consider-merging-classes-inherited

    source = fields.Selection(
        selection_add=[("visit_authenticity", "Visits Confirmed by Checks")],
        ondelete={"visit_authenticity": lambda indicators: indicators._source_gone()},
    )

    @api.model
    def _sources(self):
        return super()._sources() | {
            "visit_authenticity": Source("stm.spot.check", is_share=True)
        }

    def _facts_visit_authenticity(self, company, date_from, date_to):
        """Visits found true, of all that were checked, by their day (KPI-08)."""
        return SQL(
            """
            SELECT spot.id, spot.user_id, spot.team_id,
                   (spot.result = 'true')::int AS numerator,
                   1 AS denominator, NULL::int AS key
              FROM stm_spot_check spot
             WHERE spot.company_id = %(company)s
               AND spot.date BETWEEN %(date_from)s AND %(date_to)s
               AND spot.kind = 'visit' AND spot.state = 'checked'
            """,
            company=company.id,
            date_from=date_from,
            date_to=date_to,
        )
