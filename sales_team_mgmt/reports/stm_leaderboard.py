from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class StmLeaderboard(models.Model):
    """How the members of a team stand, by each indicator of the running periods.

    Everybody sees the order of the own team, with names. What somebody's figure is
    stays with that person and with whoever may read the figure itself: it is no column
    here, so that nothing can be searched, sorted or added up by it.

    Whoever is in the team today is in the list, with the figure of the whole period;
    whoever leads the team is not. Equal figures share a place. People without a figure
    come last.
    """

    _name = "stm.leaderboard"
    _description = "Leaderboard"
    _inherit = ["stm.scope.mixin"]
    _auto = False
    _order = (
        "date_from desc, date_to, indicator_sequence, indicator_id, team_id, rank, id"
    )
    _rec_name = "user_id"
    _depends = {
        "stm.measure": ["indicator_id", "period_id", "owner_kind", "user_id", "value"],
        "stm.indicator": ["active", "is_ranked", "direction", "sequence"],
        "stm.period": ["kind", "date_from", "date_to", "company_id"],
        "stm.period.closing": ["period_id", "area"],
        "crm.team.member": [
            "user_id",
            "crm_team_id",
            "stm_date_from",
            "stm_date_to",
            "stm_is_planned",
            "active",
        ],
        "crm.team": ["user_id", "company_id", "active"],
        "res.company": ["stm_leaderboard"],
        "res.users": ["active", "company_ids"],
    }

    indicator_id = fields.Many2one("stm.indicator", readonly=True)
    indicator_sequence = fields.Integer(readonly=True, aggregator=None)
    period_id = fields.Many2one("stm.period", readonly=True)
    period_kind = fields.Selection(
        string="Kind of Period", related="period_id.kind", store=True
    )
    date_from = fields.Date(readonly=True)
    date_to = fields.Date(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    user_id = fields.Many2one("res.users", string="Person", readonly=True)
    rank = fields.Integer(string="Place", readonly=True, aggregator=None)
    people = fields.Integer(string="Of", readonly=True, aggregator=None)
    has_figure = fields.Boolean(
        readonly=True, help="Without a figure there is nothing to compare."
    )
    place = fields.Char(string="Place in Team", compute="_compute_place")
    is_me = fields.Boolean(compute="_compute_is_me")
    figure = fields.Char(
        compute="_compute_figure",
        help="Your own, and those of the people you lead.",
    )

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends("rank", "people", "has_figure")
    def _compute_place(self):
        for row in self:
            row.place = (
                self.env._(
                    "%(rank)s of %(people)s",
                    rank=row.rank,
                    people=row.people,
                )
                if row.has_figure
                else self.env._("No figure yet")
            )

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_me(self):
        for row in self:
            row.is_me = row.user_id == self.env.user

    @api.depends("indicator_id", "period_id", "user_id")
    @api.depends_context("uid", "lang")
    def _compute_figure(self):
        """In words, from the figures that the reader may read; the others stay empty.

        The reader is the user, also where something computes as superuser.
        """
        measures = (
            self.env["stm.measure"]
            .with_user(self.env.user)
            .search(
                [
                    ("owner_kind", "=", "user"),
                    ("period_id", "in", self.period_id.ids),
                    ("indicator_id", "in", self.indicator_id.ids),
                    ("user_id", "in", self.user_id.ids),
                ]
            )
        )
        found = {
            (measure.period_id, measure.indicator_id, measure.user_id): measure.figure
            for measure in measures
        }
        for row in self:
            key = (row.period_id, row.indicator_id, row.user_id)
            row.figure = found.get(key, False)

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    @api.model
    def _stm_scope_domain(self):
        """Besides what everybody sees: the team in which one stands today."""
        Member = self.env["crm.team.member"]
        today = fields.Date.context_today(self)
        own = Member._stm_on(today, Domain("user_id", "=", self.env.uid))
        return super()._stm_scope_domain() | Domain(
            "team_id", "in", own.crm_team_id.ids
        )

    # ------------------------------------------------------------
    # Statement
    # ------------------------------------------------------------

    @property
    def _table_query(self) -> SQL:
        """One row a running period, indicator and member of a team.

        The id is made of those of the three, so that a row keeps it; it stays within
        the whole numbers that a browser can hold. Filters on what the places are
        counted within reach the tables below.
        """
        return SQL(
            """
            SELECT (period.id::bigint << 36) + (indicator.id::bigint << 24) + member.id
                   AS id,
                   indicator.id AS indicator_id,
                   indicator.sequence AS indicator_sequence,
                   period.id AS period_id, period.kind AS period_kind,
                   period.date_from, period.date_to, period.company_id,
                   member.crm_team_id AS team_id, member.user_id,
                   measure.value IS NOT NULL AS has_figure,
                   RANK() OVER (
                       PARTITION BY period.id, indicator.id, member.crm_team_id
                       ORDER BY CASE indicator.direction
                                     WHEN 'lower' THEN -measure.value
                                     ELSE measure.value END DESC NULLS LAST) AS rank,
                   COUNT(*) OVER (
                       PARTITION BY period.id, indicator.id, member.crm_team_id)
                   AS people
              FROM stm_period period
              JOIN res_company company
                ON company.id = period.company_id AND company.stm_leaderboard
              JOIN (%(members)s) member ON member.company_id = period.company_id
              CROSS JOIN stm_indicator indicator
              LEFT JOIN stm_measure measure
                ON measure.period_id = period.id
               AND measure.indicator_id = indicator.id
               AND measure.owner_kind = 'user' AND measure.user_id = member.user_id
             WHERE indicator.active AND indicator.is_ranked
               AND period.date_from <= %(today)s AND period.date_to >= %(today)s
               AND NOT EXISTS (
                   SELECT FROM stm_period_closing closing
                    WHERE closing.period_id = period.id AND closing.area = 'targets')
            """,
            members=self._members(),
            today=fields.Date.context_today(self),
        )

    def _members(self) -> SQL:
        """SQL: who stands in which team of which company today, once a company."""
        return SQL(
            """
            SELECT DISTINCT ON (works.cid, member.user_id) member.id, member.user_id,
                   member.crm_team_id, works.cid AS company_id
              FROM crm_team_member member
              JOIN crm_team team ON team.id = member.crm_team_id AND team.active
              JOIN res_users person ON person.id = member.user_id AND person.active
              JOIN res_company_users_rel works ON works.user_id = member.user_id
             WHERE (team.company_id IS NULL OR team.company_id = works.cid)
               AND (member.active OR member.stm_is_planned)
               AND member.stm_date_from <= %(today)s
               AND (member.stm_date_to IS NULL OR member.stm_date_to >= %(today)s)
               AND team.user_id IS DISTINCT FROM member.user_id
             ORDER BY works.cid, member.user_id, member.stm_date_from DESC,
                      member.id DESC
            """,
            today=fields.Date.context_today(self),
        )
