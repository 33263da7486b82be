from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import scoring, weeks


class StmAppraisalDeduction(models.Model):
    """What events of one type take away from an item (APP-01, APP-12)."""

    _name = "stm.appraisal.deduction"
    _description = "Deduction"
    _inherit = ["stm.version.line.mixin"]
    _order = "item_id, sequence, id"
    _rec_name = "event_type_id"

    _stm_version_field = "template_id"

    item_id = fields.Many2one(
        "stm.appraisal.item", required=True, index=True, ondelete="cascade"
    )
    template_id = fields.Many2one(
        related="item_id.template_id", store=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    number = fields.Char(string="No.", help="As on the form, such as 1.1.")
    event_type_id = fields.Many2one(
        "stm.event.type", string="Event", required=True, index=True, ondelete="restrict"
    )
    mode = fields.Selection(
        [
            ("each", "Each Event"),
            ("full", "Each Full Unit of Money"),
            ("started", "Each Started Unit of Money"),
            ("pro_rata", "Money, Pro Rata"),
            ("range", "Judged Within a Range"),
            ("share", "One Week's Share of the Item"),
            ("all", "The Whole Item"),
        ],
        string="Deducts",
        required=True,
        default="each",
    )
    points = fields.Float(
        help="Points for each event or unit; of a range: the least.", default=1.0
    )
    most = fields.Float(string="At Most", help="Of a range: the most.")
    unit = fields.Float(
        string="Unit of Money", default=10000.0, help="In the company's currency."
    )
    doubles = fields.Boolean(
        string="Repeated Weighs More",
        default=True,
        help="What is missing again and again weighs as much as the company says.",
    )

    _points_not_negative = models.Constraint(
        "CHECK (points >= 0 AND most >= 0)",
        "Write deductions as positive points: they are taken away.",
    )
    _unit_positive = models.Constraint(
        "CHECK (unit > 0)", "A unit of money has to be more than zero."
    )

    @api.constrains("mode", "points", "most")
    def _check_range(self):
        for deduction in self:
            if deduction.mode == "range" and deduction.most < deduction.points:
                raise ValidationError(
                    self.env._(
                        "“%s”: the most that can be deducted is less than the least.",
                        deduction.event_type_id.name,
                    )
                )

    def _as_rule(self, date_from, date_to):
        """The deduction as a rule of ``tools.scoring``, for a period of these days."""
        self.ensure_one()
        return scoring.Deduction(
            name=self.event_type_id.name,
            mode=self.mode,
            points=self.points,
            most=self.most,
            unit=self.unit,
            parts=max(1, weeks.count_weeks(date_from, date_to)),
        )

    def _rule_text(self):
        """The deduction in words, for the sheet."""
        self.ensure_one()

        def text(number):
            return scoring.plain(number)

        values = {
            "event": self.event_type_id.name,
            "points": text(self.points),
            "most": text(self.most),
            "unit": text(self.unit),
        }
        return {
            "each": self.env._("%(event)s: −%(points)s each", **values),
            "full": self.env._(
                "%(event)s: −%(points)s per full %(unit)s lost", **values
            ),
            "started": self.env._(
                "%(event)s: −%(points)s per started %(unit)s lost", **values
            ),
            "pro_rata": self.env._(
                "%(event)s: −%(points)s per %(unit)s lost", **values
            ),
            "range": self.env._("%(event)s: −%(points)s to −%(most)s each", **values),
            "share": self.env._("%(event)s: a week's share of the item", **values),
            "all": self.env._("%(event)s: the whole item", **values),
        }[self.mode]
