from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class StmChecklistMixin(models.AbstractModel):
    """A document that answers the questions of a checklist.

    Stands beside ``stm.document.mixin``. The model names its ``_stm_checklist_usage``,
    calls ``_stm_start_checklist`` when the document is made and
    ``_stm_check_checklist`` before it is finished.
    """

    _name = "stm.checklist.mixin"
    _description = "Document with a Checklist"
    _inherit = ["stm.system.mixin"]

    # Value of ``usage`` of the checklists that are for this document.
    _stm_checklist_usage = None
    _stm_system_fields = frozenset({"checklist_id"})

    checklist_id = fields.Many2one(
        "stm.checklist",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    checklist_answer_ids = fields.One2many(
        "stm.checklist.answer", "res_id", string="Checklist Answers", copy=False
    )
    checklist_missing = fields.Char(
        string="Questions to Answer", compute="_compute_checklist_missing"
    )

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends("checklist_answer_ids.is_answered")
    def _compute_checklist_missing(self):
        missing = self._origin._stm_missing_questions()
        for document in self:
            document.checklist_missing = ", ".join(missing.get(document._origin, ()))

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    def unlink(self):
        answers = self._stm_answers()
        result = super().unlink()
        answers.unlink()
        return result

    # ------------------------------------------------------------
    # Business methods: hooks of the document
    # ------------------------------------------------------------

    def _stm_checklist_person(self):
        """Hook: the person whose post decides which checklist is taken."""
        self.ensure_one()
        return self.user_id

    def _stm_find_checklists(self):
        """Hook: {document: checklist} in force for its person on its day."""
        return self.env["stm.checklist"]._find(
            self._stm_checklist_usage,
            {d: (d._stm_checklist_person(), d.company_id, d._stm_day()) for d in self},
        )

    def _stm_filter_answerable(self):
        """Hook: documents whose answers the current user may change at all.

        Also decides on the files of photos, which have a door of their own.
        """
        return self

    @api.model
    def _stm_photos_domain(self):
        """Hook: of the documents that somebody reads, those with their photos too."""
        return Domain.TRUE

    def _stm_check_answerable(self):
        """Hook: refuse answers by the current user in the current state.

        By default they can be given as long as the document can be changed.
        """
        if not self.env.su:
            self._stm_check_editable({"checklist_answer_ids": []})
        self._stm_check_period()

    def _stm_answers_changed(self):
        """Hook: after answers were given; an approval may be void now."""
        if "approval_id" in self._fields:
            self._stm_approved_values_changed()

    def _stm_prepare_photo_answer(self, encoded):
        """Hook: values to store of a photo in base64, or of none."""
        return {"value_photo": encoded}

    def _stm_after_photo_answer(self, answers):
        """Hook: after questions were answered with a photo."""

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_answers(self):
        """Answers of all documents, for the system."""
        return (
            self.env["stm.checklist.answer"]
            .sudo()
            .search(Domain("model", "=", self._name) & Domain("res_id", "in", self.ids))
            if self.ids
            else self.env["stm.checklist.answer"].sudo()
        )

    def _stm_start_checklist(self):
        """Give documents the questions in force for their person on their day.

        All at once; documents that have a checklist already keep it.
        """
        new = self.sudo().filtered(lambda document: not document.checklist_id)
        found = new._stm_find_checklists()
        by_checklist = {}
        for document, checklist in found.items():
            by_checklist.setdefault(checklist.sudo(), self.browse())
            by_checklist[checklist.sudo()] |= document
        values = []
        for checklist, documents in by_checklist.items():
            documents.sudo().checklist_id = checklist
            values += [
                {
                    "model": self._name,
                    "res_id": document.id,
                    "checklist_id": checklist.id,
                    "line_id": line.id,
                    "sequence": number,
                }
                for document in documents
                for number, line in enumerate(checklist.line_ids)
            ]
        if values:
            self.env["stm.checklist.answer"].sudo().create(values)
            self.invalidate_recordset(["checklist_answer_ids", "checklist_missing"])

    def _stm_restart_checklist(self):
        """After person or day have changed: the questions in force for those.

        Where somebody has answered already, the questions stay.
        """
        started = self.sudo().filtered("checklist_id")
        answers = started._stm_answers()
        begun = set(answers.filtered("is_answered").mapped("res_id"))
        fresh = started.filtered(lambda document: document.id not in begun)
        if fresh:
            answers.filtered(lambda a: a.res_id not in begun).unlink()
            fresh.checklist_id = False
        (self - started.filtered("checklist_id"))._stm_start_checklist()

    def _stm_missing_questions(self):
        """{document: names of required questions without an answer}, in one read."""
        if not self.ids:
            return {}
        answers = (
            self.env["stm.checklist.answer"]
            .sudo()
            .search(
                Domain("model", "=", self._name)
                & Domain("res_id", "in", self.ids)
                & Domain("is_answered", "=", False)
                & Domain("line_id.required", "=", True)
            )
        )
        missing = {}
        for answer in answers:
            missing.setdefault(self.browse(answer.res_id), []).append(answer.question)
        return missing

    def _stm_check_checklist(self):
        """Refuse documents whose required questions are not all answered."""
        for document, questions in self._stm_missing_questions().items():
            raise UserError(
                self.env._(
                    "Answer the checklist of “%(document)s” first: %(questions)s.",
                    document=document.display_name,
                    questions=", ".join(f"“{question}”" for question in questions),
                )
            )
