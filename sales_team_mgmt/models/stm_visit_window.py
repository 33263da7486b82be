from odoo import api, fields, models
from odoo.exceptions import AccessError

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class StmVisitWindow(models.Model):
    """When a customer receives visits; without any, at any time of any day."""

    _name = "stm.visit.window"
    _description = "Visiting Hours"
    _order = "partner_id, weekday, hour_from, id"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="cascade"
    )
    weekday = fields.Selection(WEEKDAYS, required=True, default="0")
    hour_from = fields.Float(string="From", required=True, default=9.0)
    hour_to = fields.Float(string="To", required=True, default=17.0)

    _list_idx = models.Index("(partner_id, weekday, hour_from, id)")
    _order_of_hours = models.Constraint(
        "CHECK (hour_from >= 0 AND hour_to <= 24 AND hour_to > hour_from)",
        "Visiting hours end after they begin, between 00:00 and 24:00.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        windows = super().create(vals_list)
        windows._check_may_edit()
        return windows

    def write(self, vals):
        self._check_may_edit()
        result = super().write(vals)
        self._check_may_edit()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_own_customers(self):
        self._check_may_edit()

    def _check_may_edit(self):
        """Whoever may change customers, their salesperson and the leaders above."""
        if self.env.su or self.partner_id.has_access("write"):
            return
        actor = self.env.user
        owners = self.partner_id.sudo().user_id.with_env(self.env)
        led = self.env["stm.access"]._stm_people_led_by(actor, owners - actor)
        for window in self:
            customer = window.partner_id.sudo()
            if customer.user_id.id not in (led | actor).ids:
                raise AccessError(
                    self.env._(
                        "Only the salesperson of %s or a leader above can change its"
                        " visiting hours.",
                        customer.name,
                    )
                )
