from odoo import api, models


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "stm.scope.mixin"]

    @api.model
    def _stm_scope_domain(self):
        return self.env["stm.access"]._stm_sales_domain("invoice_user_id")
