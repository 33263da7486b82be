from odoo import api, fields, models


class ResPartner(models.Model):
    """Contacts with the customer besides visits."""

    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    stm_contact_count = fields.Integer(
        string="Contact Count", compute="_compute_stm_contact_count"
    )

    @api.depends_context("uid")
    def _compute_stm_contact_count(self):
        """Calls, letters and visitors of the customer and all its addresses."""
        self.stm_contact_count = 0
        if not self.env["stm.contact.log"].has_access("read"):
            return
        counts = dict(
            self.env["stm.contact.log"]._read_group(
                [("commercial_partner_id", "in", self.commercial_partner_id.ids)],
                ["commercial_partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.stm_contact_count = counts.get(partner.commercial_partner_id, 0)

    def _stm_open_own(self, xmlid, **context):
        """Window on what belongs to the customer, contacts included."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id)
        ]
        action["context"] = context
        return action

    def action_stm_contacts(self):
        """Open the contacts with the customer."""
        return self._stm_open_own(
            "sales_team_mgmt.stm_contact_log_action", default_partner_id=self.id
        )

    def action_stm_ledger(self):
        """Open the ledger of the customer: visits and contacts in one list."""
        return self._stm_open_own("sales_team_mgmt.stm_customer_ledger_action")

    def action_stm_log_call(self):
        """Write down a call that was just made."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_team_mgmt.stm_contact_log_action_quick"
        )
        commercial = self.commercial_partner_id
        action["context"] = {
            "default_partner_id": commercial.id,
            "default_contact_id": self.id if self != commercial else False,
            "default_way": "phone_out",
        }
        return action
