from odoo import api, fields, models
from odoo.exceptions import ValidationError


class StmAppraisalBand(models.Model):
    """From a value on, until the next band begins: points of an item, or a result.

    Bands are half-open, so that no value falls between two of them.
    """

    _name = "stm.appraisal.band"
    _description = "Band"
    _inherit = ["stm.version.line.mixin"]
    _order = "start, id"

    _stm_version_field = "owner_template_id"

    item_id = fields.Many2one(
        "stm.appraisal.item", index="btree_not_null", ondelete="cascade"
    )
    template_id = fields.Many2one(
        "stm.appraisal.template", index="btree_not_null", ondelete="cascade"
    )
    owner_template_id = fields.Many2one(
        "stm.appraisal.template", compute="_compute_owner_template_id"
    )
    start = fields.Float(string="From", required=True)
    points = fields.Float()
    name = fields.Char(string="Result", translate=True)

    @api.depends("item_id", "template_id")
    def _compute_owner_template_id(self):
        for band in self:
            band.owner_template_id = band.template_id or band.item_id.template_id

    @api.constrains("item_id", "template_id")
    def _check_owner(self):
        for band in self:
            if bool(band.item_id) == bool(band.template_id):
                raise ValidationError(
                    self.env._("A band belongs to an item or to a template.")
                )

    @api.depends("start", "name")
    def _compute_display_name(self):
        for band in self:
            band.display_name = f"≥ {band.start:g} {band.name or ''}".strip()
