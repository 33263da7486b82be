from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    stm_check_draw = fields.Selection(
        [("none", "By Hand"), ("weekly", "Every Week"), ("monthly", "Every Month")],
        string="Draw Visits to Check",
        required=True,
        default="monthly",
        help="How often the share of visits to check is drawn by itself (CRN-29).",
    )
