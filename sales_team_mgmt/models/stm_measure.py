from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, formatLang, get_lang

from ..tools import rates
from .stm_indicator import Figure

OWNER_KINDS = [("user", "Person"), ("team", "Team"), ("company", "Company")]

# Who may have the figures measured again.
REFRESH_GROUPS = (
    "sales_team_mgmt.group_department_manager",
    "sales_team_mgmt.group_hr",
    "sales_team_mgmt.group_finance",
)


class StmMeasure(models.Model):
    """The figure of an indicator in a period: of a person, a team or the company.

    A team's figure holds the documents of the team and of all teams below it. The
    figure is measured every night while the period is open; closing the period for
    targets freezes it.
    """

    _name = "stm.measure"
    _description = "Figure"
    _inherit = ["stm.scope.mixin"]
    _order = "date_from desc, date_to desc, indicator_id, owner_kind, id"

    indicator_id = fields.Many2one(
        "stm.indicator", required=True, index=True, readonly=True, ondelete="cascade"
    )
    unit = fields.Selection(related="indicator_id.unit")
    direction = fields.Selection(related="indicator_id.direction")
    period_id = fields.Many2one(
        "stm.period", required=True, index=True, readonly=True, ondelete="cascade"
    )
    period_kind = fields.Selection(
        string="Kind of Period", related="period_id.kind", store=True
    )
    date_from = fields.Date(related="period_id.date_from", store=True)
    date_to = fields.Date(related="period_id.date_to", store=True)
    company_id = fields.Many2one(related="period_id.company_id", store=True, index=True)
    owner_kind = fields.Selection(
        OWNER_KINDS, string="Whose", required=True, readonly=True
    )
    user_id = fields.Many2one(
        "res.users", string="Person", readonly=True, ondelete="cascade"
    )
    team_id = fields.Many2one(
        "crm.team", string="Sales Team", readonly=True, ondelete="cascade"
    )
    numerator = fields.Float(digits=0, readonly=True, aggregator=None)
    denominator = fields.Float(
        string="Base",
        digits=0,
        readonly=True,
        aggregator=None,
        help="What a share is a share of.",
    )
    value = fields.Float(
        string="Figure",
        digits=0,
        readonly=True,
        help="The number, the amount, the average, or the share in percent. Without a"
        " base there is no share.",
    )
    adds_up = fields.Boolean(
        readonly=True, help="Figures of several owners may be added up."
    )
    measured_at = fields.Datetime(string="Changed on", readonly=True)
    is_frozen = fields.Boolean(string="Frozen", readonly=True)
    checksum = fields.Char(
        readonly=True, help="Of the records behind the figure and what each added."
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    figure = fields.Char(string="In Words", compute="_compute_figure")
    correction_ids = fields.One2many(
        "stm.measure.correction", "measure_id", string="Corrections"
    )
    corrected_figure = fields.Char(
        string="With Corrections", compute="_compute_corrected_figure"
    )
    refreshed_at = fields.Datetime(
        string="Last Measured on", compute="_compute_refreshed_at"
    )
    explanation = fields.Text(compute="_compute_explanation")
    can_refresh = fields.Boolean(compute="_compute_can_refresh")

    _owner_uniq = models.UniqueIndex(
        "(period_id, indicator_id, owner_kind, COALESCE(user_id, team_id, 0))",
        "This figure exists already.",
    )
    _user_idx = models.Index("(user_id, date_from DESC) WHERE user_id IS NOT NULL")
    _team_idx = models.Index("(team_id, date_from DESC) WHERE team_id IS NOT NULL")
    _list_idx = models.Index("(date_from DESC, date_to DESC)")

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends("indicator_id", "period_id", "user_id", "team_id", "company_id")
    def _compute_display_name(self):
        for measure in self:
            owner = measure.user_id or measure.team_id or measure.company_id
            measure.display_name = self.env._(
                "%(indicator)s, %(owner)s, %(period)s",
                indicator=measure.indicator_id.name or "",
                owner=owner.sudo().name or "",
                period=measure.period_id.name or "",
            )

    @api.depends("numerator", "denominator", "unit", "currency_id")
    def _compute_figure(self):
        for measure in self:
            measure.figure = measure._figure_text(
                measure.numerator, measure.denominator
            )

    @api.depends("correction_ids.numerator", "correction_ids.denominator")
    def _compute_corrected_figure(self):
        for measure in self:
            corrections = measure.correction_ids
            measure.corrected_figure = measure._figure_text(
                measure.numerator + sum(corrections.mapped("numerator")),
                measure.denominator + sum(corrections.mapped("denominator")),
            )

    @api.depends("indicator_id", "period_id")
    def _compute_refreshed_at(self):
        tasks = (
            self.env["stm.measure.task"]
            .sudo()
            .search(
                [
                    ("period_id", "in", self.period_id.ids),
                    ("indicator_id", "in", self.indicator_id.ids),
                ]
            )
        )
        found = {(t.period_id.id, t.indicator_id.id): t.refreshed_at for t in tasks}
        for measure in self:
            key = (measure.period_id.id, measure.indicator_id.id)
            measure.refreshed_at = found.get(key, False)

    @api.depends("indicator_id", "owner_kind", "is_frozen")
    def _compute_explanation(self):
        for measure in self:
            measure.explanation = measure._explain()

    @api.depends_context("uid")
    def _compute_can_refresh(self):
        self.can_refresh = self._may_refresh()

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_system()
        return super().create(vals_list)

    def write(self, vals):
        self._check_system()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_system(self):
        self._check_system()

    def _check_system(self):
        if not self.env.su:
            raise AccessError(
                self.env._("Figures are measured by the system; they are only read.")
            )

    def _read_group_select(self, aggregate_spec, query):
        """A total only of what adds up; the share of a total is the share of sums."""
        if aggregate_spec != "value:sum":
            return super()._read_group_select(aggregate_spec, query)

        def column(name):
            return self._field_to_sql(self._table, name, query)

        return SQL(
            """
            CASE WHEN COUNT(*) = 1 THEN MAX(%(value)s)
                 WHEN BOOL_AND(%(adds_up)s) AND MIN(%(indicator)s) = MAX(%(indicator)s)
                      AND MIN(%(kind)s) = MAX(%(kind)s)
                      AND MIN(%(period)s) = MAX(%(period)s)
                      AND MIN(%(company)s) = MAX(%(company)s)
                 THEN CASE WHEN COUNT(%(denominator)s) = 0 THEN SUM(%(numerator)s)
                           ELSE ROUND((SUM(%(numerator)s) * (
                                    SELECT CASE unit WHEN 'average' THEN 1
                                                     ELSE 100 END
                                      FROM stm_indicator
                                     WHERE id = MIN(%(indicator)s))
                                    / NULLIF(SUM(%(denominator)s), 0))::numeric, 2) END
             END
            """,
            value=column("value"),
            adds_up=column("adds_up"),
            indicator=column("indicator_id"),
            kind=column("owner_kind"),
            period=column("period_kind"),
            company=column("company_id"),
            numerator=column("numerator"),
            denominator=column("denominator"),
        )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_refresh(self):
        """Measure these figures again."""
        self.check_access("read")
        self._check_may_refresh()
        self.indicator_id._check_measured()
        self.sudo()._refresh(self.period_id.sudo(), self.indicator_id.sudo())
        return True

    def action_open_evidence(self):
        """Open the records behind the figure as they are now."""
        self.ensure_one()
        self.check_access("read")
        measure = self.sudo()
        owner = measure._owner()
        if measure.is_frozen and measure.owner_kind == "team":
            owner = measure._frozen_owner_sql(SQL("fact"))
        return self.indicator_id._open_evidence(
            owner, measure.company_id, measure.date_from, measure.date_to
        )

    def action_open_frozen(self):
        """Open the records that were behind the figure when it was frozen."""
        self.ensure_one()
        return self._open_kept(self.env._("%s at closing"), "at_closing")

    def action_open_changed(self):
        """Open the records that came later, are gone or changed since closing."""
        self.ensure_one()
        return self._open_kept(self.env._("%s: came later, gone or changed"), "changed")

    def _open_kept(self, title, which):
        self.check_access("read")
        if not self.is_frozen:
            raise UserError(
                self.env._(
                    "The records of this figure are not kept yet: its period is open."
                    " Close the period for targets and figures first."
                )
            )
        self.indicator_id._check_measured()
        ids = self.sudo()._kept_ids(which)
        model = self.indicator_id._sources()[self.indicator_id.source].model
        return self.indicator_id._open_records(
            model, Domain("id", "in", ids), title % self.indicator_id.name
        )

    # ------------------------------------------------------------
    # Business methods: for those who read figures
    # ------------------------------------------------------------

    @api.model
    def _figures_of(self, period, users, indicators):
        """{(user, indicator): Figure} as stored; a frozen period gives frozen ones.

        Reopening a period drops its corrections into the figures, so an open one has
        none. Nothing is measured here; what was never measured is missing.
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT user_id, indicator_id, numerator, denominator FROM stm_measure
                 WHERE period_id = %s AND owner_kind = 'user'
                   AND indicator_id = ANY(%s) AND user_id = ANY(%s)
                """,
                period.id,
                indicators.ids,
                users.ids,
            )
        )
        return self._as_figures(rows, users, indicators)

    @api.model
    def _correction_figures(self, period, users, indicators):
        """{(user, indicator): Figure} of the corrections booked in ``period``.

        Only those of periods of the same kind: what came late changes the month, the
        quarter and the year, and must not count three times.
        """
        self.env["stm.measure.correction"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT measure.user_id, measure.indicator_id,
                       SUM(correction.numerator), SUM(correction.denominator)
                  FROM stm_measure_correction correction
                  JOIN stm_measure measure ON measure.id = correction.measure_id
                  JOIN stm_period booked ON booked.id = correction.period_id
                 WHERE booked.company_id = %(company)s
                   AND booked.date_from >= %(date_from)s
                   AND booked.date_to <= %(date_to)s
                   AND measure.period_kind = %(kind)s
                   AND measure.owner_kind = 'user'
                   AND measure.indicator_id = ANY(%(indicators)s)
                   AND measure.user_id = ANY(%(users)s)
                 GROUP BY 1, 2
                """,
                company=period.company_id.id,
                date_from=period.date_from,
                date_to=period.date_to,
                kind=period.kind,
                indicators=indicators.ids,
                users=users.ids,
            )
        )
        return self._as_figures(rows, users, indicators)

    @api.model
    def _as_figures(self, rows, users, indicators):
        people = {user.id: user for user in users}
        kinds = {indicator.id: indicator for indicator in indicators}
        return {
            (people[user], kinds[indicator]): Figure(numerator, denominator)
            for user, indicator, numerator, denominator in rows
        }

    # ------------------------------------------------------------
    # Business methods: words
    # ------------------------------------------------------------

    def _owner(self):
        self.ensure_one()
        return self.user_id or self.team_id or self.company_id

    @api.model
    def _may_refresh(self):
        return self.env.su or any(map(self.env.user.has_group, REFRESH_GROUPS))

    @api.model
    def _check_may_refresh(self):
        if not self._may_refresh():
            raise AccessError(
                self.env._(
                    "Figures are measured every night. Ask the department manager, HR"
                    " or Finance to measure them earlier."
                )
            )

    def _figure_text(self, numerator, denominator):
        """“19 of 20 (95 %)”, “1,200.00 €”, “7”; without a base there is no share."""
        self.ensure_one()
        if self.unit == "money":
            return formatLang(self.env, numerator, currency_obj=self.currency_id)
        if self.unit == "average":
            average = rates.average(numerator, denominator)
            if average is None:
                return self.env._("No average: nothing to measure it by")
            return self._plain(average)
        if self.unit != "share":
            return self._plain(numerator)
        rate = rates.percentage(numerator, denominator)
        if rate is None:
            return self.env._("No share: nothing to measure it by")
        return self.env._(
            "%(value)s of %(base)s (%(rate)s %%)",
            value=self._plain(numerator),
            base=self._plain(denominator),
            rate=self._plain(rate),
        )

    def _difference_text(self, correction):
        """What a correction adds, with its sign."""
        parts = (correction.numerator, correction.denominator)
        value, base = (("+" if p > 0 else "") + self._plain(p) for p in parts)
        if self.unit not in ("share", "average"):
            return value
        return self.env._("%(value)s, its base by %(base)s", value=value, base=base)

    def _plain(self, number):
        """A number with no more digits than it needs."""
        text = formatLang(self.env, float(number), digits=2)
        point = get_lang(self.env).decimal_point
        return text.rstrip("0").rstrip(point) if point in text else text

    def _explain(self):
        self.ensure_one()
        sentences = []
        if not self.indicator_id._is_measured():
            sentences.append(
                self.env._(
                    "No longer measured: the application it came from is not installed."
                )
            )
        if self.owner_kind == "team":
            sentences.append(
                self.env._("Documents of the team and of all teams below it.")
            )
        elif self.owner_kind == "company":
            sentences.append(self.env._("All documents of the company."))
        else:
            sentences.append(
                self.env._("Documents of the person, in whichever team they were made.")
            )
        source = self.indicator_id._sources().get(self.indicator_id.source)
        if source and source.is_distinct:
            sentences.append(
                self.env._(
                    "Each one counts once here, so the figures of people do not add up"
                    " to it."
                )
            )
        if self.is_frozen:
            sentences.append(
                self.env._(
                    "Frozen when the period was closed. What changed afterwards is a"
                    " correction."
                )
            )
        return " ".join(sentences)
