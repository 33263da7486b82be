from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class StmVisitPolicy(models.Model):
    """How often customers are visited, by class and region (VIS-04).

    A version like every rule: released from a day on, locked as soon as a plan was
    proposed by it, and replaced by the next one.
    """

    _name = "stm.visit.policy"
    _description = "Visit Policy"
    _inherit = ["stm.version.mixin", "mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(
        default=10,
        help="The first policy in force is taken, one of the company before others.",
    )
    company_id = fields.Many2one("res.company", index=True)
    previous_id = fields.Many2one(
        "stm.visit.policy", string="Replaces", readonly=True, copy=False
    )
    line_ids = fields.One2many(
        "stm.visit.policy.line", "policy_id", string="How Often", copy=True
    )
    note = fields.Text(string="Remarks")

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_used_ids(self):
        groups = (
            self.env["stm.work.plan.line"]
            .sudo()
            ._read_group(
                [("policy_line_id.policy_id", "in", self.ids)], ["policy_line_id"]
            )
        )
        return {line.policy_id.id for (line,) in groups}

    def _stm_check_can_release(self):
        for policy in self:
            if not policy.line_ids:
                raise UserError(
                    self.env._(
                        "“%s” says nothing yet. Add how often customers are visited"
                        " first.",
                        policy.name,
                    )
                )
        return super()._stm_check_can_release()

    @api.model
    def _find(self, company, day):
        """The policy of a company on a day, or none."""
        return self._find_by_day(company, [day])[day]

    @api.model
    def _find_by_day(self, company, days):
        """{day: policy of a company, or none}, in one search for all days."""
        policies = (
            self.sudo()
            .search(
                Domain("is_released", "=", True)
                & Domain("company_id", "in", [company.id, False])
                & (
                    Domain("date_from", "=", False)
                    | Domain("date_from", "<=", max(days))
                )
                & (Domain("date_to", "=", False) | Domain("date_to", ">=", min(days)))
            )
            .sorted(lambda policy: not policy.company_id)
        )
        return {
            day: policies.filtered(
                lambda policy, day=day: (
                    (not policy.date_from or policy.date_from <= day)
                    and (not policy.date_to or policy.date_to >= day)
                )
            )[:1]
            for day in days
        }

    @api.model
    def _for_partners(self, partners, company, day):
        """{partner: line} of the policy on a day; who has none is missing.

        The deepest region that contains the customer wins, then the class. The number
        of queries does not depend on the number of partners.
        """
        match = self._find(company, day)._matcher()
        found = {}
        for partner in partners.sudo():
            region = partner.stm_region_id
            line = match(partner.stm_class_id.id, region.parent_path)
            if line:
                found[partner.with_env(partners.env)] = line
        return found

    def _matcher(self):
        """A function (class id, path of the region) -> line or None; asks nothing."""
        lines = {
            (line.customer_class_id.id, line.region_id.id): line
            for line in self.line_ids
        }

        def match(class_id, path):
            ids = [int(node) for node in (path or "").split("/") if node]
            for region_id in [*reversed(ids), False]:
                for key in ((class_id, region_id), (False, region_id)):
                    if key in lines:
                        return lines[key]
            return None

        return match
