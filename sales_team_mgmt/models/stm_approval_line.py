from odoo import api, fields, models
from odoo.fields import Domain

LINE_STATES = [
    ("waiting", "Later"),
    ("pending", "To Decide"),
    ("approved", "Approved"),
    ("returned", "Returned"),
    ("skipped", "Not Needed"),
]


class StmApprovalLine(models.Model):
    """One approver of one step: who was asked, who answered, when, and what."""

    _name = "stm.approval.line"
    _description = "Approval Step"
    _inherit = ["stm.system.mixin"]
    _order = "approval_id desc, sequence, id"
    _rec_name = "step_id"

    _stm_system_fields = frozenset({"state", "acted_by_id", "acted_at", "comment"})

    approval_id = fields.Many2one(
        "stm.approval", required=True, index=True, ondelete="cascade"
    )
    step_id = fields.Many2one(
        "stm.approval.route.step", required=True, ondelete="restrict"
    )
    sequence = fields.Integer(related="step_id.sequence", store=True)
    user_id = fields.Many2one("res.users", string="Approver", required=True, index=True)
    team_id = fields.Many2one(
        "crm.team", string="As Leader of", help="Its deputy may decide as well."
    )
    state = fields.Selection(LINE_STATES, required=True, default="waiting")
    acted_by_id = fields.Many2one("res.users", string="Decided by")
    acted_at = fields.Datetime(string="Decided on")
    comment = fields.Text()
    company_id = fields.Many2one(related="approval_id.company_id", store=True)

    _pending_idx = models.Index("(user_id, approval_id) WHERE state = 'pending'")

    @api.model
    def _actable_domain(self, user):
        """Pending lines that ``user`` may decide today: the own ones, those of
        people stood in for, and those of leaders whose deputy one is."""
        people = self.env["stm.substitution"]._stood_in_for(user)
        return Domain("state", "=", "pending") & (
            Domain("user_id", "in", (user | people).ids)
            | Domain("team_id.stm_deputy_id", "=", user.id)
        )
