from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools import weeks
from ..tools.routing import best_order

WEEKDAY_FIELDS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


# Any Monday: the others are counted from it.
MONDAY = date(2026, 3, 2)


class StmRoute(models.Model):
    """A fixed round of customers on fixed weekdays, every week or in a cycle (VIS-25).

    A route says what the days to come look like. It belongs to a person and follows
    the person into another team; the visits that came out of it stay where they are.
    """

    _name = "stm.route"
    _description = "Visit Route"
    _inherit = ["stm.document.mixin", "mail.thread"]
    _order = "name, id"
    _check_company_auto = True

    _stm_date_field = "date_from"
    _stm_system_fields = frozenset({"planned_until"})

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    user_id = fields.Many2one(tracking=True)
    region_id = fields.Many2one(
        "stm.region", index="btree_not_null", check_company=True, tracking=True
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
    )
    date_to = fields.Date(string="Until", tracking=True)
    monday = fields.Boolean(default=True)
    tuesday = fields.Boolean()
    wednesday = fields.Boolean()
    thursday = fields.Boolean()
    friday = fields.Boolean()
    saturday = fields.Boolean()
    sunday = fields.Boolean()
    weekdays = fields.Char(string="Days", compute="_compute_weekdays")
    cycle_weeks = fields.Integer(
        string="Weeks of the Cycle",
        required=True,
        default=1,
        tracking=True,
        help="1: every week is the same. 2: two kinds of weeks take turns, and so on.",
    )
    cycle_start = fields.Date(
        string="Cycle Starts on",
        default=lambda self: weeks.monday_of(fields.Date.context_today(self)),
        help="The Monday of a week 1 of the cycle.",
    )
    line_ids = fields.One2many("stm.route.line", "route_id", string="Stops", copy=True)
    line_count = fields.Integer(string="Number of Stops", compute="_compute_line_count")
    planned_until = fields.Date(
        readonly=True,
        copy=False,
        help="Monday of the last week that was proposed by itself.",
    )
    can_edit = fields.Boolean(compute="_compute_can_edit")

    _list_idx = models.Index("(name, id)")
    _planning_idx = models.Index("(company_id, user_id, date_from) WHERE active")
    _cycle = models.Constraint(
        "CHECK (cycle_weeks BETWEEN 1 AND 52)",
        "The cycle of a route has 1 to 52 weeks.",
    )
    _some_day = models.Constraint(
        "CHECK (COALESCE(monday, FALSE) OR COALESCE(tuesday, FALSE)"
        " OR COALESCE(wednesday, FALSE) OR COALESCE(thursday, FALSE)"
        " OR COALESCE(friday, FALSE) OR COALESCE(saturday, FALSE)"
        " OR COALESCE(sunday, FALSE))",
        "Choose at least one weekday of the route.",
    )
    _dates = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "A route cannot end before it starts.",
    )

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.depends(*WEEKDAY_FIELDS)
    def _compute_weekdays(self):
        for route in self:
            days = [MONDAY + timedelta(n) for n in range(7) if route[WEEKDAY_FIELDS[n]]]
            route.weekdays = ", ".join(
                format_date(self.env, day, date_format="EEE") for day in days
            )

    @api.depends("line_ids")
    def _compute_line_count(self):
        counts = dict(
            self.env["stm.route.line"]._read_group(
                [("route_id", "in", self.ids)], ["route_id"], ["__count"]
            )
        )
        for route in self:
            route.line_count = counts.get(route._origin) or len(route.line_ids)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_can_edit(self):
        allowed = self._stm_people_edited_by(self.env.user)
        for route in self:
            route.can_edit = not route.user_id or route.user_id in allowed

    @api.constrains("cycle_start", "cycle_weeks")
    def _check_cycle_start(self):
        for route in self:
            if route.cycle_weeks > 1 and not route.cycle_start:
                raise ValidationError(
                    self.env._("Say on which Monday the cycle of the route starts.")
                )
            if route.cycle_start and route.cycle_start.weekday():
                raise ValidationError(
                    self.env._(
                        "The cycle of a route starts on a Monday: %s.",
                        format_date(self.env, weeks.monday_of(route.cycle_start)),
                    )
                )

    @api.constrains("cycle_weeks")
    def _check_cycle_weeks(self):
        self.line_ids._check_week()

    @api.onchange("cycle_start")
    def _onchange_cycle_start(self):
        if self.cycle_start:
            self.cycle_start = weeks.monday_of(self.cycle_start)

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        """A leader may start the route of somebody else."""
        values = super().default_get(fields)
        user_id = self.env.context.get("default_user_id")
        if "user_id" in values and user_id:
            values["user_id"] = user_id
        return values

    @api.model_create_multi
    def create(self, vals_list):
        routes = super().create(vals_list)
        routes._stm_check_may_edit()
        return routes

    def write(self, vals):
        content = self._stm_touches_content(vals)
        if content:
            self._stm_check_may_edit()
        result = super().write(vals)
        if content and "user_id" in vals:
            self._stm_check_may_edit()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_by_editor(self):
        self._stm_check_may_edit()

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_order_stops(self):
        """Put the stops in the shortest order, from the first one on, week by week."""
        self._stm_check_may_edit()
        for route in self:
            lines = route.line_ids.sorted(lambda line: (line.sequence, line.id))
            partners = lines.partner_id.sudo()
            positions = {
                partner.id: (partner.partner_latitude, partner.partner_longitude)
                for partner in partners
            }
            places = [positions[line.partner_id.id] for line in lines]
            order = best_order(places)
            if order and order[-1] == 0 and all(any(place) for place in places):
                # The way back is as long: better to begin where one began so far.
                order.reverse()
            for sequence, number in enumerate(order, 1):
                lines[number].sequence = sequence * 10
        return True

    # ------------------------------------------------------------
    # Business methods: rights
    # ------------------------------------------------------------

    def _stm_check_foreign_owner(self):
        """A leader writes routes of others; ``_stm_check_may_edit`` says whose."""

    def _stm_check_period(self):
        """A route is about days to come: what is closed does not depend on it."""

    def _stm_in_open_periods(self):
        return self

    @api.model
    def _stm_open_domain(self):
        return Domain("date_to", "=", False) | Domain("date_to", ">=", "today")

    def _stm_people_edited_by(self, user):
        """Those of the people whose routes ``user`` may make and change."""
        return (self.user_id & user) | self.env["stm.access"]._stm_people_led_by(
            user, self.user_id - user
        )

    def _stm_check_may_edit(self):
        if self.env.su:
            return
        allowed = self._stm_people_edited_by(self.env.user)
        for route in self:
            if route.user_id not in allowed:
                raise AccessError(
                    self.env._(
                        "Only %s or a leader above can make or change this route.",
                        route.sudo().user_id.name,
                    )
                )

    # ------------------------------------------------------------
    # Business methods: days
    # ------------------------------------------------------------

    def _days_of(self, monday):
        """Days of a week on which the route is made."""
        self.ensure_one()
        days = [monday + timedelta(n) for n in range(7) if self[WEEKDAY_FIELDS[n]]]
        return [
            day
            for day in days
            if day >= self.date_from and (not self.date_to or day <= self.date_to)
        ]

    def _week_of_cycle(self, monday):
        """Number of a week in the cycle, from 1 on."""
        self.ensure_one()
        if self.cycle_weeks == 1 or not self.cycle_start:
            return 1
        return (monday - self.cycle_start).days // 7 % self.cycle_weeks + 1
