from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class StmDocumentMixin(models.AbstractModel):
    """What every document of a person has: an owner, a team, a company, a date.

    The team is the one its owner stood in on the date of the document, and stays so:
    only a transfer moves open documents along. System fields cannot be written by
    anybody, over RPC neither; a closed period refuses every change.
    """

    _name = "stm.document.mixin"
    _description = "Document of a Salesperson"
    _inherit = ["stm.system.mixin", "stm.scope.mixin"]

    # Day of the document: decides its team and its period.
    _stm_date_field = "date"
    # First day of a document about a whole period, which is not one of a month that
    # the period ends with.
    _stm_first_date_field = None
    # Area of work whose closing makes the document read-only.
    _stm_area = "work"
    # Whether somebody can owe it by a deadline.
    _stm_is_owed = False
    # Whether somebody else writes it about its person, as a check or an absence; the
    # model says who.
    _stm_about_others = False
    # Fields that only the system writes.
    _stm_system_fields = frozenset({"team_id"})

    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        index=True,
        compute="_compute_team_id",
        store=True,
        precompute=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends(lambda self: ("user_id", "company_id", self._stm_date_field))
    def _compute_team_id(self):
        Member = self.env["crm.team.member"]
        groups = self.grouped(lambda d: (d[self._stm_date_field], d.company_id))
        for (day, company), documents in groups.items():
            teams = Member._stm_teams_of(documents.user_id, day, company) if day else {}
            for document in documents:
                document.team_id = teams.get(document.user_id)

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        """Whoever starts a document owns it, whatever a caller proposes.

        One about somebody else starts without a person, unless a button names one.
        """
        values = super().default_get(fields)
        if "user_id" in values:
            named = self.env.context.get("default_user_id", False)
            values["user_id"] = named if self._stm_about_others else self.env.uid
        return values

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self.browse()._stm_check_system_fields(vals)
                if vals.get("user_id", self.env.uid) != self.env.uid:
                    self._stm_check_foreign_owner()
        documents = super().create(vals_list)
        documents._stm_check_owner()
        documents._stm_check_period()
        return documents

    def write(self, vals):
        if not self.env.su:
            self._stm_check_system_fields(vals)
            if self._stm_touches_content(vals):
                self._stm_check_editable(vals)
            if any(d.user_id.id != vals.get("user_id", d.user_id.id) for d in self):
                self._stm_check_foreign_owner()
        if vals.keys() <= {"approval_id"}:
            # The link to an approval that was checked before it was made.
            return super().write(vals)
        self._stm_check_period()
        before = self._stm_owners_and_days()
        result = super().write(vals)
        if self._stm_owners_and_days() != before:
            self._stm_check_owner()
            self._stm_check_period()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed_period(self):
        self._stm_check_period()
        self._stm_check_editable({})

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_owners_and_days(self):
        """What decides who may own the documents, and in which period they lie."""
        return [(d.user_id, d.company_id, d._stm_day()) for d in self.sudo()]

    def _stm_touches_content(self, vals):
        """Whether ``vals`` changes what is stored, beyond chatter and activities."""
        return any(
            self._fields[name].store
            and not name.startswith(("message_", "activity_", "website_message_"))
            for name in vals
            if name in self._fields
        )

    def _stm_check_editable(self, vals):
        """Hook: refuse a change by the current user in the current state."""

    @api.model
    def _stm_open_domain(self):
        """Hook: documents that still move along when their person does."""
        return Domain.FALSE

    def _stm_check_owner(self):
        """A document belongs to a member of a sales team, and to whoever writes it."""
        for document in self:
            if not document.team_id:
                raise UserError(
                    self.env._(
                        "%(person)s is not in a sales team on %(day)s. Ask the"
                        " department manager to add the person to a team.",
                        person=document.user_id.name,
                        day=document._stm_day() or "",
                    )
                )
            document.user_id._stm_check_works_in(document.company_id)

    def _stm_check_foreign_owner(self):
        """Documents are written by their owner, unless they are about others."""
        if self._stm_about_others:
            return
        raise AccessError(
            self.env._(
                "You can only write your own “%(document)s”, not one for somebody"
                " else.",
                document=self.env["ir.model"]._get(self._name).name,
            )
        )

    @api.model
    def _stm_system(self):
        """The model as the system uses it: silent, free of the caller's defaults."""
        kept = ("lang", "tz", "allowed_company_ids", "tracking_disable")
        context = {k: v for k, v in self.env.context.items() if k in kept}
        context["mail_create_nolog"] = True
        return self.with_env(self.env(user=SUPERUSER_ID, su=True, context=context))

    def _stm_decided_by_me(self):
        """Those of people on whom the current user decides today."""
        found = self.browse()
        Event = self.env["stm.event"]
        for company, documents in self.sudo().grouped("company_id").items():
            people = Event._people_decided_on(documents.user_id, company)
            found |= documents.filtered(lambda d, people=people: d.user_id in people)
        return found.with_env(self.env)

    def _stm_day(self):
        """Date that decides the period (and the team) of the document."""
        self.ensure_one()
        return self[self._stm_date_field]

    def _stm_write_outcome(self, vals):
        """Write what became of a document, also after its period was closed.

        Only for the system, and only for what a closed period does not hold: that a
        promise was kept late, that a problem was solved at last.
        """
        return super().write(vals)

    def _stm_in_open_periods(self):
        """Those whose period is not closed: the others stay as they are."""
        documents = self.sudo()
        closed = (
            self.env["stm.period.closing"]
            .sudo()
            ._closed_days(
                self._stm_area, [(d.company_id, d._stm_day()) for d in documents]
            )
        )
        return self.filtered(
            lambda d: (d.sudo().company_id.id, d.sudo()._stm_day()) not in closed
        )

    def _stm_check_period(self):
        self.env["stm.period.closing"].sudo()._check_open(
            self._stm_area, [(d.company_id, d._stm_day()) for d in self.sudo()]
        )
