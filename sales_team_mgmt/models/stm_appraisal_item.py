from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import scoring

# Kinds whose points come from an indicator.
MEASURED = ("rate", "deviation", "units", "bands")

# More than any rule is about; neither NaN nor infinity is less.
MOST = 1_000_000_000_000


class StmAppraisalItem(models.Model):
    """What is appraised, and how its points come about (APP-01).

    The kind says what the item is worth at first; the deductions say what each event
    of the month takes away.
    """

    _name = "stm.appraisal.item"
    _description = "Item of an Appraisal Template"
    _inherit = ["stm.version.line.mixin"]
    _order = "section_id, sequence, id"

    _stm_version_field = "template_id"

    section_id = fields.Many2one(
        "stm.appraisal.section", required=True, index=True, ondelete="cascade"
    )
    template_id = fields.Many2one(
        related="section_id.template_id", store=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    number = fields.Char(string="No.", help="As on the form, such as 2.1.")
    name = fields.Char(string="Item", required=True, translate=True)
    description = fields.Text(
        string="Standard", translate=True, help="What is expected, in words."
    )
    kind = fields.Selection(
        [
            ("given", "Given by the Leader"),
            ("start", "All Points, Less Deductions"),
            ("rate", "In Proportion to an Indicator"),
            ("deviation", "Per Point of Deviation"),
            ("units", "Per Unit of an Indicator"),
            ("bands", "By Bands of an Indicator"),
        ],
        string="Rule",
        required=True,
        default="given",
    )
    minimum = fields.Float(
        default=0.0, help="The least the item can be worth; may be negative."
    )
    maximum = fields.Float(default=10.0, help="The most the item can be worth.")
    base = fields.Float(
        string="Starts With",
        help="What the item is worth before deductions, units or deviations.",
    )
    indicator_id = fields.Many2one(
        "stm.indicator",
        index="btree_not_null",
        ondelete="restrict",
        help="The figure behind the points. Where the leader gives them, it is a"
        " proposal.",
    )
    target = fields.Float(
        help="What the figure is compared with; zero: with what it is a share of."
    )
    cap = fields.Float(
        string="Counted up to %", default=100.0, help="More than this adds no points."
    )
    points = fields.Float(
        string="Points per Unit",
        default=1.0,
        help="Points for each unit of the indicator, or for each point off 100 %.",
    )
    unit = fields.Float(default=1.0, help="How much of the indicator is one unit.")
    rounding = fields.Selection(
        [
            ("full", "Full Units"),
            ("started", "Started Units"),
            ("pro_rata", "Pro Rata"),
        ],
        string="Units Counted",
        required=True,
        default="full",
    )
    whole_points = fields.Boolean(
        string="Whole Points Only",
        default=True,
        help="A part of a percentage point is cut off towards zero.",
    )
    band_ids = fields.One2many(
        "stm.appraisal.band", "item_id", string="Bands", copy=True
    )
    deduction_ids = fields.One2many(
        "stm.appraisal.deduction", "item_id", string="Deductions", copy=True
    )
    rule_text = fields.Char(string="How It Is Scored", compute="_compute_rule_text")

    _limits = models.Constraint(
        "CHECK (maximum >= minimum)",
        "The maximum of an item cannot be below its minimum.",
    )
    _cap_not_negative = models.Constraint(
        "CHECK (cap >= 0)", "What is counted at most cannot be negative."
    )
    _unit_positive = models.Constraint(
        "CHECK (unit > 0)", "A unit has to be more than zero."
    )

    # ------------------------------------------------------------
    # Compute, constraint and onchange methods
    # ------------------------------------------------------------

    @api.depends("number", "name")
    def _compute_display_name(self):
        for item in self:
            item.display_name = " ".join(filter(None, (item.number, item.name)))

    @api.depends(
        "kind",
        "minimum",
        "maximum",
        "base",
        "points",
        "unit",
        "indicator_id",
        "deduction_ids",
        "band_ids",
    )
    def _compute_rule_text(self):
        """The rule in one line, for the people who are scored by it."""
        for item in self:
            item.rule_text = item._rule_text()

    @api.onchange("maximum", "kind")
    def _onchange_maximum(self):
        if self.kind in ("start", "units"):
            self.base = self.maximum

    @api.constrains(
        "kind",
        "indicator_id",
        "template_id",
        "target",
        "band_ids",
        "deduction_ids",
        "minimum",
        "maximum",
        "base",
        "points",
        "unit",
        "cap",
    )
    def _check_released(self):
        """What is in force stays computable, whoever edits it."""
        self.filtered("template_id.is_released")._check_rule()

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _check_rule(self):
        """Refuse items that could not be scored.

        :raises ValidationError: names the item and what it lacks
        """
        for item in self:
            problem = item._problem()
            if problem:
                raise ValidationError(
                    self.env._(
                        "“%(item)s”: %(problem)s",
                        item=item.display_name,
                        problem=problem,
                    )
                )

    def _problem(self):
        self.ensure_one()
        numbers = ("minimum", "maximum", "base", "target", "cap", "points", "unit")
        if not all(abs(self[name]) <= MOST for name in numbers):
            return self.env._("its figures are not ordinary numbers.")
        if self.kind in MEASURED and not self.indicator_id:
            return self.env._("choose the indicator that its points come from.")
        if self.kind in ("rate", "deviation"):
            if not self.target and self.indicator_id.unit != "share":
                return self.env._("set the target that the figure is compared with.")
        if self.kind == "bands":
            starts = self.band_ids.mapped("start")
            if not starts or len(set(starts)) < len(starts):
                return self.env._("add bands that begin with different values.")
        ranges = self.deduction_ids.filtered(lambda d: d.mode == "range")
        if len(ranges) > 1:
            return self.env._("only one deduction can be left to judgement.")
        types = self.deduction_ids.event_type_id
        if len(types) < len(self.deduction_ids):
            return self.env._("an event type can only be deducted once.")
        return ""

    def _rule_text(self):
        self.ensure_one()

        def text(number):
            return scoring.plain(number)

        values = {
            "minimum": text(self.minimum),
            "maximum": text(self.maximum),
            "base": text(self.base),
            "points": text(self.points),
            "unit": text(self.unit),
            "indicator": self.indicator_id.name or "",
        }
        rules = {
            "given": self.env._("given, %(minimum)s to %(maximum)s", **values),
            "start": self.env._("%(base)s, less deductions", **values),
            "rate": self.env._("%(maximum)s × %(indicator)s", **values),
            "deviation": self.env._(
                "%(base)s ± %(points)s per point off 100 %% of %(indicator)s", **values
            ),
            "units": self.env._(
                "%(base)s − %(points)s per %(unit)s of %(indicator)s", **values
            ),
            "bands": self.env._("by bands of %(indicator)s", **values),
        }
        parts = [rules[self.kind]]
        parts += [deduction._rule_text() for deduction in self.deduction_ids]
        return "; ".join(parts)

    def _rate_base(self, denominator):
        """What the figure is compared with: the target, or the figure's own whole."""
        return self.target or denominator
