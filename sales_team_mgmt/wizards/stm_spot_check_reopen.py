from odoo import fields, models


class StmSpotCheckReopen(models.TransientModel):
    """Asks why something is checked again."""

    _name = "stm.spot.check.reopen"
    _description = "Check Again"

    check_ids = fields.Many2many("stm.spot.check", required=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Reopen the checks; they look again whether the user may."""
        self.check_ids.action_reopen(self.reason)
        return {"type": "ir.actions.act_window_close"}
