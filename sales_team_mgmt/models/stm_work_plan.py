from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..tools import weeks


class StmWorkPlan(models.Model):
    """Next week of one salesperson: customers on days, key points, support wanted.

    The leader may change it before approving it; approving makes the visits
    (VIS-01, WPL-01, WPL-02).
    """

    _name = "stm.work.plan"
    _description = "Weekly Plan"
    _inherit = ["stm.duty.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    _stm_date_field = "date_from"

    date_from = fields.Date(
        string="Monday", default=lambda self: self._default_date_from(), tracking=True
    )
    date_to = fields.Date(string="Sunday", compute="_compute_date_to", store=True)
    line_ids = fields.One2many(
        "stm.work.plan.line", "plan_id", string="Visits Planned", copy=True
    )
    point_ids = fields.One2many(
        "stm.work.plan.point", "plan_id", string="Key Points", copy=True
    )
    note = fields.Text(string="Remarks")
    visit_ids = fields.One2many("stm.visit", "plan_id", string="Visits")
    visit_count = fields.Integer(compute="_compute_counts")
    visit_done_count = fields.Integer(compute="_compute_counts")
    line_count = fields.Integer(string="Planned", compute="_compute_line_count")
    has_support = fields.Boolean(compute="_compute_line_count")

    _uniq = models.UniqueIndex(
        "(user_id, company_id, date_from)",
        "There is a plan of this person for this week already. Open that one.",
    )
    _list_idx = models.Index("(date_from DESC, id DESC)")

    # ------------------------------------------------------------
    # Default, compute and constraint methods
    # ------------------------------------------------------------

    @api.model
    def _default_date_from(self):
        """The week that is owed next, or else the coming one."""
        today = fields.Date.context_today(self)
        owed = self.env["stm.duty.item"].search(
            [
                ("user_id", "=", self.env.uid),
                ("model", "=", self._name),
                ("state", "in", ("open", "missing")),
                ("document_start", ">=", weeks.monday_of(today)),
            ],
            order="document_start",
            limit=1,
        )
        monday = owed.document_start or weeks.monday_of(today) + timedelta(weeks=1)
        planned = set(
            self.search(
                [("user_id", "=", self.env.uid), ("date_from", ">=", monday)]
            ).mapped("date_from")
        )
        while monday in planned:
            monday += timedelta(weeks=1)
        return monday

    @api.depends("date_from")
    def _compute_date_to(self):
        for plan in self:
            plan.date_to = plan.date_from and plan.date_from + timedelta(days=6)

    @api.depends("date_from", "user_id")
    def _compute_display_name(self):
        for plan in self:
            if not plan.date_from:
                plan.display_name = self.env._("New plan")
                continue
            year, number = weeks.week_number(plan.date_from)
            plan.display_name = self.env._(
                "Plan %(year)s-W%(week)s, %(person)s",
                year=year,
                week=f"{number:02}",
                person=plan.user_id.name or "",
            )

    def _compute_counts(self):
        rows = self.env["stm.visit"]._read_group(
            [("plan_id", "in", self.ids)],
            ["plan_id", "state", "is_counted"],
            ["__count"],
        )
        counts, done = {}, {}
        for plan, state, is_counted, count in rows:
            counts[plan] = counts.get(plan, 0) + count
            if state == "done" and is_counted:
                done[plan] = count
        for plan in self:
            plan.visit_count = counts.get(plan._origin, 0)
            plan.visit_done_count = done.get(plan._origin, 0)

    @api.depends("line_ids", "point_ids.support_wanted")
    def _compute_line_count(self):
        for plan in self:
            plan.line_count = len(plan.line_ids)
            plan.has_support = any(point.support_wanted for point in plan.point_ids)

    @api.constrains("date_from")
    def _check_date_from(self):
        for plan in self:
            if plan.date_from != weeks.monday_of(plan.date_from):
                raise ValidationError(
                    self.env._(
                        "A weekly plan starts on a Monday: %s.",
                        format_date(self.env, weeks.monday_of(plan.date_from)),
                    )
                )

    @api.onchange("date_from")
    def _onchange_date_from(self):
        if self.date_from:
            self.date_from = weeks.monday_of(self.date_from)

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_open_visits(self):
        """Open the visits that came out of the plan."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_team_mgmt.stm_visit_action"
        )
        action["domain"] = [("plan_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_copy_last_week(self):
        """Take over customers and key points from the plan before, as a start."""
        self.ensure_one()
        self._stm_check_submitter()
        previous = self.search(
            [
                ("user_id", "=", self.user_id.id),
                ("company_id", "=", self.company_id.id),
                ("date_from", "<", self.date_from),
            ],
            order="date_from desc",
            limit=1,
        )
        if not previous:
            raise UserError(self.env._("There is no earlier plan to copy from."))
        shift = self.date_from - previous.date_from
        known = {(line.partner_id, line.date) for line in self.line_ids}
        known_points = set(self.point_ids.mapped("name"))
        self.write(
            {
                "line_ids": [
                    (0, 0, {**line._copy_values(), "date": line.date + shift})
                    for line in previous.line_ids
                    if (line.partner_id, line.date + shift) not in known
                ],
                "point_ids": [
                    (0, 0, point._copy_values())
                    for point in previous.point_ids
                    if point.outcome != "done" and point.name not in known_points
                ],
            }
        )
        return True

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_day(self):
        """A week belongs to the month of its Thursday."""
        return self.date_from and weeks.deciding_day(self.date_from)

    def _stm_check_can_submit(self):
        for plan in self:
            if not plan.line_ids and not plan.point_ids:
                raise UserError(
                    self.env._(
                        "“%s” is empty. Add the customers you will visit or the key"
                        " points of the week first.",
                        plan.display_name,
                    )
                )
        return super()._stm_check_can_submit()

    def _stm_approved_fields(self):
        return {"line_ids", "point_ids", "note", "date_from"}

    def _stm_approved_values(self):
        return {
            "date_from": self.date_from,
            "note": self.note or "",
            "lines": sorted(line._approved_values() for line in self.line_ids),
            "points": sorted(point._approved_values() for point in self.point_ids),
        }

    def _stm_after_approved(self):
        self._update_visits()
        return super()._stm_after_approved()

    def _update_visits(self):
        """Make the visits of the plan what the approved lines say."""
        Visit = self.env["stm.visit"].sudo()
        dropped = Visit.search(
            [
                ("plan_id", "in", self.ids),
                ("plan_line_id", "=", False),
                ("state", "=", "planned"),
            ]
        )
        dropped._do_cancel(self.env._("Taken out of the plan"))
        lines = self.sudo().line_ids
        visits = {visit.plan_line_id: visit for visit in lines.visit_ids}
        new = []
        for line in lines:
            values = line._prepare_visit()
            visit = visits.get(line)
            if visit:
                visit._bring_in_line(values)
            else:
                new.append(values)
        Visit.create(new)
