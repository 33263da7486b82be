from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools.deadlines import moment

VISIT_STATES = [
    ("planned", "Planned"),
    ("started", "On Site"),
    ("done", "Done"),
    ("cancelled", "Cancelled"),
]

# States in which a visit can still be changed, finished or called off.
OPEN_STATES = ("planned", "started")

VERDICTS = [
    ("verified", "Verified"),
    ("outside", "Outside"),
    ("unverified", "Unverified"),
]

# What a check-in is evidence of: who was where, when, and what had to be done there.
FIXED_ON_SITE = ("partner_id", "start_at", "user_id", "company_id", "type_id")

# What must be written down before a visit counts (VIS-06).
REQUIRED_WHEN_DONE = ("content", "result", "problem")


class StmVisit(models.Model):
    """A visit to a customer: planned, then done and written down (VIS-05, VIS-06)."""

    _name = "stm.visit"
    _description = "Customer Visit"
    _inherit = [
        "stm.document.mixin",
        "stm.checklist.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date desc, start_at, id"
    _check_company_auto = True
    _rec_names_search = ["partner_id.name", "purpose"]

    _stm_checklist_usage = "visit"
    _stm_system_fields = frozenset(
        {
            "state",
            "done_at",
            "plan_id",
            "plan_line_id",
            "calendar_event_id",
            "cancel_reason",
            "check_in_at",
            "check_out_at",
            "verdict",
            "verdict_note",
            "verdict_reason",
            "distance",
            "is_counted",
            "client_uuid",
        }
    )

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        tracking=True,
        domain="[('company_id', 'in', (company_id, False))]",
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, index=True
    )
    address = fields.Char(string="Destination", compute="_compute_address")
    contact_id = fields.Many2one(
        "res.partner",
        string="Person Visited",
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
    )
    phone = fields.Char(compute="_compute_phone")
    purpose = fields.Char()
    start_at = fields.Datetime(
        string="Start",
        required=True,
        tracking=True,
        default=lambda self: fields.Datetime.now().replace(second=0),
    )
    duration = fields.Float(string="Hours", default=1.0)
    date = fields.Date(compute="_compute_date", store=True, precompute=True, index=True)
    state = fields.Selection(
        VISIT_STATES,
        string="Status",
        required=True,
        default="planned",
        index=True,
        tracking=True,
        group_expand=True,
    )
    sequence = fields.Integer(
        string="Stop", default=10, help="Order of the visits of a day."
    )
    check_in_at = fields.Datetime(string="Checked In", readonly=True, copy=False)
    check_out_at = fields.Datetime(string="Checked Out", readonly=True, copy=False)
    minutes = fields.Integer(
        string="Minutes on Site", compute="_compute_minutes", store=True
    )
    is_stay_known = fields.Boolean(
        string="Time on Site Known",
        compute="_compute_minutes",
        store=True,
        help="Checked in and out, within the longest visit that the company has set.",
    )
    verdict = fields.Selection(
        VERDICTS, string="Position", readonly=True, copy=False, index="btree_not_null"
    )
    verdict_note = fields.Char(
        string="Explanation",
        readonly=True,
        copy=False,
        help="How the position was judged, in words.",
    )
    verdict_reason = fields.Char(
        string="Reason Given",
        readonly=True,
        copy=False,
        help="What the salesperson said about a position that could not be verified.",
    )
    distance = fields.Integer(
        string="Meters from Customer",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Between the position at check-in and the customer's address.",
    )
    is_counted = fields.Boolean(
        string="Counts",
        default=True,
        readonly=True,
        copy=False,
        help="A visit that a check found to be false does not count (VIS-08).",
    )
    client_uuid = fields.Char(readonly=True, copy=False)
    plan_id = fields.Many2one(
        "stm.work.plan",
        string="Weekly Plan",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    plan_line_id = fields.Many2one(
        "stm.work.plan.line", index="btree_not_null", readonly=True, copy=False
    )
    content = fields.Text(tracking=True, copy=False)
    result = fields.Text(tracking=True, copy=False)
    problem = fields.Text(string="Problems", tracking=True, copy=False)
    next_step = fields.Text(tracking=True, copy=False)
    support_wanted = fields.Text(copy=False)
    done_at = fields.Datetime(string="Finished on", readonly=True, copy=False)
    cancel_reason = fields.Char(readonly=True, copy=False)
    calendar_event_id = fields.Many2one(
        "calendar.event",
        string="Meeting",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
    )
    is_mine = fields.Boolean(compute="_compute_is_mine")
    can_take_over = fields.Boolean(compute="_compute_is_mine")

    _duration_positive = models.Constraint(
        "CHECK (duration > 0 AND duration <= 24)",
        "A visit lasts longer than nothing and at most a day.",
    )
    _done_when = models.Constraint(
        "CHECK (state <> 'done' OR done_at IS NOT NULL)",
        "A finished visit has the time at which it was finished.",
    )
    # The company comes along so that a page and its count are read from the index.
    _user_list_idx = models.Index(
        "(user_id, date DESC, start_at, id) INCLUDE (company_id)"
    )
    _list_idx = models.Index("(date DESC, start_at, id)")
    _client_uuid_uniq = models.UniqueIndex(
        "(client_uuid) WHERE client_uuid IS NOT NULL",
        "This visit has arrived already.",
    )
    _one_on_site = models.UniqueIndex(
        "(user_id) WHERE state = 'started'",
        "You are checked in at another customer. Check out there first.",
    )
    _partner_date_idx = models.Index("(commercial_partner_id, state, date)")

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.depends("start_at", "user_id")
    def _compute_date(self):
        """The day of the visit where the salesperson is."""
        for visit in self:
            local = visit.with_context(tz=visit.user_id._stm_tz())
            visit.date = visit.start_at and fields.Datetime.context_timestamp(
                local, visit.start_at
            )

    @api.depends(
        "partner_id.street",
        "partner_id.street2",
        "partner_id.zip",
        "partner_id.city",
        "partner_id.state_id",
    )
    def _compute_address(self):
        """Where to go, in one line, without what everybody in the country knows."""
        for visit in self:
            visit.address = visit.partner_id._stm_address()

    @api.depends("contact_id.phone", "partner_id.phone")
    def _compute_phone(self):
        for visit in self:
            visit.phone = visit.contact_id.phone or visit.partner_id.phone

    @api.depends("check_in_at", "check_out_at")
    def _compute_minutes(self):
        """Whole minutes between check-in and check-out, none where nobody knows them.

        A stay longer than the longest visit of the company is a check-out that was
        forgotten on leaving: how long the visit was is unknown, and no figure has it.
        A stay across midnight is like any other. Judged by the setting at that time;
        a new one changes nothing about what was judged.
        """
        for visit in self:
            minutes = None
            if visit.check_in_at and visit.check_out_at:
                stay = visit.check_out_at - visit.check_in_at
                if stay <= timedelta(hours=visit.company_id.sudo().stm_visit_longest):
                    minutes = stay.total_seconds() // 60
            visit.is_stay_known = minutes is not None
            visit.minutes = minutes or 0

    @api.depends("user_id", "state")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        stood_in = self.env["stm.substitution"]._stood_in_for(self.env.user)
        for visit in self:
            visit.is_mine = visit.user_id == self.env.user
            visit.can_take_over = visit.state == "planned" and visit.user_id in stood_in

    @api.depends("partner_id", "date")
    def _compute_display_name(self):
        for visit in self:
            day = visit.date and format_date(self.env, visit.date)
            parts = [visit.partner_id.display_name, day]
            visit.display_name = " – ".join(filter(None, parts))

    @api.constrains("start_at")
    def _check_week_of_plan(self):
        """A planned visit stays in the week that was approved."""
        for visit in self.filtered("plan_line_id"):
            if not visit.plan_id.date_from <= visit.date <= visit.plan_id.date_to:
                raise ValidationError(
                    self.env._(
                        "The visit to %(customer)s belongs to the plan of the week from"
                        " %(start)s to %(end)s. Choose a day of that week, or cancel"
                        " the visit and plan it again.",
                        customer=visit.partner_id.display_name,
                        start=format_date(self.env, visit.plan_id.date_from),
                        end=format_date(self.env, visit.plan_id.date_to),
                    )
                )

    @api.constrains("partner_id", "company_id")
    def _check_partner_company(self):
        for visit in self:
            visit.partner_id._stm_check_company(visit.company_id)

    @api.constrains("partner_id", "contact_id")
    def _check_contact(self):
        for visit in self:
            visit.partner_id._stm_check_contact(visit.contact_id)

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        visits = super().create(vals_list)
        visits._update_events()
        visits._stm_start_checklist()
        return visits

    def write(self, vals):
        result = super().write(vals)
        moved = vals.keys() & {"start_at", "duration", "user_id", "partner_id"}
        # Being at the customer, or done there, changes nothing in the calendar.
        if moved or vals.get("state") in ("planned", "cancelled"):
            self._update_events()
        if vals.keys() & {"start_at", "user_id"}:
            planned = self.filtered(lambda visit: visit.state == "planned")
            planned._stm_restart_checklist()
        return result

    def unlink(self):
        events = self.sudo().calendar_event_id
        result = super().unlink()
        events.with_context(stm_from_visit=True).unlink()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        if any(visit.state == "done" for visit in self):
            raise UserError(self.env._("A finished visit is kept as a record."))
        if any(visit.plan_id for visit in self):
            raise UserError(
                self.env._("A planned visit is cancelled with a reason, not deleted.")
            )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_done(self):
        """Finish visits; what was said and what came of it must be written down."""
        self._check_mine()
        today_by_tz = {}
        for visit in self:
            if visit.state not in OPEN_STATES:
                raise UserError(
                    self.env._(
                        "The visit to %s is finished or cancelled already.",
                        visit.partner_id.display_name,
                    )
                )
            tz = visit.user_id._stm_tz()
            if tz not in today_by_tz:
                today_by_tz[tz] = fields.Date.context_today(self.with_context(tz=tz))
            # Whoever is on site can always leave, in whatever time zone.
            if visit.state == "planned" and visit.date > today_by_tz[tz]:
                raise UserError(
                    self.env._(
                        "The visit to %(customer)s is planned for %(day)s. Finish it"
                        " then, or move it to today.",
                        customer=visit.partner_id.display_name,
                        day=format_date(self.env, visit.date),
                    )
                )
            missing = [
                visit._fields[name]._description_string(self.env)
                for name in REQUIRED_WHEN_DONE
                if not (visit[name] or "").strip()
            ]
            if missing:
                raise UserError(
                    self.env._(
                        "Write down %(fields)s of the visit to %(customer)s first;"
                        " “none” is an answer too.",
                        fields=missing,
                        customer=visit.partner_id.display_name,
                    )
                )
        self._stm_check_checklist()
        self.sudo().write({"state": "done", "done_at": fields.Datetime.now()})
        return True

    def action_cancel(self, reason=""):
        """Cancel planned visits, with a reason; without one, ask for it."""
        self._check_mine()
        if any(visit.state not in OPEN_STATES for visit in self):
            raise UserError(
                self.env._("A finished or cancelled visit cannot be cancelled.")
            )
        if not (reason or "").strip():
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Cancel Visit"),
                "res_model": "stm.visit.cancel",
                "view_mode": "form",
                "target": "new",
                "context": {"default_visit_ids": self.ids},
            }
        self._do_cancel(reason.strip())
        return True

    def action_take_over(self):
        """Make the visits of an absent colleague one's own, as the stand-in."""
        for visit in self:
            if not visit.can_take_over:
                raise AccessError(
                    self.env._(
                        "Only the stand-in of %s can take over this visit.",
                        visit.user_id.name,
                    )
                )
        for owner, visits in self.grouped("user_id").items():
            visits.sudo().write({"user_id": self.env.uid})
            for visit in visits:
                visit.message_post(body=self.env._("Taken over from %s.", owner.name))
        return True

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _check_mine(self):
        self.check_access("write")
        for visit in self:
            if visit.user_id != self.env.user and not self.env.su:
                raise AccessError(
                    self.env._(
                        "This is a visit of %s. Only the person who makes a visit can"
                        " write it down.",
                        visit.user_id.name,
                    )
                )

    def _stm_check_editable(self, vals):
        super()._stm_check_editable(vals)
        if self.env.su:
            return
        for visit in self:
            if visit.state not in OPEN_STATES:
                raise UserError(
                    self.env._(
                        "The visit to %s is finished or cancelled and cannot be"
                        " changed any more.",
                        visit.partner_id.display_name,
                    )
                )
            if visit.state == "started" and any(
                visit._fields[name].convert_to_write(visit[name], visit)
                != visit._fields[name].convert_to_write(
                    visit._fields[name].convert_to_cache(vals[name], visit), visit
                )
                for name in vals.keys() & set(FIXED_ON_SITE)
            ):
                raise UserError(
                    self.env._(
                        "You are checked in at %s: customer, time and type of the visit"
                        " stay. If it is another visit, cancel this one and begin that"
                        " one.",
                        visit.partner_id.display_name,
                    )
                )
            if visit.plan_line_id and vals.get("partner_id", visit.partner_id.id) != (
                visit.partner_id.id
            ):
                raise UserError(
                    self.env._(
                        "The customer of this visit was approved with the plan. Cancel"
                        " the visit and make a new one, or reopen the plan."
                    )
                )
        self._check_mine()

    def _do_cancel(self, reason):
        """Cancel visits; who forgot to check out can do so in a closed period too.

        Nobody checks in anywhere while on site, and a visit that was begun and not
        finished counts as little as one that was cancelled.
        """
        vals = {"state": "cancelled", "cancel_reason": reason}
        visits = self.sudo()
        stuck = visits.filtered(lambda visit: visit.state == "started")
        stuck -= stuck._stm_in_open_periods()
        stuck._stm_write_outcome(vals)
        stuck._update_events()
        (visits - stuck).write(vals)

    # ------------------------------------------------------------
    # Business methods: the linked meeting
    # ------------------------------------------------------------

    def _update_events(self):
        """Keep the private meeting of each planned visit in step with it."""
        if self.env.context.get("stm_from_event"):
            return
        visits = self.sudo()
        quiet = visits._event_env()
        gone = visits.filtered(lambda v: v.state == "cancelled").calendar_event_id
        gone.with_env(quiet).unlink()
        current = visits.filtered(lambda v: v.state != "cancelled")
        for visit in current.filtered("calendar_event_id"):
            visit.calendar_event_id.with_env(quiet).write(visit._prepare_event())
        new = current.filtered(
            lambda v: not v.calendar_event_id and v.state == "planned"
        )
        events = quiet["calendar.event"].create([v._prepare_event() for v in new])
        for visit, event in zip(new, events, strict=True):
            visit.with_context(stm_from_event=True).calendar_event_id = event

    def _event_env(self):
        """Environment for meetings: silent, and free of the caller's context.

        The calendar takes ``active_id`` and ``default_…`` keys for itself and would
        hang an activity on some other record.
        """
        context = self.env.context
        kept = ("lang", "tz", "allowed_company_ids", "tracking_disable")
        return self.env(
            context={
                **{name: context[name] for name in kept if name in context},
                "stm_from_visit": True,
                "no_mail_to_attendees": True,
                "skip_contact_description": True,
                "mail_create_nolog": True,
                "mail_notrack": True,
                "dont_notify": True,
            }
        )

    def _prepare_event(self):
        self.ensure_one()
        return {
            "name": self.partner_id.display_name,
            "start": self.start_at,
            "stop": self.start_at + timedelta(hours=self.duration),
            "user_id": self.user_id.id,
            "partner_ids": [(6, 0, self.user_id.partner_id.ids)],
            "privacy": "private",
            "show_as": "busy",
            "location": self.address,
            "allday": False,
        }

    @api.model
    def _start_of(self, user, day, hour):
        """UTC start of a visit at an hour of the person's day."""
        return moment(day, round(hour * 60), user._stm_tz())

    @api.model
    def _stm_open_domain(self):
        return Domain("state", "in", OPEN_STATES)

    def _stm_check_movable(self):
        """A meeting of a finished visit stays where it was."""
        for visit in self:
            if visit.state != "planned":
                raise UserError(
                    self.env._(
                        "The visit to %s has begun or is over; its meeting cannot be"
                        " moved.",
                        visit.partner_id.display_name,
                    )
                )
