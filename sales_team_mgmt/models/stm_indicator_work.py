from odoo import api, fields, models
from odoo.tools import SQL

from .stm_indicator import Source


class StmIndicator(models.Model):
    """Sources: visits, plans, reports, absences."""

    _inherit = "stm.indicator"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _sources(self):
        return super()._sources() | {
            "visits_done": Source("stm.visit"),
            "visits_planned": Source("stm.visit", is_share=True),
            "customers_visited": Source("stm.visit", is_distinct=True),
            "key_points_done": Source("stm.work.plan.point", is_share=True),
            "plan_completion": Source("stm.work.plan", is_share=True),
            "reports_reviewed": Source("stm.work.report", is_share=True),
            "report_punctuality": Source("stm.duty.item", is_share=True),
            "absent_days": Source("stm.absence"),
        }

    # ------------------------------------------------------------
    # Visits and customers
    # ------------------------------------------------------------

    def _facts_visits_done(self, company, date_from, date_to):
        return SQL(
            """
            SELECT visit.id, visit.user_id, visit.team_id,
                   1 AS numerator, NULL::int AS denominator, NULL::int AS key
              FROM stm_visit visit
             WHERE %s AND %s
            """,
            self._visits(company, date_from, date_to),
            self._done(),
        )

    def _facts_visits_planned(self, company, date_from, date_to):
        """Visits of approved plans that were done, of all the plans still contain.

        A visit found to be false was planned all the same.
        """
        return SQL(
            """
            SELECT visit.id, visit.user_id, visit.team_id,
                   %(done)s::int AS numerator,
                   1 AS denominator, NULL::int AS key
              FROM stm_visit visit
             WHERE %(visits)s AND visit.plan_id IS NOT NULL
               AND (visit.plan_line_id IS NOT NULL OR visit.state <> 'cancelled')
            """,
            visits=self._visits(company, date_from, date_to),
            done=self._done(),
        )

    def _facts_customers_visited(self, company, date_from, date_to):
        """The same customer counts once, however often visited (VIS-03)."""
        return SQL(
            """
            SELECT visit.id, visit.user_id, visit.team_id,
                   1 AS numerator, NULL::int AS denominator,
                   visit.commercial_partner_id AS key
              FROM stm_visit visit
             WHERE %s AND %s
            """,
            self._visits(company, date_from, date_to),
            self._done(),
        )

    # ------------------------------------------------------------
    # Plans and reports
    # ------------------------------------------------------------

    def _facts_key_points_done(self, company, date_from, date_to):
        return SQL(
            """
            SELECT point.id, plan.user_id, plan.team_id,
                   (point.outcome = 'done')::int AS numerator,
                   1 AS denominator, NULL::int AS key
              FROM stm_work_plan plan
              JOIN stm_work_plan_point point ON point.plan_id = plan.id
             WHERE %s
            """,
            self._approved_plans(company, date_from, date_to),
        )

    def _facts_plan_completion(self, company, date_from, date_to):
        """What approved plans contained, visits and key points together (KPI-06)."""
        return SQL(
            """
            SELECT plan.id, plan.user_id, plan.team_id,
                   visits.done + points.done AS numerator,
                   visits.planned + points.planned AS denominator, NULL::int AS key
              FROM stm_work_plan plan
              CROSS JOIN LATERAL (
                   SELECT COUNT(*) FILTER (WHERE %(done)s) AS done,
                          COUNT(*) AS planned
                     FROM stm_visit visit
                    WHERE visit.plan_id = plan.id
                      AND (visit.plan_line_id IS NOT NULL
                           OR visit.state <> 'cancelled')) visits
              CROSS JOIN LATERAL (
                   SELECT COUNT(*) FILTER (WHERE point.outcome = 'done') AS done,
                          COUNT(*) AS planned
                     FROM stm_work_plan_point point
                    WHERE point.plan_id = plan.id) points
             WHERE %(plans)s
            """,
            done=self._done(),
            plans=self._approved_plans(company, date_from, date_to),
        )

    def _facts_reports_reviewed(self, company, date_from, date_to):
        """Weekly reports that one was asked to review, and those reviewed (WPL-16).

        A report counts once a reviewer, by its latest submission; returning it with a
        comment is a review too. The team is the one of the report.
        """
        return SQL(
            """
            SELECT DISTINCT ON (line.user_id, report.id)
                   report.id, line.user_id, report.team_id,
                   (line.acted_at IS NOT NULL)::int AS numerator,
                   1 AS denominator, NULL::int AS key
              FROM stm_work_report report
              JOIN stm_approval approval
                ON approval.model = 'stm.work.report' AND approval.res_id = report.id
              JOIN stm_approval_line line ON line.approval_id = approval.id
             WHERE approval.state IN ('pending', 'approved', 'returned')
               AND (line.state = 'pending' OR line.acted_at IS NOT NULL)
               AND report.company_id = %(company)s
               AND report.period_kind = 'week'
               AND report.date_from BETWEEN %(monday_from)s AND %(monday_to)s
             ORDER BY line.user_id, report.id, approval.id DESC
            """,
            company=company.id,
            **self._mondays(date_from, date_to),
        )

    def _facts_report_punctuality(self, company, date_from, date_to):
        """Weekly and monthly reports handed in on time or excused, of those judged."""
        return SQL(
            """
            SELECT item.id, item.user_id, item.team_id,
                   (item.state IN ('on_time', 'excused'))::int AS numerator,
                   1 AS denominator, NULL::int AS key
              FROM stm_duty_item item
             WHERE item.model = 'stm.work.report' AND item.approval_id IS NULL
               AND item.company_id = %(company)s
               AND item.state IN ('on_time', 'excused', 'late', 'missing')
               AND (item.period_kind = 'week'
                    AND item.document_start BETWEEN %(monday_from)s AND %(monday_to)s
                    OR item.period_kind = 'month'
                    AND item.document_start BETWEEN %(date_from)s AND %(date_to)s)
            """,
            company=company.id,
            date_from=date_from,
            date_to=date_to,
            **self._mondays(date_from, date_to),
        )

    def _facts_absent_days(self, company, date_from, date_to):
        """Days absent; half a day weighs what the company says (ATT-04)."""
        return SQL(
            """
            SELECT absence.id, absence.user_id, absence.team_id,
                   absence.weight AS numerator,
                   NULL::int AS denominator, NULL::int AS key
              FROM stm_absence absence
             WHERE absence.company_id = %(company)s
               AND absence.date BETWEEN %(date_from)s AND %(date_to)s
            """,
            company=company.id,
            date_from=date_from,
            date_to=date_to,
        )

    # ------------------------------------------------------------
    # Tooling
    # ------------------------------------------------------------

    @api.model
    def _visits(self, company, date_from, date_to):
        return SQL(
            "visit.company_id = %s AND visit.date BETWEEN %s AND %s",
            company.id,
            date_from,
            date_to,
        )

    @api.model
    def _done(self):
        """SQL: a visit that counts; one found to be false does not (VIS-08)."""
        return SQL("(visit.state = 'done' AND visit.is_counted)")

    @api.model
    def _approved_plans(self, company, date_from, date_to):
        return SQL(
            """
            plan.company_id = %(company)s AND plan.state = 'approved'
            AND plan.date_from BETWEEN %(monday_from)s AND %(monday_to)s
            """,
            company=company.id,
            **self._mondays(date_from, date_to),
        )

    @api.model
    def _mondays(self, date_from, date_to):
        """Weeks that belong to these days: those whose Thursday does."""
        return {
            "monday_from": fields.Date.subtract(date_from, days=3),
            "monday_to": fields.Date.subtract(date_to, days=3),
        }
