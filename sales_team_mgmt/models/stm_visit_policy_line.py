from odoo import api, fields, models

# Days of a month on average, so that 4 visits a month are one a week.
DAYS_PER_MONTH = 365.25 / 12


class StmVisitPolicyLine(models.Model):
    """How often customers of a class in a region are visited, and how fast served."""

    _name = "stm.visit.policy.line"
    _description = "Visit Frequency"
    _inherit = ["stm.version.line.mixin"]
    _order = "policy_id, sequence, id"

    _stm_version_field = "policy_id"

    policy_id = fields.Many2one(
        "stm.visit.policy", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="policy_id.company_id")
    sequence = fields.Integer(default=10)
    customer_class_id = fields.Many2one(
        "stm.customer.class",
        string="Customer Class",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('company_id', 'in', (company_id, False))]",
    )
    region_id = fields.Many2one(
        "stm.region",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('company_id', 'in', (company_id, False))]",
    )
    visits_per_month = fields.Float(
        required=True,
        default=1.0,
        digits=(6, 2),
        help="Zero: these customers are not visited regularly.",
    )
    min_days = fields.Integer(
        string="Days between Visits, at Least",
        help="A visit may be planned so many days after the last one, even if it is"
        " not due yet. Zero: only when it is due.",
    )
    max_days = fields.Integer(
        string="Days between Visits, at Most",
        help="A customer without a visit for more days is overdue. Zero: as often as"
        " the visits a month say.",
    )
    duration = fields.Float(string="Hours a Visit", required=True, default=1.0)
    answer_hours = fields.Float(
        string="Hours to Answer",
        default=24.0,
        help="Within which a problem of the customer has to be answered (VIS-04).",
    )
    promotions_per_month = fields.Integer(
        help="Promotions with customers of this kind in a month (VIS-04).",
    )

    _list_idx = models.Index("(policy_id, sequence, id)")
    _uniq = models.UniqueIndex(
        "(policy_id, COALESCE(customer_class_id, 0), COALESCE(region_id, 0))",
        "The policy says already how often this class is visited in this region."
        " Change that line.",
    )
    _positive = models.Constraint(
        "CHECK (visits_per_month >= 0 AND visits_per_month <= 31"
        " AND min_days >= 0 AND max_days >= 0 AND answer_hours >= 0"
        " AND promotions_per_month >= 0)",
        "Visits a month lie between 0 and 31; days, hours and promotions are not"
        " negative.",
    )
    _days = models.Constraint(
        "CHECK (max_days = 0 OR max_days >= min_days)",
        "The days between visits at most are not fewer than those at least.",
    )
    _hours = models.Constraint(
        "CHECK (duration > 0 AND duration <= 24)",
        "A visit lasts longer than nothing and at most a day.",
    )

    @api.depends("customer_class_id", "region_id", "visits_per_month")
    def _compute_display_name(self):
        for line in self:
            line.display_name = self.env._(
                "%(customer_class)s, %(region)s: %(visits)s a month",
                customer_class=line.customer_class_id.name or self.env._("All classes"),
                region=line.region_id.display_name or self.env._("all regions"),
                visits=f"{line.visits_per_month:g}",
            )

    def _interval(self):
        """Days from one visit to the next; None if there is no regular one."""
        self.ensure_one()
        if not self.visits_per_month:
            return self.max_days or None
        days = max(int(DAYS_PER_MONTH / self.visits_per_month), self.min_days, 1)
        return min(days, self.max_days) if self.max_days else days

    def _overdue_after(self):
        """Days without a visit after which a customer is overdue; None: never."""
        self.ensure_one()
        return self.max_days or self._interval()
