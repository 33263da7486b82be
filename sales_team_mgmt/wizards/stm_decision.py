from odoo import fields, models
from odoo.exceptions import UserError


class StmDecision(models.TransientModel):
    """The words that go with a decision: why it is returned, or what was seen."""

    _name = "stm.decision"
    _description = "Approve or Return"

    decision = fields.Selection(
        [("approve", "Approve"), ("return", "Return")], required=True
    )
    model = fields.Char(required=True)
    res_ids = fields.Char(required=True)
    comment = fields.Text()
    names_countersigners = fields.Boolean(compute="_compute_names_countersigners")
    countersigner_ids = fields.Many2many(
        "res.users", string="To Countersign", domain=[("share", "=", False)]
    )

    def _compute_names_countersigners(self):
        for wizard in self:
            approvals = wizard._get_documents().sudo().approval_id
            wizard.names_countersigners = wizard.decision == "approve" and any(
                approval._named_step() for approval in approvals
            )

    def action_confirm(self):
        """Decide; the documents check again whether the user may."""
        self.ensure_one()
        documents = self._get_documents()
        if self.decision == "return":
            if not (self.comment or "").strip():
                raise UserError(self.env._("Write what has to be corrected."))
            documents.action_return(self.comment)
        else:
            documents._stm_approvals()
            documents._stm_check_period()
            documents._stm_approvals()._decide(
                True, self.comment, self.countersigner_ids
            )
        return {"type": "ir.actions.act_window_close"}

    def _get_documents(self):
        self.ensure_one()
        models_allowed = dict(
            self.env["stm.approval.route"]
            ._fields["model"]
            ._description_selection(self.env)
        )
        if self.model not in models_allowed:
            raise UserError(self.env._("This document cannot be approved."))
        ids = [int(part) for part in self.res_ids.split(",") if part.isdigit()]
        documents = self.env[self.model].browse(ids).exists()
        documents.check_access("read")
        return documents
