from odoo import api, fields, models
from odoo.exceptions import ValidationError

ANSWER_TYPES = [
    ("yes_no", "Yes or No"),
    ("text", "Text"),
    ("number", "Number"),
    ("choice", "Choice"),
    ("score", "Score"),
    ("date", "Date"),
    ("photo", "Photo"),
]


class StmChecklistLine(models.Model):
    """One question of a checklist, and what counts as an answer to it."""

    _name = "stm.checklist.line"
    _description = "Question of a Checklist"
    _inherit = ["stm.version.line.mixin"]
    _order = "checklist_id, sequence, id"

    _stm_version_field = "checklist_id"

    checklist_id = fields.Many2one(
        "stm.checklist", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    section = fields.Char(
        translate=True, help="Questions with the same section belong together."
    )
    name = fields.Char(string="Question", required=True, translate=True)
    help = fields.Char(
        string="Hint", translate=True, help="Says what a good answer looks like."
    )
    answer_type = fields.Selection(
        ANSWER_TYPES, string="Answer", required=True, default="yes_no"
    )
    required = fields.Boolean(
        default=True, help="The document cannot be finished without an answer."
    )
    minimum = fields.Float(help="Smallest number allowed. Both 0: any number.")
    maximum = fields.Float(help="Largest number allowed. Both 0: any number.")
    options = fields.Text(help="What can be chosen: one option a line.")
    points = fields.Float(
        help="Points of the best answer, for lists that are scored: “Yes”, or the"
        " largest number allowed; in between in proportion."
    )

    _list_idx = models.Index("(checklist_id, sequence, id)")

    # ------------------------------------------------------------
    # Constraint methods
    # ------------------------------------------------------------

    @api.constrains("answer_type", "minimum", "maximum")
    def _check_bounds(self):
        for line in self:
            if line.answer_type == "score" and line.maximum <= line.minimum:
                raise ValidationError(
                    self.env._(
                        "Say from which to which number “%s” is scored.", line.name
                    )
                )
            if line.answer_type == "number" and line.maximum < line.minimum:
                raise ValidationError(
                    self.env._(
                        "The largest number allowed for “%s” is below the smallest.",
                        line.name,
                    )
                )

    @api.constrains("answer_type", "options")
    def _check_options(self):
        for line in self:
            options = line._stm_options()
            if line.answer_type == "choice" and len(set(options)) < 2:
                raise ValidationError(
                    self.env._(
                        "Give at least two options to choose from for “%s”, one a"
                        " line.",
                        line.name,
                    )
                )

    @api.constrains("points")
    def _check_points(self):
        if any(line.points < 0 for line in self):
            raise ValidationError(self.env._("Points cannot be negative."))

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_options(self):
        """What can be chosen, in the order of the list."""
        self.ensure_one()
        options = (self.options or "").splitlines()
        return [option.strip() for option in options if option.strip()]

    def _stm_has_bounds(self):
        self.ensure_one()
        return bool(self.minimum or self.maximum)
