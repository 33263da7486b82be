from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

from .stm_visit import OPEN_STATES


class StmVisit(models.Model):
    """What to know before going in (VIS-18)."""

    _inherit = "stm.visit"  # pylint: disable=consider-merging-classes-inherited

    # Computed for each reader: what somebody may not read is not in it.
    profile_ids = fields.Many2many(
        "stm.contact.profile",
        string="Personal Notes",
        compute="_compute_profile_ids",
        exportable=False,
    )
    open_promise_count = fields.Integer(
        string="Open Promises", compute="_compute_open_promise_count"
    )
    open_issue_count = fields.Integer(
        string="Open Problems", compute="_compute_open_promise_count"
    )

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends("contact_id", "partner_id", "state")
    @api.depends_context("uid", "company")
    def _compute_profile_ids(self):
        profiles = self._stm_profiles()
        for visit in self:
            visit.profile_ids = profiles.get(visit, False)

    @api.depends("partner_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_open_promise_count(self):
        counts = {}
        for field, model, domain in self._stm_still_owed():
            rows = self.env[model]._read_group(
                domain, ["commercial_partner_id"], ["__count"]
            )
            counts[field] = dict(rows)
        for visit in self:
            for field, by_customer in counts.items():
                customer = visit.commercial_partner_id._origin
                visit[field] = by_customer.get(customer, 0)

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_open_promises(self):
        """Open what the customer was promised and still waits for."""
        return self._stm_open_owed("open_promise_count", "stm_promise_action")

    def action_open_issues(self):
        """Open the problems of the customer that are not solved."""
        return self._stm_open_owed("open_issue_count", "stm_customer_issue_action")

    def action_open_profile(self):
        """Open the notes on the person visited, or begin them."""
        self.ensure_one()
        self.check_access("read")
        return (self.contact_id or self.partner_id).action_stm_profile()

    def _stm_open_owed(self, wanted, xmlid):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"sales_team_mgmt.{xmlid}"
        )
        action["domain"] = next(
            list(domain)
            for field, _model, domain in self._stm_still_owed()
            if field == wanted
        )
        action["context"] = {"default_partner_id": self.partner_id.id}
        return action

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_profiles(self):
        """{visit: notes} that the current user may read, of visits still to be made:
        those on the person visited, or else on the customer."""
        still = self.filtered(lambda visit: visit.state in OPEN_STATES)
        people = still.contact_id | still.partner_id
        found = self.env["stm.contact.profile"]._stm_of(people._origin)
        profiles = {}
        for visit in still:
            people = (visit.contact_id._origin, visit.partner_id._origin)
            profile = next((found[p] for p in people if p in found), None)
            if profile:
                profiles[visit] = profile
        return profiles

    def _stm_still_owed(self):
        """[(counter, model, domain)] of what the customers still wait for."""
        mine = Domain(
            "commercial_partner_id", "in", self.commercial_partner_id._origin.ids
        )
        Promise, Issue = self.env["stm.promise"], self.env["stm.customer.issue"]
        promised = Promise._stm_open_domain() & Domain("kind", "=", "promise")
        return [
            ("open_promise_count", Promise._name, mine & promised),
            ("open_issue_count", Issue._name, mine & Issue._stm_open_domain()),
        ]

    def _stm_phone_visits(self):
        """Add what to know before going in: notes, and what was promised."""
        shown = super()._stm_phone_visits()
        profiles = self._stm_profiles()
        still = self.filtered(lambda visit: visit.state in OPEN_STATES)
        promises = defaultdict(list)
        if still:
            [(_counter, model, domain), *_others] = still._stm_still_owed()
            for promise in self.env[model].search_fetch(
                domain, ["name", "commercial_partner_id"], order="date_due, id"
            ):
                promises[promise.commercial_partner_id].append(promise.name)
        for visit in self:
            profile = profiles.get(visit)
            shown[visit.id] |= {
                "profile": profile._stm_lines() or None if profile else None,
                "promises": promises[visit.commercial_partner_id]
                if visit in still
                else [],
            }
        return shown
