from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..models.stm_spot_check import CHECK_METHODS, DAYS_TO_CHECK
from ..tools import sampling

# Roles that draw among the visits of everybody in the company.
DRAWING_GROUPS = (
    "sales_team_mgmt.group_department_manager",
    "sales_team_mgmt.group_general_manager",
)


class StmSpotCheckDraw(models.TransientModel):
    """Draws visits to check at random (VIS-08)."""

    _name = "stm.spot.check.draw"
    _description = "Draw Visits to Check"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="Visits from",
        required=True,
        default=lambda self: self._default_span()[0],
    )
    date_to = fields.Date(
        string="Until", required=True, default=lambda self: self._default_span()[1]
    )
    team_ids = fields.Many2many(
        "crm.team",
        string="Teams",
        help="With all teams below. Empty: everybody whose visits you may check.",
    )
    user_ids = fields.Many2many(
        "res.users",
        string="People",
        domain=[("share", "=", False)],
        help="Empty: everybody in the teams.",
    )
    amount_kind = fields.Selection(
        [("share", "A Share"), ("number", "A Number")],
        string="Draw",
        required=True,
        default="share",
    )
    share = fields.Float(
        string="Percent",
        default=lambda self: self.env.company.sudo().stm_check_sample_rate,
        help="Of all visits of these days; what was drawn before counts toward it.",
    )
    number = fields.Integer(string="Visits", default=5)
    each = fields.Boolean(
        string="From Each Person",
        help="The share or number is drawn for each person, at least one.",
    )
    method = fields.Selection(CHECK_METHODS, required=True, default="phone")
    checker_id = fields.Many2one(
        "res.users",
        string="Assign to",
        domain=[("share", "=", False)],
        help="A person whose task this is; empty: whoever leads the person.",
    )
    date_due = fields.Date(
        string="Check until",
        required=True,
        default=lambda self: (
            fields.Date.context_today(self) + timedelta(days=DAYS_TO_CHECK)
        ),
    )
    available = fields.Integer(string="Not Drawn Yet", compute="_compute_size")
    drawn = fields.Integer(string="Drawn Already", compute="_compute_size")
    size = fields.Integer(string="Will Be Drawn", compute="_compute_size")

    # ------------------------------------------------------------
    # Default and compute methods
    # ------------------------------------------------------------

    @api.model
    def _default_span(self):
        """Last month in the first week, then this month up to today."""
        today = fields.Date.context_today(self)
        first = today.replace(day=1)
        if today.day > DAYS_TO_CHECK:
            return first, today
        last = first - timedelta(days=1)
        return last.replace(day=1), last

    @api.depends(
        "company_id",
        "date_from",
        "date_to",
        "team_ids",
        "user_ids",
        "amount_kind",
        "share",
        "number",
        "each",
        "checker_id",
    )
    @api.depends_context("uid")
    def _compute_size(self):
        for wizard in self:
            wizard.available = wizard.drawn = wizard.size = 0
            if not wizard.date_from or not wizard.date_to:
                continue
            pools, drawn = wizard._pools()
            wizard.available = sum(map(len, pools.values()))
            wizard.drawn = sum(drawn.values())
            wizard.size = len(wizard._choose(pools, drawn))

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_draw(self):
        """Draw the visits and open the checks that came of it."""
        self.ensure_one()
        self.check_access("write")
        self._check_input()
        Check = self.env["stm.spot.check"]
        chosen = self._choose(*self._pools())
        if not chosen:
            raise UserError(
                self.env._(
                    "Nothing is left to draw: of the visits from %(start)s to %(end)s"
                    " enough were drawn, or there are none. Choose other days or"
                    " people, or a larger share.",
                    start=format_date(self.env, self.date_from),
                    end=format_date(self.env, self.date_to),
                )
            )
        checks = Check._draw_visits(
            self.env["stm.visit"].browse(chosen),
            method=self.method,
            checker_id=self.checker_id.id,
            date_due=self.date_due,
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_team_mgmt.stm_spot_check_action"
        )
        action["domain"] = [("id", "in", checks.ids)]
        action["context"] = {}
        return action

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _check_input(self):
        if self.date_from > self.date_to:
            raise UserError(self.env._("The first day is not after the last one."))
        if self.amount_kind == "share" and not 0 < self.share <= 100:
            raise UserError(
                self.env._("The share to draw lies above 0 and is at most 100 %.")
            )
        if self.amount_kind == "number" and self.number < 1:
            raise UserError(self.env._("Draw at least one visit."))
        if self.date_due < fields.Date.context_today(self):
            raise UserError(
                self.env._("Give whoever checks a day that is still to come.")
            )
        if self.company_id not in self.env.companies:
            raise AccessError(
                self.env._("You do not work in %s.", self.company_id.sudo().name)
            )
        foreign = self.user_ids - self._people(self.user_ids)
        if foreign:
            raise AccessError(
                self.env._(
                    "You do not lead %s today, so you do not draw their visits.",
                    foreign.sudo().mapped("name"),
                )
            )

    def _people(self, wanted=None):
        """Those whose visits the user may have checked: people led, never oneself."""
        me = self.env.user
        if self.company_id not in self.env.companies:
            return self.env["res.users"]
        if wanted is None:
            domain = [("date", ">=", self.date_from), ("date", "<=", self.date_to)]
            domain += [("company_id", "=", self.company_id.id), ("state", "=", "done")]
            groups = self.env["stm.visit"].sudo()._read_group(domain, ["user_id"])
            wanted = self.env["res.users"].union(*(user for (user,) in groups))
        others = wanted.with_env(self.env) - me
        if any(me.has_group(group) for group in DRAWING_GROUPS):
            return others
        found = self.env["stm.event"]._people_decided_on(others, self.company_id)
        return found.with_env(self.env)

    def _pools(self):
        """What can be drawn of the people and teams chosen, by person."""
        people = self._people(self.user_ids if self.user_ids else None)
        if self.team_ids:
            today = fields.Date.context_today(self)
            teams = self.env["crm.team"].sudo()
            teams = teams.search([("id", "child_of", self.team_ids.ids)])
            member_of = self.env["crm.team.member"]._stm_teams_of(
                people, today, self.company_id
            )
            people = people.filtered(lambda user: member_of.get(user) in teams)
        # Nobody is given the own visits to check.
        people -= self.checker_id
        return self.env["stm.spot.check"]._pools(
            people, self.company_id, self.date_from, self.date_to
        )

    def _choose(self, pools, drawn):
        """Ids of the visits that are drawn."""
        if not self.each:
            pools = {None: [visit for pool in pools.values() for visit in pool]}
            drawn = {None: sum(drawn.values())}
        if self.amount_kind == "share":
            return sampling.draw_share(pools, drawn, self.share)
        return [
            visit
            for pool in pools.values()
            for visit in sampling.draw(pool, self.number)
        ]
