from odoo import api, models
from odoo.tools import SQL

from .stm_indicator import Source


class StmIndicator(models.Model):
    """Sources: calls and promises."""

    _inherit = "stm.indicator"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _sources(self):
        return super()._sources() | {
            "calls": Source("stm.contact.log"),
            "promises_kept": Source("stm.promise", is_share=True),
        }

    def _facts_calls(self, company, date_from, date_to):
        """Calls that salespeople made, on the day where they are (DAY-06)."""
        return SQL(
            """
            SELECT log.id, log.user_id, log.team_id,
                   1 AS numerator, NULL::int AS denominator, NULL::int AS key
              FROM stm_contact_log log
             WHERE log.company_id = %(company)s AND log.way = 'phone_out'
               AND log.date BETWEEN %(date_from)s AND %(date_to)s
            """,
            company=company.id,
            date_from=date_from,
            date_to=date_to,
        )

    def _facts_promises_kept(self, company, date_from, date_to):
        """Promises to customers that were due, and those kept in time (FUP-19).

        One that is still open counts once its day is over: then it is broken. What a
        customer promised to pay is no promise of ours.
        """
        return SQL(
            """
            SELECT promise.id, promise.user_id, promise.team_id,
                   (promise.state = 'kept')::int AS numerator,
                   1 AS denominator, NULL::int AS key
              FROM stm_promise promise
             WHERE promise.company_id = %(company)s AND promise.kind = 'promise'
               AND promise.state IN ('kept', 'broken')
               AND promise.date_due BETWEEN %(date_from)s AND %(date_to)s
            """,
            company=company.id,
            date_from=date_from,
            date_to=date_to,
        )
