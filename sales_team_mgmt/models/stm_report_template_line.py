from odoo import api, fields, models
from odoo.exceptions import ValidationError


class StmReportTemplateLine(models.Model):
    """One item of a report: a figure that is measured, or something to write."""

    _name = "stm.report.template.line"
    _description = "Item of a Report Template"
    _inherit = ["stm.version.line.mixin"]
    _order = "template_id, section desc, sequence, id"

    _stm_version_field = "template_id"

    template_id = fields.Many2one(
        "stm.report.template", required=True, index=True, ondelete="cascade"
    )
    section = fields.Selection(
        [("summary", "Summary"), ("plan", "Plan")], required=True, default="summary"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    indicator_id = fields.Many2one("stm.indicator", ondelete="restrict")
    figure_of = fields.Selection(
        [("person", "The Person"), ("teams", "Teams the Person Leads")],
        string="Whose Figure",
        required=True,
        default="person",
        help="Of the person who writes the report, or of the teams that person leads,"
        " with all teams below.",
    )
    target = fields.Float(
        help="What is expected in the period; the report shows the share reached."
    )
    max_points = fields.Float(
        string="Points",
        help="Points proposed in proportion to the share reached.",
    )
    text_required = fields.Boolean(
        help="The report cannot be handed in while this item is empty."
    )

    @api.constrains("target", "max_points")
    def _check_positive(self):
        if any(line.target < 0 or line.max_points < 0 for line in self):
            raise ValidationError(self.env._("Targets and points cannot be negative."))
