from odoo import api, fields, models
from odoo.exceptions import ValidationError


class StmRouteLine(models.Model):
    """A stop of a route."""

    _name = "stm.route.line"
    _description = "Stop of a Route"
    _order = "route_id, sequence, id"

    route_id = fields.Many2one(
        "stm.route", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="route_id.company_id")
    sequence = fields.Integer(default=10)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('company_id', 'in', (company_id, False))]",
    )
    city = fields.Char(related="partner_id.city")
    week = fields.Integer(
        string="Week of the Cycle", help="Zero: in every week of the cycle."
    )
    duration = fields.Float(string="Hours", required=True, default=0.5)

    _list_idx = models.Index("(route_id, sequence, id)")
    _uniq = models.UniqueIndex(
        "(route_id, partner_id, week)",
        "This customer is a stop of the route in this week already.",
    )
    _hours = models.Constraint(
        "CHECK (duration > 0 AND duration <= 24)",
        "A visit lasts longer than nothing and at most a day.",
    )

    @api.constrains("week", "route_id")
    def _check_week(self):
        for line in self:
            if not 0 <= line.week <= line.route_id.cycle_weeks:
                raise ValidationError(
                    self.env._(
                        "“%(route)s” has a cycle of %(weeks)s weeks; %(customer)s"
                        " cannot be a stop of week %(week)s.",
                        route=line.route_id.name,
                        weeks=line.route_id.cycle_weeks,
                        customer=line.partner_id.display_name,
                        week=line.week,
                    )
                )

    @api.constrains("partner_id", "route_id")
    def _check_partner_company(self):
        for line in self:
            line.partner_id._stm_check_company(line.route_id.company_id)

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.route_id._stm_check_may_edit()
        return lines

    def write(self, vals):
        self.route_id._stm_check_may_edit()
        result = super().write(vals)
        if "route_id" in vals:
            self.route_id._stm_check_may_edit()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_by_editor(self):
        self.route_id._stm_check_may_edit()
