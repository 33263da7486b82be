from collections import Counter

from odoo import api, fields, models

# What says who looks after the customer that somebody belongs to.
OWNER_FIELDS = frozenset({"user_id", "parent_id", "is_company"})


class ResPartner(models.Model):
    """The way to the personal notes, for those who may read them (SEC-10).

    There is no field that leads from a person to the notes: searches, exports and
    groups of customers would go through it.
    """

    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    stm_profile_count = fields.Integer(
        string="Personal Note Count",
        compute="_compute_stm_profile_count",
        groups="sales_team_mgmt.group_salesperson",
    )
    stm_can_note = fields.Boolean(
        string="Personal Notes",
        compute="_compute_stm_profile_count",
        groups="sales_team_mgmt.group_salesperson",
    )

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends("user_id", "commercial_partner_id.user_id")
    @api.depends_context("uid", "company")
    def _compute_stm_profile_count(self):
        """Of a customer those on all its contacts, of a contact its own."""
        self.stm_profile_count = 0
        self.stm_can_note = False
        Profile = self.env["stm.contact.profile"]
        saved = self._origin
        if not saved or not Profile.has_access("read"):
            return
        company = self.env.company
        commercials = saved.commercial_partner_id
        rows = Profile._read_group(
            [
                ("commercial_partner_id", "in", commercials.ids),
                ("company_id", "=", company.id),
            ],
            ["commercial_partner_id", "partner_id"],
        )
        counts = Counter()
        for customer, person in rows:
            counts.update(customer | person)
        drafts = {
            customer: Profile.new({"partner_id": customer.id, "company_id": company.id})
            for customer in commercials
        }
        may = Profile.concat(*drafts.values()).filtered_domain(
            Profile._stm_scope_domain()
        )
        for partner in self:
            own = partner._origin
            if not own:
                continue
            customer = own.commercial_partner_id
            partner.stm_profile_count = counts[own]
            partner.stm_can_note = counts[own] or drafts[customer] in may

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    def write(self, vals):
        """Notes change hands with the customer, if whoever reassigns it may read them.

        Otherwise taking a customer would be a way to read them. They then stay where
        they are until a superior hands them over.
        """
        if not vals.keys() & OWNER_FIELDS:
            return super().write(vals)
        Profile = self.env["stm.contact.profile"].sudo()
        profiles = Profile.with_context(active_test=False).search(
            [("partner_id", "child_of", self.ids)]
        )
        before = {profile: profile.customer_user_id for profile in profiles}
        result = super().write(vals)
        moved = profiles.filtered(lambda p: p.customer_user_id != before[p])
        if moved and not self.env.su:
            moved = moved.with_env(self.env)._filtered_access("write").sudo()
        moved._stm_follow()
        return result

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_stm_profile(self):
        """Open the notes on a contact, or those on a customer and all its contacts."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_team_mgmt.stm_contact_profile_action"
        )
        action["context"] = {"default_partner_id": self.id}
        mine = self.env["stm.contact.profile"]._stm_of(self).get(self)
        if self.child_ids and self == self.commercial_partner_id:
            action["domain"] = [("commercial_partner_id", "=", self.id)]
            return action
        return {
            **action,
            "views": [(False, "form")],
            "view_mode": "form",
            "res_id": mine.id if mine else False,
        }
