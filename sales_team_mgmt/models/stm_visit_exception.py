from psycopg2.errors import UniqueViolation

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

EXCEPTION_KINDS = [
    ("outside", "Away from the Customer"),
    ("unverified", "Position Not Verified"),
    ("clock", "Clock of the Phone"),
    ("no_notice", "Without Notice"),
    ("out_of_region", "Outside the Region"),
    ("same_photo", "Same Photo Twice"),
    ("too_close", "Check-ins too Close"),
    ("impossible", "Impossible Distance"),
    ("long_stay", "Check-out Forgotten"),
    ("empty_trip", "Trip without Visits"),
]

EXCEPTION_STATES = [
    ("open", "Open"),
    ("accepted", "Accepted"),
    ("rejected", "Rejected"),
]


# Days before today that the cron looks at once more.
DAYS_LOOKED_AT = 31
# Exceptions that are announced in one transaction.
ANNOUNCED_AT_ONCE = 1000


class StmVisitException(models.Model):
    """Something about the visits of a person that the leader should look at (VIS-09).

    Raised by the system, once a key. The leader accepts it, asks the person, has the
    visit checked, or rejects it; the person concerned answers and never decides.
    """

    _name = "stm.visit.exception"
    _description = "Visit Exception"
    _inherit = ["stm.document.mixin", "mail.thread", "stm.digest.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["user_id.name", "visit_id.partner_id.name", "note"]

    # Looking at it changes no figure: nothing closes it.
    _stm_area = None
    _stm_system_fields = frozenset(
        {
            "kind",
            "key",
            "visit_id",
            "order_id",
            "slip_id",
            "date",
            "note",
            "state",
            "question",
            "asked_at",
            "answered_at",
            "comment",
            "decided_by_id",
            "decided_at",
            "to_announce",
        }
    )

    user_id = fields.Many2one(readonly=True, default=lambda self: False)
    kind = fields.Selection(EXCEPTION_KINDS, required=True, readonly=True)
    key = fields.Char(
        required=True, readonly=True, copy=False, help="Nothing is raised twice."
    )
    date = fields.Date(required=True, readonly=True)
    visit_id = fields.Many2one(
        "stm.visit", index="btree_not_null", readonly=True, ondelete="cascade"
    )
    order_id = fields.Many2one(
        "sale.order", index="btree_not_null", readonly=True, ondelete="cascade"
    )
    slip_id = fields.Many2one(
        "stm.visit.slip", index="btree_not_null", readonly=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", compute="_compute_partner_id"
    )
    visit_reason = fields.Char(string="Reason Given", related="visit_id.verdict_reason")
    note = fields.Char(string="What Is Odd", required=True, readonly=True)
    state = fields.Selection(
        EXCEPTION_STATES,
        string="Status",
        required=True,
        default="open",
        readonly=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    question = fields.Char(readonly=True, copy=False, tracking=True)
    asked_at = fields.Datetime(string="Asked on", readonly=True, copy=False)
    answer = fields.Text(string="Answer of the Person", copy=False, tracking=True)
    answered_at = fields.Datetime(string="Answered on", readonly=True, copy=False)
    comment = fields.Char(string="Why", readonly=True, copy=False, tracking=True)
    decided_by_id = fields.Many2one(
        "res.users", string="Decided by", readonly=True, copy=False, tracking=True
    )
    decided_at = fields.Datetime(string="Decided on", readonly=True, copy=False)
    to_announce = fields.Boolean(
        default=True,
        readonly=True,
        copy=False,
        help="Whoever has to look at it has not been told yet.",
    )
    can_decide = fields.Boolean(
        compute="_compute_can_decide", search="_search_can_decide"
    )
    can_answer = fields.Boolean(compute="_compute_can_decide")

    _key_uniq = models.UniqueIndex("(key)", "This exception is raised already.")
    _list_idx = models.Index("(date DESC, id DESC)")
    _person_idx = models.Index("(user_id, company_id, date)")
    _open_idx = models.Index("(company_id, user_id) WHERE state = 'open'")
    _announce_idx = models.Index("(id) WHERE to_announce IS TRUE")

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends("visit_id")
    def _compute_team_id(self):
        """That of the visit: of the same person on the same day, and known already."""
        about_visits = self.filtered("visit_id")
        for exception in about_visits:
            exception.team_id = exception.visit_id.team_id
        return super(StmVisitException, self - about_visits)._compute_team_id()

    @api.depends("kind", "user_id", "date")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for exception in self:
            day = exception.date and format_date(self.env, exception.date)
            parts = [kinds.get(exception.kind), exception.user_id.name, day]
            exception.display_name = " – ".join(filter(None, parts))

    @api.depends("visit_id.partner_id", "order_id.partner_id")
    def _compute_partner_id(self):
        """The customer, for whoever may read the exception."""
        for exception in self.sudo():
            exception.partner_id = (
                exception.visit_id.partner_id or exception.order_id.partner_id
            )

    @api.depends("state", "user_id", "company_id", "asked_at")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        cannot = self._origin._get_cannot_decide_reasons()
        for exception in self:
            origin = exception._origin
            exception.can_decide = bool(origin) and origin not in cannot
            exception.can_answer = (
                exception.state == "open" and exception.user_id == self.env.user
            )

    @api.model
    def _search_can_decide(self, operator, value):
        """Open ones of the people whom the current user leads."""
        if operator != "in":
            return NotImplemented
        is_open = self._stm_waiting_domain()
        groups = self.sudo()._read_group(is_open, ["company_id"], ["user_id:recordset"])
        Event = self.env["stm.event"]
        return is_open & Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("user_id", "in", Event._people_decided_on(people, company).ids)
            for company, people in groups
        )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(
                self.env._("Exceptions are raised by the system, nobody enters them.")
            )
        return super().create(vals_list)

    def write(self, vals):
        if "answer" in vals and not self.env.su:
            self._stm_check_editable(vals)
            result = super().write(vals)
            self.sudo().answered_at = fields.Datetime.now()
            self.sudo()._stm_announce()
            return result
        result = super().write(vals)
        if vals.keys() & {"team_id", "user_id"}:
            # Somebody else has to look now.
            self.sudo()._stm_settle()
            self.sudo()._stm_announce()
        return result

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_accept(self, comment=""):
        """What looked odd is all right."""
        self._check_can_decide()
        self._decide("accepted", comment)
        return True

    def action_reject(self, comment="", follow_up=None):
        """It is not all right; without a comment, ask for it.

        :param str follow_up: “check” has the visit checked, “false” says that it did
            not take place, anything else leaves it at that
        """
        self._check_can_decide()
        if not isinstance(comment, str) or not comment.strip():
            return self._dialog("reject", self.env._("Reject"))
        if follow_up in ("check", "false"):
            checks = self._order_checks()
            if follow_up == "false":
                checks = checks.filtered(lambda check: check.state == "to_check")
                checks.write(
                    {
                        "result": "false",
                        "finding": comment.strip(),
                        "method": "position",
                    }
                )
                checks.action_check()
        self._decide("rejected", comment)
        return True

    def action_ask(self, question=""):
        """Ask the people concerned to explain; without a question, ask for it."""
        self._check_can_decide()
        if not isinstance(question, str) or not question.strip():
            return self._dialog("ask", self.env._("Ask for Explanation"))
        asked = self.sudo()
        asked.write({"question": question.strip(), "asked_at": fields.Datetime.now()})
        for user, exceptions in asked.grouped("user_id").items():
            localized = self.with_context(lang=user.lang)
            exceptions.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=localized.env._("Please explain"),
                note=question.strip(),
                user_id=user.id,
            )
        return True

    def action_check(self):
        """Have the visits checked (VIS-08); the exceptions stay open until then."""
        self._check_can_decide()
        checks = self._order_checks()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_team_mgmt.stm_spot_check_action"
        )
        action["domain"] = [("id", "in", checks.ids)]
        action["context"] = {}
        return action

    def action_open_document(self):
        """Open the visit, order or slip, if one may read it."""
        self.ensure_one()
        self.check_access("read")
        document = self.visit_id or self.order_id or self.slip_id
        if not document:
            raise UserError(self.env._("There is no document behind this exception."))
        return self._stm_open_document(document)

    # ------------------------------------------------------------
    # Business methods: who may
    # ------------------------------------------------------------

    @api.model
    def _stm_scope_domain(self):
        """One's own, and those of teams led and of people who stand in them now."""
        scope = self.env["stm.access"]._stm_scope()
        people = {self.env.uid}
        if scope.team_ids:
            users = self.env["res.users"].sudo().with_context(active_test=False)
            people.update(users._search([("sale_team_id", "in", scope.team_ids)]))
        return Domain("user_id", "in", sorted(people)) | Domain(
            "team_id", "in", scope.team_ids
        )

    @api.model
    def _stm_open_domain(self):
        """What nobody has looked at follows its person to the new leader."""
        return Domain("state", "=", "open")

    @api.model
    def _stm_waiting_domain(self):
        return Domain("state", "=", "open")

    def _stm_digest_summary(self):
        return self.env._("Visit exceptions to look at")

    def _stm_check_owner(self):
        """The system notes what it sees even if its person is in no team."""
        exceptions = self.browse() if self.env.su else self
        return super(StmVisitException, exceptions)._stm_check_owner()

    def _get_cannot_decide_reasons(self):
        """{exception: sentence} why the current user cannot decide on it."""
        me = self.env.user
        Event = self.env["stm.event"]
        sudo = self.sudo()
        led = {
            company: Event._people_decided_on(exceptions.user_id, company)
            for company, exceptions in sudo.grouped("company_id").items()
        }
        reasons = {}
        for exception, known in zip(self, sudo, strict=True):
            if known.user_id == me:
                reasons[exception] = self.env._(
                    "“%s” is about you: answer it, somebody else decides.",
                    known.display_name,
                )
            elif known.user_id not in led[known.company_id]:
                reasons[exception] = self.env._(
                    "Only somebody who leads %(person)s today can decide on"
                    " “%(exception)s”.",
                    person=known.user_id.name,
                    exception=known.display_name,
                )
            elif known.state != "open":
                reasons[exception] = self.env._(
                    "“%s” is decided already.", known.display_name
                )
        return reasons

    def _check_can_decide(self):
        self.check_access("read")
        for reason in self._get_cannot_decide_reasons().values():
            raise UserError(reason)

    def _stm_check_editable(self, vals):
        """The person concerned answers while it is open; nothing else is written."""
        super()._stm_check_editable(vals)
        if self.env.su:
            return
        for exception in self:
            if not vals or vals.keys() - {"answer"}:
                raise AccessError(
                    self.env._(
                        "“%s” is a note of the system and is not changed. Decide on it"
                        " with its buttons.",
                        exception.display_name,
                    )
                )
            if exception.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "Only %(person)s answers “%(exception)s”.",
                        person=exception.user_id.name,
                        exception=exception.display_name,
                    )
                )
            if exception.state != "open":
                raise UserError(
                    self.env._("“%s” is decided already.", exception.display_name)
                )

    # ------------------------------------------------------------
    # Business methods: deciding
    # ------------------------------------------------------------

    def _dialog(self, decision, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "stm.visit.exception.decide",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_exception_ids": self.ids,
                "default_decision": decision,
            },
        }

    def _decide(self, state, comment="", by_system=False):
        exceptions = self.sudo()
        exceptions.write(
            {
                "state": state,
                "comment": isinstance(comment, str) and comment.strip(),
                "decided_by_id": not by_system and self.env.uid,
                "decided_at": fields.Datetime.now(),
                "to_announce": False,
            }
        )
        exceptions.activity_unlink(
            ["mail.mail_activity_data_todo"], only_automated=True
        )
        exceptions._stm_settle()

    def _order_checks(self):
        """The checks of the visits behind these exceptions, made where missing."""
        visits = self.sudo().visit_id
        if len(self.sudo().filtered("visit_id")) < len(self):
            raise UserError(
                self.env._(
                    "There is no visit to check behind “%s”.",
                    self.filtered(lambda e: not e.sudo().visit_id)[0].display_name,
                )
            )
        return visits.with_env(self.env)._stm_order_checks()

    # ------------------------------------------------------------
    # Business methods: what documents raise
    # ------------------------------------------------------------

    @api.model
    def _raise(self, vals_list):
        """Note what should be looked at, each key once; repeatable.

        Whoever has to look is told by a scheduled action a moment later: a check-in
        waits for nobody.

        :param vals_list: dicts with ``kind``, ``key``, ``user_id``, ``company_id``,
            ``date``, ``note`` and, where there is one, ``visit_id``, ``order_id`` or
            ``slip_id``
        :return: the exceptions that are new
        """
        wanted = {vals["key"]: vals for vals in vals_list}
        if not wanted:
            return self.browse()
        kept = ("lang", "tz", "allowed_company_ids")
        context = {k: v for k, v in self.env.context.items() if k in kept}
        context |= {"mail_create_nolog": True, "tracking_disable": True}
        exceptions = self.with_env(
            self.env(user=SUPERUSER_ID, su=True, context=context)
        )
        known = exceptions.search_fetch([("key", "in", list(wanted))], ["key"])
        for key in known.mapped("key"):
            del wanted[key]
        if not wanted:
            return self.browse()
        try:
            created = exceptions.create(list(wanted.values()))
        except UniqueViolation as error:
            if error.diag.constraint_name != "stm_visit_exception_key_uniq":
                raise
            # Raised by another transaction after our snapshot: once more, then we see.
            raise ConcurrencyError(str(error)) from error
        self.env["ir.cron"]._stm_soon("ir_cron_visit_exceptions_announce")
        return created.with_env(self.env)

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_raise(self):
        """Look at the last days once more: trips, and visits that came in late.

        Works company by company; what is known already is passed over (CRN-29).
        """
        cron = self.env["ir.cron"]
        today = fields.Date.context_today(self)
        date_from = fields.Date.subtract(today, days=DAYS_LOOKED_AT)
        for company in self.env["res.company"].search(
            [("stm_visit_notice", "!=", False)]
        ):

            def work(company=company):
                vals_list = self.with_company(company)._prepare_daily(
                    company, date_from, today
                )
                self._withdraw_trips(company, {vals["key"] for vals in vals_list})
                return len(self._raise(vals_list))

            _done, seconds = cron._stm_do(work)
            if not seconds:
                return
        cron._stm_finish()

    @api.model
    def _cron_announce(self):
        """Tell those who have to look at what was raised since the last run."""
        cron = self.env["ir.cron"]
        if cron._stm_do_all(self._announce_some):
            cron._stm_finish()

    @api.model
    def _announce_some(self):
        """Announce a batch of exceptions; returns how many.

        Of two workers with the same batch PostgreSQL lets only one mark it.
        """
        waiting = self.sudo().search(
            Domain("to_announce", "=", True) & self._stm_waiting_domain(),
            order="id",
            limit=ANNOUNCED_AT_ONCE,
        )
        waiting.with_context(mail_notrack=True).write({"to_announce": False})
        waiting.flush_recordset(["to_announce"])
        waiting._stm_announce()
        return len(waiting)

    @api.model
    def _withdraw_trips(self, company, keys):
        """Trips that turn out not to be empty by what has come in since."""
        trips = self.sudo().search(
            Domain("company_id", "=", company.id)
            & Domain("kind", "=", "empty_trip")
            & Domain("slip_id.date_to", ">=", f"today -{DAYS_LOOKED_AT}d")
            & Domain("key", "not in", list(keys))
            & self._stm_waiting_domain()
        )
        if trips:
            reason = self.env._("Visits or an absence came in later.")
            trips._decide("accepted", reason, by_system=True)

    @api.model
    def _prepare_daily(self, company, date_from, date_to):
        """Values of everything odd in these days, whenever it came in.

        Hook: an addon that knows more, such as expenses claimed for a day without a
        visit, adds its values with ``super()``.
        """
        return [
            *self.env["stm.visit"]._prepare_check_in_exceptions(
                company, date_from, date_to
            ),
            *self.env["stm.visit.slip"]._prepare_empty_trips(
                company, date_from, date_to
            ),
        ]
