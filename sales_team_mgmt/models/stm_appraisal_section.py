from odoo import fields, models


class StmAppraisalSection(models.Model):
    """A part of a sheet with its own weight, such as daily work or attendance."""

    _name = "stm.appraisal.section"
    _description = "Section of an Appraisal Template"
    _inherit = ["stm.version.line.mixin"]
    _order = "template_id, sequence, id"

    _stm_version_field = "template_id"

    template_id = fields.Many2one(
        "stm.appraisal.template", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    weight = fields.Float(
        string="Weight %", default=100, help="The weights of a template make 100 %."
    )
    base = fields.Float(
        string="Starts With", help="Points that are there before any item."
    )
    minimum = fields.Float(
        default=0.0, help="The items of the section never add up to less."
    )
    maximum = fields.Float(
        default=100.0, help="The items of the section never add up to more."
    )
    item_ids = fields.One2many(
        "stm.appraisal.item", "section_id", string="Items", copy=True
    )

    _weight_share = models.Constraint(
        "CHECK (weight >= 0 AND weight <= 100)",
        "The weight of a section lies between 0 and 100 %.",
    )
    _limits = models.Constraint(
        "CHECK (maximum >= minimum)",
        "The maximum of a section cannot be below its minimum.",
    )
