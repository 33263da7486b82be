from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.deadlines import WorkCalendar


class ResCompany(models.Model):
    _inherit = "res.company"

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

    def write(self, vals):
        """What the rulebook depends on is written down when it changes (SYS-01)."""
        names = [name for name in vals if name.startswith("stm_")]
        before = {company: company.read(names)[0] for company in self} if names else {}
        result = super().write(vals)
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

    def _stm_fiscal_first_month(self):
        """First month (1 to 12) of the company's fiscal year."""
        self.ensure_one()
        return int(self.sudo().fiscalyear_last_month) % 12 + 1

    def _stm_work_day_end_minutes(self):
        """End of the work day in minutes after midnight."""
        self.ensure_one()
        return round(self.sudo().stm_work_day_end * 60)
