from odoo import api, fields, models
from odoo.tools import SQL

from ..models.stm_customer_issue import ISSUE_KINDS
from ..models.stm_promise import PROMISE_KINDS


class StmObligation(models.Model):
    """What is owed to customers: promises and problems to solve (REP-33)."""

    _name = "stm.obligation"
    _description = "Promises and Issues"
    _inherit = ["stm.scope.mixin"]
    _auto = False
    _order = "date_due desc, id desc"
    _depends = {
        "stm.promise": [
            "name",
            "kind",
            "partner_id",
            "user_id",
            "team_id",
            "company_id",
            "date",
            "date_due",
            "state",
            "kept_at",
        ],
        "stm.customer.issue": [
            "name",
            "kind",
            "partner_id",
            "user_id",
            "team_id",
            "company_id",
            "date",
            "date_due",
            "state",
            "solved_at",
        ],
        "res.users": ["partner_id"],
        "res.partner": ["tz"],
    }

    name = fields.Char(string="Promise or Problem", readonly=True)
    kind = fields.Selection([*PROMISE_KINDS, *ISSUE_KINDS], readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Owner", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    date = fields.Date(string="Promised or Logged on", readonly=True)
    date_due = fields.Date(string="Due", readonly=True)
    done_at = fields.Datetime(string="Kept or Solved on", readonly=True)
    outcome = fields.Selection(
        [
            ("open", "Open"),
            ("overdue", "Overdue"),
            ("in_time", "In Time"),
            ("late", "Late"),
            ("cancelled", "Called Off"),
        ],
        readonly=True,
    )
    days_late = fields.Integer(
        readonly=True,
        help="From the day it was due to the day it was done; until today if it is"
        " not done yet.",
    )
    promise_id = fields.Many2one("stm.promise", string="Promise", readonly=True)
    issue_id = fields.Many2one(
        "stm.customer.issue", string="Customer Issue", readonly=True
    )

    @property
    def _table_query(self) -> SQL:
        # The day is the one where the owner is; its moment is the one of the server.
        return SQL(
            """
            SELECT owed.*,
                   CASE WHEN owed.is_cancelled THEN 'cancelled'
                        WHEN owed.done_day IS NULL AND owed.today > owed.date_due
                        THEN 'overdue'
                        WHEN owed.done_day IS NULL THEN 'open'
                        WHEN owed.done_day > owed.date_due THEN 'late'
                        ELSE 'in_time' END AS outcome,
                   CASE WHEN owed.is_cancelled THEN 0
                        ELSE GREATEST(
                            COALESCE(owed.done_day, owed.today) - owed.date_due, 0)
                        END AS days_late
              FROM (%(promises)s UNION ALL %(issues)s) owed
            """,
            promises=self._promises(),
            issues=self._issues(),
        )

    def _promises(self) -> SQL:
        return SQL(
            """
            SELECT promise.id * 2 AS id, promise.name, promise.kind, promise.partner_id,
                   promise.user_id, promise.team_id, promise.company_id, promise.date,
                   promise.date_due, promise.kept_at AS done_at,
                   promise.state = 'cancelled' AS is_cancelled,
                   promise.id AS promise_id, NULL::int AS issue_id, %(days)s
              FROM stm_promise promise %(zones)s
            """,
            days=self._days(SQL("promise.kept_at")),
            zones=self._zones(SQL("promise.user_id")),
        )

    def _issues(self) -> SQL:
        return SQL(
            """
            SELECT issue.id * 2 + 1 AS id, issue.name, issue.kind, issue.partner_id,
                   issue.user_id, issue.team_id, issue.company_id, issue.date,
                   COALESCE(issue.date_due, issue.date), issue.solved_at AS done_at,
                   FALSE AS is_cancelled,
                   NULL::int AS promise_id, issue.id AS issue_id, %(days)s
              FROM stm_customer_issue issue %(zones)s
            """,
            days=self._days(SQL("issue.solved_at")),
            zones=self._zones(SQL("issue.user_id")),
        )

    @api.model
    def _days(self, done_at) -> SQL:
        zone = SQL("COALESCE(zone.tz, 'UTC')")
        return SQL(
            "(%(done)s AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS done_day,"
            " (%(now)s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date"
            " AS today",
            done=done_at,
            now=fields.Datetime.now(),
            zone=zone,
        )

    @api.model
    def _zones(self, user_id) -> SQL:
        return SQL(
            "JOIN res_users owner ON owner.id = %s"
            " JOIN res_partner zone ON zone.id = owner.partner_id",
            user_id,
        )

    def action_open_document(self):
        """Open the promise or the problem behind a row."""
        self.ensure_one()
        self.check_access("read")
        return self._stm_open_document(self.promise_id or self.issue_id)
