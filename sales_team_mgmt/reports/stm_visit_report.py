from odoo import fields, models
from odoo.tools import SQL


class StmVisitReport(models.Model):
    """Visits and how they follow the plan, one row a visit (REP-03).

    Columns of a row are what the visit adds; totals are right at every level. A visit
    found to be false is neither done nor visited, a share leaves out what it is not
    about.
    """

    _name = "stm.visit.report"
    _description = "Visits and Plans"
    _inherit = ["stm.scope.mixin"]
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "visit_id"
    _depends = {
        "stm.visit": [
            "user_id",
            "team_id",
            "company_id",
            "date",
            "start_at",
            "partner_id",
            "commercial_partner_id",
            "state",
            "is_counted",
            "verdict",
            "plan_id",
            "plan_line_id",
            "check_in_at",
            "is_stay_known",
            "minutes",
        ],
        "res.partner": [
            "active",
            "company_id",
            "commercial_partner_id",
            "user_id",
            "stm_class_id",
            "stm_region_id",
        ],
        "stm.customer.class": ["kind"],
        "stm.region": ["parent_path"],
        "stm.region.assignment": [
            "user_id",
            "region_id",
            "company_id",
            "date_from",
            "date_to",
        ],
    }

    visit_id = fields.Many2one("stm.visit", readonly=True)
    date = fields.Date(readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    class_id = fields.Many2one(
        "stm.customer.class", string="Customer Class", readonly=True
    )
    region_id = fields.Many2one("stm.region", string="Sales Region", readonly=True)
    state = fields.Selection(
        lambda self: self.env["stm.visit"]._fields["state"].selection,
        string="Status",
        readonly=True,
    )
    verdict = fields.Selection(
        lambda self: self.env["stm.visit"]._fields["verdict"].selection,
        string="Position",
        readonly=True,
    )
    planned = fields.Integer(readonly=True, help="In an approved weekly plan.")
    done = fields.Integer(readonly=True, help="Finished, and not found to be false.")
    off_plan = fields.Integer(
        string="Done off Plan", readonly=True, help="Finished without being planned."
    )
    customers = fields.Integer(
        string="Distinct Customers",
        readonly=True,
        aggregator="count_distinct",
        help="Customers visited, each one once.",
    )
    verified = fields.Integer(
        readonly=True, help="Done, with a position that shows where."
    )
    false_visits = fields.Integer(
        string="False", readonly=True, help="Found to be false by a check (VIS-08)."
    )
    completion = fields.Float(
        string="Planned Visits Done (%)", readonly=True, aggregator="avg"
    )
    verified_rate = fields.Float(
        string="Verified (%)",
        readonly=True,
        aggregator="avg",
        help="Of the visits done whose position was judged.",
    )
    coverage = fields.Float(
        string="Coverage (%)",
        readonly=True,
        aggregator="avg",
        help="Target customers visited, of all target customers of the people who have"
        " visits here: active customers whose salesperson they are, and those without"
        " a salesperson in the regions assigned to them.",
    )
    minutes = fields.Float(
        string="Minutes on Site",
        readonly=True,
        aggregator="avg",
        help="Of visits with check-in and check-out, but for those with a check-out"
        " that was forgotten.",
    )
    delay = fields.Float(
        string="Minutes Late",
        readonly=True,
        aggregator="avg",
        help="Between the start agreed and the check-in, of planned visits; negative"
        " if early (VIS-24).",
    )

    # ------------------------------------------------------------
    # Statement
    # ------------------------------------------------------------

    @property
    def _table_query(self) -> SQL:
        return SQL("%s %s", self._select(), self._from())

    def _select(self) -> SQL:
        return SQL(
            """
            SELECT visit.id, visit.id AS visit_id, visit.date, visit.user_id,
                   visit.team_id, visit.company_id,
                   visit.commercial_partner_id AS partner_id,
                   COALESCE(partner.stm_class_id, customer.stm_class_id) AS class_id,
                   COALESCE(partner.stm_region_id, customer.stm_region_id) AS region_id,
                   visit.state, visit.verdict,
                   %(planned)s::int AS planned, %(done)s::int AS done,
                   (%(done)s AND visit.plan_line_id IS NULL)::int AS off_plan,
                   CASE WHEN %(done)s THEN visit.commercial_partner_id END AS customers,
                   (%(done)s AND visit.verdict = 'verified')::int AS verified,
                   (visit.state = 'done' AND NOT visit.is_counted)::int
                   AS false_visits,
                   CASE WHEN %(planned)s THEN 100.0 * %(done)s::int END AS completion,
                   CASE WHEN %(done)s AND visit.verdict IS NOT NULL
                        THEN 100.0 * (visit.verdict = 'verified')::int END
                   AS verified_rate,
                   NULL::numeric AS coverage,
                   CASE WHEN %(done)s AND visit.is_stay_known
                        THEN visit.minutes END AS minutes,
                   CASE WHEN %(done)s AND visit.plan_line_id IS NOT NULL
                        THEN EXTRACT(EPOCH FROM visit.check_in_at - visit.start_at) / 60
                   END AS delay
            """,
            done=self.env["stm.indicator"]._done(),
            # As the figure “Planned Visits Done” counts them.
            planned=SQL(
                "(visit.plan_id IS NOT NULL AND (visit.plan_line_id IS NOT NULL"
                " OR visit.state <> 'cancelled'))"
            ),
        )

    def _from(self) -> SQL:
        return SQL(
            """
              FROM stm_visit visit
              LEFT JOIN res_partner partner ON partner.id = visit.partner_id
              LEFT JOIN res_partner customer
                ON customer.id = visit.commercial_partner_id
            """
        )

    def _read_group_select(self, aggregate_spec, query):
        """The coverage of a group: of the people in it, in the time it is about."""
        if aggregate_spec != "coverage:avg":
            return super()._read_group_select(aggregate_spec, query)

        def column(name):
            return self._field_to_sql(self._table, name, query)

        people = SQL("ANY(ARRAY_AGG(DISTINCT %s))", column("user_id"))
        companies = SQL("ANY(ARRAY_AGG(DISTINCT %s))", column("company_id"))
        return SQL(
            """
            (SELECT ROUND(COUNT(*) FILTER (
                        WHERE target.id = ANY(ARRAY_AGG(DISTINCT %(visited)s))) * 100.0
                    / NULLIF(COUNT(*), 0), 2)
               FROM res_partner target
              WHERE target.active AND target.id = target.commercial_partner_id
                AND (target.company_id IS NULL OR target.company_id = %(companies)s)
                AND (target.user_id = %(people)s
                     OR target.user_id IS NULL AND target.stm_region_id IN (
                        SELECT region.id FROM stm_region_assignment sold
                          JOIN stm_region above ON above.id = sold.region_id
                          JOIN stm_region region
                            ON region.parent_path LIKE above.parent_path || '%%'
                         WHERE sold.user_id = %(people)s
                           AND sold.company_id = %(companies)s
                           AND sold.date_from <= MAX(%(date)s)
                           AND (sold.date_to IS NULL
                                OR sold.date_to >= MIN(%(date)s)))))
            """,
            visited=column("customers"),
            people=people,
            companies=companies,
            date=column("date"),
        )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_open_visit(self):
        """Open the visit of a row."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "stm.visit",
            "res_id": self.visit_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
