from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    stm_check_draw = fields.Selection(
        related="company_id.stm_check_draw", readonly=False
    )
