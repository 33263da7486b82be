"""Figures, events, absences and appraisal sheets of the demo people."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Domain

from . import texts

# Months before the current one that were appraised; all but the last one are closed.
PAST_MONTHS = 3

# How far the sheets of the last month have come. Others are still to be scored.
STATES = {
    "sales": "shared",
    "sales2": "half",
    "sales3": "acknowledged",
    "sales4": "appealed",
    "area": "hr",
}
STEPS = ("half", "shared", "acknowledged", "hr", "closed")

# Working days after the month on which things are done, and the hour of the day.
DAYS = {
    "shared": (2, 15),
    "acknowledged": (3, 9),
    "appealed": (3, 18),
    "sent": (4, 11),
    "closed": (9, 16),
}
# Whose sheet of two months ago came to HR after the 8th.
LATE = "sales4"


class Month:
    """Appraises the people of a ``History`` through the buttons of the sheets."""

    def __init__(self, history):
        self.history = history
        self.env = history.env
        self.rng = history.rng
        self.hr = self.env.ref("sales_team_mgmt.demo_user_hr")

    def load(self):
        months = self._months()
        self._write_absences(months)
        self._write_events(months)
        self.env["stm.measure"]._refresh(months[1:] + self._running())
        for month in months[:-1]:
            for sheet in self._open(month):
                self._lead_to(sheet, "closed")
        for sheet in self._open(months[-1]):
            login = self.history.logins[sheet.user_id]
            self._lead_to(sheet, STATES.get(login, ""))
        self._close_first(months[0])

    # ------------------------------------------------------------
    # Periods
    # ------------------------------------------------------------

    def _months(self):
        """The last full months, the oldest first."""
        first = self.history.today.replace(day=1)
        starts = [fields.Date.subtract(first, months=n) for n in range(PAST_MONTHS + 1)]
        return self.env["stm.period"].search(
            Domain("company_id", "=", self.history.company.id)
            & Domain("kind", "=", "month")
            & Domain("date_from", "in", starts[1:]),
            order="date_from",
        )

    def _running(self):
        """This month, quarter and year."""
        today = self.history.today
        return self.env["stm.period"].search(
            Domain("company_id", "=", self.history.company.id)
            & Domain("kind", "in", ("month", "quarter", "year"))
            & Domain("date_from", "<=", today)
            & Domain("date_to", ">=", today)
        )

    def _day(self, month, number):
        """A working day of the month, at or after the one with this number."""
        day = month.date_from + timedelta(days=number - 1)
        calendar = self.history.company._stm_work_calendar(day, month.date_to)
        while not calendar.is_workday(day) and day < month.date_to:
            day += timedelta(days=1)
        return day

    def _moment(self, sheet, step):
        """When a step of the sheet was taken; steps stay in order, none is to come."""
        number, hour = DAYS[step]
        if step == "sent" and self._is_late(sheet):
            number += 3
        day = sheet.date_to
        calendar = self.history.company._stm_work_calendar(
            day, day + timedelta(days=30)
        )
        while number:
            day += timedelta(days=1)
            number -= calendar.is_workday(day)
        moment = self.history.moment(sheet.user_id, day, hour)
        moment += timedelta(seconds=self.rng.randrange(5400))
        order = list(DAYS).index(step)
        return min(moment, self.history.now - timedelta(minutes=60 - 10 * order))

    def _is_late(self, sheet):
        last = fields.Date.subtract(self.history.today.replace(day=1), months=2)
        return self.history.logins[sheet.user_id] == LATE and sheet.date_from == last

    # ------------------------------------------------------------
    # Facts
    # ------------------------------------------------------------

    def _leader(self, user):
        return self.history.teams[user]._stm_superiors(user)[0][0]

    def _write_absences(self, months):
        for ago, number, login, part, reason in texts.ABSENCES:
            user = self.history.users_by_login[login]
            self.env["stm.absence"].with_user(self._leader(user)).create(
                {
                    "user_id": user.id,
                    "company_id": self.history.company.id,
                    "date": self._day(months[-ago], number),
                    "part": part,
                    "reason": reason,
                }
            )

    def _write_events(self, months):
        for ago, number, login, code, values, outcome in texts.MONTH_EVENTS:
            day = self._day(months[-ago], number)
            self.history.write_event(login, day, code, values, outcome)

    # ------------------------------------------------------------
    # Sheets
    # ------------------------------------------------------------

    def _open(self, month):
        """The sheets of the month; those of leaders come after their people's."""
        sheets = self.env["stm.appraisal"]._open_all(month)
        return sheets.filtered(lambda sheet: sheet.user_id in self.history.logins)

    def _lead_to(self, sheet, target):
        """Take the sheet through the steps up to ``target``, each as its own role."""
        if not target:
            return
        leader = self._leader(sheet.user_id)
        if target == "half":
            self._score(sheet.with_user(leader), 1)
            return
        self._decide_events(sheet, leader)
        self._score(sheet.with_user(leader))
        self._talk(sheet.with_user(leader))
        if target == "appealed":
            self._appeal(sheet)
            return
        steps = STEPS[: STEPS.index(target) + 1]
        if "acknowledged" in steps:
            person = sheet.with_user(sheet.user_id)
            if answer := self.rng.choice(texts.ANSWERS):
                person.answer = answer
            person.action_acknowledge()
            sheet.acknowledged_at = self._moment(sheet, "acknowledged")
        if "hr" in steps:
            sheet.with_user(leader).action_send()
            self._date_back_sending(sheet)
        if "closed" in steps:
            sheet.with_user(self.hr).action_close()
            sheet.closed_at = self._moment(sheet, "closed")

    def _decide_events(self, sheet, leader):
        """What is still open in the month counts; the leader says so."""
        self.env["stm.event"].search(
            Domain("user_id", "=", sheet.user_id.id)
            & Domain("state", "=", "proposed")
            & Domain("date", ">=", sheet.date_from)
            & Domain("date", "<=", sheet.date_to)
        ).with_user(leader).action_confirm()

    def _score(self, sheet, most=None):
        """Points and remarks; ``most`` leaves the other items to be given."""
        open_lines = sheet.line_ids.filtered("needs_points")
        for line in open_lines[:most]:
            share = self.rng.choice((0.7, 0.8, 0.8, 0.9, 0.9, 1.0))
            line.write(
                {
                    "given": f"{round(line.maximum * share)}",
                    "comment": self.rng.choice(texts.LINE_REMARKS),
                }
            )

    def _talk(self, sheet):
        """Hold the talk, answer its questions, share the sheet."""
        number = self.rng.randrange(len(texts.TALKS))
        said, agreed = texts.TALKS[number]
        shared_at = self._moment(sheet, "shared")
        answers = {
            "choice": {"value_choice": self.rng.choice(("Agrees", "Agrees in part"))},
            "text": {"value_text": agreed},
            "yes_no": {"value_yes_no": self.rng.choice(("no", "no", "yes"))},
        }
        for answer in sheet.checklist_answer_ids:
            values = answers[answer.answer_type]
            if not answer.required:
                values = {"value_text": texts.TALK_SUPPORT[number]}
            answer.write(values)
        sheet.write({"interview_date": shared_at.date(), "interview_comment": said})
        sheet.action_share()
        sheet.sudo().shared_at = shared_at

    def _appeal(self, sheet):
        """The person appeals; the level above the leader has not decided yet."""
        appeal = (
            self.env["stm.appraisal.appeal"]
            .with_user(sheet.user_id)
            .create({"appraisal_id": sheet.id, "reason": texts.APPEAL})
        )
        appeal.action_submit()
        moment = self._moment(sheet, "appealed")
        appeal.sudo().write({"submitted_at": moment, "date": moment.date()})
        appeal.sudo().approval_id.submitted_at = moment

    def _date_back_sending(self, sheet):
        """Sent on its day; the leader's deadline is judged by that."""
        moment = self._moment(sheet, "sent")
        sheet.sent_at = moment
        items = self.env["stm.duty.item"]._find_about(sheet)
        item = items[sheet.id]
        item.submitted_at = moment
        item._judge()

    # ------------------------------------------------------------
    # Closing
    # ------------------------------------------------------------

    def _close_first(self, month):
        """The oldest month is closed for figures and appraisals, and then corrected.

        A visit of its last days was written down only afterwards.
        """
        manager = self.history.users_by_login["manager"]
        for area in ("targets", "appraisal"):
            month.with_user(manager).action_close(area)
        user = self.history.users_by_login["sales2"]
        day = self._day(month, month.date_to.day - 4)
        self.env["stm.visit"].create(self.history.prepare_late_visit(user, day))
        self.env["stm.measure"]._refresh(month)
