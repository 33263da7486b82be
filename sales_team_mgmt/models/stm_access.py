from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

ACCESS_REASONS = [
    ("leader", "Leader"),
    ("deputy", "Deputy"),
    ("assistant", "Assistant"),
    ("stand_in", "Stand-in"),
]

# Open ends are dates, not NULL: a range scan then answers "who sees it today".
ALWAYS_FROM = "1900-01-01"
ALWAYS_TO = "9999-12-31"


class Scope(NamedTuple):
    """Whose records somebody sees today."""

    #: Oneself, and people one stands in for.
    user_ids: list
    #: Teams one leads, assists, or stands in for.
    team_ids: list


class StmAccess(models.Model):
    """Who sees whose documents, from when to when, and why.

    The team tree, deputies, assistants and stand-ins are flattened into this one
    table whenever one of them changes. Record rules ask it at each search, so a new
    leader sees the team at the next request and a stand-in from the first to the
    last day, without a cron and without a cache that could go stale.
    """

    _name = "stm.access"
    _description = "Sales Scope"
    _order = "user_id, team_id, id"
    _log_access = False
    _rec_name = "user_id"

    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    team_id = fields.Many2one("crm.team", ondelete="cascade", index="btree_not_null")
    over_user_id = fields.Many2one(
        "res.users", ondelete="cascade", index="btree_not_null"
    )
    date_from = fields.Date(required=True)
    date_to = fields.Date(required=True)
    reason = fields.Selection(ACCESS_REASONS, required=True)
    origin_team_id = fields.Many2one(
        "crm.team",
        string="Because of Team",
        ondelete="cascade",
        help="The team that the person leads, or that the person stood in for leads.",
    )
    substitution_id = fields.Many2one("stm.substitution", ondelete="cascade")

    _user_idx = models.Index("(user_id, date_from, date_to)")

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    @api.model
    def _rebuild(self):
        """Bring the table in line with teams and stand-ins, in three statements.

        The first one writes a single shared row: two reorganisations at the same
        moment then end in a retry of the second one instead of in rows that
        neither of them knew about.
        """
        models_read = ("crm.team", "stm.substitution", "stm.access", "res.users")
        for name in models_read:
            self.env[name].flush_model()
        self.env.cr.execute(
            SQL(
                "UPDATE ir_config_parameter SET write_date = now()"
                " WHERE key = 'sales_team_mgmt.scope_lock'"
            )
        )
        wanted = self._wanted_rows()
        same = SQL(
            "(w.user_id, w.team_id, w.over_user_id, w.date_from, w.date_to, w.reason,"
            " w.origin_team_id, w.substitution_id) IS NOT DISTINCT FROM"
            " (a.user_id, a.team_id, a.over_user_id, a.date_from, a.date_to, a.reason,"
            " a.origin_team_id, a.substitution_id)"
        )
        self.env.cr.execute(
            SQL(
                "WITH w AS (%s) DELETE FROM stm_access a"
                " WHERE NOT EXISTS (SELECT FROM w WHERE %s)",
                wanted,
                same,
            )
        )
        self.env.cr.execute(
            SQL(
                "WITH w AS (%s) INSERT INTO stm_access (user_id, team_id,"
                " over_user_id, date_from, date_to, reason, origin_team_id,"
                " substitution_id) SELECT w.* FROM w"
                " WHERE NOT EXISTS (SELECT FROM stm_access a WHERE %s)",
                wanted,
                same,
            )
        )
        self.invalidate_model()
        self.env["crm.team"].invalidate_model(["stm_access_ids"])
        self.env["res.users"].invalidate_model(["stm_access_ids"])
        self.env["stm.approval"]._refresh_approvers()

    @api.model
    def _wanted_rows(self) -> SQL:
        """The rows the table should hold: what posts in teams give, and stand-ins."""
        return SQL(
            """
            WITH heads AS (
                SELECT user_id, id AS team_id, parent_path, 'leader' AS reason
                  FROM crm_team WHERE active AND user_id IS NOT NULL
                UNION ALL
                SELECT stm_deputy_id, id, parent_path, 'deputy'
                  FROM crm_team WHERE active AND stm_deputy_id IS NOT NULL
                UNION ALL
                SELECT rel.user_id, team.id, team.parent_path, 'assistant'
                  FROM crm_team team
                  JOIN stm_crm_team_assistant_rel rel ON rel.team_id = team.id
                 WHERE team.active
            ), led AS (
                SELECT heads.user_id, below.id AS team_id,
                       heads.reason, heads.team_id AS origin_team_id
                  FROM heads
                  JOIN crm_team below
                    ON below.parent_path LIKE heads.parent_path || '%%'
            ), absences AS (
                SELECT id, user_id, substitute_id, date_from, date_to
                  FROM stm_substitution WHERE state = 'confirmed'
            )
            SELECT user_id, team_id, NULL::int AS over_user_id,
                   %(always_from)s::date AS date_from, %(always_to)s::date AS date_to,
                   reason::varchar AS reason, origin_team_id,
                   NULL::int AS substitution_id
              FROM led
            UNION
            SELECT substitute_id, NULL::int, user_id, date_from, date_to,
                   'stand_in', NULL::int, id
              FROM absences
            UNION
            SELECT a.substitute_id, led.team_id, NULL::int, a.date_from, a.date_to,
                   'stand_in', led.origin_team_id, a.id
              FROM absences a JOIN led ON led.user_id = a.user_id
            """,
            always_from=ALWAYS_FROM,
            always_to=ALWAYS_TO,
        )

    @api.model
    def _stm_scope(self):
        """The scope of the current user today, in one query on a few rows."""
        access = self.sudo()
        query = access._search(
            Domain("user_id", "=", self.env.uid)
            & Domain("date_from", "<=", "today")
            & Domain("date_to", ">=", "today")
        )
        columns = (
            access._field_to_sql(query.table, name, query)
            for name in ("team_id", "over_user_id")
        )
        teams, people = set(), {self.env.uid}
        for team_id, over_user_id in self.env.execute_query(query.select(*columns)):
            teams.add(team_id)
            people.add(over_user_id)
        return Scope(sorted(people - {None}), sorted(teams - {None}))

    @api.model
    def _stm_sales_domain(self, user_field):
        """Orders and invoices, which a team sees without being theirs: those of the
        teams in scope, of people who stand in them now, and of people stood in for.
        """
        scope = self._stm_scope()
        people = self._stm_sales_people(scope) - {self.env.uid}
        return Domain(user_field, "in", sorted(people)) | Domain(
            "team_id", "in", scope.team_ids
        )

    @api.model
    def _stm_sales_people(self, scope):
        """Ids of oneself, of people stood in for, and of who is in the teams now."""
        people = set(scope.user_ids)
        if scope.team_ids:
            users = self.env["res.users"].sudo().with_context(active_test=False)
            people.update(users._search([("sale_team_id", "in", scope.team_ids)]))
        return people

    @api.model
    def _stm_leading(self, leader):
        """Rows of the teams that ``leader`` leads today, also for somebody else."""
        today = fields.Date.context_today(self)
        return self.sudo().search(
            [
                ("user_id", "=", leader.id),
                ("team_id", "!=", False),
                ("reason", "in", ("leader", "deputy", "stand_in")),
                ("date_from", "<=", today),
                ("date_to", ">=", today),
            ]
        )

    @api.model
    def _stm_proof_domain(self):
        """Personal proof, such as positions: one's own, and those of the people led.

        Assistants and whoever stands in for a colleague see the work, not the proof;
        deputies and stand-ins of a leader not that of the leader they act for.
        """
        domain = Domain("user_id", "=", self.env.uid)
        teams = {}
        for row in self._stm_leading(self.env.user):
            team = row.origin_team_id
            if row.reason == "stand_in" and row.substitution_id.user_id not in (
                team.user_id | team.stm_deputy_id
            ):
                continue
            head = team.user_id.id if row.reason != "leader" else False
            teams.setdefault(head, []).append(row.team_id.id)
        for head, team_ids in teams.items():
            led = Domain("team_id", "in", sorted(team_ids))
            domain |= led & Domain("user_id", "!=", head) if head else led
        return domain

    @api.model
    def _stm_people_led_by(self, leader, people, company=None):
        """Those of ``people`` who stand in a team that ``leader`` leads today.

        Deputies and stand-ins lead the team, but not the leader they act for. Who is
        in teams of several companies is looked for in the one of ``company``.
        """
        today = fields.Date.context_today(self)
        rows = self._stm_leading(leader)
        teams = self.env["crm.team.member"]._stm_teams_of(people, today, company)
        led = {(row.team_id.id, row.origin_team_id.user_id.id) for row in rows}
        return people.filtered(
            lambda user: user in teams
            and any(team == teams[user].id and head != user.id for team, head in led)
        )

    @api.model
    def _stm_members_led(self, leader):
        """Everybody who is a member today of a team that ``leader`` leads."""
        today = fields.Date.context_today(self)
        teams = self._stm_leading(leader).team_id
        members = self.env["crm.team.member"]._stm_on(
            today, Domain("crm_team_id", "in", teams.ids)
        )
        users = members.user_id.with_env(self.env).filtered("active")
        return self._stm_people_led_by(leader, users - leader)

    @api.model
    def _document_models(self):
        """Names of the models whose documents follow their person."""
        return [
            name
            for name, model in self.env.registry.items()
            if not model._abstract
            and issubclass(model, self.env.registry["stm.document.mixin"])
        ] + ["stm.duty.item", "stm.contact.profile"]
