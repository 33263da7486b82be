from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date, format_datetime

from ..tools.deadlines import local_day

CONTACT_WAYS = [
    ("phone_out", "Call Made"),
    ("phone_in", "Call Received"),
    ("letter_out", "Letter Sent"),
    ("letter_in", "Letter Received"),
    ("email_out", "E-mail Sent"),
    ("email_in", "E-mail Received"),
    ("fax_out", "Fax Sent"),
    ("fax_in", "Fax Received"),
    ("visitor", "Visitor Received"),
    ("message", "Message"),
]

PHONE_WAYS = ("phone_out", "phone_in")
LETTER_WAYS = ("letter_out", "letter_in", "fax_out", "fax_in")

ANALYSIS_FIELDS = (
    "need",
    "obstacle",
    "competitor",
    "decision_maker",
    "positioning",
    "breakthrough",
    "next_step",
)


class StmContactLog(models.Model):
    """A call, letter, message or visitor: what was said and what came of it.

    Every communication with a customer is recorded (VIS-07), registered and filed
    (FUP-07), also what customers start themselves (FUP-21). Calls made are counted
    against the calls a day that the company wants (DAY-06); the analysis of the
    customer is written in the evening (DAY-07).
    """

    _name = "stm.contact.log"
    _description = "Customer Contact"
    _inherit = [
        "stm.customer.mixin",
        "stm.checklist.mixin",
        "stm.form.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date desc, contact_at desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "partner_id.name", "subject"]

    _stm_checklist_usage = "contact"
    _stm_system_fields = frozenset({"name"})

    name = fields.Char(string="No.", readonly=True, copy=False)
    contact_id = fields.Many2one(
        "res.partner",
        string="Person Talked to",
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        tracking=True,
    )
    phone = fields.Char(
        compute="_compute_phone", store=True, precompute=True, readonly=False
    )
    visit_id = fields.Many2one(
        domain="[('user_id', '=', uid), ('partner_id', '=?', partner_id)]",
        help="The visit that the call was about.",
    )
    way = fields.Selection(
        CONTACT_WAYS, required=True, default="phone_out", tracking=True
    )
    letter_kind = fields.Selection(
        [
            ("notice", "Notice"),
            ("invitation", "Invitation"),
            ("reply", "Reply"),
        ],
        string="Kind of Letter",
        tracking=True,
    )
    contact_at = fields.Datetime(
        string="Date and Time",
        required=True,
        copy=False,
        tracking=True,
        default=lambda self: fields.Datetime.now().replace(second=0),
    )
    date = fields.Date(compute="_compute_date", store=True, precompute=True, index=True)
    subject = fields.Char(tracking=True)
    content = fields.Text(string="Content Points", tracking=True, copy=False)
    wishes = fields.Text(string="Wishes and Complaints", tracking=True, copy=False)
    answer = fields.Text(tracking=True, copy=False)
    handling = fields.Text(tracking=True, copy=False)
    result = fields.Text(tracking=True, copy=False)
    next_date = fields.Date(string="Next Contact", tracking=True, copy=False)
    is_follow_up = fields.Boolean(
        string="Follow-up Contact",
        tracking=True,
        help="Goes through the points of a follow-up contact (FUP-08).",
    )
    satisfaction = fields.Selection(
        [
            ("satisfied", "Satisfied"),
            ("fair", "Fair"),
            ("dissatisfied", "Dissatisfied"),
        ],
        tracking=True,
        copy=False,
        help="What the customer thinks of us (FUP-15).",
    )
    cause = fields.Text(tracking=True, copy=False)
    improvement = fields.Text(tracking=True, copy=False)
    need = fields.Text(tracking=True, copy=False)
    obstacle = fields.Text(tracking=True, copy=False)
    competitor = fields.Text(tracking=True, copy=False)
    decision_maker = fields.Text(tracking=True, copy=False)
    positioning = fields.Text(tracking=True, copy=False)
    breakthrough = fields.Text(tracking=True, copy=False)
    next_step = fields.Text(tracking=True, copy=False)
    promise_ids = fields.One2many("stm.promise", "contact_log_id", string="Promises")
    issue_ids = fields.One2many(
        "stm.customer.issue", "contact_log_id", string="Customer Issues"
    )
    is_mine = fields.Boolean(compute="_compute_is_mine")
    day_calls = fields.Integer(
        string="Calls Made That Day",
        compute="_compute_day_calls",
        help="By the same person, all customers together.",
    )
    day_target = fields.Integer(
        string="Calls Wanted a Day", compute="_compute_day_calls"
    )
    day_sentence = fields.Char(string="Calls a Day", compute="_compute_day_calls")

    _name_uniq = models.UniqueIndex(
        "(company_id, name) WHERE name IS NOT NULL",
        "A contact has this number already.",
    )
    _letter_kind_of_letter = models.Constraint(
        "CHECK (letter_kind IS NULL"
        " OR way IN ('letter_out', 'letter_in', 'fax_out', 'fax_in'))",
        "Only letters and faxes have a kind of letter.",
    )
    _user_list_idx = models.Index(
        "(user_id, date DESC, contact_at DESC, id DESC) INCLUDE (company_id)"
    )
    _list_idx = models.Index("(date DESC, contact_at DESC, id DESC)")
    _calls_idx = models.Index("(company_id, date, user_id) WHERE way = 'phone_out'")

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.depends("partner_id", "contact_id")
    def _compute_phone(self):
        """The number of today; what was dialled then stays."""
        for log in self:
            log.phone = log.contact_id.phone or log.partner_id.phone

    @api.depends("contact_at", "user_id")
    def _compute_date(self):
        """The day of the contact, where the salesperson is."""
        for log in self:
            tz = log.user_id._stm_tz()
            log.date = log.contact_at and local_day(log.contact_at, tz)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for log in self:
            log.is_mine = log.user_id == self.env.user

    @api.depends("user_id", "date", "company_id", "way")
    def _compute_day_calls(self):
        """Calls made against calls wanted (DAY-06), in one read for all."""
        counts = {}
        days = [log.date for log in self if log.date]
        if days:
            rows = (
                self.env["stm.contact.log"]
                .sudo()
                ._read_group(
                    [
                        ("way", "=", "phone_out"),
                        ("user_id", "in", self.user_id.ids),
                        ("company_id", "in", self.company_id.ids),
                        ("date", ">=", min(days)),
                        ("date", "<=", max(days)),
                    ],
                    ["user_id", "company_id", "date:day"],
                    ["__count"],
                )
            )
            counts = {
                (user.id, company.id, day): count for user, company, day, count in rows
            }
        for log in self:
            key = (log.user_id.id, log.company_id.id, log.date)
            log.day_calls = counts.get(key, 0)
            log.day_target = log.company_id.sudo().stm_calls_per_day
            log.day_sentence = self.env._(
                "%(calls)s of %(target)s calls on %(day)s",
                calls=log.day_calls,
                target=log.day_target,
                day=format_date(self.env, log.date),
            )

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for log in self:
            parts = [log.name, log.partner_id.display_name]
            log.display_name = " – ".join(filter(None, parts))

    @api.constrains("contact_at", "next_date")
    def _check_dates(self):
        now = fields.Datetime.now()
        for log in self:
            if log.contact_at > now:
                raise ValidationError(
                    self.env._(
                        "The contact with %(customer)s lies in the future: %(moment)s."
                        " Write it down when it has taken place.",
                        customer=log.partner_id.display_name,
                        moment=format_datetime(self.env, log.contact_at),
                    )
                )
            if log.next_date and log.next_date < log.date:
                raise ValidationError(
                    self.env._(
                        "The next contact with %s cannot be before this one.",
                        log.partner_id.display_name,
                    )
                )

    @api.constrains("partner_id", "contact_id")
    def _check_contact(self):
        for log in self:
            log.partner_id._stm_check_contact(log.contact_id)

    @api.onchange("way")
    def _onchange_way(self):
        if self.way not in LETTER_WAYS:
            self.letter_kind = False

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        logs = super().create(vals_list)
        for company, same in logs.sudo().grouped("company_id").items():
            sequence = self.env["ir.sequence"].sudo().with_company(company)
            for log in same:
                log._stm_write_outcome({"name": sequence.next_by_code(self._name)})
        logs.filtered("is_follow_up")._stm_start_checklist()
        logs._plan_next_contact()
        return logs

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"is_follow_up", "contact_at"}:
            self.filtered("is_follow_up")._stm_restart_checklist()
        if vals.keys() & {"next_date", "user_id"}:
            self._plan_next_contact()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_filed(self):
        """A contact is on file from the day after on (FUP-07)."""
        now = fields.Datetime.now()
        for log in self:
            today = local_day(now, log.user_id._stm_tz())
            if log.date != today or log.sudo().promise_ids or log.sudo().issue_ids:
                raise UserError(
                    self.env._(
                        "“%s” is on file and is kept. Correct what is wrong in it"
                        " instead.",
                        log.display_name,
                    )
                )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_xlsx(self, form="record"):
        """Download a form as a workbook, from the same rows as the PDF."""
        self.check_access("read")
        if form not in self._stm_forms():
            raise UserError(self.env._("There is no form “%s”.", form))
        logs = ",".join(map(str, self.ids))
        return {
            "type": "ir.actions.act_url",
            "url": f"/stm/contact_log.xlsx?form={form}&ids={logs}",
            "target": "download",
        }

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_foreign_source(self, source):
        return self.env._(
            "“%s” is a visit to another customer, or by somebody else.",
            source.display_name,
        )

    def _stm_check_editable(self, vals):
        super()._stm_check_editable(vals)
        if self.env.su:
            return
        for log in self:
            if log.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "This is a contact of %s, who alone can change it.",
                        log.user_id.name,
                    )
                )

    def _plan_next_contact(self):
        """A to-do of the owner on the day of the next contact; the old one goes."""
        call = self.env.ref("mail.mail_activity_data_call")
        logs = self.sudo()
        logs.activity_unlink(["mail.mail_activity_data_call"], only_automated=True)
        model_id = self.env["ir.model"]._get_id(self._name)
        self.env["mail.activity"].sudo().with_context(
            mail_activity_quick_update=True
        ).create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": log.id,
                    "activity_type_id": call.id,
                    "automated": True,
                    "user_id": log.user_id.id,
                    "date_deadline": log.next_date,
                    "summary": log.with_context(lang=log.user_id.lang).env._(
                        "Next contact with %s", log.partner_id.display_name
                    ),
                }
                for log in logs.filtered("next_date")
            ]
        )

    # ------------------------------------------------------------
    # Business methods: the forms on paper and as workbooks
    # ------------------------------------------------------------

    @api.model
    def _stm_forms(self):
        return {
            "analysis": self.env._("Customer Analysis"),
            "record": self.env._("Record of a Follow-up Call"),
            "calls": self.env._("Register of Follow-up Calls"),
            "letters": self.env._("Register of Follow-up Letters"),
        }

    def _get_form_sheets(self, form):
        self.check_access("read")
        logs = self.sorted(lambda log: (log.date, log.contact_at, log.id))
        if form == "record":
            return [log._record_sheet() for log in logs]
        if form == "calls":
            logs = logs.filtered(lambda log: log.way in PHONE_WAYS)
        if form == "letters":
            logs = logs.filtered(lambda log: log.way in LETTER_WAYS)
        if form == "analysis":
            logs = logs.filtered(lambda log: any(log[name] for name in ANALYSIS_FIELDS))
        columns = getattr(self, f"_{form}_columns")()
        return [self._stm_register(form, logs, columns)]

    def _analysis_columns(self):
        """FRM-05: one line a customer that was talked to (DAY-07)."""
        return {
            self.env._("No."): (4, None),
            self.env._("Customer"): (11, lambda log: log.partner_id.display_name),
            self.env._("Need"): (12, lambda log: log.need),
            self.env._("Obstacle"): (12, lambda log: log.obstacle),
            self.env._("Competitor"): (11, lambda log: log.competitor),
            self.env._("Decision Maker"): (10, lambda log: log.decision_maker),
            self.env._("Positioning"): (10, lambda log: log.positioning),
            self.env._("Breakthrough"): (10, lambda log: log.breakthrough),
            self.env._("Next Step"): (10, lambda log: log.next_step),
            self.env._("Date"): (10, lambda log: self._stm_day_in_words(log.date)),
        }

    def _calls_columns(self):
        """FRM-07: the register of follow-up calls (FUP-07)."""
        return {
            self.env._("No."): (5, None),
            self.env._("Date"): (10, lambda log: self._stm_day_in_words(log.date)),
            self.env._("Customer"): (20, lambda log: log.partner_id.display_name),
            self.env._("Phone"): (15, lambda log: log.phone),
            self.env._("Subject"): (20, lambda log: log.subject or log.content),
            self.env._("Handled by"): (10, lambda log: log.user_id.name),
            self.env._("Result"): (20, lambda log: log.result),
        }

    def _letters_columns(self):
        """FRM-08: the register of follow-up letters (FUP-07)."""
        kinds = dict(self._fields["letter_kind"]._description_selection(self.env))
        return {
            self.env._("No."): (5, None),
            self.env._("Date"): (10, lambda log: self._stm_day_in_words(log.date)),
            self.env._("Customer"): (20, lambda log: log.partner_id.display_name),
            self.env._("Kind"): (10, lambda log: kinds.get(log.letter_kind)),
            self.env._("Subject"): (25, lambda log: log.subject or log.content),
            self.env._("Sent by"): (10, lambda log: log.user_id.name),
            self.env._("Answer"): (20, lambda log: log.answer),
        }

    def _record_sheet(self):
        """FRM-06: one call on one sheet."""
        self.ensure_one()
        ways = dict(self._fields["way"]._description_selection(self.env))
        tz = self.user_id._stm_tz()
        answers = self.checklist_answer_ids.filtered("is_answered")
        rows = [
            (self.env._("Content Points"), self.content),
            (self.env._("Wishes and Complaints"), self.wishes),
            (self.env._("Answer"), self.answer),
            (self.env._("Handling"), self.handling),
            (self.env._("Result"), self.result),
            (self.env._("Next Contact"), self._stm_day_in_words(self.next_date)),
        ]
        tables = [
            {
                "title": "",
                "columns": [self.env._("Item"), self.env._("Record")],
                "widths": [25, 75],
                "rows": [[label, text or ""] for label, text in rows],
            },
            {
                "title": self.checklist_id.name or "",
                "columns": [self.env._("Question"), self.env._("Answer")],
                "widths": [50, 50],
                "rows": [[a.question, a.value_text or ""] for a in answers],
            },
        ]
        return {
            "title": self._stm_forms()["record"],
            "facts": [
                (self.env._("No."), self.name or ""),
                (
                    self.env._("Date and Time"),
                    format_datetime(
                        self.env, self.contact_at, tz=tz, dt_format="short"
                    ),
                ),
                (self.env._("In or Out"), ways[self.way]),
                (self.env._("Customer"), self.partner_id.display_name),
                (self.env._("Person Talked to"), self.contact_id.name or ""),
                (self.env._("Phone"), self.phone or ""),
                (self.env._("Handled by"), self.user_id.name),
            ],
            "summary": self.subject or "",
            "tables": [table for table in tables if table["rows"]],
            "review_title": "",
            "review": "",
            "reviewer": "",
            "signatures": [self.env._("Handled by, date")],
        }
