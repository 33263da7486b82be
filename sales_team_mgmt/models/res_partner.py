from odoo import fields, models
from odoo.exceptions import ValidationError

from ..tools.geo import is_position


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Coverage asks for the customers of a person.
    user_id = fields.Many2one(index="btree_not_null")
    stm_region_id = fields.Many2one(
        "stm.region", string="Sales Region", index="btree_not_null", tracking=True
    )
    stm_class_id = fields.Many2one(
        "stm.customer.class",
        string="Customer Class",
        index="btree_not_null",
        tracking=True,
    )
    stm_window_ids = fields.One2many(
        "stm.visit.window", "partner_id", string="Visiting Hours"
    )
    stm_visit_ids = fields.One2many("stm.visit", "partner_id", string="Visits")
    stm_visit_count = fields.Integer(
        string="Visit Count", compute="_compute_stm_visit_count"
    )
    stm_last_visit_date = fields.Date(
        string="Last Visit", compute="_compute_stm_visit_count"
    )

    def _compute_stm_visit_count(self):
        """Finished visits that count, to the customer and to all its addresses."""
        self.stm_visit_count = 0
        self.stm_last_visit_date = False
        if not self.env["stm.visit"].has_access("read"):
            return
        commercials = self.commercial_partner_id
        rows = self.env["stm.visit"]._read_group(
            [
                ("commercial_partner_id", "in", commercials.ids),
                ("state", "=", "done"),
                ("is_counted", "=", True),
            ],
            ["commercial_partner_id"],
            ["__count", "date:max"],
        )
        figures = {partner: (count, last) for partner, count, last in rows}
        for partner in self:
            count, last = figures.get(partner.commercial_partner_id, (0, False))
            partner.stm_visit_count = count
            partner.stm_last_visit_date = last

    def action_stm_visits(self):
        """Open the visits of the customer, its contacts included."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_team_mgmt.stm_visit_action"
        )
        commercial = self.commercial_partner_id
        action["domain"] = [("commercial_partner_id", "=", commercial.id)]
        action["context"] = {"default_partner_id": self.id}
        return action

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if "tz" in vals:
            # The time zone of a user is kept in a cache.
            self.env.registry.clear_cache()
        return result

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_position(self):
        """(latitude, longitude) of the customer, None if it is not known."""
        self.ensure_one()
        position = (self.partner_latitude, self.partner_longitude)
        return position if is_position(*position) else None

    def _stm_region(self):
        """The sales region of the customer, or else the one of its company."""
        return self.stm_region_id or self.commercial_partner_id.stm_region_id

    def _stm_check_contact(self, contact):
        """Refuse a person who is no contact of the customer: nobody reads names and
        numbers of other companies by talking to them."""
        customer = self.sudo().commercial_partner_id
        if contact and contact.sudo().commercial_partner_id != customer:
            raise ValidationError(
                self.env._(
                    "The person you choose is no contact of %s. Choose another one, or"
                    " add the person to the customer first.",
                    self.sudo().name,
                )
            )

    def _stm_check_company(self, company):
        """Refuse a customer of another company, and say what to do instead."""
        own = self.sudo().company_id
        if own and own != company:
            raise ValidationError(
                self.env._(
                    "%(customer)s is a customer of %(company)s. Choose a customer of"
                    " %(own)s, or switch the company.",
                    customer=self.sudo().name,
                    company=own.name,
                    own=company.name,
                )
            )
