from math import inf

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import formatLang

from ..tools import rates, scoring
from .stm_indicator import Figure

# What somebody may write, by state of the sheet and role.
WRITABLE = {
    ("self", "person"): {"self_given", "self_comment"},
    ("scoring", "leader"): {"given", "judged", "comment"},
}

# Digits and points as people type them on any keyboard.
KEYBOARD = str.maketrans(
    {"，": ".", ",": ".", "．": ".", "。": ".", "－": "-", "−": "-"}
)


# More than any rule can be about; keeps typing errors out of the arithmetic.
MOST_POINTS = 1_000_000


class StmAppraisalLine(models.Model):
    """One item of a sheet: the facts it rests on, the points, and why.

    Figure and events are what the item's rule needs; they are kept with the line, so
    that the points can still be explained when the month has changed behind them.
    """

    _name = "stm.appraisal.line"
    _description = "Item of an Appraisal Sheet"
    _inherit = ["stm.system.mixin"]
    _order = "appraisal_id, section_sequence, section_id, sequence, id"
    _rec_name = "item_id"

    _stm_system_fields = frozenset(
        {
            "numerator",
            "denominator",
            "has_figure",
            "event_ids",
            "points_given",
            "is_given",
            "points_judged",
            "is_judged",
            "points_self",
            "is_self_given",
            "points",
            "has_points",
            "why",
        }
    )

    appraisal_id = fields.Many2one(
        "stm.appraisal", required=True, index=True, ondelete="cascade"
    )
    item_id = fields.Many2one(
        "stm.appraisal.item",
        string="Item of the Template",
        required=True,
        index=True,
        ondelete="restrict",
    )
    section_id = fields.Many2one(related="item_id.section_id", store=True)
    section_sequence = fields.Integer(
        related="item_id.section_id.sequence", store=True, string="Order of Section"
    )
    sequence = fields.Integer(related="item_id.sequence", store=True)
    number = fields.Char(related="item_id.number")
    name = fields.Char(related="item_id.name")
    description = fields.Text(related="item_id.description")
    kind = fields.Selection(related="item_id.kind")
    minimum = fields.Float(related="item_id.minimum")
    maximum = fields.Float(related="item_id.maximum")
    rule_text = fields.Char(related="item_id.rule_text")
    indicator_id = fields.Many2one(related="item_id.indicator_id", store=True)

    # The facts
    numerator = fields.Float(readonly=True)
    denominator = fields.Float(readonly=True)
    has_figure = fields.Boolean(readonly=True)
    figure = fields.Char(compute="_compute_figure")
    event_ids = fields.Many2many(
        "stm.event", "stm_appraisal_line_event_rel", string="Events", readonly=True
    )
    event_count = fields.Integer(
        string="Number of Events", compute="_compute_event_count"
    )

    # What people write; texts, because nothing written is not the same as zero
    given = fields.Char(
        string="Points Given", compute="_compute_given", inverse="_inverse_given"
    )
    points_given = fields.Float(string="Points of the Leader", readonly=True)
    is_given = fields.Boolean(readonly=True)
    judged = fields.Char(
        string="Deduction Judged",
        compute="_compute_given",
        inverse="_inverse_judged",
        help="How much to deduct where the rule leaves a range.",
    )
    points_judged = fields.Float(readonly=True)
    is_judged = fields.Boolean(readonly=True)
    self_given = fields.Char(
        string="My Points", compute="_compute_given", inverse="_inverse_self_given"
    )
    points_self = fields.Float(string="Own Points", readonly=True)
    is_self_given = fields.Boolean(readonly=True)
    self_comment = fields.Text(string="My Remarks")
    comment = fields.Text(string="Remarks")
    needs_points = fields.Boolean(compute="_compute_needs")
    needs_judgement = fields.Boolean(compute="_compute_needs")

    # What comes out
    proposal = fields.Float(
        readonly=True, help="Points that the figure proposes where the leader decides."
    )
    points = fields.Float(readonly=True, aggregator="avg")
    has_points = fields.Boolean(readonly=True)
    why = fields.Char(string="Explanation", readonly=True)

    _uniq = models.UniqueIndex(
        "(appraisal_id, item_id)", "This item is on the sheet already."
    )

    # ------------------------------------------------------------
    # Compute and inverse methods
    # ------------------------------------------------------------

    @api.depends("numerator", "denominator", "has_figure", "item_id")
    def _compute_figure(self):
        """The figure in words: “19 of 20 (95 %)”, “1,200.00”, …"""
        for line in self:
            line.figure = line._figure_text() if line.has_figure else False

    @api.depends("event_ids")
    def _compute_event_count(self):
        for line in self:
            # Who may read the sheet may know how many events it counts.
            line.event_count = len(line.sudo().event_ids)

    @api.depends(
        *("points_given", "is_given", "points_judged", "is_judged"),
        *("points_self", "is_self_given"),
    )
    def _compute_given(self):
        def text(number, there):
            return scoring.plain(number) if there else False

        for line in self:
            line.given = text(line.points_given, line.is_given)
            line.judged = text(line.points_judged, line.is_judged)
            line.self_given = text(line.points_self, line.is_self_given)

    def _inverse_given(self):
        for line in self:
            line._store_number(line.given, "points_given", "is_given")

    def _inverse_judged(self):
        for line in self:
            line._store_number(line.judged, "points_judged", "is_judged")

    def _inverse_self_given(self):
        for line in self:
            line._store_number(line.self_given, "points_self", "is_self_given")
            if line.is_self_given:
                line._check_limits(line.points_self)

    @api.depends("kind", "has_points", "item_id", "event_ids", "denominator")
    def _compute_needs(self):
        """Which of the two inputs the line is waiting for, or can take."""
        for line in self:
            item = line.item_id
            line.needs_points = line._is_to_be_given()
            ranged = item.deduction_ids.filtered(lambda d: d.mode == "range")
            events = line.sudo().event_ids
            line.needs_judgement = bool(
                ranged and ranged.event_type_id & events.type_id
            )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_system()
        return super().create(vals_list)

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        self.check_access("write")
        self._stm_check_system_fields(vals)
        self._check_writable(vals)
        self._check_needed(vals)
        self.appraisal_id._stm_check_period()
        result = super().write(vals)
        if vals.keys() & {"given", "judged"}:
            self.sudo()._rescore()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_system(self):
        self._check_system()

    def _check_system(self):
        if not self.env.su:
            raise UserError(self.env._("The items of a sheet come from its template."))

    def _check_writable(self, vals):
        self.appraisal_id._check_turn(WRITABLE, vals)

    def _check_needed(self, vals):
        """Points that the rule works out by itself are not accepted and then ignored.

        What was given before can be taken out again.
        """
        for line in self:
            if vals.get("given") and not line.needs_points:
                raise UserError(
                    self.env._(
                        "The points of “%(item)s” come from its rule: %(rule)s. Correct"
                        " the figure or the events they rest on.",
                        item=line.item_id.display_name,
                        rule=line.rule_text,
                    )
                )
            if vals.get("judged") and not line.needs_judgement:
                raise UserError(
                    self.env._(
                        "“%s” has no event whose deduction is left to you.",
                        line.item_id.display_name,
                    )
                )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_open_evidence(self):
        """Open the records behind the figure."""
        self.ensure_one()
        self.check_access("read")
        if not self.indicator_id:
            raise UserError(self.env._("This item has no figure."))
        sheet = self.appraisal_id
        return self.indicator_id._open_evidence(
            sheet.user_id, sheet.company_id, sheet.date_from, sheet.date_to
        )

    def action_open_events(self):
        """Open the events that the line counts."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Events"),
            "res_model": "stm.event",
            "view_mode": "list,kanban,form",
            "domain": [("id", "in", self.sudo().event_ids.ids)],
            "context": {"create": False},
        }

    # ------------------------------------------------------------
    # Business methods: filling in
    # ------------------------------------------------------------

    @api.model
    def _fill(self, sheets):
        """Take over what happened in the period of these sheets, and score it.

        :param sheets: sheets of one company and one period
        """
        company, period = sheets.company_id, sheets.period_id
        items = sheets.template_id.section_ids.item_ids
        users = sheets.user_id
        figures = self._period_figures(
            period, users, self._measured(items.indicator_id, period)
        )
        facts = (
            self.env["stm.event"]
            .sudo()
            ._facts(
                users,
                company,
                period.date_from,
                period.date_to,
                items.deduction_ids.event_type_id,
            )
        )
        known = {
            (line.appraisal_id.id, line.item_id.id): line for line in sheets.line_ids
        }
        kinds = {item: item.deduction_ids.event_type_id.ids for item in items}
        # What is stored from the template is known: nothing is computed again.
        places = {
            item: {
                "item_id": item.id,
                "section_id": item.section_id.id,
                "section_sequence": item.section_id.sequence,
                "sequence": item.sequence,
                "indicator_id": item.indicator_id.id,
            }
            for item in items
        }
        # Most sheets have the same unjudged items: those are scored once.
        scored, new = {}, []
        for sheet in sheets:
            user, lang = sheet.user_id, sheet.user_id.lang
            for item in sheet.template_id.section_ids.item_ids:
                line = known.get((sheet.id, item.id), self.browse())
                figure = figures.get((user, item.indicator_id))
                happened = {
                    kind: facts[user.id, kind]
                    for kind in kinds[item]
                    if (user.id, kind) in facts
                }
                key = (item.id, lang, figure, *line._typed())
                if happened or key not in scored:
                    scored[key] = line._evaluate(
                        item, sheet, figure, happened, strict=False
                    )
                values = line._prepare_facts(item, figure, happened) | scored[key]
                if happened:
                    del scored[key]
                if line:
                    line._write_changes(values)
                else:
                    new.append({"appraisal_id": sheet.id, **places[item], **values})
        self.create(new)

    @api.model
    def _measured(self, indicators, period):
        """Those whose figure holds: measured to this day, or frozen when it was."""
        if "targets" in period.closing_ids.mapped("area"):
            return indicators
        return indicators.filtered(lambda i: i.active and i._is_measured())

    @api.model
    def _period_figures(self, period, users, indicators):
        """{(user, indicator): Figure}, corrections of closed periods included."""
        Measure = self.env["stm.measure"].sudo()
        figures = Measure._figures_of(period, users, indicators)
        for key, change in Measure._correction_figures(
            period, users, indicators
        ).items():
            own = figures.get(key, Figure(0, change.denominator and 0))
            denominator = own.denominator
            if denominator is not None or change.denominator:
                denominator = (denominator or 0) + (change.denominator or 0)
            figures[key] = Figure(own.numerator + change.numerator, denominator)
        compared = {key: key[1]._as_compared(figure) for key, figure in figures.items()}
        return {key: figure for key, figure in compared.items() if figure}

    def _prepare_facts(self, item, figure, happened):
        """Values that keep the facts with the line."""
        event_ids = sorted({fact.id for facts in happened.values() for fact in facts})
        values = {
            "has_figure": figure is not None,
            "numerator": float(figure.numerator or 0) if figure else 0.0,
            "denominator": float(figure.denominator or 0) if figure else 0.0,
        }
        if event_ids or self.event_ids:
            values["event_ids"] = [Command.set(event_ids)]
        return values

    def _write_changes(self, values):
        """Write what differs; most lines of a nightly run do not change."""
        changes = {
            name: value
            for name, value in values.items()
            if (
                self.event_ids.ids != value[0][2]
                if name == "event_ids"
                else self[name] != value
            )
        }
        if changes:
            self.write(changes)

    def _rescore(self):
        """Score the lines again from the facts they keep, then their sheets."""
        for line in self:
            happened = {}
            for event in line.event_ids:
                happened.setdefault(event.type_id.id, []).append(event)
            figure = None
            if line.has_figure:
                figure = Figure(line.numerator, line.denominator or None)
            line.write(
                line._evaluate(line.item_id, line.appraisal_id, figure, happened)
            )
        self.appraisal_id._total()

    # ------------------------------------------------------------
    # Business methods: scoring
    # ------------------------------------------------------------

    def _evaluate(self, item, sheet, figure, happened, strict=True):
        """Points of an item by its rule, and the sentence that explains them.

        Where people type, what does not fit is refused. Where the facts change behind
        them (``strict`` is off), what they gave counts no more and they give it again.

        :param figure: what was measured, or None
        :param happened: {event type id: confirmed events}
        :return: values of the line
        """
        item = item.with_context(lang=sheet.user_id.lang)
        given, judged = self._typed()

        def accepted(compute, typed):
            try:
                return compute(typed)
            except scoring.Refused as refusal:
                if not strict:
                    return compute(None)
                raise UserError(self._refusal_text(item, refusal)) from refusal

        start, proposal = accepted(
            lambda points: self._start_points(item, figure, points), given
        )
        losses = accepted(
            lambda points: self._losses(item, sheet, happened, points), judged
        )
        result = scoring.item(start, losses, item.minimum, item.maximum, item.env)
        return {
            "points": float(result.points or 0),
            "has_points": result.points is not None,
            "why": result.why,
            "proposal": float(proposal or 0),
        }

    def _typed(self):
        """(points, deduction) that the leader has given, None where nothing is."""
        return (
            self.points_given if self.is_given else None,
            self.points_judged if self.is_judged else None,
        )

    @api.model
    def _losses(self, item, sheet, happened, judged):
        """What the events take away, by each deduction of the item."""
        return [
            scoring.loss(
                deduction._as_rule(sheet.date_from, sheet.date_to),
                [
                    scoring.Fact(
                        event.quantity,
                        event.amount,
                        event.factor if deduction.doubles else 1,
                    )
                    for event in happened.get(deduction.event_type_id.id, ())
                ],
                item.maximum,
                judged,
                item.env,
            )
            for deduction in (item.deduction_ids if happened else ())
        ]

    @api.model
    def _start_points(self, item, figure, given):
        """(points before deductions, points that the figure proposes)"""
        measured = None
        if item.indicator_id and figure is not None:
            measured = self._measured_points(item, figure)
        if item.kind == "given":
            start = scoring.given(given, item.minimum, item.maximum, item.env)
            proposal = measured and measured.points
            if start.points is None and proposal is not None:
                start = scoring.Points(
                    None,
                    item.env._(
                        "%(why)s Proposed: %(measured)s",
                        why=start.why,
                        measured=measured.why,
                    ),
                )
            return start, proposal
        if item.kind == "start":
            return scoring.starts_with(item.base, item.env), None
        if measured is None:
            measured = scoring.Points(None, self._unmeasured_text(item))
        if measured.points is None and given is not None:
            # Nothing to measure by: the leader's judgement stands in for it.
            start = scoring.given(given, item.minimum, item.maximum, item.env)
            why = " ".join((measured.why, start.why))
            return scoring.Points(start.points, why), None
        return measured, None

    @api.model
    def _unmeasured_text(self, item):
        """Why there is no figure: for the leader, who gives the points instead."""
        indicator = item.indicator_id
        name = indicator.name or item.name
        if indicator and not (indicator.active and indicator._is_measured()):
            return item.env._(
                "“%s” is no longer measured: the points have to be given.", name
            )
        return item.env._("“%s” was not measured: the points have to be given.", name)

    @api.model
    def _measured_points(self, item, figure):
        try:
            return self._points_by_rule(item, figure)
        except scoring.Refused:
            raise
        except ValueError:
            # The rule itself is broken, such as bands that were taken away.
            return scoring.Points(
                None,
                item.env._(
                    "The rule of this item cannot be computed: give the points."
                ),
            )

    @api.model
    def _points_by_rule(self, item, figure):
        base = item._rate_base(figure.denominator)
        if item.kind == "units":
            return scoring.by_units(
                figure.numerator,
                item.base,
                item.points,
                item.unit,
                item.rounding,
                item.env,
            )
        if item.kind == "deviation":
            return scoring.by_deviation(
                figure.numerator,
                base,
                item.points,
                item.base,
                item.whole_points,
                item.env,
            )
        if item.kind == "bands":
            value = figure.numerator
            if item.indicator_id.unit == "share" or item.target:
                value = rates.percentage(figure.numerator, base)
            if value is None or (base or 0) < 0:
                return scoring.by_rate(0, 0, 0, env=item.env)
            bands = [scoring.Band(b.start, b.points) for b in item.band_ids]
            return scoring.by_bands(value, bands, item.env)
        return scoring.by_rate(figure.numerator, base, item.maximum, item.cap, item.env)

    def _is_to_be_given(self):
        """Whether the points are the leader's to give: by rule, or for want of a
        figure."""
        self.ensure_one()
        item = self.item_id
        if item.kind == "given":
            return True
        if item.kind == "start":
            return False
        if not self.has_figure:
            return True
        figure = Figure(self.numerator, self.denominator or None)
        return self._measured_points(item, figure).points is None

    # ------------------------------------------------------------
    # Business methods: input and output
    # ------------------------------------------------------------

    def _store_number(self, text, number_field, flag_field):
        """Keep what was typed as a number; refuse what is none."""
        self.ensure_one()
        typed = (text or "").strip().translate(KEYBOARD)
        if not typed:
            self.sudo().write({number_field: 0.0, flag_field: False})
            return
        try:
            number = float(rates.exact(typed))
        except ValueError:
            number = inf
        if abs(number) > MOST_POINTS:
            raise UserError(self.env._("“%s” is not a number of points.", text))
        self.sudo().write({number_field: number, flag_field: True})

    def _check_limits(self, points):
        try:
            scoring.given(points, self.minimum, self.maximum, self.env)
        except scoring.Refused as refusal:
            raise UserError(self._refusal_text(self.item_id, refusal)) from refusal

    @api.model
    def _refusal_text(self, item, refusal):
        return self.env._(
            "“%(item)s”: %(reason)s", item=item.display_name, reason=str(refusal)
        )

    def _figure_text(self):
        self.ensure_one()
        indicator = self.indicator_id
        base = self.item_id._rate_base(self.denominator)

        def text(number):
            if indicator.unit == "money":
                currency = self.appraisal_id.company_id.currency_id
                return formatLang(self.env, number, currency_obj=currency)
            return scoring.plain(number)

        rate = rates.percentage(self.numerator, base)
        if rate is None:
            return text(self.numerator)
        return self.env._(
            "%(value)s of %(base)s (%(rate)s %%)",
            value=text(self.numerator),
            base=text(base),
            rate=scoring.plain(rate),
        )

    def _sheet_cells(self):
        """No., item, maximum, rule, events, points, explanation with the remarks."""
        self.ensure_one()
        words = [self.why or "", self.comment or ""]
        return [
            self.number or "",
            self.name,
            self.maximum,
            (self.rule_text or "").replace("; ", ";\n"),
            self.event_count or "",
            self.points if self.has_points else "",
            "\n".join(filter(None, words)),
        ]
