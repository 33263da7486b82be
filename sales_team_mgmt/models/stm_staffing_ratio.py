from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.workload import required_heads


class StmStaffingRatio(models.Model):
    """How many superiors of one post so many people of another one need (ORG-02).

    What is required follows from the people there are: at the bottom those of today,
    above them what the ratio below requires.
    """

    _name = "stm.staffing.ratio"
    _description = "Staffing Ratio"
    _order = "sequence, id"
    _rec_name = "post_id"

    sequence = fields.Integer(default=10, help="From the bottom up.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
    post_id = fields.Many2one("stm.post", string="Superior", required=True, index=True)
    below_post_id = fields.Many2one("stm.post", string="For the People", index=True)
    people = fields.Integer(
        string="So Many Each",
        default=1,
        help="One superior for so many people. Zero: a fixed number of superiors.",
    )
    heads = fields.Integer(
        string="Fixed Number", default=1, help="Exactly so many, whatever is below."
    )
    below_count = fields.Integer(string="People Below", compute="_compute_required")
    required = fields.Integer(compute="_compute_required")
    actual = fields.Integer(string="There Are", compute="_compute_required")
    difference = fields.Integer(string="Surplus", compute="_compute_required")

    _positive = models.Constraint(
        "CHECK (people >= 0 AND heads >= 0 AND (people = 0 OR below_post_id IS NOT"
        " NULL))",
        "Numbers of people are not negative, and a ratio says for which people.",
    )
    _uniq = models.UniqueIndex(
        "(post_id, COALESCE(company_id, 0)) WHERE active",
        "There is a ratio of this post already. Change that one.",
    )

    @api.depends("people", "heads", "post_id", "below_post_id", "sequence")
    @api.depends_context("company")
    def _compute_required(self):
        """In the current company, from the memberships of today, in two queries."""
        company = self.env.company
        ratios = (
            self.sudo()
            .search([("company_id", "in", (company.id, False))])
            .sorted(lambda ratio: (ratio.sequence, ratio.id))
        )
        heads = self._heads(company)
        required = {}
        for ratio in ratios | self:
            below = ratio.below_post_id
            people = required.get(below, heads.get(below.id, 0))
            needed = (
                required_heads(people, ratio.people) if ratio.people else ratio.heads
            )
            required[ratio.post_id] = needed
            if ratio in self:
                ratio = ratio.with_env(self.env)
                ratio.below_count = people
                ratio.required = needed
                ratio.actual = heads.get(ratio.post_id.id, 0)
                ratio.difference = ratio.actual - needed

    @api.model
    def _heads(self, company):
        """{post id: people} who hold a post in a company today."""
        today = fields.Date.context_today(self)
        open_end = Domain("stm_date_to", "=", False)
        groups = (
            self.env["crm.team.member"]
            .sudo()
            .with_context(active_test=False)
            ._read_group(
                Domain("stm_date_from", "<=", today)
                & (open_end | Domain("stm_date_to", ">=", today))
                & Domain("crm_team_id.company_id", "in", (company.id, False))
                & Domain("user_id.active", "=", True),
                ["stm_post_id"],
                ["user_id:count_distinct"],
            )
        )
        return {post.id: count for post, count in groups}
