from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# Visits of a day that one map shows; a department is looked at team by team.
MOST_VISITS = 500


class StmVisit(models.Model):
    """The visits of a day on the map."""

    _inherit = "stm.visit"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    @api.readonly
    def stm_map_visits(self, day=False, user_ids=False):
        """The visits of a day with the places of their customers, person by person in
        the order of the stops: those of ``user_ids``, or all that the reader may see.

        Where the person's phone was is for those who may read positions.
        """
        day = self._stm_map_day(day)
        domain = Domain("date", "=", day) & Domain("state", "!=", "cancelled")
        if user_ids is not False and user_ids is not None:
            domain &= Domain("user_id", "in", self._stm_map_people(user_ids))
        visits = self.search(
            domain, order="user_id, sequence, start_at, id", limit=MOST_VISITS + 1
        )
        shown = visits[:MOST_VISITS]
        readable = shown.partner_id._filtered_access("read")
        positions = shown._stm_map_positions()
        stops, rows = {}, []
        for visit in shown:
            person = visit.user_id.sudo()
            stops[person] = stops.get(person, 0) + 1
            rows.append(
                {
                    **visit._stm_map_row(visit.partner_id in readable),
                    "stop": stops[person],
                    "positions": positions.get(visit.id, []),
                }
            )
        return {
            "day": fields.Date.to_string(day),
            "more": len(visits) > MOST_VISITS,
            "people": [{"id": user.id, "name": user.name} for user in stops],
            "visits": rows,
        }

    # ------------------------------------------------------------
    # Tools of the map
    # ------------------------------------------------------------

    def _stm_map_row(self, is_readable):
        """The name of a customer of another company is shown, its place is not."""
        partner = self.partner_id.sudo()
        is_known = is_readable and partner.stm_has_position
        states = dict(self._fields["state"]._description_selection(self.env))
        verdicts = dict(self._fields["verdict"]._description_selection(self.env))
        return {
            "id": self.id,
            "partner_id": partner.id,
            "customer": partner.complete_name or "",
            "address": partner._stm_address() if is_readable else "",
            "user_id": self.user_id.id,
            "start": fields.Datetime.to_string(self.start_at),
            "state": self.state,
            "state_label": states[self.state],
            "verdict": self.verdict or False,
            "verdict_label": verdicts.get(self.verdict, ""),
            "verdict_note": self.verdict_note or "",
            "latitude": partner.partner_latitude if is_known else None,
            "longitude": partner.partner_longitude if is_known else None,
        }

    def _stm_map_positions(self):
        """Where the phones were, by visit; nothing for whoever may not read it."""
        if "stm.visit.position" not in self.env:
            return {}
        model = self.env["stm.visit.position"]
        if not model.has_access("read"):
            return {}
        names = ["visit_id", "kind", "latitude", "longitude", "accuracy"]
        found = {}
        for position in model.search_fetch([("visit_id", "in", self.ids)], names):
            found.setdefault(position.visit_id.id, []).append(
                {name: position[name] for name in names[1:]}
            )
        return found

    @api.model
    def _stm_map_day(self, day):
        if day is False or day is None:
            return fields.Date.context_today(self)
        try:
            return date.fromisoformat(day)
        except (ValueError, TypeError) as error:
            raise UserError(
                self.env._("A day of the map is a date like 2026-03-02.")
            ) from error

    @api.model
    def _stm_map_people(self, user_ids):
        if not isinstance(user_ids, list) or any(
            isinstance(each, bool) or not isinstance(each, int) for each in user_ids
        ):
            raise UserError(self.env._("People on the map are chosen by their ids."))
        return user_ids
