from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..tools.fingerprints import fingerprint

DOCUMENT_STATES = [
    ("draft", "Draft"),
    ("submitted", "Submitted"),
    ("approved", "Approved"),
    ("returned", "Returned"),
]

# The whole workflow on one screen: from a state to the states it can go to.
TRANSITIONS = {
    "draft": {"submitted"},
    "returned": {"submitted"},
    "submitted": {"approved", "returned", "draft"},
    "approved": {"draft"},
}


class StmApprovalMixin(models.AbstractModel):
    """A document that somebody else has to approve.

    The model says which values are approved (``_stm_approved_values``) and may
    extend ``_stm_check_can_submit`` and the ``_stm_after_…`` hooks. Everything else,
    the buttons, the reasons why somebody cannot press them, and the refusals, comes
    from here.
    """

    _name = "stm.approval.mixin"
    _description = "Document to Be Approved"
    _inherit = ["stm.document.mixin", "mail.thread", "mail.activity.mixin"]

    _stm_system_fields = frozenset(
        {"state", "approval_id", "submitted_at", "decided_at"}
    )
    # What stays while somebody decides, even for whoever may change the content.
    _stm_fixed_fields = frozenset({"user_id", "company_id"})

    state = fields.Selection(
        DOCUMENT_STATES,
        string="Status",
        required=True,
        default="draft",
        index=True,
        copy=False,
        tracking=True,
    )
    approval_id = fields.Many2one("stm.approval", copy=False, readonly=True, index=True)
    approval_line_ids = fields.One2many(
        "stm.approval.line",
        compute="_compute_approval_line_ids",
        compute_sudo=False,
        string="Approval Steps",
    )
    submitted_at = fields.Datetime(string="Submitted on", copy=False, readonly=True)
    decided_at = fields.Datetime(string="Decided on", copy=False, readonly=True)
    can_submit = fields.Boolean(compute="_compute_can_decide")
    can_decide = fields.Boolean(
        compute="_compute_can_decide", search="_search_can_decide"
    )
    cannot_decide_reason = fields.Char(compute="_compute_can_decide")
    is_editable = fields.Boolean(compute="_compute_can_decide")

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends("state", "user_id", "approval_id.line_ids.state")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        user = self.env.user
        reasons = self._get_cannot_decide_reasons()
        for document in self:
            own = document.user_id == user
            is_open = document.state in ("draft", "returned")
            document.can_submit = own and is_open
            document.can_decide = document not in reasons
            document.cannot_decide_reason = reasons.get(document, False)
            document.is_editable = own and is_open
            if document.state == "submitted":
                # Whoever has said yes has said it to this text.
                lines = document.sudo().approval_id.line_ids
                document.is_editable = document.can_decide and not any(
                    line.acted_at for line in lines
                )

    @api.depends("approval_id.line_ids")
    @api.depends_context("uid")
    def _compute_approval_line_ids(self):
        """Steps that the reader may see: rules in force are for everybody, the
        opinions that were given on them are not."""
        lines = self.sudo().approval_id.line_ids.with_env(self.env)
        by_approval = lines._filtered_access("read").grouped("approval_id")
        for document in self:
            approval = document.sudo().approval_id.with_env(self.env)
            document.approval_line_ids = by_approval.get(approval, lines.browse())

    @api.model
    def _search_can_decide(self, operator, value):
        if operator != "in":
            return NotImplemented
        Approval = self.env["stm.approval"]
        return Domain("state", "=", "submitted") & Domain(
            "approval_id", "any!", Approval._search_to_decide_by_me("in", [True])
        )

    @api.model
    def _stm_scope_domain(self):
        """Also what one is asked to decide, or somebody one stands in for."""
        scope = self.env["stm.access"]._stm_scope()
        return super()._stm_scope_domain() | Domain(
            "approval_id.line_ids.user_id", "in", scope.user_ids
        )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & self._stm_approved_fields():
            self._stm_approved_values_changed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        """What somebody was asked to decide is kept, whatever became of it."""
        approvals = self.sudo().approval_id
        if any(approval.state != "withdrawn" for approval in approvals):
            raise UserError(
                self.env._(
                    "Only a draft that nobody has decided on can be deleted. Withdraw"
                    " the document first."
                )
            )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_submit(self):
        """Hand the documents in to whoever approves them."""
        self._stm_check_submitter()
        self._stm_check_period()
        self._stm_check_can_submit()
        self._stm_before_submit()
        self._stm_move_to("submitted")
        self.sudo().write({"submitted_at": fields.Datetime.now(), "decided_at": False})
        self.env["stm.approval"].sudo()._open(self.sudo())
        self._stm_after_submitted()
        return True

    def action_withdraw(self):
        """Take documents back that nobody has decided yet."""
        self._stm_check_submitter()
        self._stm_check_period()
        if any(document.state != "submitted" for document in self):
            raise UserError(self.env._("Only submitted documents can be withdrawn."))
        approvals = self.approval_id.sudo()
        approvals._lock()
        pending = approvals.line_ids.filtered(lambda line: line.state == "pending")
        decided = any(line.acted_at for line in approvals.line_ids)
        # If those who were asked have all left, nobody else could move it.
        if decided and pending.user_id.filtered("active"):
            raise UserError(
                self.env._(
                    "A step has been decided already. Ask the approver to return the"
                    " document."
                )
            )
        approvals._finish("withdrawn")
        return True

    def action_approve(self, comment="", countersigner_ids=()):
        """Approve, or ask for the comment that the step needs.

        :param str comment: what the approver says
        :param countersigner_ids: people who have to countersign, where the step
            names them
        """
        self._stm_check_period()
        users = self.env["res.users"].browse(countersigner_ids)
        if not comment and not users and self._stm_needs_dialog():
            return self._stm_decision_dialog("approve")
        self._stm_approvals()._decide(True, comment, users)
        return True

    def action_return(self, comment=""):
        """Give the documents back with a comment; without one, ask for it."""
        self._stm_check_period()
        if not comment:
            return self._stm_decision_dialog("return")
        self._stm_approvals()._decide(False, comment)
        return True

    def action_reopen(self):
        """Change something that was approved: the approval is void at once."""
        self._stm_check_submitter()
        self._stm_check_period()
        if any(document.state != "approved" for document in self):
            raise UserError(self.env._("Only approved documents can be reopened."))
        self.sudo()._stm_void()
        return True

    # ------------------------------------------------------------
    # Business methods: who may do what
    # ------------------------------------------------------------

    def _get_cannot_decide_reasons(self):
        """{document: sentence} why the current user cannot decide, for all at once."""
        approvals = self.sudo().approval_id.with_env(self.env)
        by_approval = approvals._refusal_reasons()
        reasons = {}
        for document in self:
            approval = document.sudo().approval_id.with_env(self.env)
            if document.state != "submitted" or not approval:
                reasons[document] = by_approval.get(approval) or self.env._(
                    "“%(document)s” has not been submitted yet.",
                    document=document.display_name,
                )
            elif approval in by_approval:
                reasons[document] = by_approval[approval]
        return reasons

    def _stm_approvals(self):
        """The open approvals; refuses documents that have none."""
        reasons = self._get_cannot_decide_reasons()
        if reasons:
            raise UserError(next(iter(reasons.values())))
        return self.sudo().approval_id.with_env(self.env)

    def _stm_check_submitter(self):
        self.check_access("read")
        if self.env.su:
            return
        for document in self:
            if document.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "Only %(person)s can do this with “%(document)s”.",
                        person=document.user_id.name,
                        document=document.display_name,
                    )
                )

    def _stm_check_editable(self, vals):
        """Drafts are changed by their owner, submitted ones by who decides them."""
        super()._stm_check_editable(vals)
        if self.env.su:
            return
        for document in self:
            fixed = document.state == "submitted" and self._stm_fixed_fields & set(vals)
            if document.is_editable and not fixed:
                continue
            if document.can_decide:
                message = self.env._(
                    "“%(document)s” is submitted. Return it, so that %(person)s can"
                    " change this.",
                    document=document.display_name,
                    person=document.user_id.name,
                )
            elif document.user_id == self.env.user:
                message = self.env._(
                    "“%(document)s” is submitted or approved and cannot be changed."
                    " Withdraw or reopen it first.",
                    document=document.display_name,
                )
            else:
                message = document.cannot_decide_reason
            raise UserError(message)

    @api.model
    def _stm_open_domain(self):
        return Domain("state", "!=", "approved")

    def _stm_check_can_submit(self):
        """Hook: refuse what is not complete."""

    def _stm_before_submit(self):
        """Hook: bring the content up to date before it is handed in."""

    def _stm_needs_dialog(self):
        return any(
            approval.step_id.comment_required or approval._named_step()
            for approval in self.sudo().approval_id
        )

    def _stm_decision_dialog(self, decision):
        self._stm_approvals()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Approve")
            if decision == "approve"
            else self.env._("Return"),
            "res_model": "stm.decision",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_decision": decision,
                "default_model": self._name,
                "default_res_ids": ",".join(map(str, self.ids)),
            },
        }

    # ------------------------------------------------------------
    # Business methods: states
    # ------------------------------------------------------------

    def _stm_move_to(self, target):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for document in self:
            if target not in TRANSITIONS[document.state]:
                raise UserError(
                    self.env._(
                        "“%(document)s” is %(state)s and cannot become %(target)s.",
                        document=document.display_name,
                        state=labels[document.state],
                        target=labels[target],
                    )
                )
        self.sudo().write({"state": target})

    def _stm_approval_finished(self, state):
        """Called by the approval when it has ended one way or another."""
        target = {"withdrawn": "draft", "void": "draft"}.get(state, state)
        self._stm_move_to(target)
        if state in ("approved", "returned"):
            self.sudo().decided_at = fields.Datetime.now()
        if state == "approved":
            self._stm_after_approved()
        elif state == "returned":
            self._stm_after_returned()
        elif state == "withdrawn":
            self._stm_after_withdrawn()

    def _stm_void(self):
        """The approval does not hold any more: back to draft."""
        self.approval_id._finish("void")
        for document in self:
            document.message_post(
                body=self.env._("The approval is void because the content changes.")
            )

    def _stm_after_submitted(self):
        """Hook: after documents were handed in."""

    def _stm_after_withdrawn(self):
        """Hook: after documents were taken back."""

    def _stm_after_approved(self):
        """Hook: after the last step said yes."""

    def _stm_after_returned(self):
        """Tell the owner what to do; models may add to it."""
        returned = self.sudo().approval_id.line_ids.filtered(
            lambda line: line.state == "returned"
        )
        comments = {line.approval_id.id: line.comment for line in returned}
        for (user, comment), documents in self.grouped(
            lambda d: (d.user_id, comments.get(d.approval_id.id))
        ).items():
            localized = self.with_context(lang=user.lang)
            documents.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=localized.env._("Returned: please correct and submit again"),
                note=comment,
                user_id=user.id,
            )

    # ------------------------------------------------------------
    # Business methods: fingerprint
    # ------------------------------------------------------------

    def _stm_approved_fields(self):
        """Names of the fields whose change makes an approval void."""
        return set()

    def _stm_approved_values(self):
        """What is approved, as plain values (of one document)."""
        self.ensure_one()
        return {}

    def _stm_fingerprint(self):
        self.ensure_one()
        return fingerprint(self.sudo()._stm_approved_values())

    def _stm_approved_values_changed(self):
        """Approved: void. Under decision: the approver's change is written down."""
        for document in self.sudo():
            approval = document.approval_id
            if approval.state not in ("pending", "approved"):
                continue
            if document.state not in ("submitted", "approved"):
                continue
            current = document._stm_fingerprint()
            if current == approval.fingerprint:
                continue
            if approval.state == "approved":
                document._stm_void()
            else:
                approval.fingerprint = current
                document.message_post(
                    body=self.env._("Changed before the decision."),
                    author_id=self.env.user.partner_id.id,
                )
