from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from ..tools import deadlines, duties, periods

DUTY_STATES = [
    ("open", "Open"),
    ("on_time", "On Time"),
    ("excused", "Excused"),
    ("late", "Late"),
    ("missing", "Missing"),
    ("waived", "Waived"),
]


class StmDutyItem(models.Model):
    """What one person owes by one deadline, and how it ended.

    Items are opened and judged in batches: as many statements for one person as for
    five thousand. Nobody writes them but the system and, to waive one, a superior.
    """

    _name = "stm.duty.item"
    _description = "Duty of a Person"
    _inherit = ["stm.scope.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "due_at desc, id desc"
    _rec_name = "duty_id"

    duty_id = fields.Many2one("stm.duty", required=True, index=True, readonly=True)
    duty_key = fields.Char(required=True, readonly=True)
    model = fields.Char(required=True, readonly=True)
    period_kind = fields.Char(readonly=True)
    user_id = fields.Many2one("res.users", string="Person", required=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", index=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    about_user_id = fields.Many2one(
        "res.users",
        string="About",
        help="Whose document it is, if somebody else has to deal with it.",
    )
    period_start = fields.Date(string="Period From", required=True)
    document_start = fields.Date(string="Document From")
    due_at = fields.Datetime(string="Due", required=True)
    exception_until = fields.Datetime(string="With a Reason Until")
    submitted_at = fields.Datetime(string="Handed in on")
    has_reason = fields.Boolean(string="Reason Given")
    res_id = fields.Many2oneReference(string="Document", model_field="model")
    approval_id = fields.Many2one("stm.approval", index=True, ondelete="cascade")
    state = fields.Selection(DUTY_STATES, required=True, default="open")
    consecutive = fields.Integer(
        string="Missed in a Row",
        help="How many times in a row nothing was handed in, this one included.",
    )
    deduction_factor = fields.Float(
        string="Weighs",
        compute="_compute_deduction_factor",
        help="How many times a deduction for this miss counts.",
    )
    event_id = fields.Many2one(
        "stm.event",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_system",
        help="What was recorded because it came late or not at all.",
    )
    ladder = fields.Integer(help="Last rung of the ladder that was taken.")
    waive_reason = fields.Char(string="Why It Is Waived")
    waived_by_id = fields.Many2one("res.users", string="Waived by")
    sentence = fields.Char(string="Explanation", compute="_compute_sentence")
    can_waive = fields.Boolean(compute="_compute_can_waive")
    has_event = fields.Boolean(
        compute="_compute_has_event",
        help="There is an event about it that the reader may see.",
    )

    _calendar_uniq = models.UniqueIndex(
        "(duty_key, user_id, company_id, period_start)"
        " WHERE approval_id IS NULL AND about_user_id IS NULL",
        "This person owes this already.",
    )
    _about_uniq = models.UniqueIndex(
        "(duty_key, about_user_id, company_id, period_start)"
        " WHERE about_user_id IS NOT NULL AND document_start IS NOT NULL",
        "Somebody owes this already.",
    )
    # A document with deadlines of its own is about no period.
    _record_uniq = models.UniqueIndex(
        "(model, res_id, duty_key)"
        " WHERE about_user_id IS NOT NULL AND document_start IS NULL",
        "This document has this deadline already.",
    )
    _decision_uniq = models.UniqueIndex(
        "(duty_key, user_id, approval_id) WHERE approval_id IS NOT NULL"
        " AND submitted_at IS NULL",
        "This person owes this decision already.",
    )
    _user_idx = models.Index("(user_id, due_at DESC)")
    _due_idx = models.Index("(due_at DESC, id DESC)")
    _open_idx = models.Index("(due_at) WHERE state = 'open'")
    _document_idx = models.Index("(model, user_id, document_start)")
    _without_event_idx = models.Index(
        "(duty_id) WHERE state = 'missing' AND event_id IS NULL"
    )
    _company_idx = models.Index("(company_id, model, document_start)")

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends("state", "due_at", "exception_until", "submitted_at", "has_reason")
    def _compute_sentence(self):
        now = fields.Datetime.now()
        for item in self:
            item.sentence = item._sentence(item._judgement(now))

    @api.depends("consecutive", "company_id.stm_deduction_factor")
    def _compute_deduction_factor(self):
        for item in self:
            factor = Decimal(str(item.company_id.sudo().stm_deduction_factor))
            item.deduction_factor = float(
                duties.deduction_factor(item.consecutive, factor)
            )

    @api.depends("user_id", "state")
    @api.depends_context("uid")
    def _compute_can_waive(self):
        user = self.env.user
        led = self.env["stm.access"]._stm_people_led_by(user, self.user_id - user)
        for item in self:
            item.can_waive = item.user_id in led and item.state in (
                "open",
                "late",
                "missing",
            )

    @api.depends("event_id")
    @api.depends_context("uid")
    def _compute_has_event(self):
        """The person sees the event once it is confirmed, leaders before."""
        events = self.sudo().event_id.with_env(self.env)
        readable = set(events._filtered_access("read").ids)
        for item in self:
            item.has_event = item.sudo().event_id.id in readable

    def _judgement(self, now):
        self.ensure_one()
        return duties.judge(
            self.due_at,
            self.exception_until or None,
            self.submitted_at or None,
            self.has_reason,
            now,
            self.duty_id.sudo().inclusive,
        )

    def _sentence(self, judgement):
        """Say in words why the item is on time, late or missing."""
        self.ensure_one()
        if self.state == "waived":
            return self.env._(
                "Waived by %(person)s: %(reason)s",
                person=self.waived_by_id.name or "",
                reason=self.waive_reason or "",
            )
        tz = self.user_id._stm_tz()

        def local(moment):
            if not moment:
                return ""
            return format_datetime(self.env, moment, tz=tz, dt_format="short")

        values = {
            "due": local(self.due_at),
            "until": local(self.exception_until),
            "at": local(self.submitted_at or fields.Datetime.now()),
        }
        sentences = {
            "waiting": self.env._("Due %(due)s.", **values),
            "in_exception_window": self.env._(
                "Was due %(due)s; until %(until)s a reason excuses.", **values
            ),
            "before_due": self.env._("Handed in %(at)s, due %(due)s.", **values),
            "with_reason": self.env._(
                "Handed in %(at)s with a reason, within the exception window until"
                " %(until)s.",
                **values,
            ),
            "without_reason": self.env._(
                "Handed in %(at)s without a reason, after %(due)s.", **values
            ),
            "after_due": self.env._("Handed in %(at)s, after %(due)s.", **values),
            "after_window": self.env._(
                "Handed in %(at)s, after the exception window that ended %(until)s.",
                **values,
            ),
            "not_handed_in": self.env._("Nothing was handed in by %(due)s.", **values),
        }
        if self._is_of_record():
            sentences |= {
                "before_due": self.env._("Done %(at)s, due %(due)s.", **values),
                "after_due": self.env._("Done %(at)s, after %(due)s.", **values),
                "not_handed_in": self.env._("Not done by %(due)s.", **values),
            }
        return sentences[judgement.code]

    def _is_of_record(self):
        """Whether it is a deadline that a document has of its own."""
        self.ensure_one()
        return bool(self.about_user_id and not self.document_start)

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_system()
        return super().create(vals_list)

    def write(self, vals):
        content = {name for name in vals if not name.startswith("activity_")}
        if content - {"waive_reason"}:
            self._check_system()
        elif content and not self.env.su:
            self._check_may_waive()
        return super().write(vals)

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Nobody follows an item, so that reminding thousands writes no followers."""
        return True

    def _check_system(self):
        if not self.env.su:
            raise AccessError(self.env._("Duties are opened and judged by the system."))

    def _check_may_waive(self):
        for item in self:
            if not item.can_waive:
                raise AccessError(
                    self.env._(
                        "Only a superior can waive what somebody owes, and only what"
                        " was not handed in on time."
                    )
                )
            if item.state == "waived":
                raise UserError(
                    self.env._("This is waived already; its reason stays as it is.")
                )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_waive(self):
        """Let somebody off, with a reason; only a superior can."""
        self.check_access("read")
        self.env["stm.period.closing"].sudo()._check_open(
            "work", [(item.company_id, item.period_start) for item in self]
        )
        self._check_may_waive()
        for item in self:
            if not (item.waive_reason or "").strip():
                raise UserError(self.env._("Write down why it is waived."))
        self.sudo().write({"state": "waived", "waived_by_id": self.env.uid})
        self._clear_activities()
        self.sudo()._hold_rows()
        self.sudo()._count_consecutive()
        self.sudo()._withdraw_events()
        self.sudo()._tell_documents()
        return True

    def action_open_event(self):
        """Open what was recorded about it, if one may read it."""
        self.ensure_one()
        self.check_access("read")
        event = self.sudo().event_id.with_env(self.env)
        if not event:
            raise UserError(self.env._("Nothing was recorded about this."))
        return self._stm_open_document(event)

    def action_open_document(self):
        """Open the document, or start it if it is still owed by the user."""
        self.ensure_one()
        action = {
            "type": "ir.actions.act_window",
            "res_model": self.model,
            "view_mode": "form",
            "target": "current",
        }
        document = self._document()
        if document:
            action["res_id"] = document.id
        elif self.user_id == self.env.user:
            action["context"] = {
                "default_date_from": self.document_start,
                "default_period_kind": self.period_kind,
            }
        else:
            raise UserError(self.env._("%s has not started it yet.", self.user_id.name))
        return action

    def _document(self):
        self.ensure_one()
        Model = self.env[self.model]
        if self.res_id:
            return Model.browse(self.res_id)
        if self.approval_id or not self.document_start:
            return Model
        return Model.search(
            [
                ("user_id", "=", self.user_id.id),
                ("company_id", "=", self.company_id.id),
                ("date_from", "=", self.document_start),
                ("period_kind", "=", self.period_kind),
            ],
            limit=1,
        )

    # ------------------------------------------------------------
    # Business methods: opening
    # ------------------------------------------------------------

    @api.model
    def _open_for_day(self, day):
        """Open the items of all calendar duties for the periods that hold ``day``."""
        Company = self.env["res.company"].sudo()
        companies = Company.search([])  # pylint: disable=no-search-all
        duties_in_force = (
            self.env["stm.duty"]
            .sudo()
            .search(
                Domain("trigger", "=", "calendar")
                & self.env["stm.duty"]._stm_in_force_domain(day)
            )
        )
        rows = []
        for duty in duties_in_force:
            for company in duty.company_id or companies:
                rows += self._prepare_items(duty, company, day)
        return self._insert(rows)

    @api.model
    def _prepare_items(self, duty, company, day):
        """One row a person of the company who owes the duty in the period of ``day``.

        Who has left before the deadline owes nothing; who joined by then does.
        """
        first_month = company._stm_fiscal_first_month()
        period = periods.period_of(day, duty.period_kind, first_month)
        about = period
        if duty.document_offset == "1":
            about = periods.next_period(period.start, duty.period_kind, first_month)
        calendar = company._stm_work_calendar(period.start, about.end)
        due_rule = duty._due_rule(company._stm_work_day_end_minutes())
        exception_rule = duty._exception_rule()
        due_day = duty._due_day(company, period.start)
        moments = {}
        rows = []
        for user, team in duty._owners(company, due_day):
            tz = user._stm_tz()
            if tz not in moments:
                moments[tz] = [
                    rule
                    and deadlines.due_moment(
                        rule, period.start, calendar, tz, first_month
                    )
                    for rule in (due_rule, exception_rule)
                ]
            due, until = moments[tz]
            rows.append(
                {
                    "duty_id": duty.id,
                    "duty_key": duty.code,
                    "model": duty.model,
                    "period_kind": duty.period_kind,
                    "user_id": user.id,
                    "team_id": team.id or None,
                    "company_id": company.id,
                    "period_start": period.start,
                    "document_start": about.start,
                    "due_at": due,
                    "exception_until": until,
                    "approval_id": None,
                    "res_id": None,
                    "about_user_id": None,
                }
            )
        return rows

    @api.model
    def _insert(self, rows):
        """Insert rows in one statement; what exists already stays as it is."""
        if not rows:
            return self
        self.flush_model()
        columns = {
            "duty_id": "int",
            "duty_key": "varchar",
            "model": "varchar",
            "period_kind": "varchar",
            "user_id": "int",
            "team_id": "int",
            "company_id": "int",
            "period_start": "date",
            "document_start": "date",
            "due_at": "timestamp",
            "exception_until": "timestamp",
            "approval_id": "int",
            "res_id": "int",
            "about_user_id": "int",
        }
        arrays = SQL(", ").join(
            SQL("%s::%s[]", [row[name] for row in rows], SQL(kind))
            for name, kind in columns.items()
        )
        ids = self.env.execute_query(
            SQL(
                "INSERT INTO stm_duty_item (%(names)s, state, consecutive, ladder,"
                " create_uid, create_date, write_uid, write_date)"
                " SELECT new.*, 'open', 0, 0, %(uid)s, %(now)s, %(uid)s, %(now)s"
                " FROM UNNEST(%(arrays)s) new ON CONFLICT DO NOTHING RETURNING id",
                names=SQL(", ").join(map(SQL.identifier, columns)),
                arrays=arrays,
                uid=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model()
        return self.browse(id_ for (id_,) in ids)

    @api.model
    def _open_decisions(self, approvals, now=None):
        """Those who are asked to decide owe the decision from now on."""
        now = now or fields.Datetime.now()
        duties_in_force = (
            self.env["stm.duty"]
            .sudo()
            .search(
                Domain("trigger", "=", "decision")
                & Domain("model", "in", approvals.mapped("model"))
                & self.env["stm.duty"]._stm_in_force_domain(
                    fields.Date.context_today(self)
                )
            )
        )
        if not duties_in_force:
            return
        calendars, moments, rows = {}, {}, []
        for approval in approvals:
            for duty in duties_in_force:
                if duty.model != approval.model or (
                    duty.company_id and duty.company_id != approval.company_id
                ):
                    continue
                company = approval.company_id
                if company not in calendars:
                    calendars[company] = company._stm_work_calendar(
                        now.date(), now.date() + timedelta(days=duty.delay * 3)
                    )
                for line in approval.line_ids:
                    if line.state != "pending":
                        continue
                    tz = line.user_id._stm_tz()
                    key = (duty, company, tz)
                    if key not in moments:
                        moments[key] = deadlines.record_due_moment(
                            now,
                            duty.delay,
                            duty.delay_unit,
                            company._stm_work_day_end_minutes(),
                            calendars[company],
                            tz,
                        )
                    rows.append(
                        {
                            "duty_id": duty.id,
                            "duty_key": duty.code,
                            "model": approval.model,
                            "period_kind": None,
                            "user_id": line.user_id.id,
                            "team_id": (line.team_id or approval.team_id).id or None,
                            "company_id": company.id,
                            "period_start": now.date(),
                            "document_start": None,
                            "due_at": moments[key],
                            "exception_until": None,
                            "approval_id": approval.id,
                            "res_id": approval.res_id,
                            "about_user_id": None,
                        }
                    )
        self._insert(rows)

    @api.model
    def _close_decisions(self, approvals):
        """Judge decisions that were taken; forget those nobody is asked for now."""
        items = self.sudo().search(
            [("approval_id", "in", approvals.ids), ("submitted_at", "=", False)]
        )
        if not items:
            return
        lines = {
            (line.approval_id, line.user_id): line
            for line in approvals.line_ids.sorted("id")
        }
        obsolete = self.sudo().browse()
        done = defaultdict(self.sudo().browse)
        for item in items:
            line = lines.get((item.approval_id, item.user_id))
            if line and line.acted_at:
                done[line.acted_at] |= item
            elif not line or line.state != "pending":
                obsolete |= item
        for acted_at, group in done.items():
            group.submitted_at = acted_at
        obsolete._withdraw_events()
        obsolete.unlink()
        self.sudo().union(*done.values())._judge()

    # ------------------------------------------------------------
    # Business methods: documents of others
    # ------------------------------------------------------------

    @api.model
    def _open_about(self, documents):
        """Whoever has to deal with these documents owes it by a day.

        The documents name their owner (``_stm_duty_owner``: the person and the team
        that makes him one) and their ``period_id``. What is owed already stays.
        """
        duties_in_force = (
            self.env["stm.duty"]
            .sudo()
            .search(
                Domain("trigger", "=", "document")
                & Domain("model", "=", documents._name)
                & self.env["stm.duty"]._stm_in_force_domain(
                    fields.Date.context_today(self)
                )
            )
        )
        rows = []
        for duty in duties_in_force:
            for (company, period), same in documents.grouped(
                lambda document: (document.company_id, document.period_id)
            ).items():
                if period.kind == duty.period_kind and (
                    not duty.company_id or duty.company_id == company
                ):
                    rows += self._prepare_about(duty, company, period, same)
        return self._insert(rows)

    @api.model
    def _prepare_about(self, duty, company, period, documents):
        first_month = company._stm_fiscal_first_month()
        due_day = duty._due_day(company, period.date_from)
        calendar = company._stm_work_calendar(period.date_from, due_day)
        rules = (
            duty._due_rule(company._stm_work_day_end_minutes()),
            duty._exception_rule(),
        )
        rows = []
        for document in documents:
            owner = document._stm_duty_owner()
            if not owner:
                continue
            user, team = owner
            due, until = (
                rule
                and deadlines.due_moment(
                    rule, period.date_from, calendar, user._stm_tz(), first_month
                )
                for rule in rules
            )
            rows.append(
                {
                    "duty_id": duty.id,
                    "duty_key": duty.code,
                    "model": duty.model,
                    "period_kind": duty.period_kind,
                    "user_id": user.id,
                    "team_id": team.id or None,
                    "company_id": company.id,
                    "period_start": period.date_from,
                    "document_start": period.date_from,
                    "due_at": due,
                    "exception_until": until,
                    "approval_id": None,
                    "res_id": document.id,
                    "about_user_id": document.user_id.id,
                }
            )
        return rows

    @api.model
    def _find_about(self, documents):
        """{document id: item of whoever has to deal with it}"""
        items = self.search(
            [
                ("model", "=", documents._name),
                ("res_id", "in", documents.ids),
                ("about_user_id", "!=", False),
            ]
        )
        return {item.res_id: item for item in items}

    @api.model
    def _fulfil_about(self, documents, moment_field):
        """These documents were dealt with; the first time counts."""
        found = self._find_about(documents)
        items = self.browse()
        for document in documents:
            item = found.get(document.id, self.browse())
            if item and not item.submitted_at:
                item.submitted_at = document[moment_field]
                items |= item
        items._clear_activities()
        items._judge()

    def _follow_leaders(self):
        """What is still open passes on to whoever leads the person now."""
        for model, items in self.grouped("model").items():
            documents = self.env[model].browse(items.mapped("res_id")).exists()
            owners = {document.id: document._stm_duty_owner() for document in documents}
            moved = items.browse()
            for item in items:
                owner = owners.get(item.res_id)
                if not owner or owner == (item.user_id, item.team_id):
                    continue
                if owner[0] != item.user_id:
                    moved |= item
                item.write({"user_id": owner[0].id, "team_id": owner[1].id})
            moved._clear_activities()

    # ------------------------------------------------------------
    # Business methods: deadlines that documents have of their own
    # ------------------------------------------------------------

    @api.model
    def _find_of_records(self, documents):
        """Items of these documents, whatever became of them."""
        return self.search(
            Domain("model", "=", documents._name)
            & Domain("res_id", "in", documents.ids)
            & Domain("about_user_id", "!=", False)
            & Domain("document_start", "=", False)
        )

    @api.model
    def _follow_records(self, documents):
        """Deadlines follow their documents: opened, moved, met, or owed no more.

        The documents name the dates that they count from (``_stm_duty_start``), when
        it was done (``_stm_duty_done_at``) and who owes it (``_stm_duty_owner``). What
        was judged stays judged by the version of the duty that opened it.
        """
        found = self._find_of_records(documents)
        in_force = (
            self.env["stm.duty"]
            .sudo()
            .search(
                Domain("trigger", "=", "record")
                & Domain("model", "=", documents._name)
                & self.env["stm.duty"]._stm_in_force_domain(
                    fields.Date.context_today(self)
                )
            )
        )
        known = {(item.res_id, item.duty_key) for item in found}
        rows = []
        for company, same in documents.grouped("company_id").items():
            fitting = in_force.filtered(
                lambda d, company=company: (not d.company_id or d.company_id == company)
            )
            rows += self._prepare_records(
                [
                    (duty, document)
                    for document in same
                    for duty in fitting
                    if (document.id, duty.code) not in known
                ]
            )
        items = found | self._insert(rows)
        by_id = {document.id: document for document in documents}
        items._move_records(by_id)._meet_records(by_id)

    @api.model
    def _prepare_records(self, pairs):
        """One row for each pair (duty, document) of a company that is owed."""
        starts = [
            (duty, document, start)
            for duty, document in pairs
            if (start := document._stm_duty_start(duty.basis))
        ]
        if not starts:
            return []
        company = starts[0][1].company_id
        calendar = company._stm_work_calendar(
            min(start.date() for _duty, _document, start in starts),
            max(
                start.date() + timedelta(days=duty.delay * 3)
                for duty, _document, start in starts
            ),
        )
        rows = []
        for duty, document, start in starts:
            user, team = document._stm_duty_owner()
            tz = document.user_id._stm_tz()
            due = duty._record_due(company, start, calendar, tz)
            rows.append(
                {
                    "duty_id": duty.id,
                    "duty_key": duty.code,
                    "model": duty.model,
                    "period_kind": None,
                    "user_id": user.id,
                    "team_id": team.id or None,
                    "company_id": company.id,
                    "period_start": deadlines.local_day(due, tz),
                    "document_start": None,
                    "due_at": due,
                    "exception_until": None,
                    "approval_id": None,
                    "res_id": document.id,
                    "about_user_id": document.user_id.id,
                }
            )
        return rows

    def _move_records(self, documents):
        """Drop what is owed no more; what is still owed follows date and owner.

        :return: the items that are still there
        """
        pending = self.filtered(
            lambda i: not i.submitted_at and i.state in ("open", "missing")
        )
        gone = self.browse()
        wanted = {}
        for _company, same in pending.grouped("company_id").items():
            pairs = [(item.duty_id.sudo(), documents[item.res_id]) for item in same]
            for row in self._prepare_records(pairs):
                wanted[row["res_id"], row["duty_key"]] = row
        for item in pending:
            row = wanted.get((item.res_id, item.duty_key))
            if not row:
                gone |= item
                continue
            # What is missing stays with whoever let the day pass.
            changes = {
                name: row[name]
                for name in ("user_id", "team_id", "about_user_id")
                if item.state == "open" and item[name].id != (row[name] or False)
            }
            if item.due_at != row["due_at"]:
                changes |= {
                    "due_at": row["due_at"],
                    "period_start": row["period_start"],
                    "ladder": 0,
                }
            if changes:
                item.write(changes)
            if changes.keys() & {"due_at", "user_id"}:
                item._clear_activities()
        gone._withdraw_events()
        gone.unlink()
        (pending - gone)._judge()
        return self - gone

    def _meet_records(self, documents):
        """What was done is judged; the first time counts."""
        done = {}
        for item in self.filtered(lambda i: not i.submitted_at):
            at = documents[item.res_id]._stm_duty_done_at(item.duty_id.sudo().basis)
            if at and item.state != "waived":
                done.setdefault(at, self.browse())
                done[at] |= item
        for at, items in done.items():
            items.submitted_at = at
        items = self.union(*done.values())
        items._clear_activities()
        items._judge()

    @api.model
    def _waive_records(self, documents, reason):
        """What is owed because of these documents was called off by a superior."""
        items = self._find_of_records(documents).filtered(
            lambda i: not i.submitted_at and i.state in ("open", "missing")
        )
        items.write(
            {"state": "waived", "waive_reason": reason, "waived_by_id": self.env.uid}
        )
        items._clear_activities()
        items._withdraw_events()

    def _tell_documents(self):
        """Documents follow what became of the deadlines that they have themselves."""
        own = self.filtered(lambda item: item._is_of_record())
        for model, items in own.grouped("model").items():
            documents = self.env[model].sudo().browse(items.mapped("res_id"))
            documents.exists()._stm_after_judged(items)

    # ------------------------------------------------------------
    # Business methods: handing in
    # ------------------------------------------------------------

    @api.model
    def _stm_open_domain(self):
        """What is still owed follows its person; decisions follow their leader."""
        return (
            Domain("state", "=", "open")
            & Domain("approval_id", "=", False)
            & Domain("about_user_id", "=", False)
        )

    @api.model
    def _find_for(self, documents):
        """{document: item} of documents about a period, in one search."""
        if not documents:
            return {}
        items = self.search(
            [
                ("model", "=", documents._name),
                ("user_id", "in", documents.user_id.ids),
                ("document_start", "in", list(set(documents.mapped("date_from")))),
                ("approval_id", "=", False),
                ("about_user_id", "=", False),
            ]
        )
        found = {
            (i.user_id.id, i.company_id.id, i.period_kind, i.document_start): i
            for i in items
        }
        result = {}
        for doc in documents:
            key = (doc.user_id.id, doc.company_id.id, doc.period_kind, doc.date_from)
            if key in found:
                result[doc] = found[key]
        return result

    @api.model
    def _fulfil(self, documents):
        """Documents were handed in: their items are judged at once.

        The first time counts: a document that was returned and comes again keeps the
        moment at which it was handed in first.
        """
        found = self._find_for(documents)
        first = {doc: item for doc, item in found.items() if not item.submitted_at}
        for document, item in first.items():
            item.write(
                {
                    "submitted_at": document.submitted_at,
                    "has_reason": bool((document.late_reason or "").strip()),
                    "res_id": document.id,
                }
            )
        items = self.union(*first.values())
        items._clear_activities()
        items._judge()

    @api.model
    def _take_back(self, documents):
        """Documents were withdrawn: they are owed again."""
        items = self.union(*self._find_for(documents).values())
        items = items.filtered(lambda item: item.state != "waived")
        items.write({"submitted_at": False, "has_reason": False, "res_id": False})
        items._judge()

    def _link_documents(self):
        """Items opened after their document was handed in get it at once."""
        for model, items in self.grouped("model").items():
            documents = self.env[model].search(
                [
                    ("user_id", "in", items.user_id.ids),
                    ("date_from", "in", list(set(items.mapped("document_start")))),
                    ("submitted_at", "!=", False),
                    ("state", "!=", "draft"),
                ]
            )
            self._fulfil(documents)

    # ------------------------------------------------------------
    # Business methods: judging
    # ------------------------------------------------------------

    def _judge(self, now=None):
        """Judge items by the rule, all in one update a batch; waived ones stay."""
        now = now or fields.Datetime.now()
        changed = []
        for item in self:
            if item.state != "waived":
                state = item._judgement(now).state
                if state != item.state:
                    changed.append((item.id, state))
        if not changed:
            return self.browse()
        ids, states = zip(*changed, strict=True)
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "UPDATE stm_duty_item item SET state = new.state, write_date = %(now)s"
                " FROM UNNEST(%(ids)s, %(states)s) new (id, state)"
                " WHERE item.id = new.id",
                ids=list(ids),
                states=list(states),
                now=fields.Datetime.now(),
            )
        )
        judged = self.browse(ids)
        judged.invalidate_recordset(["state"])
        judged._hold_rows()
        judged._count_consecutive()
        judged._judge_events()
        judged._tell_documents()
        return judged

    @api.model
    def _take(self, condition, limit, joins=None):
        """Lock items that are due, none of a row of periods that others work on.

        The first of the row stands for it and is locked first: what is passed over
        because of it stays free.

        :param condition: SQL on ``item`` and what ``joins`` adds
        """
        self.env.flush_all()
        ids = self.env.execute_query(
            SQL(
                """
                SELECT item.id
                  FROM stm_duty_item item %(joins)s
                  JOIN stm_duty_item head ON head.id = COALESCE((
                       SELECT first.id FROM stm_duty_item first
                        WHERE item.approval_id IS NULL AND item.about_user_id IS NULL
                          AND first.approval_id IS NULL AND first.about_user_id IS NULL
                          AND first.duty_key = item.duty_key
                          AND first.user_id = item.user_id
                          AND first.company_id = item.company_id
                        ORDER BY first.period_start LIMIT 1), item.id)
                 WHERE %(condition)s
                 ORDER BY item.id LIMIT %(limit)s
                   FOR UPDATE OF head, item SKIP LOCKED
                """,
                joins=joins or SQL(),
                condition=condition,
                limit=limit,
            )
        )
        return self.browse(id_ for (id_,) in ids)

    def _hold_rows(self):
        """Let nobody else judge items of the same rows of periods until we commit.

        A count looks at items that others judge at the same moment. So each writes
        the first item of the row, even though it stays the same: the second one is
        refused, and counts again with what the first one has found.
        """
        self.flush_model()
        rows = {(i.duty_key, i.user_id.id, i.company_id.id) for i in self}
        firsts = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (duty_key, user_id, company_id)
                       duty_key, user_id, company_id, id
                  FROM stm_duty_item
                 WHERE approval_id IS NULL AND about_user_id IS NULL
                   AND user_id = ANY(%(users)s) AND duty_key = ANY(%(keys)s)
                 ORDER BY duty_key, user_id, company_id, period_start
                """,
                users=self.user_id.ids,
                keys=list(set(self.mapped("duty_key"))),
            )
        )
        # By ids: see _count_consecutive.
        self.env.cr.execute(
            SQL(
                "UPDATE stm_duty_item SET consecutive = consecutive WHERE id = ANY(%s)",
                [id_ for *row, id_ in firsts if tuple(row) in rows],
            )
        )

    def _count_consecutive(self):
        """Count misses in a row again for the people of these items (WPL-17)."""
        if not self:
            return
        self.flush_model()
        recounted = self.env.execute_query(
            SQL(
                """
                WITH stretches AS (
                    SELECT *, COUNT(*) FILTER (
                               WHERE state IN ('on_time', 'excused', 'late')
                           ) OVER w AS stretch
                      FROM stm_duty_item
                     WHERE approval_id IS NULL AND about_user_id IS NULL
                       AND user_id = ANY(%(users)s) AND duty_key = ANY(%(keys)s)
                    WINDOW w AS (PARTITION BY duty_key, user_id, company_id
                                 ORDER BY period_start, id)
                ), counted AS (
                    SELECT id, consecutive,
                           CASE WHEN state = 'missing' THEN COUNT(*) FILTER (
                               WHERE state = 'missing'
                           ) OVER w ELSE 0 END AS misses
                      FROM stretches
                    WINDOW w AS (PARTITION BY duty_key, user_id, company_id, stretch
                                 ORDER BY period_start, id)
                )
                SELECT misses, ARRAY_AGG(id) FROM counted
                 WHERE consecutive IS DISTINCT FROM misses GROUP BY misses
                """,
                users=self.user_id.ids,
                keys=list(set(self.mapped("duty_key"))),
            )
        )
        # By ids, and not by a join with the window above: where the statistics take the
        # table for empty, as after a bulk load, the join compares every row with every
        # other one.
        for misses, ids in recounted:
            self.env.cr.execute(
                SQL(
                    "UPDATE stm_duty_item SET consecutive = %s WHERE id = ANY(%s)",
                    misses,
                    ids,
                )
            )
        self.invalidate_model(["consecutive", "deduction_factor"])
        items = self.browse(id_ for _misses, ids in recounted for id_ in ids)
        items.filtered(lambda i: i.event_id and i.state == "missing")._raise_events()

    # ------------------------------------------------------------
    # Business methods: events
    # ------------------------------------------------------------

    def _judge_events(self):
        """Late items are recorded at once; what is known follows the judgement."""
        steps = self.duty_id.sudo().step_ids.filtered(lambda s: s.action == "event")
        kept = self.filtered(
            lambda item: (
                item.state in ("late", "missing")
                and (
                    item.event_id
                    or (item.state == "late" and item.duty_id in steps.duty_id)
                )
            )
        )
        kept._raise_events()
        (self - kept)._withdraw_events()

    def _raise_events(self):
        """Record that these items came late or not at all (APP-12), each once."""
        if not self:
            return
        kinds = {
            step.duty_id: step.event_type_id
            for step in self.duty_id.sudo().step_ids
            if step.action == "event"
        }
        values = []
        for item in self:
            kind = item.event_id.type_id or kinds[item.duty_id]
            values.append(item._prepare_event(kind))
        events = self.env["stm.event"]._raise(values)
        by_item = {event.res_id: event.id for event in events}
        fresh = [
            (item.id, by_item[item.id])
            for item in self
            if not item.event_id and item.id in by_item
        ]
        if not fresh:
            return
        ids, event_ids = zip(*fresh, strict=True)
        self.env.cr.execute(
            SQL(
                "UPDATE stm_duty_item item SET event_id = new.event_id"
                " FROM UNNEST(%(ids)s, %(events)s) new (id, event_id)"
                " WHERE item.id = new.id",
                ids=list(ids),
                events=list(event_ids),
            )
        )
        self.browse(ids).invalidate_recordset(["event_id"])

    def _prepare_event(self, kind):
        """The event of an item: on the local day of its deadline."""
        self.ensure_one()
        user = self.user_id.sudo()
        local = self.with_context(tz=user._stm_tz(), lang=user.lang)
        due = fields.Datetime.context_timestamp(local, self.due_at)
        return {
            "key": self._event_key(),
            "type_id": kind.id,
            "user_id": user.id,
            "company_id": self.company_id.id,
            "date": due.date(),
            "factor": self.deduction_factor,
            "note": f"{local.duty_id.name}: {local.sentence}",
            "model": self._name,
            "res_id": self.id,
        }

    def _event_key(self):
        self.ensure_one()
        return f"duty:{self.id}"

    def _withdraw_events(self):
        """Take back what was recorded of items that are owed no more, or were done.

        The reason is what the item itself says in its person's language.
        """
        items = self.filtered("event_id")
        for sentence, same in items.grouped(
            lambda i: i.with_context(lang=i.user_id.sudo().lang).sentence
        ).items():
            self.env["stm.event"]._withdraw(
                [item._event_key() for item in same], sentence
            )

    @api.model
    def _record_missing(self, now, limit):
        """Record what was not handed in, each once, apart from who was told of it.

        :return: number of items that were recorded
        """
        items = self._take(
            SQL(
                """
                item.state = 'missing' AND item.event_id IS NULL
                AND CASE WHEN step.basis = 'last'
                         THEN COALESCE(item.exception_until, item.due_at)
                         ELSE item.due_at
                    END + step.hours * INTERVAL '1 hour' <= %s
                """,
                now,
            ),
            limit,
            SQL(
                """
                JOIN stm_duty_step step
                  ON step.duty_id = item.duty_id AND step.action = 'event'
                JOIN stm_duty duty
                  ON duty.id = item.duty_id AND duty.is_released
                JOIN stm_event_type kind
                  ON kind.id = step.event_type_id AND kind.active
                """
            ),
        )
        items._raise_events()
        return len(items)

    # ------------------------------------------------------------
    # Business methods: the ladder
    # ------------------------------------------------------------

    @api.model
    def _climb(self, now, limit):
        """Remind and escalate what is due; each rung of the ladder once.

        After a pause only the highest rung that was reached is taken.
        :return: number of items that took a rung
        """
        taken = 0
        steps = (
            self.env["stm.duty.step"]
            .sudo()
            .search(
                [("duty_id.is_released", "=", True), ("action", "!=", "event")],
                order="sequence desc, id desc",
            )
        )
        for step in steps:
            basis = (
                "COALESCE(item.exception_until, item.due_at)"
                if step.basis == "last"
                else "item.due_at"
            )
            items = self._take(
                SQL(
                    "item.duty_id = %s AND item.ladder < %s"
                    " AND item.state IN ('open', 'missing')"
                    " AND item.submitted_at IS NULL AND %s <= %s",
                    step.duty_id.id,
                    step.sequence,
                    SQL(basis),
                    now - timedelta(hours=step.hours),
                ),
                limit - taken,
            )
            items._take_step(step)
            taken += len(items)
            if taken >= limit:
                break
        return taken

    def _take_step(self, step):
        if not self:
            return
        self.write({"ladder": step.sequence})
        activity = self.env.ref("sales_team_mgmt.mail_activity_duty")
        model_id = self.env["ir.model"]._get_id(self._name)
        receivers = self._receivers(step)
        stand_ins = self.env["stm.substitution"]._stand_ins_of(
            self.env["res.users"].union(*receivers.values())
        )
        values = []
        for item, superior in receivers.items():
            # A leader on leave is told nothing, the stand-in is.
            receiver = stand_ins.get(superior, superior)
            if step.action == "remind" or receiver == item.user_id:
                receiver = superior
            localized = item.with_context(lang=receiver.lang)
            summary = localized.duty_id.name
            if step.action == "escalate":
                summary = localized.env._(
                    "%(person)s owes: %(duty)s",
                    person=item.user_id.name,
                    duty=localized.duty_id.name,
                )
            values.append(
                {
                    "res_model_id": model_id,
                    "res_id": item.id,
                    "activity_type_id": activity.id,
                    "automated": True,
                    "user_id": receiver.id,
                    "date_deadline": item.due_at.date(),
                    "summary": summary,
                }
            )
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            values
        )

    def _receivers(self, step):
        """{item: whom the step tells}; nobody stands above some people."""
        if step.action == "remind":
            return {item: item.user_id for item in self}
        chains = {item: item.team_id._stm_superiors(item.user_id) for item in self}
        return {
            item: chain[: step.level][-1][0] for item, chain in chains.items() if chain
        }

    def _clear_activities(self):
        self.sudo().activity_unlink(
            ["sales_team_mgmt.mail_activity_duty"], only_automated=True
        )

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_run(self, batch_size=5000):
        """Open what is owed, judge what is over, remind and escalate; repeatable."""
        now = fields.Datetime.now()
        cron = self.env["ir.cron"]

        def next_step():
            # The first that finds something: what another worker held while we were at
            # the later ones is looked for again.
            items = self._take_over(now, batch_size)
            items._judge(now)
            return (
                len(items)
                or self._record_missing(now, batch_size)
                or self._climb(now, batch_size)
            )

        cron._stm_do(lambda: self._open_and_follow(now))
        if cron._stm_do_all(next_step):
            cron._stm_finish()

    @api.model
    def _open_and_follow(self, now):
        """Open what is owed by now; what is open follows who left and who leads.

        :return: number of items that were opened
        """
        opened = self.browse()
        # The day of whoever lives furthest east and furthest west.
        for day in sorted({(now + timedelta(hours=h)).date() for h in (-12, 0, 14)}):
            opened |= self._open_for_day(day)
        opened._link_documents()
        self._drop_leavers(now)
        # What is missing stays with whoever let the day pass.
        self.search(
            [("state", "=", "open"), ("about_user_id", "!=", False)]
        )._follow_leaders()
        return len(opened)

    @api.model
    def _take_over(self, now, limit):
        """Open items whose time is over and that no other worker judges right now."""
        return self._take(
            SQL(
                "item.state = 'open' AND item.due_at < %(now)s"
                " AND COALESCE(item.exception_until, item.due_at) < %(now)s",
                now=now,
            ),
            limit,
        )

    @api.model
    def _drop_leavers(self, now):
        """Who left, or moved out of reach of a duty, owes nothing from then on."""
        items = self.search(
            [
                ("state", "=", "open"),
                ("approval_id", "=", False),
                ("about_user_id", "=", False),
                ("submitted_at", "=", False),
                ("due_at", ">=", now),
            ]
        )
        gone = self.browse()
        for (duty, company, start), same in items.grouped(
            lambda item: (item.duty_id, item.company_id, item.period_start)
        ).items():
            owners = duty._owners(company, duty._due_day(company, start))
            people = {user.id for user, _team in owners}
            gone |= same.filtered(lambda i, people=people: i.user_id.id not in people)
        gone.unlink()
