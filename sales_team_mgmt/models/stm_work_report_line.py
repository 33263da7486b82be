from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang, get_lang

from ..tools import rates
from .stm_indicator import Figure


class StmWorkReportLine(models.Model):
    """One item of a report: its figure, frozen when handed in, and the words to it."""

    _name = "stm.work.report.line"
    _description = "Item of a Work Report"
    _inherit = ["stm.approval.part.mixin", "stm.system.mixin"]
    _order = "report_id, section desc, sequence, id"

    _stm_document_field = "report_id"
    _stm_system_fields = frozenset({"value", "base", "rate", "has_rate", "points"})

    report_id = fields.Many2one(
        "stm.work.report", required=True, index=True, ondelete="cascade"
    )
    template_line_id = fields.Many2one(
        "stm.report.template.line", required=True, ondelete="restrict"
    )
    section = fields.Selection(related="template_line_id.section", store=True)
    sequence = fields.Integer(related="template_line_id.sequence", store=True)
    name = fields.Char(related="template_line_id.name")
    indicator_id = fields.Many2one(related="template_line_id.indicator_id", store=True)
    unit = fields.Selection(related="template_line_id.indicator_id.unit")
    text_required = fields.Boolean(related="template_line_id.text_required")
    value = fields.Float(string="Figure Value", readonly=True)
    base = fields.Float(
        string="Target or Base",
        readonly=True,
        help="What the figure is a share of: the target, or all of them.",
    )
    rate = fields.Float(string="%", readonly=True, aggregator=None)
    has_rate = fields.Boolean(readonly=True)
    points = fields.Float(string="Points Proposed", readonly=True)
    max_points = fields.Float(related="template_line_id.max_points")
    figure = fields.Char(compute="_compute_figure")
    text = fields.Text(string="Remarks")

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends("value", "base", "unit", "indicator_id", "rate", "points")
    def _compute_figure(self):
        """The figure in words: “19 of 20 (95 %)”, “1,200.00”, …"""
        for line in self:
            line.figure = line._figure_text() if line.indicator_id else False

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    def write(self, vals):
        if not self.env.su and not vals.keys() <= {"text"}:
            raise UserError(
                self.env._(
                    "Figures are measured by the system; only the remarks can be"
                    " written."
                )
            )
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("The items of a report come from its template."))
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_system(self):
        if not self.env.su:
            raise UserError(self.env._("The items of a report come from its template."))

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_open_evidence(self):
        """Open the records behind the figure."""
        self.ensure_one()
        self.check_access("read")
        report = self.report_id
        if not self.indicator_id:
            raise UserError(self.env._("This item has no figure."))
        teams = self.sudo()._led_teams()
        return self.indicator_id._open_evidence(
            report.user_id if teams is None else teams,
            report.company_id,
            report.date_from,
            report.date_to,
        )

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _led_teams(self):
        """Teams whose figure the line shows; None if it shows the person's own."""
        self.ensure_one()
        if self.template_line_id.figure_of != "teams":
            return None
        report = self.report_id
        return self.env["crm.team"].search(
            [
                ("user_id", "=", report.user_id.id),
                ("company_id", "in", (report.company_id.id, False)),
            ]
        )

    def _set_figure(self, figure):
        """Store what was measured, with the share and the points it proposes."""
        compared = self.indicator_id._as_compared(figure)
        figure = compared or Figure()
        base = compared and (self.template_line_id.target or compared.denominator) or 0
        rate = rates.percentage(figure.numerator or 0, base)
        points = rates.points_for(rate, self.max_points) if self.max_points else None
        self.write(
            {
                "value": figure.numerator or 0,
                "base": base,
                "has_rate": rate is not None,
                "rate": float(rate or 0),
                "points": float(points or 0),
            }
        )

    def _figure_text(self):
        if not (self.value or self.indicator_id._is_measured()):
            return self.env._("No longer measured")
        if self.unit == "money":
            currency = self.report_id.currency_id
            value = formatLang(self.env, self.value, currency_obj=currency)
            base = formatLang(self.env, self.base, currency_obj=currency)
        else:
            value, base = self._plain(self.value), self._plain(self.base)
        if not self.has_rate:
            return value
        rate = self._plain(self.rate)
        text = self.env._(
            "%(value)s of %(base)s (%(rate)s %%)", value=value, base=base, rate=rate
        )
        if self.max_points:
            text = self.env._(
                "%(figure)s → %(points)s of %(maximum)s points",
                figure=text,
                points=self._plain(self.points),
                maximum=self._plain(self.max_points),
            )
        return text

    def _plain(self, number):
        """A number with no more digits than it needs."""
        text = formatLang(self.env, number, digits=2)
        point = get_lang(self.env).decimal_point
        return text.rstrip("0").rstrip(point) if point in text else text

    def _sheet_cells(self):
        """Item, figure, target, share, remarks; numbers stay numbers."""
        self.ensure_one()
        if not self.indicator_id:
            return [self.name, "", "", "", self.text or ""]
        return [
            self.name,
            self.value,
            self.base if self.has_rate else "",
            self.rate if self.has_rate else "",
            self.text or "",
        ]

    def _approved_values(self):
        return [self.template_line_id.id, self.value, self.base, self.text or ""]
