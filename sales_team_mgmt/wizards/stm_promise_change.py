from odoo import fields, models


class StmPromiseChange(models.TransientModel):
    """Asks a superior why promises are moved or called off."""

    _name = "stm.promise.change"
    _description = "Change of Promises"

    promise_ids = fields.Many2many("stm.promise", required=True)
    change = fields.Selection(
        [("move", "Move"), ("cancel", "Call Off")], required=True, default="move"
    )
    date_due = fields.Date(string="New Day")
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Move the promises or call them off; they check again whether one may."""
        if self.change == "move":
            self.promise_ids.action_move(self.date_due, self.reason)
        else:
            self.promise_ids.action_cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
