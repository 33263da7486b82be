from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools.deadlines import local_day, moment

PROMISE_KINDS = [
    ("promise", "Promise to the Customer"),
    ("collection", "Payment Promised by the Customer"),
]

PROMISE_STATES = [
    ("open", "Open"),
    ("kept", "Kept"),
    ("broken", "Broken"),
    ("cancelled", "Cancelled"),
]

# What was promised does not change once it is in the register.
FIXED_FIELDS = frozenset(
    {
        "partner_id",
        "kind",
        "amount",
        "currency_id",
        "date",
        "date_due",
        "visit_id",
        "contact_log_id",
        "user_id",
        "company_id",
    }
)


class StmPromise(models.Model):
    """What was promised to a customer, or by one, and whether it was kept (FUP-19).

    Made in a visit or a call, with an owner and a day. Until the end of that day, in
    the time zone of its owner, it is kept in time; then its deadline, which is a duty,
    makes it a broken one, tells the leader and records what counts in the appraisal.
    Payments that a customer promised (kind ``collection``) are followed up the same
    way, but are no promise of the owner.
    """

    _name = "stm.promise"
    _description = "Promise"
    _inherit = [
        "stm.deadline.mixin",
        "stm.customer.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_due desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "partner_id.name"]

    # The figures of a month are about the promises that were due in it.
    _stm_date_field = "date_due"
    _stm_source_fields = ("visit_id", "contact_log_id")
    _stm_system_fields = frozenset({"state", "kept_at", "cancel_reason"})
    _stm_duty_fields = frozenset({"date_due", "kind", "kept_at"})

    name = fields.Char(string="What Was Promised", required=True, tracking=True)
    kind = fields.Selection(
        PROMISE_KINDS, required=True, default="promise", tracking=True
    )
    contact_log_id = fields.Many2one(
        "stm.contact.log",
        string="Customer Contact",
        index="btree_not_null",
        check_company=True,
        copy=False,
        domain="[('user_id', '=', uid)]",
    )
    date = fields.Date(
        string="Promised on",
        required=True,
        compute="_compute_date",
        store=True,
        precompute=True,
        readonly=False,
        copy=False,
    )
    date_due = fields.Date(string="Due", required=True, copy=False, tracking=True)
    amount = fields.Monetary(
        tracking=True, help="The money that the customer promised to pay."
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    state = fields.Selection(
        PROMISE_STATES,
        string="Status",
        required=True,
        default="open",
        readonly=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    kept_at = fields.Datetime(
        string="Kept on", readonly=True, copy=False, tracking=True
    )
    cancel_reason = fields.Char(
        string="Why It Was Called Off", readonly=True, copy=False, tracking=True
    )
    is_mine = fields.Boolean(compute="_compute_is_mine")
    can_keep = fields.Boolean(compute="_compute_is_mine")
    can_change = fields.Boolean(compute="_compute_is_mine")

    _kept_when = models.Constraint(
        "CHECK (state <> 'kept' OR kept_at IS NOT NULL)",
        "A kept promise has the time at which it was kept.",
    )
    _reason_given = models.Constraint(
        "CHECK (state <> 'cancelled' OR cancel_reason IS NOT NULL)",
        "Write down why the promise is called off.",
    )
    _user_list_idx = models.Index(
        "(user_id, date_due DESC, id DESC) INCLUDE (company_id)"
    )
    _list_idx = models.Index("(date_due DESC, id DESC)")
    _company_idx = models.Index("(company_id, date_due)")

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.depends("visit_id", "contact_log_id")
    def _compute_date(self):
        """The day of the visit or call; otherwise today, where the person is."""
        for promise in self:
            source = promise._stm_source()
            promise.date = source.date or promise.date or promise._stm_today()

    @api.depends("user_id", "state", "kept_at")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        led = self._stm_led_by_me()
        for promise in self:
            promise.is_mine = promise.user_id == self.env.user
            waits = promise.state in ("open", "broken") and not promise.kept_at
            promise.can_keep = waits and (promise.is_mine or promise in led)
            promise.can_change = waits and promise in led

    @api.constrains("date", "date_due")
    def _check_dates(self):
        for promise in self:
            if promise.date > promise._stm_today():
                raise ValidationError(
                    self.env._(
                        "“%s” cannot have been promised in the future. Choose the day"
                        " on which it was.",
                        promise.name,
                    )
                )
            if promise.date_due < promise.date:
                raise ValidationError(
                    self.env._(
                        "“%(promise)s” was promised on %(day)s. It is due on that day,"
                        " or later.",
                        promise=promise.name,
                        day=format_date(self.env, promise.date),
                    )
                )

    @api.constrains("kind", "amount")
    def _check_amount(self):
        for promise in self:
            if promise.kind == "collection" and not 0 < promise.amount < 1e15:
                raise ValidationError(
                    self.env._(
                        "Say how much the customer promised to pay: “%s”.",
                        promise.name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        promises = super().create(vals_list)
        for promise in promises:
            source = promise._stm_source()
            if not source:
                continue
            source._message_log(
                body=self.env._(
                    "Promised until %(day)s: %(promise)s",
                    day=format_date(self.env, promise.date_due),
                    promise=promise.name,
                )
            )
        return promises

    @api.ondelete(at_uninstall=False)
    def _unlink_except_registered(self):
        raise UserError(
            self.env._(
                "A promise stays in the register. Whoever leads its owner can call it"
                " off with a reason."
            )
        )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_keep(self):
        """Write down that promises were kept, right now; the first time counts."""
        self.check_access("write")
        led = self._stm_led_by_me()
        for promise in self:
            if promise.state == "cancelled" or promise.kept_at:
                raise UserError(
                    self.env._("“%s” was kept or called off already.", promise.name)
                )
            if not (self.env.su or promise.user_id == self.env.user or promise in led):
                raise AccessError(
                    self.env._(
                        "This is a promise of %s. Only its owner and superiors can say"
                        " that it was kept.",
                        promise.user_id.name,
                    )
                )
        now = fields.Datetime.now()
        promises = self.sudo()
        promises._stm_write_outcome({"kept_at": now})
        # Without a duty in force nothing has judged it.
        for promise in promises.filtered(lambda promise: promise.state == "open"):
            day = local_day(now, promise.user_id._stm_tz())
            state = "kept" if day <= promise.date_due else "broken"
            promise._stm_write_outcome({"state": state})
        return True

    def action_move(self, date_due=False, reason=""):
        """Move open promises to another day, as a superior and with a reason."""
        self._check_superior()
        if any(promise.state != "open" for promise in self):
            raise UserError(
                self.env._("Only a promise that is still open can be moved.")
            )
        reason = str(reason or "").strip()
        if not date_due or not reason:
            return self._ask_for_change("move")
        try:
            date_due = fields.Date.to_date(date_due)
        except (TypeError, ValueError):
            raise UserError(
                self.env._("“%s” is no day. Write it like 2026-03-06.", date_due)
            ) from None
        if any(date_due < promise._stm_today() for promise in self):
            raise UserError(self.env._("Choose today or a later day."))
        for promise in self:
            old = promise.date_due
            promise.sudo().write({"date_due": date_due})
            promise.sudo().message_post(
                body=self.env._(
                    "Moved from %(old)s to %(new)s: %(reason)s",
                    old=format_date(self.env, old),
                    new=format_date(self.env, date_due),
                    reason=reason,
                ),
                author_id=self.env.user.partner_id.id,
            )
        return True

    def action_cancel(self, reason=""):
        """Call promises off, as a superior and with a reason."""
        self._check_superior()
        for promise in self:
            if promise.state not in ("open", "broken") or promise.kept_at:
                raise UserError(
                    self.env._("“%s” was kept or called off already.", promise.name)
                )
        reason = str(reason or "").strip()
        if not reason:
            return self._ask_for_change("cancel")
        self._stm_check_period()
        self.env["stm.duty.item"].sudo()._waive_records(self.sudo(), reason)
        self.sudo()._stm_write_outcome({"state": "cancelled", "cancel_reason": reason})
        return True

    def _ask_for_change(self, change):
        labels = {"move": self.env._("Move"), "cancel": self.env._("Call Off")}
        return {
            "type": "ir.actions.act_window",
            "name": labels[change],
            "res_model": "stm.promise.change",
            "view_mode": "form",
            "target": "new",
            "context": {"default_promise_ids": self.ids, "default_change": change},
        }

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_foreign_source(self, source):
        return self.env._(
            "“%(promise)s” was not made in “%(where)s”: that was with another customer,"
            " or by somebody else.",
            promise=self.name,
            where=source.display_name,
        )

    def _check_superior(self):
        self.check_access("write")
        led = self._stm_led_by_me()
        for promise in self:
            if promise not in led and not self.env.su:
                raise AccessError(
                    self.env._(
                        "“%(promise)s” is a promise of %(person)s. Only a superior can"
                        " move it or call it off.",
                        promise=promise.name,
                        person=promise.user_id.name,
                    )
                )

    def _stm_check_editable(self, vals):
        super()._stm_check_editable(vals)
        if self.env.su:
            return
        for promise in self:
            if promise.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "This is a promise of %s, who alone can change its text.",
                        promise.user_id.name,
                    )
                )
            if promise.state != "open":
                raise UserError(
                    self.env._(
                        "“%s” is kept, broken or called off and cannot be changed any"
                        " more.",
                        promise.name,
                    )
                )
            for name in FIXED_FIELDS & vals.keys():
                field = self._fields[name]
                new = field.convert_to_cache(vals[name], promise)
                if new != field.convert_to_cache(promise[name], promise):
                    raise UserError(
                        self.env._(
                            "“%(field)s” of a promise stays as it was given. Ask your"
                            " superior to move the promise or to call it off.",
                            field=field._description_string(self.env),
                        )
                    )

    def _stm_today(self):
        """Today, where the owner is."""
        self.ensure_one()
        tz = self.user_id._stm_tz()
        return local_day(fields.Datetime.now(), tz)

    @api.model
    def _stm_open_domain(self):
        return Domain("state", "=", "open")

    @api.model
    def _stm_duty_bases(self):
        return {
            "promise": self.env._("Day of a promise to a customer"),
            "collection": self.env._("Day of a payment that a customer promised"),
        }

    def _stm_duty_start(self, basis):
        self.ensure_one()
        if self.kind != basis or self.state == "cancelled":
            return False
        return moment(self.date_due, 0, self.user_id._stm_tz())

    def _stm_duty_done_at(self, basis):
        self.ensure_one()
        return self.kept_at

    def _stm_after_judged(self, items):
        """Its deadline says whether a promise was kept."""
        verdicts = {
            "on_time": "kept",
            "excused": "kept",
            "late": "broken",
            "missing": "broken",
            "open": "open",
        }
        for promise in self.filtered(lambda promise: promise.state != "cancelled"):
            own = items.filtered(lambda i, p=promise: i.res_id == p.id)[:1]
            if own.state == "waived":
                promise._stm_write_outcome(
                    {"state": "cancelled", "cancel_reason": own.waive_reason}
                )
            elif verdicts[own.state] != promise.state:
                promise._stm_write_outcome({"state": verdicts[own.state]})
