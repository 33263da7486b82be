from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..models.stm_work_plan_proposal import OPEN_PLANS


class StmReassign(models.TransientModel):
    """Gives customers to another salesperson, with what is still planned for them.

    Customers change hands at once; planned visits and stops of routes go along from a
    day on. What is finished stays where it was (ORG-18).
    """

    _name = "stm.reassign"
    _description = "Reassign Customers"

    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        required=True,
        default=lambda self: self._default_partner_ids(),
    )
    user_id = fields.Many2one(
        "res.users",
        string="New Salesperson",
        required=True,
        domain=[("share", "=", False)],
    )
    date = fields.Date(
        string="Visits and Routes from",
        required=True,
        default=fields.Date.context_today,
        help="Planned visits and stops of routes from this day on go along.",
    )
    customer_count = fields.Integer(string="Number", compute="_compute_counts")
    visit_count = fields.Integer(string="Planned Visits", compute="_compute_counts")
    stop_count = fields.Integer(string="Stops of Routes", compute="_compute_counts")

    @api.model
    def _default_partner_ids(self):
        ids = self.env.context.get("active_ids") or []
        model = self.env.context.get("active_model")
        if model == "stm.coverage":
            return self.env[model].browse(ids).partner_id
        return self.env["res.partner"].browse(ids if model == "res.partner" else [])

    @api.depends("partner_ids", "user_id", "date")
    def _compute_counts(self):
        for wizard in self:
            wizard.customer_count = len(wizard.partner_ids)
            wizard.visit_count = len(wizard._get_visits())
            wizard.stop_count = len(wizard._get_stops())

    def action_reassign(self):
        """Give the customers and what is planned to the new salesperson."""
        self.ensure_one()
        self._check_may_reassign()
        visits, stops = self._get_visits(), self._get_stops()
        for owner, theirs in visits.grouped("user_id").items():
            theirs.write({"user_id": self.user_id.id})
            for visit in theirs:
                visit.message_post(
                    body=self.env._("Handed over by %s.", owner.name),
                    author_id=self.env.user.partner_id.id,
                )
        for route, lines in stops.grouped("route_id").items():
            self._move_stops(route, lines)
        self._clear_drafts()
        customers = self.partner_ids.sudo()
        before = customers.grouped("user_id")
        customers.write({"user_id": self.user_id.id})
        for owner, theirs in before.items():
            theirs._message_log_batch(
                bodies={
                    customer.id: self.env._(
                        "Reassigned from %(old)s to %(new)s.",
                        old=owner.name or "–",
                        new=self.user_id.name,
                    )
                    for customer in theirs
                }
            )
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _check_may_reassign(self):
        """Only who leads everybody concerned, only to somebody who can take over."""
        actor = self.env.user
        if not actor.has_group("sales_team_mgmt.group_leader"):
            raise AccessError(
                self.env._("Customers are reassigned by a leader. Ask yours.")
            )
        self.partner_ids.check_access("read")
        people = self.user_id | self.partner_ids.sudo().user_id.with_env(self.env)
        people |= self._get_visits().user_id.with_env(self.env)
        people |= self._get_stops().route_id.user_id.with_env(self.env)
        led = self.env["stm.access"]._stm_people_led_by(actor, people - actor)
        for user in people - led - actor:
            raise AccessError(
                self.env._(
                    "You do not lead %s. Ask somebody who leads both people.", user.name
                )
            )
        if not self.env["crm.team.member"]._stm_teams_of(self.user_id, self.date):
            raise UserError(
                self.env._(
                    "%s is not in a sales team on that day and cannot take over.",
                    self.user_id.name,
                )
            )
        for customer in self.partner_ids.sudo():
            company = customer.company_id
            if company and (
                company not in self.user_id.sudo().company_ids
                or company not in self.env.companies
            ):
                raise UserError(
                    self.env._(
                        "%(customer)s is a customer of %(company)s; you and %(person)s"
                        " have to work there.",
                        customer=customer.name,
                        company=company.name,
                        person=self.user_id.name,
                    )
                )
        if self.date < fields.Date.context_today(self):
            raise UserError(
                self.env._("What is over stays where it was. Choose today or later.")
            )

    def _get_companies(self):
        return self.env.companies & self.user_id.sudo().company_ids

    def _get_visits(self):
        """Planned visits to the customers and their contacts, from the day on."""
        return (
            self.env["stm.visit"]
            .sudo()
            .search(
                Domain("partner_id", "child_of", self.partner_ids.ids)
                & Domain("state", "=", "planned")
                & Domain("date", ">=", self.date)
                & Domain("user_id", "!=", self.user_id.id)
                & Domain("company_id", "in", self._get_companies().ids)
            )
        )

    def _get_stops(self):
        """Stops of routes that are still made on the day or later."""
        return (
            self.env["stm.route.line"]
            .sudo()
            .search(
                Domain("partner_id", "in", self.partner_ids.ids)
                & Domain("route_id.active", "=", True)
                & Domain("route_id.user_id", "!=", self.user_id.id)
                & Domain("route_id.company_id", "in", self._get_companies().ids)
                & (
                    Domain("route_id.date_to", "=", False)
                    | Domain("route_id.date_to", ">=", self.date)
                )
            )
        )

    def _clear_drafts(self):
        """Take the customers out of what others are still planning from the day on.

        The new salesperson has them proposed; nobody approves a visit to a customer
        of somebody else.
        """
        lines = (
            self.env["stm.work.plan.line"]
            .sudo()
            .search(
                Domain("partner_id", "child_of", self.partner_ids.ids)
                & Domain("date", ">=", self.date)
                & Domain("plan_id.state", "in", OPEN_PLANS)
                & Domain("plan_id.user_id", "in", self.partner_ids.sudo().user_id.ids)
                & Domain("plan_id.user_id", "!=", self.user_id.id)
                & Domain("plan_id.company_id", "in", self._get_companies().ids)
            )
        )
        bodies = {
            plan.id: self.env._(
                "Reassigned to %(person)s: %(customers)s.",
                person=self.user_id.name,
                customers=theirs.partner_id.mapped("display_name"),
            )
            for plan, theirs in lines.grouped("plan_id").items()
        }
        plans = lines.plan_id
        lines.unlink()
        plans._message_log_batch(bodies)

    def _move_stops(self, route, lines):
        """Stops go to the same round of the new person; before the day all stays.

        A route that has begun already ends the day before, so that what it was can
        still be seen, and goes on with the stops that are left.
        """
        left = route.line_ids - lines
        if route.date_from < self.date:
            if left:
                route.copy(
                    {
                        "name": route.name,
                        "date_from": self.date,
                        "planned_until": route.planned_until,
                        "line_ids": [(0, 0, values) for values in left.copy_data()],
                    }
                )
            route.copy(
                {
                    "name": route.name,
                    "user_id": self.user_id.id,
                    "date_from": self.date,
                    "line_ids": [(0, 0, values) for values in lines.copy_data()],
                }
            )
            route.date_to = self.date - timedelta(days=1)
        elif left:
            route.copy(
                {
                    "name": route.name,
                    "user_id": self.user_id.id,
                    "date_from": route.date_from,
                    "line_ids": [(0, 0, values) for values in lines.copy_data()],
                }
            )
            lines.unlink()
        else:
            route.user_id = self.user_id
