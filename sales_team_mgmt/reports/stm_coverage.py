from odoo import fields, models
from odoo.tools import SQL

COVERAGE_STATES = [
    ("never", "Never Visited"),
    ("overdue", "Overdue"),
    ("covered", "Covered"),
    ("free", "No Frequency"),
]


class StmCoverage(models.Model):
    """Which customers have not been visited for how long (VIS-16, VIS-26).

    One row a customer with a salesperson, or in a region that is somebody's today.
    Visits count that were done and not found to be false; those to contacts are visits
    to the customer. The visit policy in force today says when a customer is overdue.
    """

    _name = "stm.coverage"
    _description = "Coverage of Customers"
    _inherit = ["stm.scope.mixin"]
    _auto = False
    _order = "days_overdue desc, id"
    _rec_name = "partner_id"
    _depends = {
        "res.partner": [
            "active",
            "user_id",
            "company_id",
            "stm_class_id",
            "stm_region_id",
            "parent_id",
            "commercial_partner_id",
        ],
        "res.users": ["company_id", "sale_team_id"],
        "res.company": ["stm_unseen_months"],
        "stm.customer.class": ["kind"],
        "stm.region": ["parent_path"],
        "stm.region.assignment": ["user_id", "region_id", "date_from", "date_to"],
        "stm.visit": ["partner_id", "state", "date", "is_counted", "company_id"],
        "stm.visit.policy": [
            "company_id",
            "is_released",
            "active",
            "date_from",
            "date_to",
            "sequence",
        ],
        "stm.visit.policy.line": [
            "policy_id",
            "customer_class_id",
            "region_id",
            "visits_per_month",
            "min_days",
            "max_days",
        ],
    }

    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    class_id = fields.Many2one(
        "stm.customer.class", string="Customer Class", readonly=True
    )
    kind = fields.Selection(
        [("outlet", "Outlet"), ("distributor", "Distributor"), ("other", "Other")],
        readonly=True,
    )
    region_id = fields.Many2one("stm.region", string="Sales Region", readonly=True)
    last_visit = fields.Date(readonly=True)
    days_since = fields.Integer(
        string="Days without a Visit",
        readonly=True,
        aggregator="avg",
        help="Since the last visit, or since the customer was entered.",
    )
    max_days = fields.Integer(
        string="Days at Most",
        readonly=True,
        aggregator="avg",
        help="Days between two visits by the visit policy. Zero: no frequency.",
    )
    days_overdue = fields.Integer(readonly=True, aggregator="max")
    state = fields.Selection(COVERAGE_STATES, string="Coverage", readonly=True)
    is_covered = fields.Float(
        string="Covered", readonly=True, aggregator="avg", digits=(6, 4)
    )
    is_unseen = fields.Boolean(
        string="Unseen",
        readonly=True,
        help="No visit within the months that the settings say (VIS-26).",
    )

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            WITH policies AS (%(policies)s), customers AS (%(customers)s)
            SELECT customer.id, customer.id AS partner_id, customer.user_id,
                   customer.team_id, customer.company_id, customer.class_id,
                   customer.kind, customer.region_id, seen.last_visit,
                   %(today)s::date - COALESCE(seen.last_visit, customer.entered)
                       AS days_since,
                   COALESCE(rule.max_days, 0) AS max_days,
                   CASE WHEN rule.max_days > 0 THEN GREATEST(
                        %(today)s::date - COALESCE(seen.last_visit, customer.entered)
                        - rule.max_days, 0) ELSE 0 END AS days_overdue,
                   CASE WHEN COALESCE(rule.max_days, 0) = 0 THEN 'free'
                        WHEN seen.last_visit IS NULL THEN 'never'
                        WHEN %(today)s::date - seen.last_visit > rule.max_days
                        THEN 'overdue' ELSE 'covered' END AS state,
                   CASE WHEN COALESCE(rule.max_days, 0) = 0 THEN NULL
                        WHEN %(today)s::date - seen.last_visit <= rule.max_days
                        THEN 1.0 ELSE 0.0 END AS is_covered,
                   seen.last_visit IS NULL OR seen.last_visit < %(today)s::date
                       - make_interval(months => customer.unseen_months) AS is_unseen
              FROM customers customer
              LEFT JOIN policies ON policies.company_id = customer.company_id
              LEFT JOIN LATERAL (%(rule)s) rule ON TRUE
              LEFT JOIN LATERAL (%(seen)s) seen ON TRUE
            """,
            policies=self._policies(),
            customers=self._customers(),
            rule=self._rule(),
            seen=self._seen(),
            today=fields.Date.context_today(self),
        )

    def _customers(self) -> SQL:
        """Customers with whoever is responsible for them today."""
        return SQL(
            """
            SELECT partner.id, person.id AS user_id, person.sale_team_id AS team_id,
                   company.id AS company_id, partner.stm_class_id AS class_id,
                   class.kind, partner.stm_region_id AS region_id,
                   region.parent_path AS region_path,
                   partner.create_date::date AS entered,
                   company.stm_unseen_months AS unseen_months
              FROM res_partner partner
              LEFT JOIN stm_customer_class class ON class.id = partner.stm_class_id
              LEFT JOIN stm_region region ON region.id = partner.stm_region_id
              LEFT JOIN LATERAL (
                   SELECT assignment.user_id
                     FROM stm_region top
                     JOIN stm_region_assignment assignment
                       ON assignment.region_id = top.id
                    WHERE partner.user_id IS NULL
                      AND region.parent_path LIKE top.parent_path || '%%'
                      AND assignment.date_from <= %(today)s
                      AND (assignment.date_to IS NULL
                           OR assignment.date_to >= %(today)s)
                    ORDER BY length(top.parent_path) DESC, assignment.date_from,
                             assignment.id
                    LIMIT 1) holder ON TRUE
              JOIN res_users person
                ON person.id = COALESCE(partner.user_id, holder.user_id)
              JOIN res_company company
                ON company.id = COALESCE(partner.company_id, person.company_id)
             WHERE partner.active
               AND (partner.stm_class_id IS NOT NULL
                    OR partner.commercial_partner_id = partner.id)
            """,
            today=fields.Date.context_today(self),
        )

    def _policies(self) -> SQL:
        """The policy in force in each company: an own one before one for all."""
        return SQL(
            """
            SELECT DISTINCT ON (company.id)
                   company.id AS company_id, policy.id AS policy_id
              FROM res_company company
              JOIN stm_visit_policy policy
                ON policy.company_id IS NULL OR policy.company_id = company.id
             WHERE policy.is_released AND policy.active
               AND (policy.date_from IS NULL OR policy.date_from <= %(today)s)
               AND (policy.date_to IS NULL OR policy.date_to >= %(today)s)
             ORDER BY company.id, policy.company_id NULLS LAST, policy.sequence,
                      policy.id
            """,
            today=fields.Date.context_today(self),
        )

    def _rule(self) -> SQL:
        """Days at most between visits: the deepest region wins, then the class."""
        return SQL(
            """
            SELECT CASE WHEN line.max_days > 0 THEN line.max_days
                        WHEN line.visits_per_month > 0 THEN GREATEST(
                        FLOOR(365.25 / 12 / line.visits_per_month)::int,
                        line.min_days, 1)
                        ELSE 0 END AS max_days
              FROM stm_visit_policy_line line
              LEFT JOIN stm_region top ON top.id = line.region_id
             WHERE line.policy_id = policies.policy_id
               AND (line.customer_class_id IS NULL
                    OR line.customer_class_id = customer.class_id)
               AND (line.region_id IS NULL
                    OR customer.region_path LIKE top.parent_path || '%%')
             ORDER BY length(COALESCE(top.parent_path, '')) DESC,
                      line.customer_class_id NULLS LAST
             LIMIT 1
            """
        )

    def _seen(self) -> SQL:
        return SQL(
            """
            SELECT MAX(visit.date) AS last_visit
              FROM (SELECT customer.id AS partner_id
                    UNION ALL
                    SELECT contact.id FROM res_partner contact
                     WHERE contact.parent_id = customer.id
                       AND contact.stm_class_id IS NULL) person
              JOIN stm_visit visit ON visit.partner_id = person.partner_id
             WHERE visit.state = 'done' AND visit.is_counted
               AND visit.company_id = customer.company_id
            """
        )

    def action_open_partner(self):
        """Open the customer."""
        self.ensure_one()
        return self.partner_id.get_formview_action()
