from odoo import fields, models


class CalendarEvent(models.Model):
    """A visit owns its meeting: only the time and cancelling come back from it."""

    _inherit = "calendar.event"

    stm_visit_ids = fields.One2many("stm.visit", "calendar_event_id", string="Visit")

    def write(self, vals):
        result = super().write(vals)
        if self.env.context.get("stm_from_visit"):
            return result
        if vals.keys() & {"start", "stop", "start_date", "stop_date", "allday"}:
            self._stm_move_visits()
        if vals.get("active") is False:
            self._stm_cancel_visits()
        return result

    def unlink(self):
        if not self.env.context.get("stm_from_visit"):
            self._stm_cancel_visits()
        return super().unlink()

    def action_stm_visit(self):
        """Open the visit behind the meeting."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "stm.visit",
            "res_id": self.stm_visit_ids[:1].id,
            "view_mode": "form",
        }

    def _stm_move_visits(self):
        for event in self:
            # The meeting is the person's own: whoever may move it may move the visit.
            visit = event.sudo().stm_visit_ids[:1]
            if visit and event.start and event.stop and event.stop > event.start:
                hours = (event.stop - event.start).total_seconds() / 3600
                visit = visit.with_context(stm_from_event=True)
                visit._stm_check_movable()
                visit.write({"start_at": event.start, "duration": hours})

    def _stm_cancel_visits(self):
        visits = self.sudo().stm_visit_ids.filtered(lambda v: v.state == "planned")
        visits.with_context(stm_from_event=True)._do_cancel(
            self.env._("Cancelled in the calendar")
        )
