from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

ABSENCE_PARTS = [("full", "Full Day"), ("half", "Half Day")]


class StmAbsence(models.Model):
    """A day or half a day that a person was absent (ATT-04).

    A leader above the person or HR types it in, never the person. It counts for the
    appraisal of its period.
    """

    _name = "stm.absence"
    _description = "Absence"
    _inherit = ["stm.document.mixin", "mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    _stm_area = "appraisal"
    # `_stm_check_may_enter` says who enters it.
    _stm_about_others = True
    _stm_system_fields = frozenset({"weight"})

    user_id = fields.Many2one(string="Person", default=None, tracking=True)
    date = fields.Date(required=True, default=fields.Date.context_today, tracking=True)
    part = fields.Selection(
        ABSENCE_PARTS, required=True, default="full", tracking=True, string="Absent"
    )
    weight = fields.Float(
        string="Counts as Days",
        digits=(4, 2),
        compute="_compute_weight",
        store=True,
        precompute=True,
        help="What the company said when it was entered.",
    )
    reason = fields.Char(tracking=True)
    can_edit = fields.Boolean(compute="_compute_can_edit")

    _uniq = models.UniqueIndex(
        "(user_id, company_id, date)",
        "The absence of this person on this day is entered already. Change that one.",
    )
    _list_idx = models.Index("(date DESC, id DESC)")
    _company_date_idx = models.Index("(company_id, date)")

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.depends("part")
    def _compute_weight(self):
        for absence in self:
            half = absence.company_id.sudo().stm_half_day_weight
            absence.weight = half if absence.part == "half" else 1.0

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_can_edit(self):
        allowed = self._stm_people_entered_by(self.env.user)
        for absence in self:
            absence.can_edit = not absence.user_id or absence.user_id in allowed

    @api.depends("user_id", "date")
    def _compute_display_name(self):
        for absence in self:
            if not absence.user_id or not absence.date:
                absence.display_name = self.env._("New absence")
                continue
            absence.display_name = self.env._(
                "%(person)s, %(day)s",
                person=absence.user_id.name,
                day=format_date(self.env, absence.date),
            )

    @api.constrains("date", "company_id")
    def _check_workday(self):
        for company, absences in self.grouped("company_id").items():
            days = absences.mapped("date")
            calendar = company._stm_work_calendar(min(days), max(days))
            for absence in absences:
                if not calendar.is_workday(absence.date):
                    raise UserError(
                        self.env._(
                            "%(day)s is a day off in %(company)s; nobody is absent on"
                            " it. Choose a working day.",
                            day=format_date(self.env, absence.date),
                            company=company.name,
                        )
                    )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        absences = super().create(vals_list)
        absences._stm_check_may_enter()
        return absences

    def write(self, vals):
        content = self._stm_touches_content(vals)
        if content:
            self._stm_check_may_enter()
        result = super().write(vals)
        if content and "user_id" in vals:
            self._stm_check_may_enter()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_by_superior(self):
        self._stm_check_may_enter()

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_people_entered_by(self, user):
        """Those of the people whose absences ``user`` may enter and change."""
        people = self.user_id - user
        if user.has_group("sales_team_mgmt.group_hr"):
            return people
        return self.env["stm.access"]._stm_people_led_by(user, people)

    def _stm_check_may_enter(self):
        if self.env.su:
            return
        allowed = self._stm_people_entered_by(self.env.user)
        for absence in self:
            if absence.user_id not in allowed:
                raise AccessError(
                    self.env._(
                        "Only a leader above %s or HR can enter, change or delete this"
                        " absence. Ask one of them.",
                        absence.sudo().user_id.name,
                    )
                )
