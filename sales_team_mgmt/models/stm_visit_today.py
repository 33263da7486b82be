from odoo import api, models


class StmVisit(models.Model):
    """What the screen “Today” shows beside the visits."""

    _inherit = "stm.visit"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _stm_phone_counts(self, day, visits):
        """Add how many calls the company expects of a day (0: no such target)."""
        counts = super()._stm_phone_counts(day, visits)
        counts["calls_target"] = self.env.company.sudo().stm_calls_per_day
        return counts
