import math
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import (
    AccessError,
    ConcurrencyError,
    UserError,
    ValidationError,
)
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date, formatLang

EVENT_STATES = [
    ("proposed", "To Decide"),
    ("confirmed", "Confirmed"),
    ("dismissed", "Dismissed"),
]

TRANSITIONS = {
    "proposed": {"confirmed", "dismissed"},
    "confirmed": {"dismissed"},
    "dismissed": set(),
}

# Roles that record what they learn about anybody in the company.
RAISING_GROUPS = (
    "sales_team_mgmt.group_hr",
    "sales_team_mgmt.group_department_manager",
    "sales_team_mgmt.group_general_manager",
)

# What the system keeps in step as long as nobody has decided.
FOLLOWED = {
    "quantity": "numeric",
    "amount": "numeric",
    "factor": "float8",
    "note": "text",
}


class Fact(NamedTuple):
    """A confirmed event as appraisals count it (APP-12)."""

    id: int
    quantity: Decimal
    amount: Decimal
    factor: Decimal


class StmEvent(models.Model):
    """A dated fact about a person that counts in the appraisal (APP-12, APP-15).

    Documents raise it by themselves, leaders and HR by hand. It is proposed, then
    confirmed or dismissed by whoever leads the person; only confirmed ones count, and
    only those are shown to the person.
    """

    _name = "stm.event"
    _description = "Event"
    _inherit = ["stm.document.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["user_id.name", "type_id.name", "note"]

    _stm_area = "appraisal"
    # `_check_may_raise` says who records it.
    _stm_about_others = True
    _stm_system_fields = frozenset(
        {
            "factor",
            "model",
            "res_id",
            "key",
            "origin",
            "state",
            "decided_by_id",
            "decided_at",
            "dismiss_reason",
        }
    )

    user_id = fields.Many2one(string="Person", default=lambda self: False)
    date = fields.Date(
        required=True, default=fields.Date.context_today, copy=False, tracking=True
    )
    type_id = fields.Many2one(
        "stm.event.type",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    uses_quantity = fields.Boolean(related="type_id.uses_quantity")
    uses_amount = fields.Boolean(related="type_id.uses_amount")
    quantity = fields.Float(
        required=True,
        default=1.0,
        digits=(16, 2),
        tracking=True,
        help="How many times it happened, or how many of the thing.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(tracking=True, help="Money that was lost, for example.")
    factor = fields.Float(
        string="Weighs",
        required=True,
        default=1.0,
        readonly=True,
        copy=False,
        aggregator=None,
        help="How many times it counts: misses in a row weigh more (WPL-17).",
    )
    note = fields.Text(string="What Happened", tracking=True)
    model = fields.Char(string="Source Model", readonly=True, copy=False)
    res_id = fields.Many2oneReference(
        string="Source", model_field="model", readonly=True, copy=False, aggregator=None
    )
    key = fields.Char(
        readonly=True, copy=False, help="What raised it; nothing is recorded twice."
    )
    origin = fields.Selection(
        [("hand", "By Hand"), ("system", "By the System")],
        string="Recorded",
        required=True,
        default="hand",
        readonly=True,
        copy=False,
    )
    state = fields.Selection(
        EVENT_STATES,
        string="Status",
        required=True,
        default="proposed",
        readonly=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    decided_by_id = fields.Many2one(
        "res.users", string="Decided by", readonly=True, copy=False, tracking=True
    )
    decided_at = fields.Datetime(string="Decided on", readonly=True, copy=False)
    dismiss_reason = fields.Char(
        string="Why It Does Not Count", readonly=True, copy=False, tracking=True
    )
    sentence = fields.Char(string="Explanation", compute="_compute_sentence")
    can_confirm = fields.Boolean(
        compute="_compute_can_decide", search="_search_can_confirm"
    )
    can_dismiss = fields.Boolean(compute="_compute_can_decide")
    can_edit = fields.Boolean(compute="_compute_can_edit")

    # NaN and infinity are greater than every number to the database.
    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0 AND quantity < 1000000000)",
        "The quantity of an event is greater than zero.",
    )
    _amount_positive = models.Constraint(
        "CHECK (amount >= 0 AND amount < 1000000000000000)",
        "The amount of an event cannot be negative.",
    )
    _factor_positive = models.Constraint(
        "CHECK (factor > 0 AND factor < 1000)",
        "An event weighs more than nothing.",
    )
    _reason_given = models.Constraint(
        "CHECK (state <> 'dismissed' OR dismiss_reason IS NOT NULL)",
        "Write down why the event does not count.",
    )
    _key_uniq = models.UniqueIndex(
        "(key) WHERE key IS NOT NULL", "This event is recorded already."
    )
    _order_idx = models.Index("(date DESC, id DESC)")
    _person_idx = models.Index("(user_id, company_id, date)")
    _proposed_idx = models.Index("(company_id, user_id) WHERE state = 'proposed'")
    _source_idx = models.Index("(model, res_id) WHERE model IS NOT NULL")

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.depends("type_id", "user_id")
    def _compute_display_name(self):
        for event in self:
            parts = [event.type_id.name, event.user_id.name]
            event.display_name = " – ".join(filter(None, parts))

    @api.depends(
        "type_id",
        "date",
        "quantity",
        "amount",
        "factor",
        "state",
        "decided_by_id",
        "dismiss_reason",
    )
    def _compute_sentence(self):
        for event in self:
            event.sentence = " ".join(event._sentences()) if event.type_id else False

    @api.depends("state", "user_id", "date", "company_id")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        events = self._origin._stm_in_open_periods()
        cannot_confirm = events._get_cannot_decide_reasons("confirmed")
        cannot_dismiss = events._get_cannot_decide_reasons("dismissed")
        for event in self:
            origin = event._origin
            event.can_confirm = origin in events and origin not in cannot_confirm
            event.can_dismiss = origin in events and origin not in cannot_dismiss

    @api.model
    def _search_can_confirm(self, operator, value):
        """Proposed events of the people whom the current user leads."""
        if operator != "in":
            return NotImplemented
        groups = self.sudo()._read_group(
            [("state", "=", "proposed")], ["company_id"], ["user_id:recordset"]
        )
        return Domain.OR(
            Domain("state", "=", "proposed")
            & Domain("company_id", "=", company.id)
            & Domain("user_id", "in", self._people_decided_on(people, company).ids)
            for company, people in groups
        )

    @api.depends("state", "user_id", "company_id")
    @api.depends_context("uid")
    def _compute_can_edit(self):
        """What the form lets one type in; the server asks again."""
        editable = self._origin._editable()
        for event in self:
            event.can_edit = not event._origin or event._origin in editable

    @api.constrains("quantity", "amount", "type_id")
    def _check_measures(self):
        """A type that does not ask for a figure has none."""
        for event in self:
            kind = event.type_id
            if not kind.uses_quantity and event.quantity != 1:
                raise ValidationError(
                    self.env._(
                        "“%(type)s” is recorded one by one. Record each of them, or"
                        " choose a type that asks how many.",
                        type=kind.name,
                    )
                )
            if not kind.uses_amount and event.amount:
                raise ValidationError(
                    self.env._(
                        "“%(type)s” has no amount. Leave it empty, or choose a type"
                        " that asks for one.",
                        type=kind.name,
                    )
                )

    def _sentences(self):
        """The event in words: what, how much, and what became of it."""
        self.ensure_one()
        kind, env = self.type_id, self.env
        sentences = [
            env._(
                "%(type)s on %(day)s.",
                type=kind.name,
                day=format_date(env, self.date) if self.date else "",
            )
        ]
        if kind.uses_quantity:
            sentences.append(env._("Quantity %s.", formatLang(env, self.quantity)))
        if kind.uses_amount:
            amount = format_amount(env, self.amount, self.currency_id)
            sentences.append(env._("Amount %s.", amount))
        if self.factor != 1:
            sentences.append(env._("Counts %s times.", f"{self.factor:g}"))
        if self.state == "proposed":
            sentences.append(env._("Waits for a leader to confirm or dismiss it."))
        elif self.state == "dismissed":
            values = {
                "person": self.decided_by_id.name,
                "reason": self.dismiss_reason or "",
            }
            if self.decided_by_id:
                text = env._("Dismissed by %(person)s: %(reason)s", **values)
            else:
                text = env._("Does not count any more: %(reason)s", **values)
            sentences.append(text)
        elif self.decided_by_id:
            sentences.append(env._("Confirmed by %s.", self.decided_by_id.name))
        else:
            sentences.append(env._("Counts without a decision."))
        return sentences

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_numbers(vals)
        events = super().create(vals_list)
        if not self.env.su:
            events._check_may_raise()
            events._check_content()
            events._count_at_once()
            events.sudo()._ask()
        return events

    def write(self, vals):
        self._check_numbers(vals)
        result = super().write(vals)
        if not self.env.su and self._stm_touches_content(vals):
            if vals.keys() & {"user_id", "company_id"}:
                self._check_may_raise()
            self._check_content()
        if vals.keys() & {"user_id", "team_id"}:
            # Somebody else decides now.
            self.sudo()._ask()
        return result

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Nobody follows an event: followers would be told what is not decided yet."""
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_except_own_proposal(self):
        """What somebody else recorded is dismissed with a reason, not deleted."""
        if self.env.su:
            return
        for event in self:
            if event.origin != "hand" or event.sudo().create_uid != self.env.user:
                raise UserError(
                    self.env._(
                        "“%s” was not recorded by you. Dismiss it with a reason"
                        " instead of deleting it.",
                        event.display_name,
                    )
                )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_confirm(self):
        """Let proposed events count; whoever leads the people decides."""
        self._check_can_decide("confirmed")
        self._decide("confirmed")
        return True

    def action_dismiss(self, reason=""):
        """Let events not count, with a reason; without one, ask for it."""
        self._check_can_decide("dismissed")
        if not isinstance(reason, str) or not reason.strip():
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Dismiss Events"),
                "res_model": "stm.event.dismiss",
                "view_mode": "form",
                "target": "new",
                "context": {"default_event_ids": self.ids},
            }
        self._decide("dismissed", reason.strip())
        return True

    def action_open_source(self):
        """Open the document that raised the event, if one may read it."""
        self.ensure_one()
        self.check_access("read")
        if not self.model or self.model not in self.env:
            raise UserError(self.env._("This event was recorded by hand."))
        source = self.env[self.model].browse(self.res_id)
        if not source.exists():
            raise UserError(self.env._("The document it came from was deleted."))
        return self._stm_open_document(source)

    # ------------------------------------------------------------
    # Business methods: who may
    # ------------------------------------------------------------

    @api.model
    def _stm_open_domain(self):
        """What is not decided yet follows its person to the new leader."""
        return Domain("state", "=", "proposed")

    def _stm_check_owner(self):
        """The system records what happened even if its person is in no team."""
        events = self.browse() if self.env.su else self
        return super(StmEvent, events)._stm_check_owner()

    @api.model
    def _people_led(self, people, company):
        """Those of ``people`` whom the current user leads today in ``company``."""
        Access = self.env["stm.access"]
        return Access._stm_people_led_by(self.env.user, people.sudo(), company)

    @api.model
    def _people_decided_on(self, people, company):
        """Those of ``people`` on whose events the current user decides.

        They are led by the user; nobody leads the head of the department, so that
        the general manager decides there. Nobody decides on own events.
        """
        me = self.env.user
        others = people.sudo() - me
        found = self._people_led(others, company)
        if me.has_group("sales_team_mgmt.group_general_manager"):
            today = fields.Date.context_today(self)
            teams = self.env["crm.team.member"]._stm_teams_of(others, today, company)
            none = self.env["crm.team"]
            found |= others.filtered(
                lambda user: not teams.get(user, none).sudo()._stm_superiors(user)
            )
        return found

    def _get_cannot_decide_reasons(self, target="confirmed"):
        """{event: sentence} why the current user cannot confirm or dismiss it."""
        me = self.env.user
        sudo = self.sudo()
        mine = {
            company: self._people_decided_on(events.user_id, company)
            for company, events in sudo.grouped("company_id").items()
        }
        states = dict(self._fields["state"]._description_selection(self.env))
        reasons = {}
        for event, known in zip(self, sudo, strict=True):
            if known.user_id == me:
                reasons[event] = self.env._(
                    "You cannot decide on “%(event)s” yourself, because it is about"
                    " you.",
                    event=known.display_name,
                )
            elif known.user_id not in mine[known.company_id]:
                reasons[event] = self.env._(
                    "Only somebody who leads %(person)s today can decide on"
                    " “%(event)s”.",
                    person=known.user_id.name,
                    event=known.display_name,
                )
            elif target not in TRANSITIONS[known.state]:
                reasons[event] = self.env._(
                    "“%(event)s” is decided already: %(state)s.",
                    event=known.display_name,
                    state=states[known.state],
                )
        return reasons

    def _check_can_decide(self, target):
        self.check_access("read")
        for reason in self._get_cannot_decide_reasons(target).values():
            raise UserError(reason)
        self._stm_check_period()

    def _check_may_raise(self):
        """Leaders record events of their people, HR and managers of everybody."""
        me = self.env.user
        everybody = any(me.has_group(group) for group in RAISING_GROUPS)
        for company, events in self.sudo().grouped("company_id").items():
            if me in events.user_id:
                raise AccessError(
                    self.env._("Nobody records events about oneself. Ask your leader.")
                )
            others = events.user_id
            if not everybody and others - self._people_led(others, company):
                raise AccessError(
                    self.env._(
                        "Only somebody who leads %(people)s today, HR or a department"
                        " manager can record this.",
                        people=(others - self._people_led(others, company)).mapped(
                            "name"
                        ),
                    )
                )

    @api.model
    def _check_numbers(self, vals):
        """What the ORM could not even round is refused with a sentence."""
        for name in ("quantity", "amount"):
            try:
                finite = math.isfinite(float(vals.get(name) or 0))
            except (TypeError, ValueError):
                finite = False
            if not finite:
                raise UserError(
                    self.env._(
                        "“%s” is a number.",
                        self._fields[name]._description_string(self.env),
                    )
                )

    def _check_content(self):
        """What is recorded by hand says what happened, and when."""
        today = fields.Date.context_today(self)
        for event in self:
            if event.origin == "hand" and not (event.note or "").strip():
                raise UserError(self.env._("Write down what happened."))
            if event.date > max(today, event.user_id._stm_today()):
                raise UserError(
                    self.env._(
                        "%(day)s has not come yet. Record an event when it has"
                        " happened.",
                        day=format_date(self.env, event.date),
                    )
                )
            if not event.type_id.active:
                raise UserError(
                    self.env._(
                        "“%s” is archived. Choose another type.", event.type_id.name
                    )
                )
            if event.uses_amount and not event.amount:
                raise UserError(
                    self.env._("Enter the amount of “%s”.", event.type_id.name)
                )

    def _editable(self):
        """Those that the current user may change now: not decided, own or led."""
        sudo = self.sudo().filtered(lambda event: event.state == "proposed")
        me = self.env.user
        found = self.browse()
        for company, events in sudo.grouped("company_id").items():
            led = self._people_decided_on(events.user_id, company)
            found |= events.filtered(
                lambda event, led=led: (
                    event.user_id != me
                    and (
                        event.user_id in led
                        or (event.origin == "hand" and event.create_uid == me)
                    )
                )
            )
        return found.with_env(self.env)

    def _stm_check_editable(self, vals):
        super()._stm_check_editable(vals)
        if self.env.su:
            return
        editable = self._editable()
        for event in self:
            if event.state != "proposed":
                raise UserError(
                    self.env._(
                        "“%s” is decided and cannot be changed any more.",
                        event.display_name,
                    )
                )
            if event not in editable:
                raise AccessError(
                    self.env._(
                        "Only who recorded “%(event)s” and the leader of %(person)s"
                        " can change it.",
                        event=event.display_name,
                        person=event.user_id.name,
                    )
                )

    # ------------------------------------------------------------
    # Business methods: deciding
    # ------------------------------------------------------------

    def _decide(self, state, reason=False, by_system=False):
        """Set the outcome of events whose rights were checked, and end the asking."""
        if not self:
            return
        self.sudo().write(
            {
                "state": state,
                "decided_by_id": not by_system and self.env.uid,
                "decided_at": fields.Datetime.now(),
                "dismiss_reason": reason,
            }
        )
        self._clear_activities()
        self.env["stm.appraisal"].sudo()._follow_events(self.sudo())

    def _count_at_once(self):
        """Types that need no decision count at once when the leader records them."""
        events = self.filtered(lambda e: e.type_id.confirmation == "auto")
        cannot = events._get_cannot_decide_reasons("confirmed")
        events.filtered(lambda e: e not in cannot)._decide("confirmed")

    def _clear_activities(self):
        self.sudo().activity_unlink(
            ["sales_team_mgmt.mail_activity_decide"], only_automated=True
        )

    def _ask(self):
        """Put proposed events on the list of activities of the leaders, in one batch.

        A leader on leave is asked nothing, the stand-in is; who recorded the event by
        hand knows of it.
        """
        events = self.filtered(lambda event: event.state == "proposed")
        if not events:
            return
        events._clear_activities()
        leaders = {}
        for event in events:
            chain = event.team_id._stm_superiors(event.user_id)
            if chain:
                leaders[event] = chain[0][0]
        people = self.env["res.users"].union(*leaders.values())
        stand_ins = self.env["stm.substitution"]._stand_ins_of(people)
        activity = self.env.ref("sales_team_mgmt.mail_activity_decide")
        model_id = self.env["ir.model"]._get_id(self._name)
        values = []
        for event, leader in leaders.items():
            receiver = stand_ins.get(leader, leader)
            if receiver == event.user_id:
                receiver = leader
            if event.origin == "hand" and event.create_uid == receiver:
                continue
            localized = event.with_context(lang=receiver.lang)
            values.append(
                {
                    "res_model_id": model_id,
                    "res_id": event.id,
                    "activity_type_id": activity.id,
                    "automated": True,
                    "user_id": receiver.id,
                    "date_deadline": fields.Date.context_today(self),
                    "summary": f"{event.user_id.name}: {localized.type_id.name}",
                }
            )
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            values
        )

    # ------------------------------------------------------------
    # Business methods: what other documents ask
    # ------------------------------------------------------------

    @api.model
    def _raise(self, vals_list):
        """Record events of documents, each key once; repeatable.

        What nobody has decided follows the document: proposed events, those that
        counted at once and those that were withdrawn. What somebody has decided
        stays. A day of a closed period moves to the first open month.

        :param vals_list: dicts with ``key``, ``user_id``, ``company_id``, ``date``
            and ``type`` (code) or ``type_id``; if wanted ``quantity``, ``amount``,
            ``factor``, ``note``, ``model`` and ``res_id``
        :return: the events, in no order; none for types that are archived
        """
        Event = self._stm_system()
        wanted = Event._prepare_raised(vals_list)
        if not wanted:
            return self.browse()
        known = {
            event.key: event for event in Event.search([("key", "in", list(wanted))])
        }
        moved = Event._move_to_open_period(wanted)
        Event._follow(known, wanted, moved)
        now = fields.Datetime.now()
        values = [
            {
                **vals,
                "origin": "system",
                **Event._prepare_outcome(vals["type_id"], now),
            }
            for key, vals in wanted.items()
            if key not in known
        ]
        try:
            created = Event.create(values)
        except UniqueViolation as error:
            if error.diag.constraint_name != "stm_event_key_uniq":
                raise
            # Recorded by another transaction after our snapshot: once more, then we
            # see it and follow.
            raise ConcurrencyError(str(error)) from error
        created._ask()
        counted = created.filtered(lambda event: event.state == "confirmed")
        Event.env["stm.appraisal"]._follow_events(counted)
        return (Event.union(*known.values()) | created).with_env(self.env)

    @api.model
    def _prepare_raised(self, vals_list):
        """{key: values} with the type of each; archived types are recorded no more."""
        codes = {vals["type"] for vals in vals_list if "type" in vals}
        ids = {vals["type_id"] for vals in vals_list if "type_id" in vals}
        kinds = (
            self.env["stm.event.type"]
            .with_context(active_test=False)
            .search(Domain("code", "in", list(codes)) | Domain("id", "in", list(ids)))
        )
        by_code = {kind.code: kind for kind in kinds}
        if unknown := codes - by_code.keys():
            raise ValueError(f"unknown event types: {sorted(unknown)}")
        active = set(kinds.filtered("active").ids)
        wanted = {}
        for vals in vals_list:
            values = {name: value for name, value in vals.items() if name != "type"}
            if "type" in vals:
                values["type_id"] = by_code[vals["type"]].id
            values["date"] = fields.Date.to_date(values["date"])
            kind = self.env["stm.event.type"].browse(values["type_id"])
            # The catalogue says what counts, whatever the document knows.
            if not kind.uses_quantity:
                values["quantity"] = 1.0
            if not kind.uses_amount:
                values["amount"] = 0.0
            if kind.id in active:
                wanted[values["key"]] = values
        return wanted

    @api.model
    def _prepare_outcome(self, type_id, now):
        kind = self.env["stm.event.type"].browse(type_id)
        if kind.confirmation == "auto":
            return {"state": "confirmed", "decided_at": now}
        return {"state": "proposed", "decided_at": False}

    @api.model
    def _move_to_open_period(self, wanted):
        """Give values that fall on closed days the first day of the next open month.

        The team is still the one of the day on which it happened.

        :param wanted: {key: values}, changed in place
        :return: keys of the values that were moved
        """
        Company = self.env["res.company"]
        Closing = self.env["stm.period.closing"]
        closed = Closing._closed_days(
            self._stm_area,
            [(Company.browse(v["company_id"]), v["date"]) for v in wanted.values()],
        )
        if not closed:
            return set()
        keys = {k for k, v in wanted.items() if (v["company_id"], v["date"]) in closed}
        late = [wanted[key] for key in keys]
        closings = Closing.search(
            [
                ("area", "=", self._stm_area),
                ("company_id", "in", list({v["company_id"] for v in late})),
                ("date_to", ">=", min(v["date"] for v in late)),
            ]
        )
        spans = defaultdict(list)
        for closing in closings:
            spans[closing.company_id.id].append((closing.date_from, closing.date_to))
        people = defaultdict(self.env["res.users"].browse)
        for vals in late:
            key = vals["company_id"], vals["date"]
            people[key] |= self.env["res.users"].browse(vals["user_id"])
        teams = {
            (company, day): self.env["crm.team.member"]._stm_teams_of(
                users, day, Company.browse(company)
            )
            for (company, day), users in people.items()
        }
        for vals in late:
            company, happened = vals["company_id"], vals["date"]
            day = happened
            while any(start <= day <= end for start, end in spans[company]):
                day = day.replace(day=1) + timedelta(days=31)
                day = day.replace(day=1)
            user = self.env["res.users"].browse(vals["user_id"])
            team = teams[company, happened].get(user)
            moved = self.env._(
                "Happened on %(day)s, in a period that is closed.",
                day=format_date(self.env, happened),
            )
            vals["date"] = day
            vals["team_id"] = team.id if team else False
            vals["note"] = "\n".join(filter(None, [vals.get("note"), moved]))
        return keys

    def _untouched(self):
        """Those on which no person has decided, and whose period is open."""
        events = self.filtered(lambda e: e.state == "proposed" or not e.decided_by_id)
        return events._stm_in_open_periods()

    @api.model
    def _follow(self, known, wanted, moved):
        """Bring events that nobody has decided in line with their documents.

        :param known: {key: event}
        :param wanted: {key: values}
        :param moved: keys of values whose own day is closed: the event keeps its day
        """
        now = fields.Datetime.now()
        rows, days = [], {}
        again = self.browse()
        for event in self.union(*known.values())._untouched():
            vals = wanted[event.key]
            row = [vals.get(name, event[name]) for name in FOLLOWED]
            if row != [event[name] for name in FOLLOWED]:
                rows.append((event.id, *row))
            if vals["date"] != event.date and event.key not in moved:
                days[event] = vals["date"]
            if event.state == "dismissed":
                again |= event
        if rows:
            self._update_followed(rows)
        for kind, events in again.grouped("type_id").items():
            events.write(
                {"dismiss_reason": False, **self._prepare_outcome(kind.id, now)}
            )
        again._ask()
        for event, day in days.items():
            event.date = day

    @api.model
    def _update_followed(self, rows):
        """Write changed figures and notes of events in one statement."""
        self.flush_model()
        ids, *columns = zip(*rows, strict=True)
        arrays = SQL(", ").join(
            SQL("%s::%s[]", list(column), SQL(kind))
            for column, kind in zip(columns, FOLLOWED.values(), strict=True)
        )
        names = SQL(", ").join(map(SQL.identifier, FOLLOWED))
        self.env.cr.execute(
            SQL(
                "UPDATE stm_event SET (%(names)s, write_date) ="
                " (SELECT %(news)s, %(now)s) FROM UNNEST(%(ids)s, %(arrays)s)"
                " new (id, %(names)s) WHERE stm_event.id = new.id",
                names=names,
                news=SQL(", ").join(SQL.identifier("new", name) for name in FOLLOWED),
                now=fields.Datetime.now(),
                ids=list(ids),
                arrays=arrays,
            )
        )
        self.browse(ids).invalidate_recordset([*FOLLOWED, "sentence"])

    @api.model
    def _withdraw(self, keys, reason):
        """What raised these events is gone: they count no more, with the reason.

        Those of a closed period stay as they are.
        """
        events = self._stm_system().search(
            [("key", "in", list(keys)), ("state", "!=", "dismissed")]
        )
        events = events._stm_in_open_periods()
        events._decide("dismissed", reason, by_system=True)
        return events.with_env(self.env)

    @api.model
    def _facts(self, users, company, date_from, date_to, types=None):
        """Confirmed events of people in a stretch of days, in one query.

        :param types: event types, None for all of them
        :return: ``{(user id, type id): [Fact, …]}`` in the order of time
        """
        domain = self._span_domain(users, company, date_from, date_to, "confirmed")
        if types is not None:
            domain &= Domain("type_id", "in", types.ids)
        facts = defaultdict(list)
        names = ["user_id", "type_id", "quantity", "amount", "factor"]
        for event in self.sudo().search_fetch(domain, names, order="date, id"):
            facts[event.user_id.id, event.type_id.id].append(
                Fact(
                    event.id,
                    *(Decimal(str(event[name])) for name in names[2:]),
                )
            )
        return dict(facts)

    @api.model
    def _undecided(self, users, company, date_from, date_to):
        """``{user id: number}`` of events that still wait for a decision."""
        groups = self.sudo()._read_group(
            self._span_domain(users, company, date_from, date_to, "proposed"),
            ["user_id"],
            ["__count"],
        )
        return {user.id: count for user, count in groups}

    @api.model
    def _span_domain(self, users, company, date_from, date_to, state):
        return (
            Domain("user_id", "in", users.ids)
            & Domain("company_id", "=", company.id)
            & Domain("date", ">=", date_from)
            & Domain("date", "<=", date_to)
            & Domain("state", "=", state)
        )
