from odoo import fields, models
from odoo.exceptions import UserError

OUTCOMES = [
    ("open", "Open"),
    ("done", "Done"),
    ("partly", "Partly Done"),
    ("not_done", "Not Done"),
]

# Filled in when the week is over, not part of what was approved.
RESULT_FIELDS = {"outcome", "outcome_note"}


class StmWorkPlanPoint(models.Model):
    """A key point of the week, the support it needs, and what became of it."""

    _name = "stm.work.plan.point"
    _description = "Key Point"
    _inherit = ["stm.approval.part.mixin"]
    _order = "plan_id, sequence, id"

    _stm_document_field = "plan_id"

    plan_id = fields.Many2one(
        "stm.work.plan", required=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        related="plan_id.user_id", store=True, index=True, string="Salesperson"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Key Point", required=True)
    measure = fields.Char(string="Done When")
    support_wanted = fields.Char(
        help="People, goods or money that the company should provide."
    )
    outcome = fields.Selection(OUTCOMES, default="open", required=True, copy=False)
    outcome_note = fields.Char(string="Result or Reason", copy=False)

    def write(self, vals):
        """The owner writes down the outcome after approval, until the report is in."""
        if vals.keys() <= RESULT_FIELDS and not self.env.su:
            self._check_outcome_editable()
            plans = self.plan_id
            plans._stm_check_submitter()
            plans._stm_check_period()
            # Checked above: the outcome is not part of what was approved.
            return super(StmWorkPlanPoint, self.sudo()).write(vals)
        return super().write(vals)

    def _check_outcome_editable(self):
        reports = (
            self.env["stm.work.report"]
            .sudo()
            .search(
                [
                    ("user_id", "in", self.user_id.ids),
                    ("period_kind", "=", "week"),
                    ("date_from", "in", self.plan_id.mapped("date_from")),
                    ("state", "in", ("submitted", "approved")),
                ]
            )
        )
        handed_in = {(report.user_id, report.date_from) for report in reports}
        for point in self:
            if (point.user_id, point.plan_id.date_from) in handed_in:
                raise UserError(
                    self.env._(
                        "The report of this week is handed in; “%s” can no longer be"
                        " changed.",
                        point.name,
                    )
                )

    def _approved_values(self):
        return [
            self.sequence,
            self.name,
            self.measure or "",
            self.support_wanted or "",
        ]

    def _copy_values(self):
        self.ensure_one()
        return {
            "sequence": self.sequence,
            "name": self.name,
            "measure": self.measure,
            "support_wanted": self.support_wanted,
        }
