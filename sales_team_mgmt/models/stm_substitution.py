from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain


class StmSubstitution(models.Model):
    """Somebody acts for an absent colleague, from the first to the last day (ORG-19).

    The stand-in sees what the colleague sees and decides what the colleague has to
    decide; a stand-in of a stand-in has none of it.
    """

    _name = "stm.substitution"
    _description = "Stand-in"
    _inherit = ["mail.thread"]
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        string="Absent Person",
        required=True,
        index=True,
        ondelete="cascade",
        tracking=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    substitute_id = fields.Many2one(
        "res.users",
        string="Stand-in",
        required=True,
        index=True,
        ondelete="cascade",
        tracking=True,
        domain="[('share', '=', False), ('id', '!=', user_id)]",
    )
    date_from = fields.Date(
        string="First Day",
        required=True,
        tracking=True,
        default=fields.Date.context_today,
    )
    date_to = fields.Date(string="Last Day", required=True, tracking=True)
    reason = fields.Char()
    state = fields.Selection(
        [("confirmed", "Confirmed"), ("cancelled", "Cancelled")],
        default="confirmed",
        required=True,
        tracking=True,
    )
    is_told = fields.Boolean(copy=False, readonly=True)
    is_current = fields.Boolean(
        compute="_compute_is_current", search="_search_is_current"
    )

    _dates = models.Constraint(
        "CHECK (date_to >= date_from)", "The last day cannot be before the first day."
    )
    _somebody_else = models.Constraint(
        "CHECK (user_id <> substitute_id)", "Nobody can stand in for oneself."
    )

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.depends("state", "date_from", "date_to")
    def _compute_is_current(self):
        today = fields.Date.context_today(self)
        for absence in self:
            absence.is_current = (
                absence.state == "confirmed"
                and bool(absence.date_from and absence.date_to)
                and absence.date_from <= today <= absence.date_to
            )

    @api.model
    def _search_is_current(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._current_domain(fields.Date.context_today(self))

    @api.constrains("user_id", "date_from", "date_to", "state")
    def _check_overlap(self):
        for absence in self.filtered(lambda a: a.state == "confirmed"):
            overlap = self.sudo().search_count(
                [
                    ("id", "!=", absence.id),
                    ("user_id", "=", absence.user_id.id),
                    ("state", "=", "confirmed"),
                    ("date_from", "<=", absence.date_to),
                    ("date_to", ">=", absence.date_from),
                ],
                limit=1,
            )
            if overlap:
                raise ValidationError(
                    self.env._(
                        "%(person)s has a stand-in on some of these days already."
                        " Cancel or shorten the other one first.",
                        person=absence.user_id.name,
                    )
                )

    @api.constrains("user_id", "substitute_id")
    def _check_companies(self):
        for absence in self.sudo():
            if not absence.user_id.company_ids & absence.substitute_id.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(substitute)s does not work in the company of %(person)s."
                        " Choose a colleague of the same company.",
                        substitute=absence.substitute_id.name,
                        person=absence.user_id.name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        absences = super().create(vals_list)
        absences._check_may_appoint()
        self.env["stm.access"].sudo()._rebuild()
        absences.sudo()._tell_stand_ins()
        return absences

    def write(self, vals):
        self._check_may_appoint()
        result = super().write(vals)
        self._check_may_appoint()
        self.env["stm.access"].sudo()._rebuild()
        return result

    def unlink(self):
        self._check_may_appoint()
        result = super().unlink()
        self.env["stm.access"].sudo()._rebuild()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        today = fields.Date.context_today(self)
        if any(a.date_from <= today and a.state == "confirmed" for a in self):
            raise UserError(
                self.env._("A stand-in that has begun is cancelled, not deleted.")
            )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_cancel(self):
        """Take the rights back at once; the days that passed stay on record."""
        self.write({"state": "cancelled"})

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _check_may_appoint(self):
        """The absent person, a superior or HR appoint; HR does not appoint itself."""
        if self.env.su:
            return
        actor = self.env.user
        absences = self
        if actor.has_group("sales_team_mgmt.group_hr"):
            absences = self.filtered(lambda absence: absence.substitute_id == actor)
        people = absences.user_id - actor
        if people - self.env["stm.access"]._stm_people_led_by(actor, people):
            raise AccessError(
                self.env._(
                    "Only the absent person, a superior or HR can appoint a stand-in."
                )
            )

    @api.model
    def _current_domain(self, day):
        return (
            Domain("state", "=", "confirmed")
            & Domain("date_from", "<=", day)
            & Domain("date_to", ">=", day)
        )

    @api.model
    def _stand_ins_of(self, users):
        """{user: stand-in} of those who have one today."""
        domain = self._current_domain(fields.Date.context_today(self))
        absences = self.sudo().search(domain & Domain("user_id", "in", users.ids))
        return {a.user_id: a.substitute_id for a in absences}

    @api.model
    def _stood_in_for(self, user, day=None):
        """People for whom ``user`` acts on ``day`` (default: today)."""
        day = day or fields.Date.context_today(self)
        domain = self._current_domain(day) & Domain("substitute_id", "=", user.id)
        return self.sudo().search(domain).user_id.with_env(self.env)

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_begin(self):
        """Stand-ins whose first day has come get what waits for their colleagues."""

        def tell():
            today = fields.Date.context_today(self)
            untold = self._current_domain(today) & Domain("is_told", "=", False)
            begun = self.search(untold)
            begun._tell_stand_ins()
            return len(begun)

        cron = self.env["ir.cron"]
        cron._stm_do(tell)
        cron._stm_finish()

    def _tell_stand_ins(self):
        """Put open decisions on the list of activities of the stand-in, once."""
        begun = self.filtered(
            lambda absence: absence.is_current and not absence.is_told
        )
        if not begun:
            return
        begun.is_told = True
        lines = self.env["stm.approval.line"].search(
            [("user_id", "in", begun.user_id.ids), ("state", "=", "pending")]
        )
        lines.approval_id._remind_stand_ins()
