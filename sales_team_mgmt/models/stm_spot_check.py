from collections import defaultdict
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools import sampling, weeks

CHECK_KINDS = [("visit", "Visit"), ("attendance", "Attendance")]

CHECK_METHODS = [
    ("phone", "By Phone"),
    ("revisit", "Revisit"),
    ("photo", "By Photo"),
    ("position", "By Position"),
]

# Somebody is asked: the record says who.
ASKING_METHODS = ("phone", "revisit")

CHECK_STATES = [("to_check", "To Check"), ("checked", "Checked")]

CHECK_RESULTS = [
    ("true", "True"),
    ("false", "False"),
    ("ineffective", "Ineffective"),
]

# What whoever checks may write; all else says what is to be checked.
FINDING_FIELDS = {"method", "asked", "finding", "result"}

# Days to check in, unless whoever draws says otherwise.
DAYS_TO_CHECK = 7

# People whose visits the cron draws in one transaction.
PEOPLE_PER_DRAW = 50


class StmSpotCheck(models.Model):
    """Somebody looks whether a visit took place and was any use (VIS-08, ATT-05).

    Visits are drawn at random, or one by one where something looks wrong; attendance
    is checked by asking the head of the outlet. A visit found to be false counts no
    more and is proposed as an event; one found to be ineffective still counts, but
    was not confirmed. Nobody checks oneself.
    """

    _name = "stm.spot.check"
    _description = "Spot Check"
    _inherit = ["stm.document.mixin", "mail.thread", "stm.digest.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["partner_id.name", "user_id.name", "finding"]

    # `_check_leading` says who makes it.
    _stm_about_others = True
    _stm_digest_fields = ("checker_id",)
    _stm_system_fields = frozenset(
        {"kind", "visit_id", "state", "checked_at", "checked_by_id", "reopen_reason"}
    )

    kind = fields.Selection(
        CHECK_KINDS, required=True, default="attendance", readonly=True, copy=False
    )
    visit_id = fields.Many2one(
        "stm.visit",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    user_id = fields.Many2one(string="Person", default=lambda self: False)
    date = fields.Date(
        string="Day Checked",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer or Outlet",
        index=True,
        check_company=True,
        tracking=True,
    )
    method = fields.Selection(
        CHECK_METHODS, required=True, default="phone", tracking=True
    )
    checker_id = fields.Many2one(
        "res.users",
        string="Assigned to",
        index="btree_not_null",
        domain=[("share", "=", False)],
        tracking=True,
        help="A person whose task this is; empty: whoever leads the person.",
    )
    date_due = fields.Date(
        string="Check until",
        default=lambda self: (
            fields.Date.context_today(self) + timedelta(days=DAYS_TO_CHECK)
        ),
    )
    state = fields.Selection(
        CHECK_STATES,
        string="Status",
        required=True,
        default="to_check",
        readonly=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    result = fields.Selection(
        CHECK_RESULTS,
        copy=False,
        tracking=True,
        help="False: it did not take place, so it does not count. Ineffective: it took"
        " place but was of no use; it counts, and was not confirmed.",
    )
    asked = fields.Char(string="Who Was Asked", copy=False, tracking=True)
    finding = fields.Text(copy=False, tracking=True)
    checked_at = fields.Datetime(string="Checked on", readonly=True, copy=False)
    checked_by_id = fields.Many2one(
        "res.users", string="Result by", readonly=True, copy=False, tracking=True
    )
    reopen_reason = fields.Char(
        string="Why It Is Checked Again", readonly=True, copy=False, tracking=True
    )
    can_check = fields.Boolean(compute="_compute_can", search="_search_can_check")
    can_assign = fields.Boolean(compute="_compute_can")
    can_reopen = fields.Boolean(compute="_compute_can")

    # What whoever checks has to know, also somebody who does not see the visit.
    visit_start = fields.Datetime(string="Visited on", related="visit_id.start_at")
    visit_contact_id = fields.Many2one(
        string="Person Visited", related="visit_id.contact_id"
    )
    phone = fields.Char(compute="_compute_phone", compute_sudo=True)
    visit_content = fields.Text(string="Content", related="visit_id.content")
    visit_result = fields.Text(string="Result of the Visit", related="visit_id.result")
    visit_problem = fields.Text(string="Problems", related="visit_id.problem")
    verdict = fields.Selection(related="visit_id.verdict")
    verdict_note = fields.Char(related="visit_id.verdict_note")

    _visit_uniq = models.UniqueIndex(
        "(visit_id) WHERE visit_id IS NOT NULL", "This visit is drawn already."
    )
    _visit_given = models.Constraint(
        "CHECK ((kind = 'visit') = (visit_id IS NOT NULL))",
        "A check of a visit says which one.",
    )
    _result_given = models.Constraint(
        "CHECK (state <> 'checked' OR result IS NOT NULL)",
        "Say what came out of the check.",
    )
    _list_idx = models.Index("(date DESC, id DESC)")
    _person_idx = models.Index("(user_id, company_id, date)")
    _waiting_idx = models.Index("(company_id, user_id) WHERE state = 'to_check'")

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.depends("kind", "user_id", "partner_id", "date")
    def _compute_display_name(self):
        for check in self:
            day = check.date and format_date(self.env, check.date)
            parts = [check.user_id.name, check.sudo().partner_id.name, day]
            check.display_name = " – ".join(filter(None, parts))

    @api.depends("visit_id.phone", "partner_id.phone")
    def _compute_phone(self):
        for check in self:
            check.phone = check.visit_id.phone or check.partner_id.phone

    @api.depends("state", "user_id", "company_id", "checker_id")
    @api.depends_context("uid")
    def _compute_can(self):
        saved = self._origin
        leading = saved._stm_decided_by_me()
        cannot = saved._get_cannot_check_reasons(leading)
        for check in self:
            origin = check._origin
            check.can_check = bool(origin) and origin not in cannot
            check.can_assign = not origin or (
                origin in leading and origin.state == "to_check"
            )
            check.can_reopen = origin in leading and origin.state == "checked"

    @api.model
    def _search_can_check(self, operator, value):
        """What waits for the current user: of the people led, and what was assigned."""
        if operator != "in":
            return NotImplemented
        waiting = Domain("state", "=", "to_check")
        groups = self.sudo()._read_group(waiting, ["company_id"], ["user_id:recordset"])
        Event = self.env["stm.event"]
        mine = Domain("checker_id", "=", self.env.uid) & Domain(
            "user_id", "!=", self.env.uid
        )
        led = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("user_id", "in", Event._people_decided_on(people, company).ids)
            for company, people in groups
        )
        return waiting & (mine | led)

    @api.constrains("checker_id", "user_id", "company_id")
    def _check_checker_id(self):
        for check in self.filtered("checker_id"):
            if check.checker_id == check.user_id:
                raise ValidationError(
                    self.env._(
                        "%s cannot check the own work. Choose somebody else.",
                        check.user_id.name,
                    )
                )
            check.checker_id._stm_check_works_in(check.company_id)

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        quiet = self.with_context(mail_create_nosubscribe=True)
        checks = super(StmSpotCheck, quiet).create(vals_list).with_env(self.env)
        if not self.env.su:
            checks._check_leading()
            checks._check_day()
        return checks

    def write(self, vals):
        result = super().write(vals)
        if not self.env.su:
            if vals.keys() & {"user_id", "company_id"}:
                self._check_leading()
            if "date" in vals:
                self._check_day()
        if vals.keys() & {"team_id", "user_id", "checker_id"}:
            # Somebody else has to look now.
            self.sudo()._stm_settle()
            self.sudo()._stm_announce()
        return result

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        """Nobody is told that one will be checked."""
        return []

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Nobody follows a check: followers would be told before it is made."""
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_except_drawn(self):
        """What was drawn is checked, and what was found is kept."""
        for check in self:
            if check.kind == "visit" or check.state == "checked":
                raise UserError(
                    self.env._(
                        "“%s” was drawn or checked and is kept as a record.",
                        check.display_name,
                    )
                )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_check(self):
        """Record what came out; false visits no longer count (VIS-08)."""
        self._check_can_check()
        self._check_complete()
        self._stm_check_period()
        self.sudo().write(
            {
                "state": "checked",
                "checked_at": fields.Datetime.now(),
                "checked_by_id": self.env.uid,
            }
        )
        self._apply()
        self.sudo()._stm_settle()
        return True

    def action_reopen(self, reason=""):
        """Check once more, with a reason; without one, ask for it.

        What the earlier result brought about is taken back.
        """
        self._check_can_reopen()
        if not isinstance(reason, str) or not reason.strip():
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Check Again"),
                "res_model": "stm.spot.check.reopen",
                "view_mode": "form",
                "target": "new",
                "context": {"default_check_ids": self.ids},
            }
        self._stm_check_period()
        checks = self.sudo()
        checks._take_back(reason.strip())
        checks.write(
            {
                "state": "to_check",
                "result": False,
                "checked_at": False,
                "checked_by_id": False,
                "reopen_reason": reason.strip(),
            }
        )
        checks._stm_announce()
        return True

    def action_open_visit(self):
        """Open the visit that is checked, if one may read it."""
        self.ensure_one()
        self.check_access("read")
        visit = self.visit_id
        if not visit:
            raise UserError(self.env._("This check is not about a visit."))
        return self._stm_open_document(visit)

    # ------------------------------------------------------------
    # Business methods: who may
    # ------------------------------------------------------------

    @api.model
    def _stm_scope_domain(self):
        """Of teams led, of people who stand in them now, and what one has to check.

        One's own checks are shown once they are made, by a rule for every role.
        """
        scope = self.env["stm.access"]._stm_scope()
        people = {self.env.uid}
        if scope.team_ids:
            users = self.env["res.users"].sudo().with_context(active_test=False)
            people.update(users._search([("sale_team_id", "in", scope.team_ids)]))
        return (
            Domain("user_id", "in", sorted(people))
            | Domain("team_id", "in", scope.team_ids)
            | Domain("checker_id", "=", self.env.uid)
        )

    @api.model
    def _stm_open_domain(self):
        """What is still to be checked follows its person to the new leader."""
        return Domain("state", "=", "to_check")

    @api.model
    def _stm_waiting_domain(self):
        return Domain("state", "=", "to_check")

    def _stm_digest_summary(self):
        return self.env._("Visits and attendance to check")

    @api.model
    def _stm_receivers(self, groups):
        """Whoever was given the task, or else the leader."""
        receivers = super()._stm_receivers([group for group in groups if not group[2]])
        return receivers | {group: group[2] for group in groups if group[2]}

    def _stm_check_owner(self):
        """What the system draws is checked even if its person has left the team."""
        checks = self.browse() if self.env.su else self
        return super(StmSpotCheck, checks)._stm_check_owner()

    def _get_cannot_check_reasons(self, leading=None):
        """{check: sentence} why the current user cannot record its result."""
        me = self.env.user
        leading = self._stm_decided_by_me() if leading is None else leading
        reasons = {}
        for check, known in zip(self, self.sudo(), strict=True):
            if known.user_id == me:
                reasons[check] = self.env._(
                    "You cannot check your own work (“%s”). Somebody else has to.",
                    known.display_name,
                )
            elif known.checker_id != me and check not in leading:
                reasons[check] = self.env._(
                    "“%(check)s” is checked by whoever leads %(person)s today, or by"
                    " the person who was given the task.",
                    check=known.display_name,
                    person=known.user_id.name,
                )
            elif known.state != "to_check":
                reasons[check] = self.env._(
                    "“%s” was checked already. Reopen it if the result is wrong.",
                    known.display_name,
                )
        return reasons

    def _check_can_check(self):
        self.check_access("read")
        for reason in self._get_cannot_check_reasons().values():
            raise UserError(reason)

    def _check_can_reopen(self):
        self.check_access("read")
        leading = self._stm_decided_by_me()
        for check in self:
            if check not in leading:
                raise AccessError(
                    self.env._(
                        "Only somebody who leads %s today can have it checked again.",
                        check.sudo().user_id.name,
                    )
                )
            if check.state != "checked":
                raise UserError(
                    self.env._("“%s” has not been checked yet.", check.display_name)
                )

    def _check_leading(self):
        """Leaders check their people; a person one does not lead is refused."""
        me = self.env.user
        for check in self - self._stm_decided_by_me():
            if check.user_id == me:
                raise AccessError(
                    self.env._("Nobody checks the own work. Ask your leader.")
                )
            raise AccessError(
                self.env._(
                    "Only somebody who leads %s today can order a check.",
                    check.sudo().user_id.name,
                )
            )

    def _check_day(self):
        today = fields.Date.context_today(self)
        for check in self:
            if check.date > max(today, check.user_id._stm_today()):
                raise UserError(
                    self.env._(
                        "%s has not come yet. Choose the day that is checked.",
                        format_date(self.env, check.date),
                    )
                )

    def _check_complete(self):
        """A result names what was found, and who was asked."""
        for check in self:
            if not check.result:
                raise UserError(
                    self.env._(
                        "Choose the result of “%s”: true, false or ineffective.",
                        check.display_name,
                    )
                )
            if check.method in ASKING_METHODS and not (check.asked or "").strip():
                raise UserError(
                    self.env._(
                        "Write down who was asked about “%s”.", check.display_name
                    )
                )
            if check.result != "true" and not (check.finding or "").strip():
                raise UserError(
                    self.env._(
                        "Write down what you found about “%s”.", check.display_name
                    )
                )

    def _stm_check_editable(self, vals):
        super()._stm_check_editable(vals)
        if self.env.su:
            return
        leading = self._stm_decided_by_me()
        for reason in self._get_cannot_check_reasons(leading).values():
            raise UserError(reason)
        for check in self:
            if vals.keys() <= FINDING_FIELDS:
                continue
            if check not in leading:
                raise AccessError(
                    self.env._(
                        "What is checked, by whom and until when is said by whoever"
                        " leads %s.",
                        check.user_id.name,
                    )
                )
            if check.kind == "visit" and vals.keys() & {
                "user_id",
                "date",
                "partner_id",
                "company_id",
            }:
                raise UserError(
                    self.env._(
                        "“%s” is about a visit; its person, day and customer stay.",
                        check.display_name,
                    )
                )

    # ------------------------------------------------------------
    # Business methods: what a result brings about
    # ------------------------------------------------------------

    def _event_keys(self):
        return [f"spot_check-{check.id}" for check in self]

    def _apply(self):
        """A false visit counts no more and is proposed as an event."""
        false = self.sudo().filtered(
            lambda check: check.kind == "visit" and check.result == "false"
        )
        if not false:
            return
        false.visit_id.write({"is_counted": False})
        self.env["stm.event"]._raise(
            [
                {
                    "key": key,
                    "type": "false_visit",
                    "user_id": check.user_id.id,
                    "company_id": check.company_id.id,
                    "date": check.date,
                    "quantity": 1.0,
                    "note": check._event_note(),
                    "model": check._name,
                    "res_id": check.id,
                }
                for key, check in zip(false._event_keys(), false, strict=True)
            ]
        )

    def _event_note(self):
        self.ensure_one()
        methods = dict(self._fields["method"]._description_selection(self.env))
        text = self.env._(
            "Visit to %(customer)s, checked %(method)s: %(finding)s",
            customer=self.partner_id.name or "",
            method=methods[self.method].lower(),
            finding=self.finding or "",
        )
        return f"{text} ({self.asked})" if self.asked else text

    def _take_back(self, reason):
        """What a result brought about is undone: the visit counts again."""
        false = self.filtered(
            lambda check: check.kind == "visit" and check.result == "false"
        )
        if not false:
            return
        false.visit_id.write({"is_counted": True})
        self.env["stm.event"]._withdraw(false._event_keys(), reason)

    # ------------------------------------------------------------
    # Business methods: drawing
    # ------------------------------------------------------------

    @api.model
    def _pools(self, users, company, date_from, date_to):
        """What can be drawn, and how much was drawn already, in one query.

        Only finished visits that count, of days that are not closed.

        :return: ({user id: [visit ids]}, {user id: number drawn})
        """
        for name in ("stm.visit", "stm.spot.check", "stm.period.closing"):
            self.env[name].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT visit.user_id, visit.id, visit.is_counted, spot.id
                  FROM stm_visit visit
                  LEFT JOIN stm_spot_check spot ON spot.visit_id = visit.id
                 WHERE visit.user_id = ANY(%(users)s)
                   AND visit.company_id = %(company)s
                   AND visit.date BETWEEN %(date_from)s AND %(date_to)s
                   AND visit.state = 'done'
                   AND NOT EXISTS (
                       SELECT FROM stm_period_closing closing
                        WHERE closing.company_id = visit.company_id
                          AND closing.area = 'work'
                          AND visit.date
                              BETWEEN closing.date_from AND closing.date_to)
                 ORDER BY visit.user_id, visit.id
                """,
                users=users.ids,
                company=company.id,
                date_from=date_from,
                date_to=date_to,
            )
        )
        pools, drawn = defaultdict(list), defaultdict(int)
        for user_id, visit_id, is_counted, check_id in rows:
            if check_id:
                drawn[user_id] += 1
            elif is_counted:
                pools[user_id].append(visit_id)
        return pools, drawn

    @api.model
    def _draw_visits(self, visits, **values):
        """Make a check of each visit; nobody is drawn twice.

        :param visits: finished visits
        :param values: ``method``, ``checker_id``, ``date_due``
        """
        checks = self._stm_system()
        given = {name: value for name, value in values.items() if value}
        try:
            checks = checks.create(
                [
                    {
                        **given,
                        "kind": "visit",
                        "visit_id": visit.id,
                        "user_id": visit.user_id.id,
                        "company_id": visit.company_id.id,
                        "date": visit.date,
                        "partner_id": visit.partner_id.id,
                        "team_id": visit.team_id.id,
                    }
                    for visit in visits.sudo()
                ]
            )
        except UniqueViolation as error:
            if error.diag.constraint_name != "stm_spot_check_visit_uniq":
                raise
            # Drawn by another transaction after our snapshot: once more, then we see.
            raise ConcurrencyError(str(error)) from error
        checks._stm_announce()
        return checks.with_env(self.env)

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_draw(self):
        """Draw the visits to check of the last week or month (CRN-29).

        Everybody's share is completed, so a run that was killed, or visits that came
        in late, are made up for by the next run, and nothing is drawn twice.
        """
        today = fields.Date.context_today(self)
        cron = self.env["ir.cron"]
        companies = self.env["res.company"].search(
            [("stm_check_draw", "!=", "none"), ("stm_check_sample_rate", ">", 0)]
        )
        for company in companies:
            first, last = self._last_span(company.stm_check_draw, today)
            groups = self.env["stm.visit"]._read_group(
                [
                    ("company_id", "=", company.id),
                    ("date", ">=", first),
                    ("date", "<=", last),
                    ("state", "=", "done"),
                ],
                ["user_id"],
            )
            people = self.env["res.users"].union(*(user for (user,) in groups))
            for start in range(0, len(people), PEOPLE_PER_DRAW):
                some = people[start : start + PEOPLE_PER_DRAW]

                def draw(company=company, some=some, first=first, last=last):
                    return self._draw_share_of(some, company, first, last)

                _done, seconds = cron._stm_do(draw)
                if not seconds:
                    return
        cron._stm_finish()

    @api.model
    def _last_span(self, rhythm, today):
        """First and last day of the last whole week or month."""
        if rhythm == "weekly":
            monday = weeks.monday_of(today) - timedelta(weeks=1)
            return monday, monday + timedelta(days=6)
        last = today.replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last

    @api.model
    def _draw_share_of(self, people, company, date_from, date_to):
        """Draw the company's share of each person's visits; returns how many."""
        pools, drawn = self._pools(people, company, date_from, date_to)
        rate = company.stm_check_sample_rate
        chosen = sampling.draw_share(pools, drawn, rate)
        visits = self.env["stm.visit"].browse(chosen)
        return len(self.with_company(company)._draw_visits(visits))
