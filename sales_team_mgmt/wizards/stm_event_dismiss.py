from odoo import fields, models


class StmEventDismiss(models.TransientModel):
    """Asks why events do not count."""

    _name = "stm.event.dismiss"
    _description = "Dismiss Events"

    event_ids = fields.Many2many("stm.event", required=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Dismiss the events; they check again whether the user may."""
        self.event_ids.action_dismiss(self.reason)
        return {"type": "ir.actions.act_window_close"}
