from odoo import fields, models


class StmVisitCancel(models.TransientModel):
    """Asks why visits are cancelled."""

    _name = "stm.visit.cancel"
    _description = "Cancel Visit"

    visit_ids = fields.Many2many("stm.visit", required=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Cancel the visits; they check again whether the user may."""
        self.visit_ids.action_cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
