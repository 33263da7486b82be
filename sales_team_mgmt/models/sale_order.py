from odoo import api, fields, models


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "stm.scope.mixin"]

    stm_visit_count = fields.Integer(
        string="Visits", related="partner_id.stm_visit_count", compute_sudo=False
    )

    def action_stm_visits(self):
        """Open the visits to the customer of the order."""
        self.ensure_one()
        return self.partner_id.action_stm_visits()

    @api.model
    def _stm_scope_domain(self):
        return self.env["stm.access"]._stm_sales_domain("user_id")
