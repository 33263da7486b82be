from odoo import fields, models


class StmVisitCheckIn(models.TransientModel):
    """Asks why there is no position that could be verified."""

    _name = "stm.visit.check.in"
    _description = "Check-in without a Position"

    visit_id = fields.Many2one("stm.visit", required=True)
    verdict_note = fields.Char(string="Explanation", readonly=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Check in; the visit checks again whether the user may."""
        self.visit_id.action_check_in(self.reason)
        return {"type": "ir.actions.act_window_close"}
