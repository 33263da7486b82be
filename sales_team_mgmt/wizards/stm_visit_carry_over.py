from datetime import timedelta

from odoo import api, fields, models


class StmVisitCarryOver(models.TransientModel):
    """Asks for the day on which missed visits are made."""

    _name = "stm.visit.carry.over"
    _description = "Carry Over"

    visit_ids = fields.Many2many("stm.visit", required=True)
    date = fields.Date(
        string="New Day", required=True, default=lambda self: self._default_date()
    )

    @api.model
    def _default_date(self):
        """The next working day."""
        tomorrow = fields.Date.context_today(self) + timedelta(days=1)
        calendar = self.env.company._stm_work_calendar(tomorrow, tomorrow)
        days = (tomorrow + timedelta(days=number) for number in range(30))
        return next((day for day in days if calendar.is_workday(day)), tomorrow)

    def action_confirm(self):
        """Carry the visits over; they check again whether the user may."""
        return self.visit_ids.action_carry_over(self.date)
