from odoo import models


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        """No leaderboard for people whose companies all have it switched off."""
        blacklist = super()._load_menus_blacklist()
        if not any(self.env.user.sudo().company_ids.mapped("stm_leaderboard")):
            menu = self.env.ref(
                "sales_team_mgmt.menu_leaderboard", raise_if_not_found=False
            )
            blacklist += menu.ids if menu else []
        return blacklist
