from odoo import fields, models


class StmDutyStep(models.Model):
    """A rung of the ladder: who is told what, how long before or after the deadline."""

    _name = "stm.duty.step"
    _description = "Step of a Duty's Ladder"
    _inherit = ["stm.version.line.mixin"]
    _order = "duty_id, sequence, id"

    _stm_version_field = "duty_id"

    duty_id = fields.Many2one("stm.duty", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    action = fields.Selection(
        [("remind", "Remind the Person"), ("escalate", "Tell the Superior")],
        required=True,
        default="remind",
    )
    hours = fields.Float(
        help="Hours after the deadline; negative: before it.", default=-3.0
    )
    basis = fields.Selection(
        [("due", "Deadline"), ("last", "End of the Exception Window")],
        string="Counted From",
        required=True,
        default="due",
    )
    level = fields.Integer(string="Level Above", default=1)

    _level_positive = models.Constraint(
        "CHECK (level > 0)", "The level above starts at 1."
    )
