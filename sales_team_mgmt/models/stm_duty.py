from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import deadlines, periods
from ..tools.deadlines import CalendarRule

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]

PERIOD_KINDS = [
    ("week", "Week"),
    ("month", "Month"),
    ("quarter", "Quarter"),
    ("half", "Half-Year"),
    ("year", "Year"),
]

SHIFTS = [
    ("same", "Stays on That Day"),
    ("previous", "Moves to the Working Day Before"),
    ("next", "Moves to the Working Day After"),
]


class StmDuty(models.Model):
    """Who owes which document by when, and what happens if it does not come."""

    _name = "stm.duty"
    _description = "Duty"
    _inherit = ["stm.version.mixin", "mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(
        required=True, help="Stays the same through all versions of the duty."
    )
    sequence = fields.Integer(default=10)
    model = fields.Selection(
        selection="_selection_model", string="Document", required=True
    )
    trigger = fields.Selection(
        [
            ("calendar", "Calendar"),
            ("decision", "Decision Asked For"),
            ("document", "Document of Others"),
            ("record", "Date of a Document"),
        ],
        string="Falls Due by",
        required=True,
        default="calendar",
        help="Calendar: once in every period. Decision asked for: some time after"
        " somebody was asked to approve or review a document. Document of others: on a"
        " day of a period, for each document of the period that somebody else has to"
        " deal with. Date of a document: some time after a date that the document"
        " names itself.",
    )
    company_id = fields.Many2one("res.company", index=True)
    previous_id = fields.Many2one(
        "stm.duty", string="Replaces", readonly=True, copy=False
    )

    # Who owes it
    owner = fields.Selection(
        [("member", "Members of Teams"), ("leader", "Leaders of Teams")],
        required=True,
        default="member",
    )
    team_ids = fields.Many2many(
        "crm.team", string="Only in Teams", help="Teams below are included."
    )
    post_ids = fields.Many2many("stm.post", string="Only Posts")
    part_time = fields.Boolean(
        string="Part-timers Too",
        default=True,
        help="Not ticked: holders of a part-time post do not owe it.",
        tracking=True,
    )

    # When it is due
    period_kind = fields.Selection(
        PERIOD_KINDS, string="Once a", required=True, default="week", tracking=True
    )
    document_offset = fields.Selection(
        [("0", "The Same Period"), ("1", "The Next Period")],
        string="Document Is About",
        required=True,
        default="0",
    )
    due_weekday = fields.Selection(
        WEEKDAYS, string="Weekday", default="4", tracking=True
    )
    due_day = fields.Integer(
        string="Day of the Month",
        default=31,
        help="A month without this day has its last day instead. In quarters and"
        " longer periods the day counts in the last month.",
        tracking=True,
    )
    due_offset = fields.Integer(
        string="Periods Later",
        help="Due so many periods after the one that the document is about.",
        tracking=True,
    )
    due_at_day_end = fields.Boolean(
        string="By the End of Work", default=True, tracking=True
    )
    due_time = fields.Float(string="Time", default=18.0, tracking=True)
    due_shift = fields.Selection(
        SHIFTS, string="On a Day Off", required=True, default="previous", tracking=True
    )
    inclusive = fields.Boolean(
        default=True,
        help="Handed in at the very moment of the deadline is on time.",
        tracking=True,
    )

    # Exception window
    has_exception = fields.Boolean(
        string="Later with a Reason",
        help="Until then a written reason excuses.",
        tracking=True,
    )
    exception_weekday = fields.Selection(WEEKDAYS, default="0", tracking=True)
    exception_day = fields.Integer(
        string="Exception Day of the Month", default=1, tracking=True
    )
    exception_time = fields.Float(default=9.0, tracking=True)
    exception_shift = fields.Selection(
        SHIFTS, required=True, default="next", tracking=True
    )

    # Decisions, and dates of documents
    basis = fields.Selection(
        selection="_selection_basis",
        string="Counted From",
        tracking=True,
        help="The date of the document from which the time runs.",
    )
    delay = fields.Integer(default=2, tracking=True)
    delay_unit = fields.Selection(
        [("hour", "Hours"), ("day", "Days"), ("workday", "Working Days")],
        required=True,
        default="workday",
    )

    step_ids = fields.One2many("stm.duty.step", "duty_id", string="Ladder", copy=True)
    item_count = fields.Integer(compute="_compute_item_count")

    _days = models.Constraint(
        "CHECK (due_day BETWEEN 1 AND 31 AND exception_day BETWEEN 1 AND 31)",
        "A day of the month is a number from 1 to 31.",
    )
    _times = models.Constraint(
        "CHECK (due_time > 0 AND due_time <= 24"
        " AND exception_time > 0 AND exception_time <= 24)",
        "A time of day lies between 00:01 and 24:00.",
    )
    _offset_positive = models.Constraint(
        "CHECK (due_offset >= 0)", "A duty cannot fall due before its period."
    )
    _delay_positive = models.Constraint(
        "CHECK (delay >= 0)", "A delay cannot be negative."
    )

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.model
    def _selection_model(self):
        """Documents that know how to be owed, or to be decided."""
        base = self.env.registry["stm.document.mixin"]
        return sorted(
            (
                (name, self.env["ir.model"]._get(name).name or name)
                for name, model in self.env.registry.items()
                if not model._abstract
                and issubclass(model, base)
                and model._stm_is_owed
            ),
            key=lambda entry: entry[1],
        )

    @api.model
    def _selection_basis(self):
        """The dates that documents with deadlines of their own name."""
        return [
            entry
            for bases in self._bases_by_model().values()
            for entry in bases.items()
        ]

    @api.model
    def _bases_by_model(self):
        """{model: {code of a date: label}} of documents with deadlines of their own."""
        base = self.env.registry["stm.deadline.mixin"]
        return {
            name: self.env[name]._stm_duty_bases()
            for name, model in sorted(self.env.registry.items())
            if not model._abstract and issubclass(model, base)
        }

    def _compute_item_count(self):
        counts = dict(
            self.env["stm.duty.item"]._read_group(
                [("duty_id", "in", self.ids)], ["duty_id"], ["__count"]
            )
        )
        for duty in self:
            duty.item_count = counts.get(duty._origin, 0)

    @api.constrains(
        "due_weekday", "due_day", "has_exception", "exception_weekday", "period_kind"
    )
    def _check_weekdays(self):
        for duty in self:
            needed = duty.period_kind == "week" and duty.trigger == "calendar"
            if needed and not duty.due_weekday:
                raise ValidationError(self.env._("Choose the weekday of the deadline."))
            if needed and duty.has_exception and not duty.exception_weekday:
                raise ValidationError(
                    self.env._("Choose the weekday until which a reason excuses.")
                )

    @api.constrains("trigger", "model", "basis")
    def _check_basis(self):
        for duty in self.filtered(lambda duty: duty.trigger == "record"):
            bases = self._bases_by_model().get(duty.model, {})
            if duty.basis not in bases:
                raise ValidationError(
                    self.env._(
                        "Choose from which date of the document the time of “%(duty)s”"
                        " runs: %(dates)s.",
                        duty=duty.name,
                        dates=", ".join(f"“{label}”" for label in bases.values())
                        or self.env._("this document has none"),
                    )
                )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_open_items(self):
        """Open what is owed under this duty."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_team_mgmt.stm_duty_item_action_team"
        )
        action["domain"] = [("duty_id", "=", self.id)]
        action["context"] = {}
        return action

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_used_ids(self):
        groups = (
            self.env["stm.duty.item"]
            .sudo()
            ._read_group([("duty_id", "in", self.ids)], ["duty_id"])
        )
        return {duty.id for (duty,) in groups}

    def _stm_check_can_release(self):
        for duty in self:
            other = self.sudo().search_count(
                [
                    ("code", "=", duty.code),
                    ("id", "not in", (duty.id, duty.previous_id.id)),
                    ("company_id", "in", (duty.company_id.id, False)),
                    ("version_state", "in", ("in_force", "scheduled")),
                ]
            )
            if other:
                raise UserError(
                    self.env._(
                        "Another version of “%(duty)s” is in force. End it first, or"
                        " make a new version of it.",
                        duty=duty.name,
                    )
                )
        return super()._stm_check_can_release()

    def _owners(self, company, day):
        """Pairs (person, team) who owe the duty in ``company`` on ``day``.

        Only people who work with this application owe something, and only if there
        is somebody above them to hand it in to.
        """
        self.ensure_one()
        salespeople = self.env.ref("sales_team_mgmt.group_salesperson").all_user_ids
        teams = self.env["crm.team"].search([("id", "child_of", self.team_ids.ids)])
        if self.owner == "leader":
            led = self.env["crm.team"].search(
                [("user_id", "!=", False)], order="parent_path"
            )
            pairs = {}
            for team in led:
                if not self.team_ids or team in teams:
                    pairs.setdefault(team.user_id, team)
            people = pairs.items()
        else:
            people = self._members(day, teams)
        return [
            (user, team)
            for user, team in people
            if user.active
            and user in salespeople
            and team._stm_superiors(user)
            and (team.company_id or user.company_id) == company
        ]

    def _members(self, day, teams):
        """Pairs (person, team) by the latest membership in a company on ``day``."""
        latest = self.env["crm.team.member"]._stm_latest_on(day)
        return [
            (user, member.crm_team_id)
            for (user, _company), member in latest.items()
            if (not self.team_ids or member.crm_team_id in teams)
            and (not self.post_ids or member.stm_post_id in self.post_ids)
            and (self.part_time or not member.stm_post_id.part_time)
        ]

    def _due_rule(self, day_end):
        """The deadline as a rule of ``tools.deadlines``.

        :param int day_end: minutes after midnight at which the company stops work
        """
        self.ensure_one()
        minutes = day_end if self.due_at_day_end else round(self.due_time * 60)
        return CalendarRule(
            kind=self.period_kind,
            weekday=int(self.due_weekday or 0),
            day=self.due_day,
            offset=self.due_offset,
            minutes=minutes,
            shift=self.due_shift,
        )

    def _record_due(self, company, start, calendar, tz):
        """UTC moment by which something is owed that counts from ``start``.

        :param datetime start: UTC moment; its day in the zone of the person counts
        """
        self.ensure_one()
        minutes = round(self.due_time * 60)
        if self.due_at_day_end:
            minutes = company._stm_work_day_end_minutes()
        return deadlines.record_due_moment(
            start, self.delay, self.delay_unit, minutes, calendar, tz, self.due_shift
        )

    def _due_day(self, company, period_start):
        """Day of the deadline in the period that starts on ``period_start``."""
        first_month = company._stm_fiscal_first_month()
        end = periods.period_of(period_start, self.period_kind, first_month).end
        calendar = company._stm_work_calendar(period_start, end)
        rule = self._due_rule(company._stm_work_day_end_minutes())
        return deadlines.due_day(rule, period_start, calendar, first_month)

    def _exception_rule(self):
        """The end of the exception window, in the period after; None without one."""
        self.ensure_one()
        if not self.has_exception:
            return None
        return CalendarRule(
            kind=self.period_kind,
            weekday=int(self.exception_weekday or 0),
            day=self.exception_day,
            offset=1,
            minutes=round(self.exception_time * 60),
            shift=self.exception_shift,
        )
