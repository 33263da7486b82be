from odoo import api, fields, models
from odoo.tools import format_datetime

from ..tools import duties


class StmDutyMixin(models.AbstractModel):
    """A document about a period that people owe by a deadline.

    Stands on top of the approval mixin: submitting hands it in, withdrawing takes it
    back. The document has ``date_from`` and ``period_kind``.
    """

    _name = "stm.duty.mixin"
    _description = "Document That Is Owed"
    _inherit = ["stm.approval.mixin"]

    _stm_is_owed = True
    _stm_fixed_fields = frozenset(
        {"user_id", "company_id", "date_from", "period_kind", "late_reason"}
    )

    period_kind = fields.Selection(
        [("week", "Week")], string="Period", required=True, default="week"
    )
    date_from = fields.Date(string="From", required=True, index=True)
    late_reason = fields.Text(
        string="Reason for Handing in Late",
        copy=False,
        help="Excuses a document that comes within the exception window.",
    )
    duty_item_ids = fields.One2many(
        "stm.duty.item",
        compute="_compute_duty_item_ids",
        string="Deadlines",
    )
    duty_state = fields.Char(compute="_compute_duty_item_ids")
    duty_code = fields.Char(compute="_compute_duty_item_ids")
    duty_sentence = fields.Char(string="Deadline", compute="_compute_duty_item_ids")

    @api.depends("user_id", "date_from", "period_kind", "submitted_at", "late_reason")
    def _compute_duty_item_ids(self):
        """The deadline of the document, and in words what it means right now."""
        Item = self.env["stm.duty.item"].sudo()
        items = Item._find_for(self._origin)
        now = fields.Datetime.now()
        for document in self:
            item = items.get(document._origin, Item)
            document.duty_item_ids = item
            judgement = item and duties.judge(
                item.due_at,
                item.exception_until or None,
                item.submitted_at or None,
                item.has_reason or bool((document.late_reason or "").strip()),
                now,
                item.duty_id.inclusive,
            )
            document.duty_state = (
                item.state == "waived" and "waived" or (judgement and judgement.state)
            )
            document.duty_code = judgement and judgement.code
            document.duty_sentence = item and item._sentence(judgement)

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_after_submitted(self):
        self.env["stm.duty.item"].sudo()._fulfil(self.sudo())
        return super()._stm_after_submitted()

    def _stm_after_withdrawn(self):
        self.env["stm.duty.item"].sudo()._take_back(self.sudo())
        return super()._stm_after_withdrawn()

    def _stm_local(self, moment):
        """A UTC moment in words, in the time zone of the document's person."""
        self.ensure_one()
        tz = self.user_id._stm_tz()
        return format_datetime(self.env, moment, tz=tz, dt_format="short")
