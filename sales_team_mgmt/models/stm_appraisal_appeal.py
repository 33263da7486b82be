from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class StmAppraisalAppeal(models.Model):
    """The person does not agree with a sheet; somebody above the leader decides.

    Approved means upheld: the leader scores and discusses the sheet again. Returned
    means that the sheet stands (APP-06, APP-15).
    """

    _name = "stm.appraisal.appeal"
    _description = "Appeal"
    _inherit = ["stm.approval.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    _stm_date_field = "date"
    _stm_area = "appraisal"
    _stm_system_fields = frozenset({"date", "score"})

    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("approved", "Upheld"),
            ("returned", "Not Upheld"),
        ]
    )
    appraisal_id = fields.Many2one(
        "stm.appraisal",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    date = fields.Date(required=True, default=fields.Date.context_today, copy=False)
    reason = fields.Text(
        string="What Is Wrong", help="Which points are wrong, and what shows it."
    )
    score = fields.Float(
        readonly=True,
        copy=False,
        help="Of the sheet when the appeal was written: what the leader scores anew"
        " stays hidden until it is discussed.",
    )

    _open_uniq = models.UniqueIndex(
        "(appraisal_id) WHERE state IN ('draft', 'submitted')",
        "There is an appeal against this sheet already. Go on with that one.",
    )

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends("appraisal_id")
    def _compute_display_name(self):
        for appeal in self:
            # It is named after a sheet that may be hidden again from its person.
            sheet = appeal.sudo().appraisal_id
            appeal.display_name = self.env._("Appeal: %s", sheet.display_name or "")

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        proposed = self.default_get(["appraisal_id"])
        vals_list = [{**proposed, **vals} for vals in vals_list]
        for vals in vals_list:
            sheet = self.env["stm.appraisal"].browse(vals.get("appraisal_id")).exists()
            if sheet:
                sheet._check_act("appeal")
                vals["company_id"] = sheet.sudo().company_id.id
        appeals = super().create(vals_list)
        for appeal in appeals.sudo():
            appeal.score = appeal.appraisal_id.score
        return appeals

    def write(self, vals):
        if "appraisal_id" in vals and not self.env.su:
            raise AccessError(self.env._("An appeal stays with its sheet."))
        return super().write(vals)

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_reopen(self):
        """A decided appeal is decided."""
        raise UserError(self.env._("This appeal was decided and stays so."))

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_check_editable(self, vals):
        """Whoever decides an appeal decides on the person's own words."""
        super()._stm_check_editable(vals)
        if self.env.su:
            return
        if self.user_id - self.env.user:
            raise AccessError(
                self.env._("Only the person changes the words of an appeal.")
            )

    def _stm_check_can_submit(self):
        for appeal in self:
            if appeal.state == "returned":
                raise UserError(self.env._("This appeal was decided and stays so."))
            if not (appeal.reason or "").strip():
                raise UserError(
                    self.env._("Write which points are wrong, and what shows it.")
                )
            appeal.appraisal_id._check_act("appeal")
        return super()._stm_check_can_submit()

    def _stm_approved_fields(self):
        return {"reason"}

    def _stm_approved_values(self):
        return {"sheet": self.appraisal_id.id, "reason": self.reason or ""}

    def _stm_after_submitted(self):
        self.sudo().appraisal_id.write({"state": "appealed"})
        self.appraisal_id._clear_reminders()
        return super()._stm_after_submitted()

    def _stm_after_withdrawn(self):
        self.sudo().appraisal_id.write({"state": "shared"})
        self.appraisal_id._remind_persons()
        return super()._stm_after_withdrawn()

    def _stm_after_approved(self):
        self.sudo().appraisal_id._stm_appeal_finished(True)
        return super()._stm_after_approved()

    def _stm_after_returned(self):
        """The sheet stands: there is nothing to correct and to submit again."""
        self.sudo().appraisal_id._stm_appeal_finished(False)
