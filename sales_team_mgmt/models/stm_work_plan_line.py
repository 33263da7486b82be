from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

LINE_FIELDS = ("partner_id", "contact_id", "date", "hour", "duration", "purpose")


class StmWorkPlanLine(models.Model):
    """A customer on a day of the plan; becomes a visit when the plan is approved."""

    _name = "stm.work.plan.line"
    _description = "Planned Visit"
    _inherit = ["stm.visit.line.mixin", "stm.system.mixin"]
    _order = "plan_id, date, hour, id"

    _stm_document_field = "plan_id"
    _stm_system_fields = frozenset({"origin", "route_id", "policy_line_id"})

    plan_id = fields.Many2one(
        "stm.work.plan", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="plan_id.company_id")
    date = fields.Date(required=True, default=lambda self: self._default_date())
    hour = fields.Float(string="At", default=9.0)
    is_key = fields.Boolean(
        string="Key Customer",
        help="One of the customers that matter most this week (VIS-14).",
    )
    origin = fields.Selection(
        [("person", "Entered"), ("route", "Route"), ("policy", "Visit Policy")],
        string="Comes from",
        required=True,
        default="person",
        readonly=True,
    )
    route_id = fields.Many2one(
        "stm.route", readonly=True, index="btree_not_null", ondelete="set null"
    )
    policy_line_id = fields.Many2one(
        "stm.visit.policy.line",
        string="Frequency",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    user_id = fields.Many2one(related="plan_id.user_id")
    state = fields.Selection(related="plan_id.state")
    schedule_warning = fields.Char(compute="_compute_schedule_warning")
    visit_ids = fields.One2many("stm.visit", "plan_line_id", string="Visit")

    _uniq = models.UniqueIndex(
        "(plan_id, partner_id, date)",
        "This customer is planned on this day already.",
    )
    _hours = models.Constraint(
        "CHECK (hour >= 0 AND hour < 24 AND duration > 0 AND duration <= 24)",
        "A visit starts between 00:00 and 23:59 and lasts longer than nothing and at"
        " most a day.",
    )

    # ------------------------------------------------------------
    # Default, compute and constraint methods
    # ------------------------------------------------------------

    @api.model
    def _default_date(self):
        return self.env.context.get("stm_week_start")

    @api.depends(
        "plan_id.line_ids.date",
        "plan_id.line_ids.hour",
        "plan_id.line_ids.duration",
        "plan_id.line_ids.partner_id",
    )
    def _compute_schedule_warning(self):
        """What is too tight on the day, said at the later one of two visits (DAY-04).

        Only a warning: people know shorter ways than an estimate.
        """
        self.schedule_warning = False
        for plan, wanted in self.grouped("plan_id").items():
            visits = [
                (line, line.date, round(line.hour * 60), round(line.duration * 60))
                for line in plan.line_ids | wanted
                if line.partner_id and line.date
            ]
            warnings = plan.company_id._stm_schedule_warnings(visits)
            for line in wanted:
                line.schedule_warning = warnings.get(line)

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

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self.browse()._stm_check_system_fields(vals)
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._stm_check_system_fields(vals)
        return super().write(vals)

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _approved_values(self):
        values = [
            str(self.date),
            self.partner_id.id,
            self.contact_id.id or 0,
            round(self.hour * 60),
            round(self.duration * 60),
            self.purpose or "",
        ]
        # Only where it is set: approvals given before keep their fingerprint.
        return [*values, "key"] if self.is_key else values

    def _copy_values(self):
        self.ensure_one()
        return {
            name: self._fields[name].convert_to_write(self[name], self)
            for name in LINE_FIELDS
        }

    def _prepare_visit(self):
        """The hour is the one where the person is."""
        start_of = self.env["stm.visit"]._start_of
        return super()._prepare_visit() | {
            "plan_line_id": self.id,
            "start_at": start_of(self.plan_id.user_id, self.date, self.hour),
        }
