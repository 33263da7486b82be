from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..tools.workload import load, visits_per_month


class StmWorkload(models.TransientModel):
    """How many people the customers of a region need, and how busy they are (ORG-08).

    Visits a month come from the visit policy of today, what a person can do from the
    full load of the company.
    """

    _name = "stm.workload"
    _description = "Workload"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    region_id = fields.Many2one(
        "stm.region",
        domain="[('company_id', 'in', (company_id, False))]",
        help="With all regions below it. Empty: all customers.",
    )
    factor = fields.Float(
        string="Weight",
        default=1.0,
        help="More than 1 for a region that is being built up, where visits take longer"
        " than in one that sells already.",
    )
    visits_per_week = fields.Float(
        string="Visits a Week, Full Load",
        compute="_compute_visits_per_week",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    line_ids = fields.One2many(
        "stm.workload.line",
        "workload_id",
        compute="_compute_load",
        compute_sudo=False,
        store=True,
    )
    visits = fields.Float(
        string="Visits a Month", compute="_compute_load", compute_sudo=False, store=True
    )
    capacity = fields.Float(
        string="Visits a Person a Month",
        compute="_compute_load",
        compute_sudo=False,
        store=True,
    )
    needed = fields.Float(
        string="People Needed",
        compute="_compute_load",
        compute_sudo=False,
        store=True,
        digits=(8, 1),
    )
    heads = fields.Integer(
        string="Rounded Up", compute="_compute_load", compute_sudo=False, store=True
    )
    people = fields.Integer(
        string="People There Are",
        compute="_compute_people",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="Who has the region, one below or one above it today; without a region,"
        " everybody who has customers. Change it to see what would be.",
    )
    saturation = fields.Float(
        string="Busy (%)",
        compute="_compute_load",
        compute_sudo=False,
        store=True,
        digits=(8, 1),
    )

    _positive = models.Constraint(
        "CHECK (factor > 0 AND visits_per_week > 0 AND people >= 0)",
        "Weight and full load are more than 0, people not fewer.",
    )

    @api.depends("company_id")
    def _compute_visits_per_week(self):
        for workload in self:
            workload.visits_per_week = workload.company_id.sudo().stm_visits_per_week

    @api.depends("company_id", "region_id")
    def _compute_people(self):
        for workload in self:
            workload.people = len(workload._get_people())

    @api.depends("company_id", "region_id", "factor", "visits_per_week", "people")
    def _compute_load(self):
        for workload in self:
            if not workload.id:
                # While it is typed in; what is saved is checked below.
                workload._check_may_see()
            rows = workload._get_rows()
            asked = visits_per_month((row["count"], row["frequency"]) for row in rows)
            weighted = float(asked) * (workload.factor or 1.0)
            market = load(weighted, workload.visits_per_week or 1.0, workload.people)
            workload.line_ids = [(5, 0, 0)] + [(0, 0, row) for row in rows]
            workload.visits = market.visits
            workload.capacity = market.capacity
            workload.needed = market.needed
            workload.heads = market.heads
            workload.saturation = market.saturation or 0.0

    @api.model_create_multi
    def create(self, vals_list):
        workloads = super().create(vals_list)
        workloads._check_may_see()
        return workloads

    def write(self, vals):
        result = super().write(vals)
        self._check_may_see()
        return result

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _check_may_see(self):
        """Figures of all customers of a company: for those who lead people in it."""
        leader = self.env.user.has_group("sales_team_mgmt.group_leader")
        if self.env.su or (leader and self.company_id <= self.env.companies):
            return
        raise AccessError(
            self.env._("The workload is shown to leaders, for companies they work in.")
        )

    def _get_rows(self):
        """Customers and visits a month by class, in a constant number of queries."""
        match = (
            self.env["stm.visit.policy"]
            ._find(self.company_id, fields.Date.context_today(self))
            ._matcher()
        )
        domain = Domain("company_id", "in", (self.company_id.id, False)) & Domain(
            "stm_class_id", "!=", False
        )
        if self.region_id:
            domain &= Domain("stm_region_id", "child_of", self.region_id.id)
        counts = {}
        groups = (
            self.env["res.partner"]
            .sudo()
            ._read_group(domain, ["stm_class_id", "stm_region_id"], ["__count"])
        )
        for customer_class, region, count in groups:
            line = match(customer_class.id, region.parent_path)
            frequency = line.visits_per_month if line else 0.0
            key = (customer_class, frequency)
            counts[key] = counts.get(key, 0) + count
        rows = sorted(counts, key=lambda key: (key[0].sequence, key[0].id, key[1]))
        return [
            {
                "customer_class_id": customer_class.id,
                "frequency": frequency,
                "count": counts[customer_class, frequency],
                "visits": frequency * counts[customer_class, frequency],
            }
            for customer_class, frequency in rows
        ]

    def _get_people(self):
        today = fields.Date.context_today(self)
        if self.region_id:
            above = [int(node) for node in self.region_id.parent_path.split("/")[:-1]]
            assignments = (
                self.env["stm.region.assignment"]
                .sudo()
                .search(
                    (
                        Domain("region_id", "child_of", self.region_id.id)
                        | Domain("region_id", "in", above)
                    )
                    & Domain("company_id", "=", self.company_id.id)
                    & Domain("date_from", "<=", today)
                    & (Domain("date_to", "=", False) | Domain("date_to", ">=", today))
                )
            )
            return assignments.user_id.filtered("active")
        groups = (
            self.env["res.partner"]
            .sudo()
            ._read_group(
                Domain("company_id", "in", (self.company_id.id, False))
                & Domain("stm_class_id", "!=", False)
                & Domain("user_id.active", "=", True),
                ["user_id"],
            )
        )
        users = self.env["res.users"].union(*(user for (user,) in groups))
        return users.filtered(lambda u: self.company_id in u.sudo().company_ids)
