from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

RULE_STATES = [
    ("draft", "Draft"),
    ("submitted", "Submitted"),
    ("approved", "Approved"),
    ("returned", "Returned"),
]


class StmRuleDocument(models.Model):
    """Rules that a team writes for itself and applies once they are approved.

    Pay and management rules, recruitment, appraisal methods: submitted, countersigned,
    approved, in force from a day on, read and acknowledged by the people they bind
    (ORG-20, ORG-21).
    """

    _name = "stm.rule.document"
    _description = "Rule Document"
    _inherit = ["stm.approval.mixin", "stm.version.mixin"]
    _order = "name, version desc, id desc"
    _check_company_auto = True

    _stm_date_field = "date"

    name = fields.Char(required=True, tracking=True)
    category = fields.Selection(
        [
            ("management", "Management Rules"),
            ("pay", "Pay Rules"),
            ("appraisal", "Appraisal Method"),
            ("plan", "Annual Marketing Plan"),
            ("recruitment", "Recruitment"),
        ],
        required=True,
        default="management",
    )
    state = fields.Selection(RULE_STATES)
    date = fields.Date(
        string="Written on",
        required=True,
        default=fields.Date.context_today,
        copy=False,
    )
    scope_team_id = fields.Many2one(
        "crm.team",
        string="Binds",
        help="The team and the teams below it; empty: the whole department.",
    )
    previous_id = fields.Many2one(
        "stm.rule.document", string="Replaces", readonly=True, copy=False
    )
    body = fields.Html(string="Rules")
    acknowledgement_ids = fields.One2many(
        "stm.acknowledgement", "document_id", string="Read and Accepted by"
    )
    acknowledgement_count = fields.Integer(compute="_compute_acknowledgement")
    bound_count = fields.Integer(compute="_compute_acknowledgement")
    must_acknowledge = fields.Boolean(compute="_compute_acknowledgement")

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends("acknowledgement_ids", "scope_team_id", "is_released", "date_to")
    @api.depends_context("uid")
    def _compute_acknowledgement(self):
        bound_users = self._bound_users()
        for document in self:
            bound = bound_users[document]
            known = document.sudo().acknowledgement_ids.user_id
            document.bound_count = len(bound)
            document.acknowledgement_count = len(known & bound)
            document.must_acknowledge = (
                document.version_state == "in_force"
                and self.env.user in bound
                and self.env.user not in known
            )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_release(self):
        """Rules come into force by being approved, never by hand."""
        if not self.env.su:
            raise UserError(
                self.env._("Submit the rules; they come into force when approved.")
            )
        return super().action_release()

    def action_end(self):
        """Take rules out of force, today being their last day.

        Their author cannot; a superior or the general manager can.
        """
        self.check_access("read")
        actor = self.env.user
        led = self.env["stm.access"]._stm_people_led_by(actor, self.user_id - actor)
        top = actor.has_group("sales_team_mgmt.group_general_manager")
        for document in self:
            if document.version_state not in ("in_force", "scheduled"):
                raise UserError(
                    self.env._("“%s” is not in force.", document.display_name)
                )
            if document.user_id not in led and not top:
                raise AccessError(
                    self.env._(
                        "Only a superior of %s can take these rules out of force.",
                        document.user_id.name,
                    )
                )
        today = fields.Date.context_today(self)
        for document in self.sudo():
            document.date_to = max(today, document.date_from)
            document.message_post(
                body=self.env._("Taken out of force."),
                author_id=actor.partner_id.id,
            )
        return True

    def action_new_version(self):
        """Whoever renews the rules writes the draft."""
        action = super().action_new_version()
        draft = self.browse(action["res_id"]).sudo()
        if draft.create_uid == self.env.user and draft.user_id != self.env.user:
            draft.user_id = self.env.user
        return action

    def action_acknowledge(self):
        """Confirm that one has read the rules in force (SEC-09)."""
        for document in self:
            document.check_access("read")
            if document.version_state != "in_force":
                raise UserError(
                    self.env._("“%s” is not in force.", document.display_name)
                )
            if self.env.user not in document._bound_users()[document]:
                raise AccessError(
                    self.env._("“%s” does not bind you.", document.display_name)
                )
            if self.env.user not in document.sudo().acknowledgement_ids.user_id:
                self.env["stm.acknowledgement"].sudo().create(
                    {"document_id": document.id, "user_id": self.env.uid}
                )
        return True

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _bound_users(self):
        """{document: people whose team stands under the rules today}"""
        members = self.env["crm.team.member"]._stm_on(fields.Date.context_today(self))
        bound = {}
        for document in self:
            path = document.scope_team_id.sudo().parent_path or ""
            under = members.filtered(
                lambda m, path=path: (m.crm_team_id.parent_path or "").startswith(path)
            )
            company = document.company_id
            bound[document] = under.user_id.filtered(
                lambda user, company=company: company in user.company_ids
            ).with_env(self.env)
        return bound

    def _stm_used_ids(self):
        """Approved rules are law: nobody edits them."""
        return set(self.filtered("is_released").ids)

    def _stm_check_can_submit(self):
        for document in self:
            if not (document.body or "").strip():
                raise UserError(
                    self.env._("“%s” has no text yet.", document.display_name)
                )
        return super()._stm_check_can_submit()

    def _stm_approved_fields(self):
        return {"name", "category", "scope_team_id", "body", "date_from", "date_to"}

    def _stm_approved_values(self):
        return {
            "name": self.name,
            "category": self.category,
            "team": self.scope_team_id.id or 0,
            "body": str(self.body or ""),
            "date_to": self.date_to,
        }

    def _stm_after_approved(self):
        today = fields.Date.context_today(self)
        for document in self.sudo():
            # Rules bind nobody before they were approved.
            if document.date_from and document.date_from < today:
                document.date_from = today
        self.sudo().action_release()
        return super()._stm_after_approved()

    def action_reopen(self):
        """Rules in force are superseded, not reopened."""
        raise UserError(self.env._("Approved rules are renewed with a new version."))
