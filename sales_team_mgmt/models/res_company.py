import math
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.deadlines import WorkCalendar
from ..tools.schedules import Hours, too_tight

# Settings that are at least one: how many, how fast, how long, how far.
AT_LEAST_ONE = (
    "stm_visits_per_week",
    "stm_customers_per_week",
    "stm_calls_per_day",
    "stm_travel_speed",
    "stm_unseen_months",
    "stm_check_in_radius",
    "stm_position_accuracy",
    "stm_position_age",
    "stm_position_days",
    "stm_photo_days",
    "stm_profile_days",
    "stm_possible_speed",
    "stm_visit_longest",
    "stm_empty_days",
    "stm_travel_detour",
)

# Settings whose zero means “none at all”.
NOT_NEGATIVE = ("stm_visit_buffer", "stm_clock_tolerance", "stm_check_in_gap")


class ResCompany(models.Model):
    _inherit = "res.company"

    # Deadlines, and what is missed
    stm_work_day_end = fields.Float(
        string="End of the Work Day",
        default=18.0,
        help="Deadlines “by the end of work” fall at this hour of the person's day.",
    )
    stm_deduction_factor = fields.Float(
        string="Deduction for Repeated Misses",
        default=2.0,
        help="What is missing for the second time in a row weighs so many times"
        " as much.",
    )
    stm_half_day_weight = fields.Float(
        string="Half a Day Absent Counts as",
        default=1.0,
        help="Days. What is entered later counts so; what is entered stays.",
    )

    # Appraisals
    stm_weak_score_once = fields.Float(
        string="Weak Score in One Month",
        default=60.0,
        help="A month below it calls for retraining. Zero: never.",
    )
    stm_weak_score_row = fields.Float(
        string="Weak Score Several Months in a Row",
        default=70.0,
        help="Several months in a row below it call for retraining. Zero: never.",
    )
    stm_weak_score_months = fields.Integer(
        string="Months in a Row",
        default=3,
        help="How many weak months in a row call for retraining.",
    )

    # Visits: how many, how far apart
    stm_visits_per_week = fields.Float(
        string="Full Load of Visits",
        default=20.0,
        help="Visits that one person can make in a week (ORG-08).",
    )
    stm_customers_per_week = fields.Integer(
        string="Customers to Visit per Week",
        default=20,
        help="Distinct customers that one person should visit in a week (VIS-03).",
    )
    stm_calls_per_day = fields.Integer(
        string="Calls per Day",
        default=30,
        help="Calls that one person should make on a working day (DAY-06).",
    )
    stm_visit_buffer = fields.Integer(
        string="Buffer between Visits",
        default=30,
        help="Minutes that stay free between two visits, besides the way (DAY-04).",
    )
    stm_travel_speed = fields.Float(
        string="Speed on the Way",
        default=30.0,
        help="Kilometers an hour, for estimates of the way between two customers.",
    )
    stm_travel_detour = fields.Float(
        string="Detour Factor",
        default=1.3,
        help="How much longer the road is than the straight line.",
    )
    stm_unseen_months = fields.Integer(
        string="Unseen after Months",
        default=12,
        help="Customers without a visit for so long are listed (VIS-26).",
    )
    stm_visit_day_start = fields.Float(
        string="First Visit of the Day",
        default=9.0,
        help="Proposed plans begin at this hour and end with the work day.",
    )

    # Visits: what is believed
    stm_record_positions = fields.Boolean(
        string="Record Positions",
        help="Read the position of the phone at check-in and check-out, from people"
        " who agreed to it; never in between.",
    )
    stm_position_consent = fields.Text(
        string="What People Agree to",
        translate=True,
        default=lambda self: self.env._(
            "When you check in and out at a customer, your phone's position is read"
            " once and stored with the visit. You and your superiors can see it. It is"
            " deleted after the time that the company has set. You are not followed in"
            " between. You can withdraw your consent at any time."
        ),
    )
    stm_check_in_radius = fields.Integer(
        string="Radius around a Customer",
        default=200,
        help="Meters within which a check-in is verified.",
    )
    stm_position_accuracy = fields.Integer(
        string="Accuracy Needed",
        default=100,
        help="A position that may be off by more meters proves nothing.",
    )
    stm_position_age = fields.Integer(
        string="Age of a Position",
        default=60,
        help="A position that is older, in seconds, proves nothing.",
    )
    stm_clock_tolerance = fields.Integer(
        string="Clock Difference Allowed",
        default=5,
        help="A phone whose clock differs from the server's by more minutes is noted.",
    )
    stm_position_days = fields.Integer(
        string="Keep Positions for",
        default=180,
        help="Days after which positions are deleted. The verdict stays.",
    )
    stm_photo_days = fields.Integer(
        string="Keep Photos for",
        default=730,
        help="Days after which photos of visits are deleted.",
    )
    stm_profile_days = fields.Integer(
        string="Keep Personal Notes for",
        default=730,
        help="Days without a change after which notes on people are deleted (SEC-10).",
    )
    stm_photo_pixels = fields.Integer(
        string="Size of Photos",
        default=1600,
        help="Pixels of the longer side that photos of visits are stored with.",
    )
    stm_visit_notice = fields.Selection(
        [
            ("none", "Nothing Happens"),
            ("exception", "The Leader Sees It"),
            ("refuse", "No Check-in"),
        ],
        string="Visits without Notice",
        required=True,
        default="exception",
        help="What happens at a check-in for a visit that is neither in an approved"
        " plan nor on an approved slip (ATT-06).",
    )
    stm_region_rule = fields.Selection(
        [
            ("none", "Nothing Happens"),
            ("exception", "The Leader Sees It"),
            ("refuse", "Needs an Approval"),
        ],
        string="Work outside the Region",
        required=True,
        default="exception",
        help="What happens to visits and orders outside the regions assigned to a"
        " person (ORG-04).",
    )
    stm_check_sample_rate = fields.Float(
        string="Visits to Check",
        default=10.0,
        help="Percent of the visits of a month that are drawn for a check (VIS-08).",
    )
    stm_check_in_gap = fields.Integer(
        string="Check-ins too Close",
        default=5,
        help="Minutes: check-ins at two customers within them are an exception.",
    )
    stm_possible_speed = fields.Integer(
        string="Fastest Possible",
        default=120,
        help="Kilometers an hour that nobody travels faster between two check-ins.",
    )
    stm_visit_longest = fields.Integer(
        string="Longest Visit",
        default=8,
        help="Hours. Whoever checks out later has forgotten to: the minutes on site are"
        " unknown and in no figure, and the leader gets an exception (VIS-09).",
    )
    stm_empty_days = fields.Integer(
        string="Days without a Visit",
        default=3,
        help="Working days in a row on a trip without a visit are an exception"
        " (VIS-09).",
    )
    stm_leaderboard = fields.Boolean(
        string="Leaderboard",
        default=True,
        help="Show salespeople how they stand among the members of their team.",
    )

    # ------------------------------------------------------------
    # Constraint methods
    # ------------------------------------------------------------

    @api.constrains(*AT_LEAST_ONE)
    def _check_stm_positive(self):
        self._check_stm_minimum(1, AT_LEAST_ONE)

    @api.constrains(*NOT_NEGATIVE)
    def _check_stm_not_negative(self):
        self._check_stm_minimum(0, NOT_NEGATIVE)

    def _check_stm_minimum(self, minimum, names):
        for company in self:
            for name in names:
                # Not a number is smaller than nothing.
                if not minimum <= company[name] < math.inf:
                    raise ValidationError(
                        self.env._(
                            "“%(parameter)s” is at least %(minimum)s.",
                            parameter=self._fields[name]._description_string(self.env),
                            minimum=minimum,
                        )
                    )

    @api.constrains("stm_photo_pixels")
    def _check_stm_photo_pixels(self):
        if any(not 200 <= company.stm_photo_pixels <= 4096 for company in self):
            raise ValidationError(
                self.env._("Photos are stored with 200 to 4096 pixels a side.")
            )

    @api.constrains("stm_visit_day_start", "stm_work_day_end")
    def _check_stm_visit_day_start(self):
        for company in self:
            if not 0 <= company.stm_visit_day_start < company.stm_work_day_end:
                raise ValidationError(
                    self.env._("The first visit of the day is before the end of work.")
                )

    @api.constrains("stm_check_sample_rate")
    def _check_stm_check_sample_rate(self):
        if any(not 0 <= company.stm_check_sample_rate <= 100 for company in self):
            raise ValidationError(
                self.env._("The share of visits to check lies between 0 and 100 %.")
            )

    @api.constrains("stm_weak_score_months")
    def _check_stm_weak_score_months(self):
        if any(not 1 <= company.stm_weak_score_months <= 24 for company in self):
            raise ValidationError(
                self.env._("Weak months in a row are a number from 1 to 24.")
            )

    @api.constrains("stm_half_day_weight")
    def _check_stm_half_day_weight(self):
        if any(not 0 < company.stm_half_day_weight <= 1 for company in self):
            raise ValidationError(
                self.env._("Half a day counts as more than 0 and at most 1 day.")
            )

    @api.constrains("stm_deduction_factor")
    def _check_stm_deduction_factor(self):
        if any(company.stm_deduction_factor < 1 for company in self):
            raise ValidationError(
                self.env._("A repeated miss cannot weigh less than the first one.")
            )

    @api.constrains("stm_work_day_end")
    def _check_stm_work_day_end(self):
        for company in self:
            if not 0 < company.stm_work_day_end <= 24:
                raise ValidationError(
                    self.env._("The work day must end between 00:01 and 24:00.")
                )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    def write(self, vals):
        """What the rulebook depends on is written down when it changes (SYS-01)."""
        names = [name for name in vals if name.startswith("stm_")]
        before = {company: company.read(names)[0] for company in self} if names else {}
        result = super().write(vals)
        if "stm_leaderboard" in vals:
            # Menus are kept in a cache.
            self.env.registry.clear_cache()
        for company, old in before.items():
            for name in names:
                if company[name] != old[name]:
                    company.partner_id.sudo()._message_log(
                        body=self.env._(
                            "%(parameter)s: %(old)s → %(new)s",
                            parameter=self._fields[name]._description_string(self.env),
                            old=old[name],
                            new=company[name],
                        )
                    )
        return result

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_fetch_settings(self):
        """Read the settings of these companies, and not all that Odoo knows of them."""
        self.sudo().fetch([name for name in self._fields if name.startswith("stm_")])

    def _stm_work_calendar(self, date_from, date_to):
        """The company's working days between two dates, for the rules in ``tools``.

        Weekdays come from the working hours of the company, days off from its
        public holidays, and both from the day exceptions, which have the last word
        (SYS-02). The range is widened so that a deadline may move across its ends.
        """
        self.ensure_one()
        company = self.sudo()
        date_from, date_to = date_from - timedelta(days=40), date_to + timedelta(40)
        calendar = company.resource_calendar_id
        weekdays = {int(line.dayofweek) for line in calendar.attendance_ids}
        off, extra = set(), set()
        holidays = (
            self.env["resource.calendar.leaves"]
            .sudo()
            .search(
                [
                    ("resource_id", "=", False),
                    ("company_id", "in", (company.id, False)),
                    ("calendar_id", "in", (calendar.id, False)),
                    ("date_from", "<=", date_to),
                    ("date_to", ">=", date_from),
                ]
            )
        )
        local = holidays.with_context(tz=calendar.tz)
        for holiday in local:
            first = fields.Datetime.context_timestamp(local, holiday.date_from).date()
            last = fields.Datetime.context_timestamp(local, holiday.date_to).date()
            off.update(first + timedelta(n) for n in range((last - first).days + 1))
        exceptions = (
            self.env["stm.day.exception"]
            .sudo()
            .search(
                [
                    ("company_id", "in", (company.id, False)),
                    ("date", ">=", date_from),
                    ("date", "<=", date_to),
                ]
            )
        )
        for exception in exceptions:
            target, other = (extra, off) if exception.is_workday else (off, extra)
            target.add(exception.date)
            other.discard(exception.date)
        return WorkCalendar(
            weekdays=frozenset(weekdays or range(5)),
            days_off=frozenset(off),
            extra_workdays=frozenset(extra),
        )

    def _stm_field_hours(self):
        """A day in the field, for the rules in ``tools``."""
        self.ensure_one()
        company = self.sudo()
        return Hours(
            start=round(company.stm_visit_day_start * 60),
            end=company._stm_work_day_end_minutes(),
            buffer=company.stm_visit_buffer,
            speed=company.stm_travel_speed,
            detour=company.stm_travel_detour,
        )

    def _stm_schedule_warnings(self, visits):
        """{record: sentence} for those that follow too closely on another (DAY-04).

        :param visits: (record with a customer, day, start and length in minutes), of
            one person; each is compared with the one before it on its day
        """
        hours = self._stm_field_hours()
        warnings = {}
        visits = sorted(visits, key=lambda visit: visit[1:3])
        for earlier, later in zip(visits, visits[1:], strict=False):
            (previous, day, start, length), (record, next_day, begin, _n) = (
                earlier,
                later,
            )
            if day != next_day:
                continue
            one, other = previous.partner_id.sudo(), record.partner_id.sudo()
            warning = too_tight(
                start + length,
                begin,
                hours.way(one._stm_position(), other._stm_position()),
                hours.buffer,
                one.display_name,
                other.display_name,
                self.env,
            )
            if warning:
                warnings[record] = warning
        return warnings

    def _stm_kept_since(self, name):
        """What is older than this is deleted, by a setting in days."""
        self.ensure_one()
        return fields.Datetime.now() - timedelta(days=self[name])

    def _stm_fiscal_first_month(self):
        """First month (1 to 12) of the company's fiscal year."""
        self.ensure_one()
        return int(self.sudo().fiscalyear_last_month) % 12 + 1

    def _stm_work_day_end_minutes(self):
        """End of the work day in minutes after midnight."""
        self.ensure_one()
        return round(self.sudo().stm_work_day_end * 60)
