from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

# What is noted of a person, in the order in which it helps before a visit.
PROFILE_TEXTS = (
    "hobbies",
    "topics",
    "topics_to_avoid",
    "temper",
    "family",
    "career",
)
# Of these the law asks for the person's consent.
SENSITIVE_TEXTS = ("temper", "family", "career")
# What restarts the time for which the notes are kept.
CONTENT_FIELDS = frozenset({*PROFILE_TEXTS, "purpose", "consent_date"})
FIXED_FIELDS = ("partner_id", "company_id")


class StmContactProfile(models.Model):
    """What a salesperson knows of a person beyond business (CUS-12, CUS-13, SEC-10).

    Read by the salesperson of the customer, by whoever leads that person, and by the
    general manager; by nobody else, neither here nor through another record. That is
    why it hangs on no field of the customer, has no chatter, and why its owner is
    stored: notes change hands when somebody who may read them reassigns the customer,
    and stay where they are when anybody else does. They are deleted when nobody has
    touched them for the time that the company has set (PIPL).
    """

    _name = "stm.contact.profile"
    _description = "Personal Notes"
    _inherit = ["stm.system.mixin", "stm.scope.mixin"]
    _order = "partner_id, id"
    _check_company_auto = True
    _rec_name = "partner_id"
    _rec_names_search = ["partner_id.name"]

    _stm_system_fields = frozenset(
        {"user_id", "team_id", "changed_at", "changed_by_id", "review_date"}
    )

    partner_id = fields.Many2one(
        "res.partner",
        string="Person",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain="[('company_id', 'in', (company_id, False))]",
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        string="Customer",
        store=True,
        index=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        compute="_compute_user_id",
        store=True,
        precompute=True,
        index=True,
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        compute="_compute_user_id",
        store=True,
        precompute=True,
        index=True,
    )
    customer_user_id = fields.Many2one(
        "res.users",
        string="Salesperson of the Customer",
        compute="_compute_customer_user_id",
        compute_sudo=True,
    )
    purpose = fields.Char(
        string="Kept For",
        required=True,
        help="Why the notes are kept. What does not serve it is not written down.",
    )
    consent_date = fields.Date(
        string="Consent Given on",
        help="Day on which the person agreed. Temper, family and career are kept only"
        " with consent.",
    )
    hobbies = fields.Text(exportable=False)
    topics = fields.Text(string="Topics to Talk About", exportable=False)
    topics_to_avoid = fields.Text(string="Topics to Avoid", exportable=False)
    temper = fields.Text(exportable=False)
    family = fields.Text(exportable=False)
    career = fields.Text(exportable=False)
    changed_at = fields.Datetime(
        string="Last Change",
        required=True,
        readonly=True,
        copy=False,
        default=fields.Datetime.now,
    )
    changed_by_id = fields.Many2one(
        "res.users",
        string="Changed by",
        readonly=True,
        copy=False,
        default=lambda self: self.env.uid,
    )
    review_date = fields.Date(
        string="Kept Until",
        compute="_compute_review_date",
        store=True,
        precompute=True,
        index=True,
        help="Unless something is changed until then, the notes are deleted after it.",
    )

    _partner_company_uniq = models.UniqueIndex(
        "(partner_id, company_id)",
        "There are notes on this person already. If you do not see them, they are kept"
        " by another salesperson, whose superior can hand them over.",
    )

    # ------------------------------------------------------------
    # Compute, search and constraint methods
    # ------------------------------------------------------------

    @api.depends("partner_id", "company_id")
    def _compute_user_id(self):
        """The salesperson of the customer when the notes are begun; see
        ``_stm_follow`` for later."""
        today = fields.Date.context_today(self)
        Member = self.env["crm.team.member"]
        for company, profiles in self.grouped("company_id").items():
            owners = profiles.partner_id.commercial_partner_id.user_id
            teams = Member._stm_teams_of(owners, today, company)
            for profile in profiles:
                owner = profile.partner_id.commercial_partner_id.user_id
                profile.user_id = owner
                profile.team_id = teams.get(owner)

    @api.depends("commercial_partner_id.user_id")
    def _compute_customer_user_id(self):
        for profile in self:
            profile.customer_user_id = profile.commercial_partner_id.user_id

    @api.depends("changed_at", "company_id.stm_profile_days")
    def _compute_review_date(self):
        for profile in self:
            days = timedelta(days=profile.company_id.stm_profile_days)
            profile.review_date = (profile.changed_at + days).date()

    @api.model
    def _stm_scope_domain(self):
        """Like personal proof: neither assistants nor stand-ins of colleagues."""
        return self.env["stm.access"]._stm_proof_domain()

    @api.constrains("partner_id", "company_id")
    def _check_partner_company(self):
        for profile in self:
            profile.partner_id._stm_check_company(profile.company_id)

    @api.constrains("consent_date", *SENSITIVE_TEXTS)
    def _check_consent(self):
        # Where a day begins first.
        latest = (fields.Datetime.now() + timedelta(hours=14)).date()
        for profile in self:
            if profile.consent_date and profile.consent_date > latest:
                raise ValidationError(
                    self.env._(
                        "%s cannot have agreed in the future. Choose the day on which"
                        " it was.",
                        profile.partner_id.display_name,
                    )
                )
            if profile.consent_date:
                continue
            for name in SENSITIVE_TEXTS:
                if profile[name]:
                    raise ValidationError(
                        self.env._(
                            "“%(field)s” is kept only if the person agreed. Enter the"
                            " day on which %(person)s did, or leave it empty.",
                            field=self._fields[name]._description_string(self.env),
                            person=profile.partner_id.display_name,
                        )
                    )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self.browse()._stm_check_system_fields(vals)
            self._stm_check_may_begin(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._stm_check_system_fields(vals)
            if any(profile._stm_differs(vals, FIXED_FIELDS) for profile in self):
                raise UserError(
                    self.env._(
                        "Personal notes stay with their person. Delete them, and begin"
                        " new ones on somebody else."
                    )
                )
        changed = self.filtered(lambda p: p._stm_differs(vals, CONTENT_FIELDS))
        result = super().write(vals)
        if changed:
            super(StmContactProfile, changed.sudo()).write(
                {"changed_at": fields.Datetime.now(), "changed_by_id": self.env.uid}
            )
        return result

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_hand_over(self):
        """Give the notes to whoever looks after the customer now."""
        self.check_access("write")
        self.sudo()._stm_follow()
        if len(self) != 1:
            return True
        # Whoever gave them away cannot stay on the form.
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.sudo().partner_id.id,
            "view_mode": "form",
        }

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_differs(self, vals, names):
        """Whether ``vals`` would change one of the fields ``names``."""
        self.ensure_one()
        return any(
            self._fields[name].convert_to_cache(vals[name], self)
            != self._fields[name].convert_to_cache(self[name], self)
            for name in names
            if name in vals
        )

    @api.model
    def _stm_check_may_begin(self, vals_list):
        """Refused before anything is stored: whether there are notes on somebody is
        no news for others."""
        defaults = self.default_get(["company_id", "partner_id"])
        drafts = self.browse()
        for vals in vals_list:
            drafts += self.new({**defaults, **vals})
        may = drafts.filtered_domain(self._stm_scope_domain())
        for draft in (drafts - may).sudo():
            if draft.partner_id and not draft.user_id:
                raise UserError(
                    self.env._(
                        "Nobody looks after %s. Enter the salesperson of the customer"
                        " first.",
                        draft.partner_id.display_name,
                    )
                )
            raise AccessError(
                self.env._(
                    "Personal notes are kept by the salesperson of the customer and by"
                    " the superiors of that person."
                )
            )

    def _stm_follow(self):
        """Hand over to the salesperson of the customer, in one write a person.

        Without one the notes stay in the team that had them, where its leader decides.
        """
        moved = self.filtered(lambda p: p.user_id != p.customer_user_id)
        today = fields.Date.context_today(self)
        Member = self.env["crm.team.member"]
        for company, profiles in moved.grouped("company_id").items():
            teams = Member._stm_teams_of(profiles.customer_user_id, today, company)
            for owner, theirs in profiles.grouped("customer_user_id").items():
                vals = {"user_id": owner.id}
                if owner:
                    vals["team_id"] = teams[owner].id if owner in teams else False
                theirs.write(vals)

    @api.model
    def _stm_open_domain(self):
        """All of them move along when their person changes the team."""
        return Domain.TRUE

    @api.model
    def _stm_of(self, people):
        """{person: notes on the person} that the current user may read, of the current
        company."""
        if not people or not self.has_access("read"):
            return {}
        profiles = self.search(
            [
                ("partner_id", "in", people.ids),
                ("company_id", "=", self.env.company.id),
            ]
        )
        return {profile.partner_id: profile for profile in profiles}

    def _stm_lines(self):
        """[{label, text}] of what is noted."""
        self.ensure_one()
        return [
            {
                "label": self._fields[name]._description_string(self.env),
                "text": self[name],
            }
            for name in PROFILE_TEXTS
            if self[name]
        ]

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_purge(self, limit=1000):
        """Delete what nobody has touched for as long as its company keeps it (PIPL)."""

        def purge():
            old = self.sudo().search(
                [("review_date", "<", fields.Date.today())],
                order="review_date, id",
                limit=limit,
            )
            done = len(old)
            old.unlink()
            return done

        cron = self.env["ir.cron"]
        if cron._stm_do_all(purge):
            cron._stm_finish()
