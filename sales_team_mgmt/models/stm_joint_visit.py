from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

JOINT_STATES = [
    ("requested", "Asked For"),
    ("agreed", "Agreed"),
    ("declined", "Declined"),
    ("noted", "Notes"),
    ("shared", "Shared"),
]

# What whoever came along writes down.
NOTE_FIELDS = {"strengths", "to_improve", "agreed_step", "line_ids"}


class StmJointVisit(models.Model):
    """Somebody comes along on a visit: asked for, or to coach (VIS-23).

    The salesperson asks for company; the leader agrees, or sends somebody else.
    Whoever came along writes notes, which the salesperson sees when they are shared.
    """

    _name = "stm.joint.visit"
    _description = "Joint Visit"
    _inherit = ["stm.document.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["visit_id.partner_id.name", "user_id.name"]

    # Notes change no figure: nothing closes them.
    _stm_area = None
    _stm_system_fields = frozenset(
        {"visit_id", "user_id", "company_id", "date", "state", "decline_reason"}
    )

    visit_id = fields.Many2one(
        "stm.visit", required=True, index=True, readonly=True, ondelete="cascade"
    )
    user_id = fields.Many2one(readonly=True, default=lambda self: False)
    date = fields.Date(related="visit_id.date", store=True, index=True, precompute=True)
    partner_id = fields.Many2one(string="Customer", related="visit_id.partner_id")
    start_at = fields.Datetime(related="visit_id.start_at")
    companion_id = fields.Many2one(
        "res.users",
        string="Comes Along",
        required=True,
        index=True,
        domain="[('share', '=', False), ('id', '!=', user_id)]",
        tracking=True,
    )
    request = fields.Char(
        string="What For", help="What the salesperson hopes for.", tracking=True
    )
    state = fields.Selection(
        JOINT_STATES,
        string="Status",
        required=True,
        default="requested",
        readonly=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    decline_reason = fields.Char(readonly=True, copy=False, tracking=True)
    strengths = fields.Text(string="Done Well")
    to_improve = fields.Text()
    agreed_step = fields.Text(string="Next Step Agreed")
    line_ids = fields.One2many("stm.joint.visit.line", "joint_id", string="Scores")
    is_companion = fields.Boolean(compute="_compute_role")
    is_leading = fields.Boolean(compute="_compute_role")

    _uniq = models.UniqueIndex(
        "(visit_id, companion_id)",
        "This person comes along on this visit already. Open that entry.",
    )
    _list_idx = models.Index("(date DESC, id DESC)")

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.depends("visit_id", "companion_id")
    def _compute_display_name(self):
        for joint in self:
            parts = [joint.sudo().visit_id.display_name, joint.companion_id.name]
            joint.display_name = " – ".join(filter(None, parts))

    @api.depends("companion_id", "user_id", "company_id")
    @api.depends_context("uid")
    def _compute_role(self):
        leading = self._origin._stm_decided_by_me()
        for joint in self:
            joint.is_companion = joint.companion_id == self.env.user
            joint.is_leading = joint._origin in leading

    @api.constrains("companion_id", "user_id", "company_id")
    def _check_companion_id(self):
        for joint in self:
            if joint.companion_id == joint.user_id:
                raise ValidationError(
                    self.env._("Nobody comes along with oneself. Choose a colleague.")
                )
            joint.companion_id._stm_check_works_in(joint.company_id)

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(
                self.env._(
                    "A joint visit belongs to a visit. Use the buttons of the visit."
                )
            )
        quiet = self.with_context(mail_create_nosubscribe=True)
        return super(StmJointVisit, quiet).create(vals_list).with_env(self.env)

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        return []

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Nobody follows: the notes are not told before they are shared."""
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise UserError(
            self.env._("A joint visit is declined with a reason, not deleted.")
        )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_agree(self):
        """Come along, or send along whoever is entered."""
        self._check_may_answer()
        joints = self.sudo()
        joints.state = "agreed"
        joints._end_asking()
        self._tell_person(lambda env: env._("Somebody comes along on your visit"))
        return True

    def action_decline(self, reason=""):
        """Nobody comes along; without a reason, ask for it."""
        self._check_may_answer()
        if not isinstance(reason, str) or not reason.strip():
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Decline"),
                "res_model": "stm.joint.visit.decline",
                "view_mode": "form",
                "target": "new",
                "context": {"default_joint_ids": self.ids},
            }
        joints = self.sudo()
        joints.write({"state": "declined", "decline_reason": reason.strip()})
        joints._end_asking()
        self._tell_person(lambda env: env._("Nobody can come along on your visit"))
        return True

    def action_note(self):
        """Begin the notes; the salesperson sees them when they are shared."""
        self._check_companion(("agreed",))
        self.sudo().state = "noted"
        return True

    def action_share(self):
        """Show the notes to the salesperson."""
        self._check_companion(("noted",))
        for joint in self:
            if not any(joint[name] for name in ("strengths", "to_improve")):
                raise UserError(
                    self.env._(
                        "Write down what was done well or what to improve before you"
                        " share the notes of “%s”.",
                        joint.display_name,
                    )
                )
        self.sudo().state = "shared"
        self._tell_person(lambda env: env._("Notes on your visit are there to read"))
        return True

    def action_unshare(self):
        """Take the notes back to correct them."""
        self._check_companion(("shared",))
        self.sudo().state = "noted"
        return True

    def action_open_visit(self):
        """Open the visit, if one may read it."""
        self.ensure_one()
        self.check_access("read")
        return self._stm_open_document(self.visit_id)

    # ------------------------------------------------------------
    # Business methods: who may
    # ------------------------------------------------------------

    @api.model
    def _stm_scope_domain(self):
        """One's own, those of teams led, and where one comes along.

        Notes that are not shared yet are kept from their person by a rule for every
        role.
        """
        scope = self.env["stm.access"]._stm_scope()
        return (
            Domain("user_id", "=", self.env.uid)
            | Domain("companion_id", "=", self.env.uid)
            | Domain("team_id", "in", scope.team_ids)
        )

    @api.model
    def _stm_open_domain(self):
        return Domain("state", "in", ("requested", "agreed"))

    def _check_may_answer(self):
        """The leader or whoever was asked answers a request, once."""
        self.check_access("read")
        leading = self._stm_decided_by_me()
        for joint in self:
            asked = joint in leading or joint.companion_id == self.env.user
            if not asked or joint.user_id == self.env.user:
                raise AccessError(
                    self.env._(
                        "Only who was asked, or leads %s today, can answer.",
                        joint.user_id.name,
                    )
                )
            if joint.state != "requested":
                raise UserError(
                    self.env._("“%s” was answered already.", joint.display_name)
                )

    def _check_companion(self, states):
        """The notes belong to whoever came along."""
        self.check_access("read")
        for joint in self:
            if joint.companion_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "The notes are those of %s, who came along.",
                        joint.companion_id.name,
                    )
                )
            if joint.state not in states:
                labels = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "“%(joint)s” is not in the right state for that: %(state)s.",
                        joint=joint.display_name,
                        state=labels[joint.state],
                    )
                )

    def _stm_check_editable(self, vals):
        """A request is changed by who asks and who is asked, notes by their author."""
        super()._stm_check_editable(vals)
        if self.env.su:
            return
        me = self.env.user
        leading = self._stm_decided_by_me()
        for joint in self:
            names = vals.keys()
            if joint.state == "noted" and names <= NOTE_FIELDS:
                allowed = joint.companion_id == me
            elif joint.state == "requested" and names <= {"request"}:
                allowed = joint.user_id == me
            elif joint.state in ("requested", "agreed") and names <= {"companion_id"}:
                allowed = joint in leading
            else:
                allowed = False
            if not allowed:
                raise AccessError(
                    self.env._(
                        "Notes are written by who came along until they are shared,"
                        " a request by who asks; a leader says who comes along."
                    )
                )

    # ------------------------------------------------------------
    # Business methods: asking and telling
    # ------------------------------------------------------------

    def _ask(self):
        """Put the requests on the list of activities of who is asked."""
        for companion, joints in self.grouped("companion_id").items():
            localized = self.with_context(lang=companion.lang)
            joints.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=localized.env._("Please come along on a visit"),
                user_id=companion.id,
                date_deadline=min(
                    max(joint.date, fields.Date.context_today(self)) for joint in joints
                ),
            )

    def _end_asking(self):
        self.activity_unlink(["mail.mail_activity_data_todo"], only_automated=True)

    def _tell_person(self, text):
        for joint in self.sudo():
            localized = joint.with_context(lang=joint.user_id.lang)
            joint.message_notify(
                partner_ids=joint.user_id.partner_id.ids,
                subject=text(localized.env),
                body=joint.display_name,
            )
