from odoo import fields, models


class StmVisitExceptionDecide(models.TransientModel):
    """Asks what to say about exceptions: a question, or why they are rejected."""

    _name = "stm.visit.exception.decide"
    _description = "Decide on Visit Exceptions"

    exception_ids = fields.Many2many("stm.visit.exception", required=True)
    decision = fields.Selection(
        [("ask", "Ask for Explanation"), ("reject", "Reject")],
        required=True,
        default="reject",
    )
    comment = fields.Char(required=True)
    follow_up = fields.Selection(
        [
            ("none", "Nothing More"),
            ("check", "Have the Visit Checked"),
            ("false", "The Visit Did Not Take Place"),
        ],
        string="Then",
        required=True,
        default="none",
        help="A visit that did not take place counts no more and is proposed as an"
        " event.",
    )

    def action_confirm(self):
        """Ask or reject; the exceptions look again whether the user may."""
        if self.decision == "ask":
            self.exception_ids.action_ask(self.comment)
        else:
            self.exception_ids.action_reject(self.comment, self.follow_up)
        return {"type": "ir.actions.act_window_close"}
