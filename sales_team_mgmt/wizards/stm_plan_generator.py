from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import weeks


class StmPlanGenerator(models.TransientModel):
    """Has the plans of people proposed, for a week, some weeks or a month."""

    _name = "stm.plan.generator"
    _description = "Propose Plans"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    user_ids = fields.Many2many(
        "res.users",
        string="People",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    is_leader = fields.Boolean(compute="_compute_is_leader")
    span = fields.Selection(
        [("weeks", "Weeks"), ("month", "Month")], required=True, default="weeks"
    )
    date_from = fields.Date(
        string="Week of",
        required=True,
        default=lambda self: self._default_date_from(),
    )
    weeks = fields.Integer(string="Number of Weeks", required=True, default=1)

    _some_weeks = models.Constraint(
        "CHECK (weeks BETWEEN 1 AND 14)", "Propose from 1 to 14 weeks at once."
    )

    @api.model
    def _default_date_from(self):
        return weeks.monday_of(fields.Date.context_today(self)) + timedelta(weeks=1)

    @api.depends_context("uid")
    def _compute_is_leader(self):
        self.is_leader = self.env.user.has_group("sales_team_mgmt.group_leader")

    def action_team(self):
        """Choose everybody whom one leads today."""
        self.ensure_one()
        users = self.env["stm.access"]._stm_members_led(self.env.user)
        self.user_ids = users or self.env.user
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Propose Plans"),
        }

    def action_generate(self):
        """Propose, and open what was written."""
        self.ensure_one()
        Plan = self.env["stm.work.plan"]
        Plan.check_access("write")
        if self.date_from > fields.Date.context_today(self) + timedelta(days=366):
            raise UserError(
                self.env._("Propose plans for weeks of the coming twelve months.")
            )
        mondays = self._mondays()
        if self.company_id not in self.env.companies:
            raise UserError(
                self.env._("Choose a company in which you work at the moment.")
            )
        Plan._check_may_generate(self.user_ids, mondays)
        plans = Plan._generate(self.user_ids, self.company_id, mondays)
        if not plans:
            raise UserError(
                self.env._(
                    "Nothing to propose: the plans of these weeks are submitted or"
                    " approved already, their period is closed, or the people are in no"
                    " sales team on the Monday."
                )
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_team_mgmt.stm_work_plan_action"
        )
        action["domain"] = [("id", "in", plans.ids)]
        action["context"] = {}
        if len(plans) == 1:
            action.update(res_id=plans.id, views=[(False, "form")])
        return action

    def _mondays(self):
        """The weeks asked for; a week belongs to the month of its Thursday."""
        if self.span == "weeks":
            first = weeks.monday_of(self.date_from)
            return [first + timedelta(weeks=number) for number in range(self.weeks)]
        first = self.date_from.replace(day=1)
        monday = weeks.monday_of(first)
        mondays = [monday + timedelta(weeks=number) for number in range(6)]
        this_week = weeks.monday_of(fields.Date.context_today(self))
        return [
            day
            for day in mondays
            if weeks.deciding_day(day).replace(day=1) == first and day >= this_week
        ]
