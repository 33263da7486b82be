from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

APPROVAL_STATES = [
    ("pending", "To Decide"),
    ("approved", "Approved"),
    ("returned", "Returned"),
    ("withdrawn", "Withdrawn"),
    ("void", "Void"),
]


class StmApproval(models.Model):
    """The way of one document through its approval route.

    Written by the system only. It is bound to a fingerprint of the values that were
    approved: whatever changes them afterwards makes it void.
    """

    _name = "stm.approval"
    _description = "Approval"
    _inherit = ["stm.system.mixin", "stm.scope.mixin"]
    _order = "submitted_at desc, id desc"
    _rec_name = "name"

    _stm_system_fields = frozenset({"state", "step_id", "decided_at"})

    name = fields.Char(required=True)
    model = fields.Char(required=True)
    res_id = fields.Many2oneReference(model_field="model", required=True)
    route_id = fields.Many2one(
        "stm.approval.route", required=True, index=True, ondelete="restrict"
    )
    step_id = fields.Many2one("stm.approval.route.step", string="Current Step")
    requester_id = fields.Many2one("res.users", required=True)
    user_id = fields.Many2one(
        "res.users", string="Salesperson", required=True, index=True
    )
    team_id = fields.Many2one("crm.team", index=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    state = fields.Selection(
        APPROVAL_STATES, required=True, default="pending", index=True
    )
    fingerprint = fields.Char(required=True)
    submitted_at = fields.Datetime(required=True)
    decided_at = fields.Datetime()
    line_ids = fields.One2many("stm.approval.line", "approval_id", string="Steps")
    pending_user_ids = fields.Many2many(
        "res.users", string="Waiting for", compute="_compute_pending_user_ids"
    )
    to_decide_by_me = fields.Boolean(
        compute="_compute_to_decide_by_me", search="_search_to_decide_by_me"
    )

    _document_idx = models.Index("(model, res_id)")
    _one_pending = models.UniqueIndex(
        "(model, res_id) WHERE state = 'pending'",
        "This document has been submitted already.",
    )

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends("line_ids.state", "line_ids.user_id")
    def _compute_pending_user_ids(self):
        for approval in self:
            pending = approval.line_ids.filtered(lambda line: line.state == "pending")
            approval.pending_user_ids = pending.user_id

    @api.depends("line_ids.state", "line_ids.user_id")
    @api.depends_context("uid")
    def _compute_to_decide_by_me(self):
        lines = self._actable_lines()
        for approval in self:
            approval.to_decide_by_me = approval in lines

    @api.model
    def _search_to_decide_by_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        user = self.env.user
        own = Domain("state", "=", "pending") & Domain("user_id", "=", user.id)
        actable = self.env["stm.approval.line"]._actable_domain(user)
        # For somebody else only whoever has not decided on the document before.
        decided = Domain("acted_by_id", "=", user.id)
        return (
            Domain("state", "=", "pending")
            & Domain("user_id", "!=", user.id)
            & Domain("requester_id", "!=", user.id)
            & (
                Domain("line_ids", "any", own)
                | Domain("line_ids", "any", actable)
                & ~Domain("line_ids", "any", decided)
            )
        )

    @api.model
    def _stm_scope_domain(self):
        """Also what one asked for, or is asked to decide, for somebody else too."""
        scope = self.env["stm.access"]._stm_scope()
        return (
            super()._stm_scope_domain()
            | Domain("requester_id", "=", self.env.uid)
            | Domain("line_ids.user_id", "in", scope.user_ids)
        )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_open_document(self):
        """Open the document that waits for the decision."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    # ------------------------------------------------------------
    # Business methods: asking
    # ------------------------------------------------------------

    @api.model
    def _open(self, documents):
        """Start the approval of documents, all at once (as superuser)."""
        routes = self.env["stm.approval.route"]._find(documents)
        # An approval that ended a moment ago must be so in the database too.
        self.flush_model(["state"])
        approvals = self.create(
            [
                {
                    "name": document.display_name,
                    "model": document._name,
                    "res_id": document.id,
                    "route_id": routes[document].id,
                    "requester_id": self.env.uid,
                    "user_id": document.user_id.id,
                    "team_id": document.team_id.id,
                    "company_id": document.company_id.id,
                    "fingerprint": document._stm_fingerprint(),
                    "submitted_at": fields.Datetime.now(),
                }
                for document in documents
            ]
        )
        approvers = approvals._find_approvers()
        self.env["stm.approval.line"].create(
            [
                approval._prepare_line(step, user, team)
                for (approval, step), people in approvers.items()
                for user, team in people
            ]
        )
        for document, approval in zip(documents, approvals, strict=True):
            document.approval_id = approval
        approvals._go_to_next_step()
        return approvals

    def _prepare_line(self, step, user, team):
        return {
            "approval_id": self.id,
            "step_id": step.id,
            "user_id": user.id,
            "team_id": team.id,
        }

    def _find_approvers(self, strict=True):
        """{(approval, step): [(user, team)]} of all steps but the named ones.

        :param bool strict: refuse an approval that has a step nobody can decide
        :raises UserError: says what to do about it
        """
        self.env["crm.team"].sudo().with_context(active_test=False).search_fetch(
            [], ["parent_path", "user_id", "active"]
        )
        holders = self._post_holders(self.route_id.step_ids.post_id)
        found = {}
        for approval in self:
            asked = set()
            for step in approval.route_id.step_ids:
                people = approval._step_approvers(step, holders, asked)
                if people:
                    found[approval, step] = people
                    asked |= {user.id for user, _team in people}
                elif strict and step.kind != "named":
                    if not asked or step.kind != "superior":
                        raise UserError(approval._nobody_message(step))
        return found

    def _post_holders(self, posts):
        """{post: memberships of today} in one read."""
        holders = defaultdict(lambda: self.env["crm.team.member"].sudo())
        if posts:
            today = fields.Date.context_today(self)
            domain = Domain("stm_post_id", "in", posts.ids)
            for member in self.env["crm.team.member"]._stm_on(today, domain):
                holders[member.stm_post_id.id] |= member
        return holders

    def _step_approvers(self, step, holders, asked):
        """Whom a step asks: never the requester, and no superior twice."""
        self.ensure_one()
        own = self.requester_id | self.user_id
        no_team = self.env["crm.team"]
        if step.kind == "superior":
            chain = [
                (leader, team)
                for leader, team in self.team_id._stm_superiors(self.user_id)
                if leader not in own and self.company_id in leader.company_ids
            ]
            people = chain[: step.level][-1:]
            return [] if people and people[0][0].id in asked else people
        if step.kind == "post":
            members = holders[step.post_id.id]
            chain = self.team_id._stm_chain()
            near = members.filtered(lambda member: member.crm_team_id in chain)
            users = (near or members).user_id
        elif step.kind == "group":
            users = step.group_id.all_user_ids
        elif step.kind == "user":
            users = step.user_id
        else:
            return []
        users = users.filtered(
            lambda user: user.active
            and not user.share
            and user not in own
            and self.company_id in user.company_ids
        )
        return [(user, no_team) for user in users]

    def _nobody_message(self, step):
        return self.env._(
            "Nobody can decide step “%(step)s” of “%(document)s”: %(person)s has no"
            " superior, or nobody else holds the post. Ask the department manager to"
            " complete the team or the approval route.",
            step=step.name,
            document=self.name,
            person=self.user_id.name,
        )

    def _go_to_next_step(self):
        """Ask the people of the next step; without one the document is approved."""
        self.env["stm.duty.item"]._close_decisions(self)
        done = self.browse()
        for approval in self:
            steps = approval.line_ids.filtered(lambda line: line.state == "waiting")
            step = steps.step_id.sorted(lambda s: (s.sequence, s.id))[:1]
            approval.step_id = step
            if step:
                approval.line_ids.grouped("step_id")[step].state = "pending"
            else:
                done |= approval
        (self - done)._ask()
        done._finish("approved")

    def _ask(self):
        """Put the document on the list of activities of whoever decides next."""
        self._schedule_decisions(
            (approval, user) for approval in self for user in approval.pending_user_ids
        )
        self._remind_stand_ins()
        self.env["stm.duty.item"]._open_decisions(self)

    def _remind_stand_ins(self):
        """The same for those who act today for whoever decides next."""
        stand_ins = self.env["stm.substitution"]._stand_ins_of(self.pending_user_ids)
        self._schedule_decisions(
            (approval, stand_ins[user])
            for approval in self
            for user in approval.pending_user_ids
            if user in stand_ins and stand_ins[user] != approval.user_id
        )

    def _schedule_decisions(self, pairs):
        by_receiver = defaultdict(list)
        for approval, user in pairs:
            by_receiver[approval.model, user].append(approval.res_id)
        for (model, user), ids in by_receiver.items():
            self.env[model].browse(ids).activity_schedule(
                "sales_team_mgmt.mail_activity_decide", user_id=user.id
            )

    # ------------------------------------------------------------
    # Business methods: deciding
    # ------------------------------------------------------------

    def _actable_lines(self):
        """{approval: line} that the current user may decide now, in few reads."""
        user = self.env.user
        ours = self.sudo().filtered(
            lambda a: a.state == "pending" and user not in (a.user_id | a.requester_id)
        )
        if not ours:
            return {}
        people = user | self.env["stm.substitution"]._stood_in_for(user)
        found = {}
        for approval in ours:
            lines = approval.line_ids
            decided = lines.filtered(lambda line: line.acted_by_id == user)
            for line in lines.filtered(lambda line: line.state == "pending"):
                own = line.user_id == user
                stands_in = line.user_id in people or line.team_id.stm_deputy_id == user
                if own or (stands_in and not decided):
                    if own or approval not in found:
                        found[approval] = line
        return {approval.with_env(self.env): line for approval, line in found.items()}

    def _refusal_reasons(self):
        """{approval: sentence} why the current user cannot decide it (SEC-02)."""
        lines = self._actable_lines()
        reasons = {}
        for approval in self.sudo():
            key = approval.with_env(self.env)
            if key in lines:
                continue
            if approval.state != "pending":
                reasons[key] = approval._decided_message()
            elif self.env.user in (approval.user_id | approval.requester_id):
                reasons[key] = self.env._(
                    "You cannot decide on “%(document)s” yourself, because it is your"
                    " own. It waits for %(people)s.",
                    document=approval.name,
                    people=approval.pending_user_ids.mapped("name"),
                )
            else:
                reasons[key] = self.env._(
                    "“%(document)s” waits for %(people)s. If they are absent, have a"
                    " stand-in appointed.",
                    document=approval.name,
                    people=approval.pending_user_ids.mapped("name"),
                )
        return reasons

    def _decided_message(self):
        last = self.line_ids.filtered("acted_at").sorted("acted_at")[-1:]
        if self.state in ("approved", "returned") and last:
            return self.env._(
                "“%(document)s” was decided by %(person)s on %(time)s already.",
                document=self.name,
                person=last.acted_by_id.name,
                time=format_datetime(self.env, last.acted_at),
            )
        return self.env._(
            "“%(document)s” is not submitted any more.", document=self.name
        )

    def _decide(self, approve, comment="", countersigners=None):
        """Write down the decision of the current user and move on.

        :param bool approve: approved, or else returned to the requester
        :param str comment: what the approver says
        :param countersigners: users asked by the next named step (ORG-21)
        :raises UserError: when the user may not decide, or something is missing
        """
        self._lock()
        reasons = self._refusal_reasons()
        if reasons:
            raise UserError(next(iter(reasons.values())))
        lines = self._actable_lines()
        comment = (comment or "").strip()
        documents = {
            (document._name, document.id): document
            for records in self.sudo()._stm_documents()
            for document in records
        }
        for approval in self.sudo():
            line = lines[approval.with_env(self.env)]
            document = documents[approval.model, approval.res_id]
            if approve and document._stm_fingerprint() != approval.fingerprint:
                raise UserError(approval._changed_message())
            approval._check_decision(line.step_id, approve, comment, countersigners)
            line.write(
                {
                    "state": "approved" if approve else "returned",
                    "acted_by_id": self.env.uid,
                    "acted_at": fields.Datetime.now(),
                    "comment": comment,
                }
            )
        self.sudo()._after_decision(approve, countersigners)

    def _lock(self):
        """Wait for whoever decides at the same moment.

        If that person was faster, PostgreSQL refuses our older snapshot, Odoo tries
        again, and the second one reads who has decided already.
        """
        self.env.cr.execute(
            SQL("SELECT FROM stm_approval WHERE id = ANY(%s) FOR UPDATE", self.ids)
        )
        self.invalidate_recordset()

    def _check_decision(self, step, approve, comment, countersigners):
        if not comment and (step.comment_required or not approve):
            raise UserError(
                self.env._(
                    "Write a comment on “%(document)s”: %(person)s wants to know why.",
                    document=self.name,
                    person=self.user_id.name,
                )
            )
        if approve and self._named_step():
            own = self.user_id | self.requester_id | self.env.user
            if not countersigners or countersigners & own:
                raise UserError(
                    self.env._(
                        "Name the people who have to countersign “%(document)s”;"
                        " neither the requester nor you can be one of them.",
                        document=self.name,
                    )
                )
            strangers = countersigners.sudo().filtered(
                lambda user: not user.active
                or user.share
                or self.company_id not in user.company_ids
            )
            if strangers:
                raise UserError(
                    self.env._(
                        "%(people)s cannot countersign “%(document)s”. Name colleagues"
                        " who work in %(company)s.",
                        people=strangers.mapped("name"),
                        document=self.name,
                        company=self.company_id.name,
                    )
                )

    def _changed_message(self):
        return self.env._(
            "“%(document)s” was changed after it was submitted. Return it so that it"
            " can be submitted again.",
            document=self.name,
        )

    def _after_decision(self, approve, countersigners):
        if not approve:
            self._finish("returned")
            return
        complete = self.browse()
        for approval in self:
            step = approval.step_id
            lines = approval.line_ids.grouped("step_id")[step]
            open_lines = lines.filtered(lambda line: line.state == "pending")
            if open_lines and step.everybody:
                continue
            open_lines.state = "skipped"
            if countersigners and approval._named_step():
                approval._add_countersigners(countersigners)
            complete |= approval
        waiting = self - complete
        waiting._clear_activities(self.env.user)
        self.env["stm.duty.item"]._close_decisions(waiting)
        complete._clear_activities()
        complete._go_to_next_step()

    def _named_step(self):
        """The step whose people the current one has to name; often there is none."""
        if not self.step_id.names_countersigners:
            return self.step_id.browse()
        steps = self.route_id.step_ids.sorted(lambda s: (s.sequence, s.id))
        return steps.filtered(
            lambda s: s.kind == "named" and s.sequence >= self.step_id.sequence
        )[:1]

    def _add_countersigners(self, users):
        later = self._named_step()
        self.line_ids.create(
            [self._prepare_line(later, user, self.team_id.browse()) for user in users]
        )

    def _finish(self, state):
        """Close approvals and tell their documents."""
        if not self:
            return
        for approval in self:
            open_lines = approval.line_ids.filtered(
                lambda line: line.state in ("waiting", "pending")
            )
            open_lines.state = "skipped"
        self.write({"state": state, "decided_at": fields.Datetime.now()})
        self.env["stm.duty.item"]._close_decisions(self)
        self._clear_activities()
        for documents in self._stm_documents():
            documents._stm_approval_finished(state)
        if state in ("approved", "returned"):
            self._tell_posts()

    def _tell_posts(self):
        """Tell the holders of the posts that the route names (ORG-29)."""
        told = self.filtered("route_id.notify_post_ids")
        holders = told._post_holders(told.route_id.notify_post_ids)
        labels = dict(self._fields["state"]._description_selection(self.env))
        for approval in told:
            posts = approval.route_id.notify_post_ids
            users = self.env["res.users"].union(*(holders[p.id].user_id for p in posts))
            users &= approval.company_id.user_ids
            if users:
                approval._stm_document().message_notify(
                    partner_ids=users.partner_id.ids,
                    subject=approval.name,
                    body=self.env._(
                        "%(document)s: %(state)s",
                        document=approval.name,
                        state=labels[approval.state],
                    ),
                )

    def _clear_activities(self, user=None):
        for documents in self._stm_documents():
            documents.activity_unlink(
                ["sales_team_mgmt.mail_activity_decide"],
                user_id=user.id if user else None,
                only_automated=True,
            )

    # ------------------------------------------------------------
    # Business methods: documents and reorganisations
    # ------------------------------------------------------------

    def _stm_document(self):
        self.ensure_one()
        return self.env[self.model].browse(self.res_id)

    def _stm_documents(self):
        """The documents, one recordset a model."""
        for model, approvals in self.grouped("model").items():
            yield self.env[model].browse(approvals.mapped("res_id"))

    @api.model
    def _refresh_approvers(self):
        """After a reorganisation whatever is open goes to whoever is in charge now."""
        pending = self.sudo().search([("state", "=", "pending")])
        pending._assign_anew()

    def _assign_anew(self):
        """Ask those who are in charge now instead of those who were.

        Where nobody is in charge for the moment, whoever was asked stays asked.
        """
        wanted = self._find_approvers(strict=False)
        obsolete = self.env["stm.approval.line"]
        values = []
        changed = self.browse()
        for approval in self:
            open_lines = approval.line_ids.filtered(
                lambda line: line.state in ("waiting", "pending")
                and line.step_id.kind != "named"
            )
            for step, lines in open_lines.grouped("step_id").items():
                people = dict(wanted.get((approval, step), ()))
                if not people:
                    continue
                gone = lines.filtered(lambda line, now=people: line.user_id not in now)
                new = [user for user in people if user not in lines.user_id]
                obsolete |= gone
                values += [
                    {
                        **approval._prepare_line(step, user, people[user]),
                        "state": lines[0].state,
                    }
                    for user in new
                ]
                if gone or new:
                    changed |= approval
        if changed:
            self.env["stm.approval.line"].create(values)
            obsolete.unlink()
            self.env["stm.duty.item"]._close_decisions(changed)
            changed._clear_activities()
            changed._ask()
