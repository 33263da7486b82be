from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class StmVisit(models.Model):
    """Visits in the course of a week: too tight ones, and ones carried over."""

    _inherit = "stm.visit"  # pylint: disable=consider-merging-classes-inherited

    _stm_system_fields = frozenset({"carried_from_id"})

    carried_from_id = fields.Many2one(
        "stm.visit",
        string="Carried over from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    carried_to_ids = fields.One2many(
        "stm.visit", "carried_from_id", string="Carried over to", readonly=True
    )
    schedule_warning = fields.Char(compute="_compute_schedule_warning")

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends("start_at", "duration", "partner_id", "user_id", "state")
    @api.depends_context("lang")
    def _compute_schedule_warning(self):
        """What is too tight before a planned visit, among all of its person (DAY-04).

        One search, whatever the number of visits. What the reader may not see is not
        spoken of.
        """
        self.schedule_warning = False
        planned = self.filtered(
            lambda v: v.state == "planned" and v.date and v.partner_id
        )
        if not planned:
            return
        others = self.search(
            [
                ("user_id", "in", planned.user_id.ids),
                ("date", "in", list(set(planned.mapped("date")))),
                ("state", "!=", "cancelled"),
                ("id", "not in", planned.ids),
            ]
        )
        people = (others | planned).grouped(lambda v: (v.user_id, v.company_id))
        for (user, company), visits in people.items():
            local = self.with_context(tz=user._stm_tz())
            rows = []
            for visit in visits:
                start = fields.Datetime.context_timestamp(local, visit.start_at)
                rows.append(
                    (
                        visit,
                        visit.date,
                        start.hour * 60 + start.minute,
                        round(visit.duration * 60),
                    )
                )
            warnings = company._stm_schedule_warnings(rows)
            for visit in visits & planned:
                visit.schedule_warning = warnings.get(visit)

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_carry_over(self, date=False):
        """Call planned visits off and plan them again on a later day (DAY-04, DAY-09).

        In the figures of its plan the visit stays one that was not made.

        :param date: the new day; without one, ask for it
        """
        self._check_mine()
        self._check_can_carry_over()
        if not date:
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Carry Over"),
                "res_model": "stm.visit.carry.over",
                "view_mode": "form",
                "target": "new",
                "context": {"default_visit_ids": self.ids},
            }
        day = self._parse_day(date)
        self._check_carry_over_day(day)
        values = [visit._prepare_carry_over(day) for visit in self]
        self._do_cancel(
            self.env._("Carried over to %s", format_date(self.env, day)),
        )
        visits = self.sudo().create(values).with_env(self.env)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_team_mgmt.stm_visit_action"
        )
        action["domain"] = [("id", "in", visits.ids)]
        action["context"] = {}
        return action

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _bring_in_line(self, values):
        """Make a planned visit what was approved; one that has begun stays as it is."""
        self.ensure_one()
        if self.state != "planned":
            return
        changed = {
            name: value
            for name, value in values.items()
            if self._fields[name].convert_to_write(self[name], self) != value
        }
        if changed:
            self.write(changed)

    def _check_can_carry_over(self):
        for visit in self:
            if visit.state != "planned":
                raise UserError(
                    self.env._(
                        "The visit to %s has begun, is finished or cancelled: only a"
                        " planned one is carried over.",
                        visit.partner_id.display_name,
                    )
                )

    @api.model
    def _parse_day(self, day):
        try:
            return fields.Date.to_date(day)
        except (TypeError, ValueError):
            raise UserError(
                self.env._("“%s” is no day. Write it like 2026-03-06.", day)
            ) from None

    def _check_carry_over_day(self, day):
        for visit in self:
            today = visit.user_id._stm_today()
            if day <= visit.date or day < today:
                raise UserError(
                    self.env._(
                        "The visit to %(customer)s on %(old)s is carried over to a"
                        " later day that is not over, not to %(new)s.",
                        customer=visit.partner_id.display_name,
                        old=format_date(self.env, visit.date),
                        new=format_date(self.env, day),
                    )
                )

    def _prepare_carry_over(self, day):
        """Values of the visit that takes the place of this one, at the same hour."""
        self.ensure_one()
        local = self.with_context(tz=self.user_id._stm_tz())
        start = fields.Datetime.context_timestamp(local, self.start_at)
        hour = start.hour + start.minute / 60
        return {
            **self.copy_data()[0],
            "user_id": self.user_id.id,
            "start_at": self._start_of(self.user_id, day, hour),
            "carried_from_id": self.id,
        }
