from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..tools import periods, weeks

REPORT_STATES = [
    ("draft", "Draft"),
    ("submitted", "Handed in"),
    ("approved", "Reviewed"),
    ("returned", "Returned"),
]


class StmWorkReport(models.Model):
    """What became of the week or month, with the figures of the system (WPL-01).

    The figures are measured when the report is started, on demand, and once more when
    it is handed in; then they stay what they were. The superior reviews it with a
    comment (WPL-02).
    """

    _name = "stm.work.report"
    _description = "Work Report"
    _inherit = ["stm.duty.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    _stm_date_field = "date_to"
    _stm_system_fields = frozenset({"template_id", "figures_at"})

    state = fields.Selection(REPORT_STATES)
    period_kind = fields.Selection(
        selection_add=[("month", "Month")], ondelete={"month": "cascade"}
    )
    date_from = fields.Date(
        default=lambda self: self._default_date_from(), tracking=True
    )
    date_to = fields.Date(
        string="To", compute="_compute_date_to", store=True, precompute=True
    )
    template_id = fields.Many2one("stm.report.template", readonly=True, copy=False)
    line_ids = fields.One2many("stm.work.report.line", "report_id", string="Items")
    summary_line_ids = fields.One2many(
        "stm.work.report.line",
        "report_id",
        string="Summary",
        domain=[("section", "=", "summary")],
    )
    plan_line_ids = fields.One2many(
        "stm.work.report.line",
        "report_id",
        string="Outlook",
        domain=[("section", "=", "plan")],
    )
    plan_id = fields.Many2one(
        "stm.work.plan", string="Plan of the Week", compute="_compute_plans"
    )
    next_plan_id = fields.Many2one(
        "stm.work.plan", string="Next Plan", compute="_compute_plans"
    )
    # Without an inverse: what is written here goes straight to the points, which
    # check by themselves whether their outcome may still change.
    point_ids = fields.One2many(
        "stm.work.plan.point",
        compute="_compute_plans",
        readonly=False,
        string="Key Points of the Plan",
    )
    summary = fields.Text(string="In a Few Words")
    figures_at = fields.Datetime(string="Figures as of", readonly=True, copy=False)
    currency_id = fields.Many2one(related="company_id.currency_id")
    review_comment = fields.Text(compute="_compute_review")
    reviewer_id = fields.Many2one("res.users", compute="_compute_review")

    _uniq = models.UniqueIndex(
        "(user_id, company_id, period_kind, date_from)",
        "There is a report of this person for this period already. Open that one.",
    )
    _list_idx = models.Index("(date_from DESC, id DESC)")

    # ------------------------------------------------------------
    # Default, compute and constraint methods
    # ------------------------------------------------------------

    @api.model
    def _default_date_from(self):
        """The period whose report is owed, or else the current one."""
        kind = self.env.context.get("default_period_kind", "week")
        today = fields.Date.context_today(self)
        owed = self.env["stm.duty.item"].search(
            [
                ("user_id", "=", self.env.uid),
                ("model", "=", self._name),
                ("period_kind", "=", kind),
                ("state", "in", ("open", "missing")),
                ("document_start", ">=", today - timedelta(days=45)),
            ],
            order="document_start",
        )
        starts = self.search(
            [("user_id", "=", self.env.uid), ("period_kind", "=", kind)]
        ).mapped("date_from")
        todo = owed.filtered(lambda item: item.document_start not in starts)
        return todo[:1].document_start or periods.period_of(today, kind).start

    @api.depends("date_from", "period_kind")
    def _compute_date_to(self):
        for report in self:
            if report.date_from and report.period_kind:
                report.date_to = periods.period_of(
                    report.date_from, report.period_kind
                ).end

    @api.depends("date_from", "period_kind", "user_id")
    def _compute_display_name(self):
        for report in self:
            if not report.date_from:
                report.display_name = self.env._("New report")
            elif report.period_kind == "month":
                report.display_name = self.env._(
                    "Report %(month)s, %(person)s",
                    month=format_date(
                        self.env, report.date_from, date_format="yyyy-MM"
                    ),
                    person=report.user_id.name or "",
                )
            else:
                year, number = weeks.week_number(report.date_from)
                report.display_name = self.env._(
                    "Report %(year)s-W%(week)s, %(person)s",
                    year=year,
                    week=f"{number:02}",
                    person=report.user_id.name or "",
                )

    @api.depends("user_id", "company_id", "date_from", "period_kind")
    def _compute_plans(self):
        plans = self.env["stm.work.plan"].search(
            [
                ("user_id", "in", self.user_id.ids),
                (
                    "date_from",
                    "in",
                    [
                        day + timedelta(weeks=n)
                        for day in filter(None, set(self.mapped("date_from")))
                        for n in (0, 1)
                    ],
                ),
            ]
        )
        found = {(p.user_id, p.company_id, p.date_from): p for p in plans}
        for report in self:
            this = following = self.env["stm.work.plan"]
            if report.period_kind == "week" and report.date_from:
                key = (report.user_id._origin, report.company_id._origin)
                this = found.get((*key, report.date_from), this)
                following = found.get(
                    (*key, report.date_from + timedelta(weeks=1)), following
                )
            report.plan_id = this
            report.next_plan_id = following
            report.point_ids = this.point_ids

    @api.depends("approval_id.line_ids.comment")
    def _compute_review(self):
        for report in self:
            # Comments on the own report are for its owner, whoever may read approvals.
            lines = report.sudo().approval_id.line_ids.filtered("acted_at")
            last = lines.sorted("acted_at")[-1:]
            report.review_comment = last.comment
            report.reviewer_id = last.acted_by_id

    @api.constrains("date_from", "period_kind")
    def _check_date_from(self):
        for report in self:
            start = periods.period_of(report.date_from, report.period_kind).start
            if report.date_from != start:
                raise ValidationError(
                    self.env._(
                        "This report must start on %s, the first day of its period.",
                        format_date(self.env, start),
                    )
                )

    @api.onchange("date_from", "period_kind")
    def _onchange_date_from(self):
        if self.date_from and self.period_kind:
            self.date_from = periods.period_of(self.date_from, self.period_kind).start

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        reports = super().create(vals_list)
        reports.sudo()._make_lines()
        reports.sudo()._measure_figures()
        return reports

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_refresh_figures(self):
        """Measure the figures again, as long as the report is not handed in."""
        self._stm_check_submitter()
        self._stm_check_editable({})
        self._stm_check_period()
        self.sudo()._measure_figures()
        return True

    def action_open_plan(self):
        """Open the plan of next week, or start it."""
        self.ensure_one()
        action = {
            "type": "ir.actions.act_window",
            "res_model": "stm.work.plan",
            "view_mode": "form",
        }
        if self.next_plan_id:
            action["res_id"] = self.next_plan_id.id
        else:
            following = self.date_from + timedelta(weeks=1)
            action["context"] = {"default_date_from": following}
        return action

    def action_xlsx(self):
        """Download the reports as a workbook, from the same rows as the PDF."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": "/stm/work_report.xlsx?ids=" + ",".join(map(str, self.ids)),
            "target": "download",
        }

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_day(self):
        """A week belongs to the month of its Thursday."""
        if self.period_kind == "week":
            return self.date_from and weeks.deciding_day(self.date_from)
        return self.date_to

    def _stm_check_can_submit(self):
        for report in self:
            empty = report.line_ids.filtered(
                lambda line: line.text_required and not (line.text or "").strip()
            )
            if empty:
                raise UserError(
                    self.env._(
                        "“%(report)s” is not complete. Write something about:"
                        " %(items)s.",
                        report=report.display_name,
                        items=empty.mapped("name"),
                    )
                )
            unjudged = report.point_ids.filtered(lambda p: p.outcome == "open")
            if unjudged and report.plan_id.state == "approved":
                raise UserError(
                    self.env._(
                        "Say what became of these key points first: %s.",
                        unjudged.mapped("name"),
                    )
                )
            if report.template_id.needs_next_plan:
                if report.next_plan_id.state not in ("submitted", "approved"):
                    raise UserError(
                        self.env._(
                            "The weekly report consists of the summary and the plan of"
                            " next week. Submit the plan of next week first."
                        )
                    )
        return super()._stm_check_can_submit()

    def _stm_before_submit(self):
        self.sudo()._measure_figures()
        return super()._stm_before_submit()

    def _stm_approved_fields(self):
        return {"summary", "line_ids", "summary_line_ids", "plan_line_ids"}

    def _stm_approved_values(self):
        return {
            "summary": self.summary or "",
            "lines": sorted(line._approved_values() for line in self.line_ids),
        }

    def _make_lines(self):
        """The items of each person's template."""
        values = []
        for (company, kind, day), reports in self._by_period().items():
            templates = self.env["stm.report.template"]._find(
                reports.user_id, company, kind, day
            )
            for report in reports:
                report.template_id = templates[report.user_id]
                values += [
                    {"report_id": report.id, "template_line_id": line.id}
                    for line in report.template_id.line_ids
                ]
        self.env["stm.work.report.line"].create(values)

    def _measure_figures(self):
        """Measure all figures of all reports of a period together."""
        for (company, _kind, date_to), reports in self._by_period().items():
            lines = reports.line_ids.filtered("indicator_id")
            date_from = reports[0].date_from
            for indicator, same in lines.grouped("indicator_id").items():
                if not indicator._is_measured():
                    # Its application is gone: the line says so.
                    continue
                figures = indicator._measure(
                    same.report_id.user_id, company, date_from, date_to
                )
                for line in same:
                    teams = line._led_teams()
                    if teams is None:
                        line._set_figure(figures[line.report_id.user_id])
                        continue
                    # A few a month: only those who lead teams have such a line.
                    line._set_figure(
                        indicator._measure_teams(teams, company, date_from, date_to)
                    )
        self.write({"figures_at": fields.Datetime.now()})

    def _by_period(self):
        """{(company, kind, last day): reports}"""
        return self.grouped(lambda r: (r.company_id, r.period_kind, r.date_to))

    # ------------------------------------------------------------
    # Business methods: the sheet on paper and as a workbook
    # ------------------------------------------------------------

    def _get_sheet(self):
        """The report as plain rows, for the PDF and the workbook alike (FRM-09).

        :return: dict with ``title``, ``facts`` (pairs) and ``tables``, each with
            ``title``, ``columns`` and ``rows``, and ``signatures``
        """
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        facts = [
            (self.env._("Salesperson"), self.user_id.name),
            (self.env._("Sales Team"), self.team_id.name),
            (
                self.env._("Period"),
                f"{format_date(self.env, self.date_from)}"
                f" – {format_date(self.env, self.date_to)}",
            ),
            (self.env._("Status"), states[self.state]),
            (self.env._("Deadline"), self.duty_sentence or ""),
        ]
        if self.late_reason:
            facts.append((self.env._("Reason for Handing in Late"), self.late_reason))
        tables = [
            {
                "title": self.env._("Summary"),
                "columns": [
                    self.env._("No."),
                    self.env._("Item"),
                    self.env._("Figure"),
                    self.env._("Target"),
                    "%",
                    self.env._("Remarks"),
                ],
                "rows": [
                    [number, *line._sheet_cells()]
                    for number, line in enumerate(self.summary_line_ids, start=1)
                ],
            },
            self._points_table(
                self.env._("Key Points of the Week"), self.plan_id, True
            ),
            self._visits_table(),
            {
                "title": self.env._("Outlook"),
                "columns": [self.env._("No."), self.env._("Item"), self.env._("Plan")],
                "rows": [
                    [number, line.name, line.text or ""]
                    for number, line in enumerate(self.plan_line_ids, start=1)
                ],
            },
            self._points_table(
                self.env._("Key Points of Next Week"), self.next_plan_id, False
            ),
        ]
        return {
            "title": self.template_id.name,
            "facts": facts,
            "summary": self.summary or "",
            "tables": [table for table in tables if table["rows"]],
            "review_title": self.env._("Review"),
            "review": self.review_comment or "",
            "reviewer": self.reviewer_id.name or "",
            "signatures": [
                self.env._("Salesperson, date"),
                self.env._("Superior, date"),
            ],
        }

    def _points_table(self, title, plan, with_outcome):
        labels = dict(
            self.env["stm.work.plan.point"]
            ._fields["outcome"]
            ._description_selection(self.env)
        )
        columns = [
            self.env._("No."),
            self.env._("Key Point"),
            self.env._("Done When"),
            self.env._("Support Wanted"),
        ]
        rows = [
            [number, point.name, point.measure or "", point.support_wanted or ""]
            for number, point in enumerate(plan.point_ids, start=1)
        ]
        if with_outcome:
            columns += [self.env._("Outcome"), self.env._("Result or Reason")]
            for row, point in zip(rows, plan.point_ids, strict=True):
                row += [labels[point.outcome], point.outcome_note or ""]
        return {"title": title, "columns": columns, "rows": rows}

    def _visits_table(self):
        # Whoever may read the report reads the visits in it, whoever led the team then.
        visits = (
            self.env["stm.visit"]
            .sudo()
            .search(
                [
                    ("user_id", "=", self.user_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("date", ">=", self.date_from),
                    ("date", "<=", self.date_to),
                    ("state", "=", "done"),
                    ("is_counted", "=", True),
                ],
                order="date, start_at, id",
            )
        )
        return {
            "title": self.env._("Visits Done"),
            "columns": [
                self.env._("No."),
                self.env._("Date"),
                self.env._("Customer"),
                self.env._("Content"),
                self.env._("Result"),
                self.env._("Problems"),
                self.env._("Next Step"),
            ],
            "rows": [
                [
                    number,
                    format_date(self.env, visit.date),
                    visit.partner_id.display_name,
                    visit.content or "",
                    visit.result or "",
                    visit.problem or "",
                    visit.next_step or "",
                ]
                for number, visit in enumerate(visits, start=1)
            ],
        }
