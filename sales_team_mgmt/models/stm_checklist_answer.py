from collections import defaultdict
from functools import partial
from math import isfinite

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import float_compare

# Field that holds the answer to each type of question.
VALUE_FIELDS = {
    "yes_no": "value_yes_no",
    "text": "value_text",
    "number": "value_number",
    "choice": "value_choice",
    "score": "value_number",
    "date": "value_date",
    "photo": "value_photo",
}


class StmChecklistAnswer(models.Model):
    """What one document answers to one question of its checklist.

    The rows are made by the system together with the document. Whoever may read the
    document reads them, whoever may change it answers, and they are frozen with it.
    """

    _name = "stm.checklist.answer"
    _description = "Answer of a Checklist"
    _order = "model, res_id, sequence, id"
    _rec_name = "question"

    model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Document",
        model_field="model",
        required=True,
        readonly=True,
        index=True,
    )
    checklist_id = fields.Many2one(
        "stm.checklist", required=True, readonly=True, index=True, ondelete="restrict"
    )
    line_id = fields.Many2one(
        "stm.checklist.line",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    sequence = fields.Integer(readonly=True)
    # Whoever reads the document reads its questions, whatever the post.
    section = fields.Char(related="line_id.section")
    question = fields.Char(related="line_id.name")
    hint = fields.Char(related="line_id.help")
    answer_type = fields.Selection(related="line_id.answer_type")
    required = fields.Boolean(related="line_id.required")
    minimum = fields.Float(related="line_id.minimum")
    maximum = fields.Float(related="line_id.maximum")
    options = fields.Text(related="line_id.options")
    value_yes_no = fields.Selection([("yes", "Yes"), ("no", "No")], string="Yes or No")
    value_text = fields.Text(string="Text")
    value_number = fields.Float(string="Number", digits=(16, 2))
    value_choice = fields.Char(string="Choice")
    value_date = fields.Date(string="Date")
    value_photo = fields.Image(string="Photo", max_width=1920, max_height=1920)
    photo_sha256 = fields.Char(
        string="Fingerprint",
        readonly=True,
        copy=False,
        help="SHA-256 of the photo as it came, where photos are compared.",
    )
    # Stored: a number that nobody has entered and a zero look alike.
    is_answered = fields.Boolean(readonly=True)
    points = fields.Float(compute="_compute_points")

    _list_idx = models.Index("(model, res_id, sequence, id)")
    _photo_idx = models.Index("(photo_sha256) WHERE photo_sha256 IS NOT NULL")
    _uniq = models.UniqueIndex(
        "(model, res_id, line_id)", "This question is in the document already."
    )

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends("is_answered", "value_yes_no", "value_number", "line_id.points")
    def _compute_points(self):
        """Points that the answer is worth, where the checklist gives any."""
        for answer in self:
            line = answer.line_id.sudo()
            share = 0.0
            if not answer.is_answered:
                pass
            elif line.answer_type == "yes_no":
                share = float(answer.value_yes_no == "yes")
            elif line.answer_type in ("number", "score") and line._stm_has_bounds():
                span = line.maximum - line.minimum
                share = (answer.value_number - line.minimum) / span if span else 1.0
            answer.points = line.points * share

    # ------------------------------------------------------------
    # Access
    # ------------------------------------------------------------

    def _check_access(self, operation):
        """Access rights and rules, and then the rights to the document itself."""
        result = super()._check_access(operation)
        if self.env.su or not any(self._ids):
            return result
        refused = result[0] if result else self.browse()
        wanted = "read" if operation == "read" else "write"
        for model, answers in (self - refused).sudo().grouped("model").items():
            allowed = set()
            # The addon of the document may be gone.
            if model in self.env:
                documents = self.env[model].browse(set(answers.mapped("res_id")))
                documents = documents.exists()._filtered_access(wanted)
                if wanted == "write":
                    documents = documents._stm_filter_answerable()
                allowed = set(documents.ids)
                photos = answers.filtered(lambda a: a.answer_type == "photo")
                if photos and documents:
                    domain = documents._stm_photos_domain()
                    shown = set(documents.filtered_domain(domain).ids)
                    hidden = photos.filtered(
                        lambda a, shown=shown: a.res_id not in shown
                    )
                    refused |= hidden.with_env(self.env)
            refused |= answers.filtered(
                lambda a, allowed=allowed: a.res_id not in allowed
            ).with_env(self.env)
        if not refused:
            return None
        return refused, result[1] if result else partial(
            AccessError,
            self.env._(
                "Only whoever may open the document can see or change its answers."
            ),
        )

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        """Only answers of documents that the user may read, also when counting."""
        if not self.env.su and not kwargs.get("bypass_access"):
            domain = Domain(domain) & Domain.OR(
                Domain("model", "=", model) & Domain("res_id", "in", readable) & shown
                for model, (readable, shown) in self._readable_documents().items()
            )
        return super()._search(domain, offset, limit, order, **kwargs)

    @api.model
    def _readable_documents(self):
        """{model: (query of the documents that the user may read, which answers)}"""
        mixin = self.env.registry["stm.checklist.mixin"]
        readable = {}
        for name, model in self.env.registry.items():
            if issubclass(model, mixin) and not model._abstract:
                documents = self.env[name].with_context(active_test=False)
                if documents.has_access("read"):
                    shown = documents._stm_photos_domain()
                    if not shown.is_true():
                        query = documents._search(shown)
                        shown = Domain("line_id.answer_type", "!=", "photo")
                        shown |= Domain("res_id", "in", query)
                    readable[name] = documents._search(Domain.TRUE), shown
        return readable

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(
                self.env._("The questions of a document come from its checklist.")
            )
        return super().create(vals_list)

    def write(self, vals):
        """Answer questions: with a value of their type, in an open document."""
        given = vals.keys() & set(VALUE_FIELDS.values())
        if not self.env.su and vals.keys() - given:
            raise AccessError(
                self.env._(
                    "The questions of a document come from its checklist; only the"
                    " answers can be written."
                )
            )
        if not given:
            return super().write(vals)
        if not self.env.su:
            self.check_access("write")
        documents = self._stm_documents()
        for records in documents:
            records._stm_check_answerable()
        by_answered = defaultdict(self.browse)
        for answer in self:
            by_answered[answer.sudo().model, answer._check_value(vals)] |= answer
        photos = {}
        if "value_photo" in vals:
            for records in documents:
                photos[records._name] = records._stm_prepare_photo_answer(
                    vals["value_photo"]
                )
        for (model, answered), answers in by_answered.items():
            # The state follows from the value that was checked above.
            super(StmChecklistAnswer, answers.sudo()).write(
                {**vals, **photos.get(model, {}), "is_answered": answered}
            )
        for records in documents:
            records._stm_answers_changed()
            if vals.get("value_photo"):
                records._stm_after_photo_answer(
                    self.filtered(lambda a, name=records._name: a.model == name)
                )
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_except_system(self):
        if not self.env.su:
            raise AccessError(
                self.env._("The questions of a document come from its checklist.")
            )

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_purge_photos(self):
        """Delete pictures that are not kept any longer; the answer was given.

        The hashes stay, as those of other photos.
        """
        return super().write({"value_photo": False})

    def _stm_documents(self):
        """The documents, one recordset a model."""
        return [
            self.env[model].browse(sorted(set(answers.mapped("res_id")))).exists()
            for model, answers in self.sudo().grouped("model").items()
        ]

    def _check_value(self, vals):
        """Refuse what is no answer to the question.

        :return: whether the question is answered by the value
        """
        self.ensure_one()
        line = self.line_id.sudo()
        name = VALUE_FIELDS[line.answer_type]
        others = {key for key in set(VALUE_FIELDS.values()) - {name} if vals.get(key)}
        if others:
            raise UserError(
                self.env._(
                    "“%(question)s” wants another kind of answer: %(type)s.",
                    question=line.name,
                    type=dict(
                        line._fields["answer_type"]._description_selection(self.env)
                    )[line.answer_type],
                )
            )
        if name not in vals:
            return self.is_answered
        value = vals[name]
        if name == "value_number":
            return self._check_number(line, value)
        if isinstance(value, str):
            value = value.strip()
        if value and name == "value_choice" and value not in line._stm_options():
            raise UserError(
                self.env._(
                    "“%(value)s” cannot be chosen for “%(question)s”. Choose one of:"
                    " %(options)s.",
                    value=value,
                    question=line.name,
                    options=", ".join(line._stm_options()),
                )
            )
        return bool(value)

    def _check_number(self, line, value):
        if value is False or value is None:
            return False
        try:
            value = float(value)
            known = isfinite(value)
        except (TypeError, ValueError):
            known = False
        if not known:
            raise UserError(
                self.env._("Enter a number for “%(question)s”.", question=line.name)
            )
        below = float_compare(value, line.minimum, precision_digits=2) < 0
        above = float_compare(value, line.maximum, precision_digits=2) > 0
        if line._stm_has_bounds() and (below or above):
            raise UserError(
                self.env._(
                    "Enter a number from %(minimum)s to %(maximum)s for"
                    " “%(question)s”.",
                    minimum=f"{line.minimum:g}",
                    maximum=f"{line.maximum:g}",
                    question=line.name,
                )
            )
        return True
