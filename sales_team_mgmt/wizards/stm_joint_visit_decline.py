from odoo import fields, models


class StmJointVisitDecline(models.TransientModel):
    """Asks why nobody comes along."""

    _name = "stm.joint.visit.decline"
    _description = "Decline a Joint Visit"

    joint_ids = fields.Many2many("stm.joint.visit", required=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Decline; the joint visits look again whether the user may."""
        self.joint_ids.action_decline(self.reason)
        return {"type": "ir.actions.act_window_close"}
