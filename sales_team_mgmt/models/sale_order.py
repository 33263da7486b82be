from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    stm_visit_count = fields.Integer(
        string="Visits", related="partner_id.stm_visit_count", compute_sudo=False
    )

    def action_stm_visits(self):
        """Open the visits to the customer of the order."""
        self.ensure_one()
        return self.partner_id.action_stm_visits()
