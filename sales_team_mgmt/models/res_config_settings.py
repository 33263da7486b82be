from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    stm_work_day_end = fields.Float(
        related="company_id.stm_work_day_end", readonly=False
    )
    stm_deduction_factor = fields.Float(
        related="company_id.stm_deduction_factor", readonly=False
    )
    stm_half_day_weight = fields.Float(
        related="company_id.stm_half_day_weight", readonly=False
    )
