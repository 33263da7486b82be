from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

LINE_FIELDS = ("partner_id", "contact_id", "date", "hour", "duration", "purpose")


class StmWorkPlanLine(models.Model):
    """A customer on a day of the plan; becomes a visit when the plan is approved."""

    _name = "stm.work.plan.line"
    _description = "Planned Visit"
    _inherit = ["stm.approval.part.mixin"]
    _order = "plan_id, date, hour, id"

    _stm_document_field = "plan_id"

    plan_id = fields.Many2one(
        "stm.work.plan", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="plan_id.company_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        domain="[('company_id', 'in', (company_id, False))]",
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Person to Visit",
        domain="[('parent_id', '=', partner_id)]",
    )
    date = fields.Date(required=True, default=lambda self: self._default_date())
    hour = fields.Float(string="At", default=9.0)
    duration = fields.Float(string="Hours", default=1.0)
    purpose = fields.Char()
    visit_ids = fields.One2many("stm.visit", "plan_line_id", string="Visit")

    _uniq = models.UniqueIndex(
        "(plan_id, partner_id, date)",
        "This customer is planned on this day already.",
    )
    _hours = models.Constraint(
        "CHECK (hour >= 0 AND hour < 24 AND duration > 0)",
        "A visit starts between 00:00 and 23:59 and lasts longer than nothing.",
    )

    @api.model
    def _default_date(self):
        return self.env.context.get("stm_week_start")

    @api.constrains("date", "plan_id")
    def _check_date(self):
        for line in self:
            plan = line.plan_id
            if not plan.date_from <= line.date <= plan.date_to:
                raise ValidationError(
                    self.env._(
                        "%(customer)s is planned on %(day)s, outside the week of the"
                        " plan (%(start)s to %(end)s).",
                        customer=line.partner_id.display_name,
                        day=format_date(self.env, line.date),
                        start=format_date(self.env, plan.date_from),
                        end=format_date(self.env, plan.date_to),
                    )
                )

    @api.constrains("partner_id", "plan_id")
    def _check_partner_company(self):
        for line in self:
            line.partner_id._stm_check_company(line.plan_id.company_id)

    def _approved_values(self):
        return [
            str(self.date),
            self.partner_id.id,
            self.contact_id.id or 0,
            round(self.hour * 60),
            round(self.duration * 60),
            self.purpose or "",
        ]

    def _copy_values(self):
        self.ensure_one()
        return {
            name: self._fields[name].convert_to_write(self[name], self)
            for name in LINE_FIELDS
        }

    def _prepare_visit(self):
        self.ensure_one()
        plan = self.plan_id
        return {
            "plan_id": plan.id,
            "plan_line_id": self.id,
            "user_id": plan.user_id.id,
            "company_id": plan.company_id.id,
            "partner_id": self.partner_id.id,
            "contact_id": self.contact_id.id,
            "purpose": self.purpose,
            "start_at": self.env["stm.visit"]._start_of(
                plan.user_id, self.date, self.hour
            ),
            "duration": self.duration,
        }
