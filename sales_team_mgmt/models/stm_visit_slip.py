from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, format_datetime

from ..tools.check_ins import empty_runs
from ..tools.deadlines import moment


class StmVisitSlip(models.Model):
    """Says before somebody leaves: where to, whom to visit, back when (VIS-05).

    The leader, or whoever the approval route asks, may change it before saying yes
    (ATT-06); approving makes the visits. Afterwards it says when the person was back
    and what a check found: the form 营销人员出访单 (FRM-01).
    """

    _name = "stm.visit.slip"
    _description = "Visit Slip"
    _inherit = ["stm.approval.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "destination", "user_id.name"]

    _stm_system_fields = frozenset({"name", "returned_at"})

    name = fields.Char(string="Slip Number", readonly=True, copy=False)
    out_from = fields.Datetime(
        string="Departure",
        required=True,
        tracking=True,
        copy=False,
        default=lambda self: fields.Datetime.now().replace(second=0),
    )
    out_to = fields.Datetime(
        string="Planned Return",
        required=True,
        tracking=True,
        copy=False,
        default=lambda self: self._default_out_to(),
    )
    date = fields.Date(compute="_compute_date", store=True, precompute=True)
    date_to = fields.Date(compute="_compute_date", store=True, precompute=True)
    returned_at = fields.Datetime(
        string="Actual Return", readonly=True, copy=False, tracking=True
    )
    destination = fields.Char(required=True, tracking=True)
    purpose = fields.Char(required=True, tracking=True)
    line_ids = fields.One2many(
        "stm.visit.slip.line", "slip_id", string="Visits Planned", copy=False
    )
    visit_ids = fields.One2many("stm.visit", "slip_id", string="Visits")
    visit_count = fields.Integer(compute="_compute_counts")
    visit_done_count = fields.Integer(compute="_compute_counts")
    can_come_back = fields.Boolean(compute="_compute_can_come_back")

    _times = models.Constraint(
        "CHECK (out_to > out_from)", "The planned return comes after leaving."
    )
    _list_idx = models.Index("(date DESC, id DESC)")
    _person_idx = models.Index("(user_id, company_id, date, date_to)")

    # ------------------------------------------------------------
    # Default, compute and constraint methods
    # ------------------------------------------------------------

    @api.model
    def _default_out_to(self):
        """The end of the work day, or two hours from now when that is over."""
        now = fields.Datetime.now().replace(second=0)
        day = self.env.user._stm_today()
        minutes = self.env.company._stm_work_day_end_minutes()
        end = moment(day, minutes, self.env.user._stm_tz())
        return end if end > now else now + timedelta(hours=2)

    @api.depends("out_from", "out_to", "user_id")
    def _compute_date(self):
        """The days on which the person leaves and returns, where the person is."""
        for slip in self:
            local = slip.with_context(tz=slip.user_id._stm_tz())
            for name, at in (("date", slip.out_from), ("date_to", slip.out_to)):
                slip[name] = at and fields.Datetime.context_timestamp(local, at)

    @api.depends("name", "user_id", "destination")
    def _compute_display_name(self):
        for slip in self:
            if slip.name or slip.destination:
                parts = [slip.name, slip.user_id.name, slip.destination]
                slip.display_name = ", ".join(filter(None, parts))
            else:
                slip.display_name = self.env._("New slip")

    def _compute_counts(self):
        rows = self.env["stm.visit"]._read_group(
            [("slip_id", "in", self.ids)], ["slip_id", "state"], ["__count"]
        )
        counts, done = defaultdict(int), defaultdict(int)
        for slip, state, count in rows:
            counts[slip.id] += count
            if state == "done":
                done[slip.id] += count
        for slip in self:
            slip.visit_count = counts[slip._origin.id]
            slip.visit_done_count = done[slip._origin.id]

    @api.depends("state", "returned_at", "user_id")
    @api.depends_context("uid")
    def _compute_can_come_back(self):
        for slip in self:
            slip.can_come_back = (
                slip.state == "approved"
                and not slip.returned_at
                and slip.user_id == self.env.user
            )

    @api.constrains("out_from", "out_to")
    def _check_lines_inside(self):
        self.line_ids._check_start_at()

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        slips = super().create(vals_list)
        sequence = self.env["ir.sequence"].sudo()
        for company, some in slips.grouped("company_id").items():
            numbers = sequence.with_company(company)
            for slip in some.sudo():
                slip.name = numbers.next_by_code(self._name)
        return slips

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_come_back(self):
        """The person is back: write down when."""
        self._stm_check_submitter()
        now = fields.Datetime.now()
        for slip in self:
            if slip.state != "approved" or slip.returned_at:
                raise UserError(
                    self.env._(
                        "“%s” is not approved, or its return is written down already.",
                        slip.display_name,
                    )
                )
            if slip.out_from > now:
                raise UserError(
                    self.env._(
                        "“%s” has not begun yet. Withdraw or reopen it if you stay.",
                        slip.display_name,
                    )
                )
        self.sudo().write({"returned_at": now})
        return True

    def action_open_visits(self):
        """Open the visits that came out of the slip."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_team_mgmt.stm_visit_action"
        )
        action["domain"] = [("slip_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_xlsx(self):
        """Download the slips as a workbook, from the same rows as the PDF (FRM-01)."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": "/stm/visit_slip.xlsx?ids=" + ",".join(map(str, self.ids)),
            "target": "download",
        }

    # ------------------------------------------------------------
    # Business methods: approval
    # ------------------------------------------------------------

    def _stm_approved_fields(self):
        return {"line_ids", "out_from", "out_to", "destination", "purpose"}

    def _stm_approved_values(self):
        return {
            "out_from": str(self.out_from),
            "out_to": str(self.out_to),
            "destination": self.destination,
            "purpose": self.purpose,
            "lines": sorted(line._approved_values() for line in self.line_ids),
        }

    def _stm_after_approved(self):
        self._update_visits()
        return super()._stm_after_approved()

    def _update_visits(self):
        """Make the visits of the slips what the approved lines say.

        A visit that was entered before, to the same customer on the same day and in no
        plan, is taken onto the slip instead of being made twice.
        """
        Visit = self.env["stm.visit"].sudo()
        dropped = Visit.search(
            [
                ("slip_id", "in", self.ids),
                ("slip_line_id", "=", False),
                ("state", "=", "planned"),
            ]
        )
        dropped._do_cancel(self.env._("Taken off the slip"))
        lines = self.sudo().line_ids
        visits = {visit.slip_line_id: visit for visit in lines.visit_ids}
        waiting = self._visits_without_notice()
        new = []
        for line in lines:
            values = line._prepare_visit()
            visit = visits.get(line)
            if not visit:
                slip = line.slip_id
                key = (slip.user_id.id, slip.company_id.id, line.partner_id.id)
                found = waiting.get((*key, line._day()), Visit)
                visit = found[:1]
                waiting[(*key, line._day())] = found[1:]
            if not visit:
                new.append(values)
            else:
                visit._bring_in_line(values)
        Visit.create(new)

    def _visits_without_notice(self):
        """{(person, company, customer, day): planned visits} of nobody's plan."""
        slips = self.sudo()
        visits = self.env["stm.visit"].sudo()
        visits = visits.search(
            Domain("user_id", "in", slips.user_id.ids)
            & Domain("partner_id", "in", slips.line_ids.partner_id.ids)
            & Domain("date", ">=", min(slips.mapped("date")))
            & Domain("date", "<=", max(slips.mapped("date_to")))
            & Domain("state", "=", "planned")
            & Domain("plan_id", "=", False)
            & Domain("slip_id", "=", False)
        )
        return visits.grouped(
            lambda v: (v.user_id.id, v.company_id.id, v.partner_id.id, v.date)
        )

    # ------------------------------------------------------------
    # Business methods: what others ask
    # ------------------------------------------------------------

    @api.model
    def _stm_is_approved_basis(self, user, day, company=None):
        """Whether an approved plan or slip covers a day of a person (VIS-02).

        Advances, expenses and appraisals ask this: without one nothing is paid.

        :param date day: a day where the person is
        """
        company = company or self.env.company
        mine = Domain("user_id", "=", user.id) & Domain("company_id", "=", company.id)
        mine &= Domain("state", "=", "approved")
        slips = Domain("date", "<=", day) & Domain("date_to", ">=", day)
        plans = Domain("line_ids.date", "=", day)
        return bool(
            self.sudo().search_count(mine & slips, limit=1)
            or self.env["stm.work.plan"].sudo().search_count(mine & plans, limit=1)
        )

    # ------------------------------------------------------------
    # Business methods: trips without visits
    # ------------------------------------------------------------

    @api.model
    def _prepare_empty_trips(self, company, date_from, date_to):
        """Values of exceptions: working days in a row on a trip without a visit.

        Days up to yesterday count, absences do not; a person who came back early is
        not on the trip any more (VIS-09, CRN-29).
        """
        length = company.stm_empty_days
        yesterday = date_to - timedelta(days=1)
        slips = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "approved"),
                ("date", "<=", yesterday),
                ("date_to", ">=", date_from),
            ]
        )
        slips = slips.filtered(lambda s: (s.date_to - s.date).days + 1 >= length)
        if not slips:
            return []
        first = min(slips.mapped("date"))
        busy = self._busy_days(slips.user_id, company, first, yesterday)
        calendar = company._stm_work_calendar(first, yesterday)
        vals_list = []
        for slip in slips:
            last = min(slip._last_day(), yesterday)
            days = [
                slip.date + timedelta(days=number)
                for number in range((last - slip.date).days + 1)
            ]
            workdays = [day for day in days if calendar.is_workday(day)]
            for start, end in empty_runs(workdays, busy[slip.user_id.id], length):
                vals_list.append(
                    {
                        "kind": "empty_trip",
                        # The first day, so that a stretch that grows is told once.
                        "key": f"empty_trip-{slip.id}-{start}",
                        "user_id": slip.user_id.id,
                        "company_id": company.id,
                        "date": end,
                        "slip_id": slip.id,
                        "note": self.env._(
                            "On the trip %(slip)s, but no visit from %(start)s to"
                            " %(end)s.",
                            slip=slip.name,
                            start=format_date(self.env, start),
                            end=format_date(self.env, end),
                        ),
                    }
                )
        return vals_list

    def _last_day(self):
        """The day on which the person was or is to be back, where the person is."""
        self.ensure_one()
        if not self.returned_at:
            return self.date_to
        local = self.with_context(tz=self.user_id._stm_tz())
        back = fields.Datetime.context_timestamp(local, self.returned_at).date()
        return min(back, self.date_to)

    @api.model
    def _busy_days(self, users, company, date_from, date_to):
        """{user id: days with a visit that was begun, or absent}, in one query."""
        for name in ("stm.visit", "stm.absence"):
            self.env[name].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT user_id, date FROM stm_visit
                 WHERE user_id = ANY(%(users)s) AND company_id = %(company)s
                   AND date BETWEEN %(date_from)s AND %(date_to)s
                   AND state IN ('started', 'done') AND is_counted
                 UNION
                SELECT user_id, date FROM stm_absence
                 WHERE user_id = ANY(%(users)s) AND company_id = %(company)s
                   AND date BETWEEN %(date_from)s AND %(date_to)s
                """,
                users=users.ids,
                company=company.id,
                date_from=date_from,
                date_to=date_to,
            )
        )
        busy = defaultdict(set)
        for user_id, day in rows:
            busy[user_id].add(day)
        return busy

    # ------------------------------------------------------------
    # Business methods: paper
    # ------------------------------------------------------------

    def _get_sheet(self):
        """The slip as plain rows, for the PDF and the workbook alike (FRM-01)."""
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))

        def at(value):
            tz = self.user_id.tz
            if not value:
                return ""
            return format_datetime(self.env, value, tz=tz, dt_format="short")

        rows = [
            [
                str(number),
                at(self.out_from),
                self.user_id.name,
                line.partner_id.display_name,
                line.contact_id.name or "",
                line.phone or "",
                line.purpose or self.purpose or "",
                at(self.out_to),
                self._sheet_knowledge(),
                at(self.returned_at),
                self._sheet_check(line),
                "",
            ]
            for number, line in enumerate(self.line_ids, start=1)
        ]
        return {
            "title": self.env._("Visit Slip"),
            "facts": [
                (self.env._("Slip Number"), self.name or ""),
                (self.env._("Salesperson"), self.user_id.name),
                (self.env._("Sales Team"), self.team_id.name or ""),
                (self.env._("Destination"), self.destination or ""),
                (self.env._("Purpose"), self.purpose or ""),
                (
                    self.env._("Leaves and Returns"),
                    f"{at(self.out_from)} – {at(self.out_to)}",
                ),
                (self.env._("Status"), states[self.state]),
            ],
            "summary": "",
            "tables": [
                {
                    "title": self.env._("Visits"),
                    "columns": [
                        self.env._("No."),
                        self.env._("Time Out"),
                        self.env._("Salesperson"),
                        self.env._("Destination"),
                        self.env._("Person Visited"),
                        self.env._("Phone"),
                        self.env._("Purpose"),
                        self.env._("Planned Return"),
                        self.env._("Leader’s Knowledge"),
                        self.env._("Actual Return"),
                        self.env._("Check Result"),
                        self.env._("Signature"),
                    ],
                    "widths": [4, 8, 10, 13, 9, 10, 12, 8, 9, 8, 8, 9],
                    "rows": rows,
                }
            ]
            if rows
            else [],
            "review_title": "",
            "review": "",
            "reviewer": "",
            "signatures": [
                self.env._("Salesperson"),
                self.env._("Leader"),
                self.env._("Checked by"),
            ],
        }

    def _sheet_knowledge(self):
        """Who knew of it, and when."""
        lines = self.sudo().approval_id.line_ids.filtered(
            lambda line: line.state == "approved"
        )
        tz = self.user_id.tz
        return "\n".join(
            f"{(line.acted_by_id or line.user_id).name}"
            f" {format_datetime(self.env, line.acted_at, tz=tz, dt_format='short')}"
            for line in lines
            if line.acted_at
        )

    def _sheet_check(self, line):
        """What came out of the checks of the visits that the reader may see."""
        checks = self.env["stm.spot.check"].search(
            [("visit_id", "in", line.sudo().visit_ids.ids), ("state", "=", "checked")]
        )
        results = dict(checks._fields["result"]._description_selection(self.env))
        return "\n".join(results[check.result] for check in checks)
