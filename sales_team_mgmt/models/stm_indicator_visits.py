from odoo import api, models
from odoo.tools import SQL

from .stm_indicator import Source


class StmIndicator(models.Model):
    """Sources: how visits follow the plan, what comes of them, whom they reach."""

    _inherit = "stm.indicator"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _sources(self):
        return super()._sources() | {
            "plan_adherence": Source("stm.visit", is_share=True),
            "call_compliance": Source("stm.visit", is_share=True, is_distinct=True),
            "route_compliance": Source("stm.visit", is_share=True),
            "strike_rate": Source("stm.visit", is_share=True),
            "coverage": Source("res.partner", is_share=True, is_distinct=True),
            "visit_minutes": Source("stm.visit", is_share=True, is_average=True),
            "visits_verified": Source("stm.visit", is_share=True),
            "days_on_target": Source("stm.visit", is_share=True),
            "visits_outlets": Source("stm.visit", is_share=True),
        }

    # ------------------------------------------------------------
    # Visits and the plan
    # ------------------------------------------------------------

    def _facts_plan_adherence(self, company, date_from, date_to):
        """Visits done on the day that was approved, of all lines of approved plans.

        The day approved is the one of the line: what was moved to another day or
        carried over was done, but not as planned. Whoever took the visit over is the
        one who kept the day.
        """
        return SQL(
            """
            SELECT visit.id, visit.user_id, visit.team_id,
                   (%(done)s AND %(day)s = line.date)::int AS numerator,
                   1 AS denominator, NULL::int AS key
              FROM %(planned)s
             WHERE plan.company_id = %(company)s AND plan.state = 'approved'
               AND line.date BETWEEN %(date_from)s AND %(date_to)s
            """,
            done=self._done(),
            day=self._day_on_site(),
            planned=self._planned_visits(),
            company=company.id,
            date_from=date_from,
            date_to=date_to,
        )

    def _facts_call_compliance(self, company, date_from, date_to):
        """Distinct customers visited, of the distinct customers planned.

        A customer planned on these days counts as visited by any visit of the same
        person (or team, or company) on these days, planned or not.
        """
        return SQL(
            """
            SELECT visit.id, visit.user_id, visit.team_id, %(done)s::int AS numerator,
                   (plan.id IS NOT NULL)::int AS denominator,
                   visit.commercial_partner_id AS key
              FROM stm_visit visit
              LEFT JOIN stm_work_plan plan
                ON plan.id = visit.plan_id AND plan.state = 'approved'
               AND visit.plan_line_id IS NOT NULL
             WHERE %(visits)s AND (%(done)s OR plan.id IS NOT NULL)
            """,
            done=self._done(),
            visits=self._visits(company, date_from, date_to),
        )

    def _facts_route_compliance(self, company, date_from, date_to):
        """Stops that came after the stop planned before them, of all such pairs.

        The planned order is the hour of the approved lines of a day. Stops that were
        left out, or done on another day, break no order: they are missing in plan
        adherence. A day with a single stop has no order to keep.
        """
        return SQL(
            """
            SELECT stop.id, stop.user_id, stop.team_id,
                   (stop.check_in_at >= stop.before)::int AS numerator,
                   1 AS denominator, NULL::int AS key
              FROM (SELECT visit.id, visit.user_id, visit.team_id, visit.check_in_at,
                           LAG(visit.check_in_at) OVER (
                               PARTITION BY visit.user_id, line.date
                               ORDER BY line.hour, visit.sequence, line.id) AS before
                      FROM %(planned)s
                     WHERE plan.company_id = %(company)s AND plan.state = 'approved'
                       AND line.date BETWEEN %(date_from)s AND %(date_to)s
                       AND %(done)s AND visit.check_in_at IS NOT NULL
                       AND %(day)s = line.date) stop
             WHERE stop.before IS NOT NULL
            """,
            done=self._done(),
            day=self._day_on_site(),
            planned=self._planned_visits(),
            company=company.id,
            date_from=date_from,
            date_to=date_to,
        )

    def _facts_days_on_target(self, company, date_from, date_to):
        """Days with a day's share of the week's visits, of the days with any (KPI-04).

        A day's share is the full load of a week, the person's own or else the
        company's, divided by the weekdays of the company's working hours (five if
        there are none). All visits of a day are its evidence; the first one stands
        for the day.
        """
        return SQL(
            """
            SELECT day.id, day.user_id, day.team_id,
                   (day.number = 1
                    AND day.visits >= COALESCE(NULLIF(person.stm_visits_per_week, 0),
                                               load.visits) / load.days
                   )::int AS numerator,
                   (day.number = 1)::int AS denominator, NULL::int AS key
              FROM (SELECT visit.id, visit.user_id, visit.team_id,
                           COUNT(*) OVER (PARTITION BY visit.user_id, visit.date)
                           AS visits,
                           ROW_NUMBER() OVER (PARTITION BY visit.user_id, visit.date
                                              ORDER BY visit.start_at, visit.id)
                           AS number
                      FROM stm_visit visit
                     WHERE %(visits)s AND %(done)s) day
              JOIN res_users person ON person.id = day.user_id
              CROSS JOIN (
                    SELECT home.stm_visits_per_week AS visits, COALESCE(NULLIF((
                           SELECT COUNT(DISTINCT line.dayofweek)
                             FROM resource_calendar_attendance line
                            WHERE line.calendar_id = home.resource_calendar_id
                           ), 0), 5) AS days
                      FROM res_company home WHERE home.id = %(company)s) load
            """,
            visits=self._visits(company, date_from, date_to),
            done=self._done(),
            company=company.id,
        )

    # ------------------------------------------------------------
    # What comes of visits
    # ------------------------------------------------------------

    def _facts_strike_rate(self, company, date_from, date_to):
        """Visits from which an order or quotation came that still stands."""
        return SQL(
            """
            SELECT visit.id, visit.user_id, visit.team_id,
                   EXISTS (SELECT FROM sale_order o
                            WHERE o.stm_visit_id = visit.id
                              AND o.state <> 'cancel')::int AS numerator,
                   1 AS denominator, NULL::int AS key
              FROM stm_visit visit
             WHERE %(visits)s AND %(done)s
            """,
            visits=self._visits(company, date_from, date_to),
            done=self._done(),
        )

    def _facts_visit_minutes(self, company, date_from, date_to):
        """Minutes between check-in and check-out, where neither was forgotten."""
        return SQL(
            """
            SELECT visit.id, visit.user_id, visit.team_id, visit.minutes AS numerator,
                   1 AS denominator, NULL::int AS key
              FROM stm_visit visit
             WHERE %(visits)s AND %(done)s AND visit.is_stay_known
            """,
            visits=self._visits(company, date_from, date_to),
            done=self._done(),
        )

    def _facts_visits_verified(self, company, date_from, date_to):
        """Visits with a verified position, of those whose position was judged."""
        return SQL(
            """
            SELECT visit.id, visit.user_id, visit.team_id,
                   (visit.verdict = 'verified')::int AS numerator,
                   1 AS denominator, NULL::int AS key
              FROM stm_visit visit
             WHERE %(visits)s AND %(done)s AND visit.verdict IS NOT NULL
            """,
            visits=self._visits(company, date_from, date_to),
            done=self._done(),
        )

    # ------------------------------------------------------------
    # Whom visits reach
    # ------------------------------------------------------------

    def _facts_coverage(self, company, date_from, date_to):
        """Target customers who were visited, of all there are (VIS-16, KPI-07).

        A target customer is in the base of its person, of the team where the person
        stood last on these days, and of the teams above. It counts as visited when
        the same person (or team, or company) made a visit to it. One row a person,
        team and customer, whether it is a target, visited, or both.
        """
        return SQL(
            """
            SELECT fact.partner_id AS id, fact.user_id, fact.team_id,
                   MAX(fact.visited) AS numerator, MAX(fact.target) AS denominator,
                   fact.partner_id AS key
              FROM (SELECT target.user_id, target.team_id, target.partner_id,
                           0 AS visited, 1 AS target
                      FROM (%(targets)s) target
                    UNION ALL
                    SELECT visit.user_id, visit.team_id, visit.commercial_partner_id,
                           1, 0
                      FROM stm_visit visit
                     WHERE %(visits)s AND %(done)s) fact
             GROUP BY fact.user_id, fact.team_id, fact.partner_id
            """,
            targets=self._targets_sql(company, date_from, date_to),
            visits=self._visits(company, date_from, date_to),
            done=self._done(),
        )

    def _facts_visits_outlets(self, company, date_from, date_to):
        """Visits to outlets, of those to outlets and distributors (KPI-31)."""
        return SQL(
            """
            SELECT visit.id, visit.user_id, visit.team_id,
                   (class.kind = 'outlet')::int AS numerator,
                   1 AS denominator, NULL::int AS key
              FROM stm_visit visit
              JOIN res_partner partner ON partner.id = visit.partner_id
              JOIN res_partner customer ON customer.id = visit.commercial_partner_id
              JOIN stm_customer_class class
                ON class.id = COALESCE(partner.stm_class_id, customer.stm_class_id)
             WHERE %(visits)s AND %(done)s AND class.kind IN ('outlet', 'distributor')
            """,
            visits=self._visits(company, date_from, date_to),
            done=self._done(),
        )

    # ------------------------------------------------------------
    # Tooling
    # ------------------------------------------------------------

    @api.model
    def _planned_visits(self):
        """SQL: visits of plans, with the line that was approved and its plan."""
        return SQL(
            """
            stm_work_plan plan
              JOIN stm_work_plan_line line ON line.plan_id = plan.id
              JOIN stm_visit visit ON visit.plan_line_id = line.id
              JOIN res_users visitor ON visitor.id = visit.user_id
              JOIN res_partner traveller ON traveller.id = visitor.partner_id
            """
        )

    @api.model
    def _day_on_site(self):
        """SQL: the day of the check-in where the person is, or else of the visit."""
        return SQL(
            """
            COALESCE((visit.check_in_at AT TIME ZONE 'UTC'
                      AT TIME ZONE COALESCE(traveller.tz, 'UTC'))::date, visit.date)
            """
        )

    @api.model
    def _targets_sql(self, company, date_from, date_to):
        """SQL: (user_id, team_id, partner_id), whom everybody should visit.

        Active customers whose salesperson is the person, and those without a
        salesperson in a region that was assigned to the person on one of these days,
        or in a region below it. Customers are taken as they are now; closing the
        period keeps what they were.
        """
        customers = SQL(
            "customer.active AND customer.id = customer.commercial_partner_id"
            " AND (customer.company_id IS NULL OR customer.company_id = %s)",
            company.id,
        )
        return SQL(
            """
            SELECT stood.user_id, stood.team_id, customer.id AS partner_id
              FROM (%(stood)s) stood
              JOIN res_partner customer ON customer.user_id = stood.user_id
             WHERE %(customers)s
            UNION
            SELECT stood.user_id, stood.team_id, customer.id
              FROM (%(stood)s) stood
              JOIN stm_region_assignment sold ON sold.user_id = stood.user_id
              JOIN stm_region above ON above.id = sold.region_id
              JOIN stm_region region
                ON region.parent_path LIKE above.parent_path || '%%'
              JOIN res_partner customer ON customer.stm_region_id = region.id
             WHERE %(customers)s AND customer.user_id IS NULL
               AND sold.company_id = %(company)s AND sold.date_from <= %(date_to)s
               AND (sold.date_to IS NULL OR sold.date_to >= %(date_from)s)
            """,
            stood=self.env["stm.measure"]._stood_sql(company, date_from, date_to),
            customers=customers,
            company=company.id,
            date_from=date_from,
            date_to=date_to,
        )
