from datetime import timedelta
from functools import partial

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, split_every

from ..tools import scoring
from .stm_gate_mixin import Reason

APPRAISAL_STATES = [
    ("self", "Self-Assessment"),
    ("scoring", "Scoring"),
    ("shared", "Discussed"),
    ("appealed", "Appealed"),
    ("acknowledged", "Acknowledged"),
    ("hr", "At HR"),
    ("closed", "Closed"),
]

# The whole workflow on one screen: in which states who may do what.
ACTS = {
    "open": ({"self", "scoring"}, ("leader", "hr")),
    "hand_in": ({"self"}, ("person",)),
    "start": ({"self"}, ("leader",)),
    "refresh": ({"self", "scoring"}, ("leader", "hr")),
    "share": ({"scoring"}, ("leader",)),
    "acknowledge": ({"shared"}, ("person",)),
    "appeal": ({"shared"}, ("person",)),
    "send": ({"shared", "acknowledged"}, ("leader",)),
    "send_back": ({"hr"}, ("hr",)),
    "close": ({"hr"}, ("hr",)),
}

# What somebody may write on the sheet, by state and role; all else is the system's.
WRITABLE = {
    ("self", "person"): {"self_comment", "line_ids"},
    ("scoring", "leader"): {
        "line_ids",
        "interview_date",
        "interview_comment",
        "checklist_answer_ids",
    },
    ("shared", "person"): {"answer"},
    ("hr", "hr"): {"hr_comment"},
}

# What somebody who opens a sheet by hand chooses; the rest comes from the system.
CHOSEN = {"user_id", "period_id", "company_id"}

# What the talk left behind; it is held again when the sheet has to be corrected.
TALK = (
    "interview_date",
    "interviewed_by_id",
    "interview_comment",
    "answer",
)

# The sheet still follows the facts of the month.
LIVE_STATES = ("self", "scoring")

# Facts younger than this are not gathered again by the nightly run, so that several
# workers share one run and a run that was stopped goes on where it was.
FRESH = timedelta(hours=6)


class StmAppraisal(models.Model):
    """How one person did in one period: figures, events, points, and the talk.

    The system opens the sheets of a post when the period is over and fills in what it
    can measure. The leader gives the judged points and discusses the sheet with the
    person, who acknowledges or appeals; HR closes it. Until it was discussed the
    person does not see it; from then on it does not follow the facts any more; once
    closed nobody changes it (APP-02, APP-04, APP-06, APP-12).
    """

    _name = "stm.appraisal"
    _description = "Appraisal Sheet"
    _inherit = [
        "stm.document.mixin",
        "stm.gate.mixin",
        "stm.checklist.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_from desc, id desc"
    _rec_names_search = ["user_id.name", "period_id.name"]
    _check_company_auto = True

    _stm_date_field = "date_to"
    _stm_first_date_field = "date_from"
    _stm_area = "appraisal"
    _stm_is_owed = True
    _stm_checklist_usage = "interview"
    _stm_system_fields = frozenset(
        {
            "date_from",
            "date_to",
            "template_id",
            "state",
            "score",
            "has_score",
            "score_why",
            "coefficient",
            "result",
            "filled_at",
            "interviewed_by_id",
            "shared_at",
            "acknowledged_at",
            "reopened_on",
            "sent_at",
            "closed_at",
            "part_ids",
        }
    )

    user_id = fields.Many2one(default=None, string="Person")
    period_id = fields.Many2one(
        "stm.period",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        default=lambda self: self._default_period_id(),
        domain="[('kind', 'in', ('month', 'quarter', 'year')),"
        " ('company_id', '=', company_id)]",
    )
    date_from = fields.Date(
        related="period_id.date_from", store=True, precompute=True, string="From"
    )
    date_to = fields.Date(
        related="period_id.date_to", store=True, precompute=True, string="To"
    )
    template_id = fields.Many2one(
        "stm.appraisal.template",
        index=True,
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    state = fields.Selection(
        APPRAISAL_STATES,
        string="Status",
        required=True,
        default="scoring",
        copy=False,
        tracking=True,
        group_expand=True,
    )
    line_ids = fields.One2many("stm.appraisal.line", "appraisal_id", string="Items")
    part_ids = fields.One2many(
        "stm.appraisal.part", "appraisal_id", string="Sections", readonly=True
    )

    # What comes out
    score = fields.Float(readonly=True, aggregator="avg", copy=False)
    has_score = fields.Boolean(string="Scored", readonly=True, copy=False)
    score_why = fields.Char(string="Explanation", readonly=True, copy=False)
    pivot = fields.Float(related="template_id.pivot")
    coefficient = fields.Float(
        digits=(16, 6),
        readonly=True,
        aggregator="avg",
        copy=False,
        help="The score over the pay pivot of the template.",
    )
    result = fields.Char(readonly=True, copy=False)
    weak_reason = fields.Char(compute="_compute_weak_reason")
    filled_at = fields.Datetime(string="Figures as of", readonly=True, copy=False)
    undecided_events = fields.Integer(compute="_compute_undecided_events")

    # The talk
    self_comment = fields.Text(string="In My Own Words", copy=False)
    interview_date = fields.Date(string="Discussed on", copy=False)
    interview_comment = fields.Text(
        string="What Was Said",
        copy=False,
        help="What went well, what has to become better, and how.",
    )
    interviewed_by_id = fields.Many2one(
        "res.users", string="Discussed by", readonly=True, copy=False
    )
    shared_at = fields.Datetime(readonly=True, copy=False)
    answer = fields.Text(string="My Answer", copy=False)
    acknowledged_at = fields.Datetime(
        string="Acknowledged on", readonly=True, copy=False
    )
    reopened_on = fields.Date(
        string="Came Back on",
        readonly=True,
        copy=False,
        help="HR sent the sheet back or an appeal was upheld: the talk is held again.",
    )
    appeal_ids = fields.One2many(
        "stm.appraisal.appeal", "appraisal_id", string="Appeals"
    )
    appeal_count = fields.Integer(compute="_compute_appeal_count")

    # HR
    sent_at = fields.Datetime(string="Sent to HR on", readonly=True, copy=False)
    hr_comment = fields.Text(string="Comment of HR", copy=False)
    closed_at = fields.Datetime(string="Closed on", readonly=True, copy=False)
    duty_item_id = fields.Many2one("stm.duty.item", compute="_compute_duty_item_id")
    duty_sentence = fields.Char(string="Deadline", compute="_compute_duty_item_id")

    # Who may do what
    allowed_acts = fields.Char(compute="_compute_allowed_acts")
    is_in_scope = fields.Boolean(
        compute="_compute_is_in_scope",
        search="_search_is_in_scope",
        help="The own sheet, or that of somebody below.",
    )
    is_leader = fields.Boolean(compute="_compute_allowed_acts")
    is_person = fields.Boolean(compute="_compute_allowed_acts")

    _uniq = models.UniqueIndex(
        "(user_id, company_id, period_id)",
        "There is a sheet of this person for this period already. Open that one.",
    )
    _list_idx = models.Index("(date_from DESC, id DESC)")
    _user_idx = models.Index("(user_id, date_from DESC, id DESC)")
    _team_idx = models.Index("(team_id, date_from DESC, id DESC)")
    _live_idx = models.Index("(filled_at) WHERE state IN ('self', 'scoring')")

    # ------------------------------------------------------------
    # Default, compute and constraint methods
    # ------------------------------------------------------------

    @api.model
    def _default_period_id(self):
        """The last month that is over."""
        today = fields.Date.context_today(self)
        return self.env["stm.period"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("kind", "=", "month"),
                ("date_to", "<", today),
            ],
            order="date_from desc",
            limit=1,
        )

    @api.depends("period_id", "user_id")
    def _compute_display_name(self):
        for sheet in self:
            sheet.display_name = self.env._(
                "Appraisal %(period)s, %(person)s",
                period=sheet.period_id.name or "",
                person=sheet.user_id.name or "",
            )

    @api.depends("state", "user_id", "team_id")
    @api.depends_context("uid")
    def _compute_allowed_acts(self):
        roles = self._roles()
        for sheet in self:
            acts = [
                act
                for act, (states, allowed) in ACTS.items()
                if sheet.state in states and roles[sheet] & set(allowed)
            ]
            # Commas on both ends, so that a view can ask for “,send,”.
            sheet.allowed_acts = f",{','.join(acts)},"
            sheet.is_leader = "leader" in roles[sheet]
            sheet.is_person = "person" in roles[sheet]

    @api.depends("user_id", "team_id")
    @api.depends_context("uid")
    def _compute_is_in_scope(self):
        user, led = self.env.user, self._led_teams()
        for sheet in self:
            sheet.is_in_scope = sheet.user_id == user or sheet._is_led(led)

    @api.model
    def _search_is_in_scope(self, operator, value):
        """Asked at each search, so that it is never older than today.

        A deputy or stand-in sees the team, but not the leader he acts for.
        """
        if operator != "in":
            return NotImplemented
        return Domain("user_id", "=", self.env.uid) | Domain.OR(
            Domain("team_id", "in", sorted(teams)) & Domain("user_id", "!=", head)
            for head, teams in self._led_teams().items()
        )

    @api.depends("appeal_ids")
    def _compute_appeal_count(self):
        for sheet in self:
            sheet.appeal_count = len(sheet.appeal_ids)

    @api.depends("score", "has_score", "date_from")
    def _compute_weak_reason(self):
        """Why the score calls for retraining, if it does (APP-08)."""
        reasons = self.sudo()._weak_reasons()
        for sheet in self:
            sheet.weak_reason = reasons.get(sheet.id, False)

    @api.depends("state", "user_id", "date_from", "date_to")
    @api.depends_context("uid")
    def _compute_undecided_events(self):
        """What still has to be decided before the talk.

        The person is not told of what is not decided, nor anybody once it is too late.
        """
        me = self.env.user
        live = self.filtered(lambda s: s.state in LIVE_STATES and s.user_id != me)
        (self - live).undecided_events = 0
        for sheets in live._by_period().values():
            counts = sheets._count_undecided_events()
            for sheet in sheets:
                sheet.undecided_events = counts.get(sheet.user_id.id, 0)

    @api.depends("state", "sent_at")
    def _compute_duty_item_id(self):
        Item = self.env["stm.duty.item"].sudo()
        items = Item._find_about(self)
        for sheet in self:
            item = items.get(sheet.id, Item)
            sheet.duty_item_id = item
            sheet.duty_sentence = item.sentence

    def _read_group_select(self, aggregate_spec, query):
        """The average leaves out sheets that have no score yet."""
        if aggregate_spec not in ("score:avg", "coefficient:avg"):
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "AVG(%s) FILTER (WHERE %s)",
            self._field_to_sql(self._table, aggregate_spec.split(":")[0], query),
            self._field_to_sql(self._table, "has_score", query),
        )

    @api.constrains("interview_date")
    def _check_interview_date(self):
        for sheet in self:
            day = sheet.interview_date
            if day and day > fields.Date.context_today(sheet):
                raise ValidationError(
                    self.env._("A talk that was held cannot lie in the future.")
                )
            if day and sheet.reopened_on and day < sheet.reopened_on:
                raise ValidationError(
                    self.env._(
                        "The sheet came back on %(day)s. Hold the talk again, and write"
                        " down that day.",
                        day=format_date(self.env, sheet.reopened_on),
                    )
                )
            if day and day < sheet.date_from:
                raise ValidationError(
                    self.env._(
                        "The talk about %(period)s cannot have been before it began.",
                        period=sheet.period_id.name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        """A sheet is about somebody else than whoever opens it.

        Nothing but the period can be proposed: neither points nor anybody's words.
        """
        values = super().default_get(fields)
        return {
            name: value
            for name, value in values.items()
            if self._fields[name].default and name != "user_id"
        }

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self._check_chosen(vals_list)
        # Who opens a sheet does not follow it: leaders change.
        silent = self.with_context(mail_create_nosubscribe=True)
        sheets = super(StmAppraisal, silent).create(vals_list).with_env(self.env)
        sheets._check_act("open")
        sheets.sudo()._set_templates()
        sheets.sudo()._measure()
        sheets.sudo()._fill()
        sheets.sudo()._open_duties()
        return sheets

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Nobody follows a sheet: followers would be told what they may not see yet."""
        return True

    def _check_chosen(self, vals_list):
        """Whoever opens a sheet says for whom and for which period that is over."""
        today = fields.Date.context_today(self)
        for vals in vals_list:
            for name, value in vals.items():
                self._check_chosen_value(name, value)
            period = self.env["stm.period"].browse(vals.get("period_id"))
            if period and period.date_to >= today:
                raise UserError(
                    self.env._(
                        "%(period)s is not over yet. Open its sheets from %(day)s on.",
                        period=period.name,
                        day=format_date(self.env, period.date_to + timedelta(days=1)),
                    )
                )

    def _check_chosen_value(self, name, value):
        field = self._fields.get(name)
        if not value or name in CHOSEN or not field:
            return
        if name not in self._stm_get_system_fields():
            raise AccessError(
                self.env._(
                    "“%(field)s” cannot be filled in when a sheet is opened: choose the"
                    " person and the period, and save.",
                    field=field._description_string(self.env),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_system(self):
        if not self.env.su:
            raise UserError(
                self.env._(
                    "Sheets are kept: correct the points before the sheet is discussed,"
                    " or ask HR to send it back."
                )
            )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_hand_in(self):
        """The person is done with the own points; the leader goes on."""
        self._check_act("hand_in")
        self.sudo().write({"state": "scoring"})
        return True

    def action_start(self):
        """The leader goes on without waiting for the person's own points."""
        self._check_act("start")
        self.sudo().write({"state": "scoring"})
        return True

    def action_refresh(self):
        """Measure and count again, as long as the sheet was not discussed."""
        self._check_act("refresh")
        self._stm_check_period()
        self.sudo()._measure()
        self.sudo()._fill()
        return True

    def action_share(self):
        """The talk was held: the person sees the sheet, the facts stay as they are.

        What happened up to now counts, but nothing is shared that was not discussed:
        if the facts have changed the points, the leader looks at the sheet again.
        """
        self._check_act("share")
        self._stm_check_period()
        before = {sheet: sheet._score_text() for sheet in self}
        self.sudo()._measure()
        self.sudo()._fill()
        self._check_score_same(before)
        self._stm_pass_gate("share")
        self.sudo().write(
            {
                "state": "shared",
                "interviewed_by_id": self.env.uid,
                "shared_at": fields.Datetime.now(),
            }
        )
        self._remind_persons()
        return True

    def action_acknowledge(self):
        """The person has read the sheet and accepts it."""
        self._check_act("acknowledge")
        self.sudo().write(
            {"state": "acknowledged", "acknowledged_at": fields.Datetime.now()}
        )
        self._clear_reminders()
        return True

    def action_appeal(self):
        """The person does not agree: start an appeal with the reasons."""
        self.ensure_one()
        self._check_act("appeal")
        appeal = self.appeal_ids.filtered(lambda a: a.state == "draft")[:1]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Appeal"),
            "res_model": "stm.appraisal.appeal",
            "res_id": appeal.id,
            "view_mode": "form",
            "context": {"default_appraisal_id": self.id},
        }

    def action_send(self):
        """Hand the sheets to HR (APP-04)."""
        self._check_act("send")
        self._stm_pass_gate("send")
        # What HR wrote when it sent the sheet back is done, and kept in the chatter.
        self.sudo().write(
            {"state": "hr", "sent_at": fields.Datetime.now(), "hr_comment": False}
        )
        self._clear_reminders()
        self.env["stm.duty.item"].sudo()._fulfil_about(self.sudo(), "sent_at")
        return True

    def action_send_back(self):
        """HR has found a mistake; the leader corrects it and discusses it again."""
        self._check_act("send_back")
        for sheet in self:
            if not (sheet.hr_comment or "").strip():
                raise UserError(
                    self.env._(
                        "Write into the comment of HR what has to be corrected in"
                        " “%s”, then send it back.",
                        sheet.display_name,
                    )
                )
        for sheet in self:
            sheet.sudo().message_post(
                body=sheet.hr_comment, author_id=self.env.user.partner_id.id
            )
        self.sudo()._reopen()
        return True

    def action_close(self):
        """Freeze the sheets for good, and act on weak scores (APP-08)."""
        self._check_act("close")
        self._stm_pass_gate("close")
        self.sudo().write({"state": "closed", "closed_at": fields.Datetime.now()})
        self.sudo()._raise_weak_scores()
        return True

    def action_open_events(self):
        """Open the events of the person in this period."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Events"),
            "res_model": "stm.event",
            "view_mode": "list,kanban,form",
            "domain": [
                ("user_id", "=", self.user_id.id),
                ("company_id", "=", self.company_id.id),
                ("date", ">=", self.date_from),
                ("date", "<=", self.date_to),
            ],
            "context": {"default_user_id": self.user_id.id},
        }

    def action_open_appeals(self):
        """Open what the person objected to."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Appeals"),
            "res_model": "stm.appraisal.appeal",
            "view_mode": "list,form",
            "domain": [("appraisal_id", "=", self.id)],
            "context": {"create": False},
        }

    def action_xlsx(self):
        """Download the sheets as a workbook, from the same rows as the PDF."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": "/stm/appraisal.xlsx?ids=" + ",".join(map(str, self.ids)),
            "target": "download",
        }

    # ------------------------------------------------------------
    # Business methods: who may do what
    # ------------------------------------------------------------

    def _roles(self):
        """{sheet: roles of the current user in it}, for all sheets at once.

        A leader is whoever leads the team in which the sheet was opened, deputies and
        stand-ins included, but nobody leads himself or the leader he acts for.
        """
        user, led = self.env.user, self._led_teams()
        is_hr = user.has_group("sales_team_mgmt.group_hr")
        is_top = user.has_group("sales_team_mgmt.group_general_manager")
        roles = {}
        for sheet in self:
            owner, team = sheet.user_id, sheet.team_id.sudo()
            if owner == user:
                roles[sheet] = {"person"}
                continue
            roles[sheet] = {"hr"} if is_hr else set()
            if sheet._is_led(led) or (is_top and not team._stm_superiors(owner)):
                roles[sheet].add("leader")
        return roles

    @api.model
    def _led_teams(self):
        """{id of the head: ids of the teams} that the current user leads today.

        The head is the leader of the team because of which the user leads: the user,
        or whoever the user is deputy of or stands in for.
        """
        led = {}
        for row in self.env["stm.access"]._stm_leading(self.env.user):
            led.setdefault(row.origin_team_id.user_id.id, set()).add(row.team_id.id)
        return led

    def _is_led(self, led):
        """Whether the sheet is one of these teams', and not of their head.

        :param led: see ``_led_teams``
        """
        self.ensure_one()
        return any(
            self.team_id.id in teams and self.user_id.id != head
            for head, teams in led.items()
        )

    def _check_act(self, act):
        """Refuse an act to whoever may not do it, or not yet.

        :raises AccessError: the user has not the role for it
        :raises UserError: the sheet is in another state
        """
        self.check_access("read")
        if self.env.su:
            return
        states, allowed = ACTS[act]
        roles = self._roles()
        labels = dict(self._fields["state"]._description_selection(self.env))
        for sheet in self:
            if not roles[sheet] & set(allowed):
                raise AccessError(sheet._role_sentence(allowed))
            if sheet.state not in states:
                raise UserError(
                    self.env._(
                        "“%(sheet)s” is “%(state)s”; this can be done while it is"
                        " %(states)s.",
                        sheet=sheet.display_name,
                        state=labels[sheet.state],
                        states=[f"“{labels[s]}”" for s in labels if s in states],
                    )
                )

    def _role_sentence(self, allowed):
        self.ensure_one()
        values = {"person": self.user_id.name, "sheet": self.display_name}
        if "person" in allowed:
            return self.env._("Only %(person)s can do this with “%(sheet)s”.", **values)
        if "leader" in allowed:
            return self.env._(
                "Only a leader above %(person)s can do this with “%(sheet)s”.", **values
            )
        return self.env._(
            "Only HR can do this with “%(sheet)s”, and nobody with the own sheet.",
            **values,
        )

    def _stm_check_foreign_owner(self):
        """Who may open a sheet for whom is checked once it is known for whom."""

    def _stm_check_editable(self, vals):
        """Each role writes its own part, in its own state, and nothing else."""
        super()._stm_check_editable(vals)
        if self.env.su:
            return
        self._check_turn(WRITABLE, vals)

    def _check_turn(self, writable, vals):
        """Refuse to change what the role of the user may not, or not now.

        :param writable: {(state, role): names of fields}
        """
        roles = self._roles()
        labels = dict(self._fields["state"]._description_selection(self.env))
        for sheet in self:
            allowed = set().union(
                *(writable.get((sheet.state, role), ()) for role in roles[sheet])
            )
            if not allowed or not vals.keys() <= allowed:
                raise UserError(
                    self.env._(
                        "“%(sheet)s” is “%(state)s”: you cannot change this now."
                        " %(next)s",
                        sheet=sheet.display_name,
                        state=labels[sheet.state],
                        next=sheet._turn_sentence(),
                    )
                )

    def _turn_sentence(self):
        """Who has the next word about the sheet."""
        self.ensure_one()
        person = self.user_id.name
        return {
            "self": self.env._("%s gives the own points and hands it in.", person),
            "scoring": self.env._("A leader above %s gives the points.", person),
            "shared": self.env._(
                "%s reads and answers it; HR can send it back once it has it.", person
            ),
            "appealed": self.env._("The appeal is decided first."),
            "acknowledged": self.env._(
                "A leader above %s sends it to HR, and HR can send it back.", person
            ),
            "hr": self.env._("HR checks it and can send it back."),
            "closed": self.env._("A closed sheet stays as it is."),
        }[self.state]

    def _stm_check_period(self):
        """Closing March leaves the sheets of the quarter alone that ends with it."""
        sheets = self.sudo()
        spans = {(s.company_id, s.date_from, s.date_to) for s in sheets if s.date_to}
        Closing = self.env["stm.period.closing"].sudo()
        for span, period in Closing._closed_spans(self._stm_area, spans).items():
            Closing._refuse(span[2], period)

    # ------------------------------------------------------------
    # Business methods: gates
    # ------------------------------------------------------------

    def _stm_gate_checks(self, act):
        checks = {
            "share": ["_gate_judged", "_gate_events", "_gate_interview"],
            "send": ["_gate_acknowledged"],
            "close": ["_gate_appeals"],
        }
        return super()._stm_gate_checks(act) + checks.get(act, [])

    @api.model
    def _stm_gate_acts(self):
        return {
            **super()._stm_gate_acts(),
            "share": self.env._("Discussed"),
            "send": self.env._("Send to HR"),
            "close": self.env._("Close"),
        }

    def _stm_gate_values(self, act):
        """An exception holds for the sheet as it was discussed."""
        return {
            sheet: {"score": sheet.score, "shared_at": str(sheet.shared_at or "")}
            for sheet in self
        }

    def _stm_gate_may_ask(self, act):
        roles = self._roles()
        return self.filtered(lambda sheet: "leader" in roles[sheet])

    def _gate_judged(self):
        """Every item has its points."""
        reasons = {}
        for sheet in self:
            missing = sheet.line_ids.filtered(lambda line: not line.has_points)
            if missing:
                sentence = self.env._(
                    "These items have no points yet: %s.",
                    missing.mapped("display_name"),
                )
            elif not sheet.has_score:
                sentence = self.env._(
                    "There is no score: %s Ask the department manager to correct the"
                    " template, then refresh the figures.",
                    sheet.score_why or "",
                )
            else:
                continue
            reasons[sheet] = [Reason("not_judged", sentence, False)]
        return reasons

    def _gate_events(self):
        """What happened in the period was confirmed or dismissed."""
        return {
            sheet: [
                Reason(
                    "events_open",
                    self.env._(
                        "Events of %(person)s that whoever leads %(person)s today has"
                        " to confirm or dismiss first: %(count)s.",
                        count=sheet.undecided_events,
                        person=sheet.user_id.name,
                    ),
                    False,
                )
            ]
            for sheet in self
            if sheet.undecided_events
        }

    def _gate_interview(self):
        """Nobody is scored behind the own back (APP-06)."""
        reasons = {}
        for sheet in self:
            if not sheet.interview_date or not (sheet.interview_comment or "").strip():
                reasons.setdefault(sheet, []).append(
                    Reason(
                        "not_discussed",
                        self.env._(
                            "Discuss the sheet with %s face to face first, and write"
                            " down when and what was said.",
                            sheet.user_id.name,
                        ),
                        False,
                    )
                )
            if sheet.checklist_missing:
                reasons.setdefault(sheet, []).append(
                    Reason(
                        "questions_open",
                        self.env._(
                            "These questions of the talk are not answered: %s.",
                            sheet.checklist_missing,
                        ),
                        False,
                    )
                )
        return reasons

    def _gate_acknowledged(self):
        """The person has answered; if that is impossible, a superior may say so."""
        return {
            sheet: [
                Reason(
                    "not_acknowledged",
                    self.env._(
                        "%s has not acknowledged the sheet yet.", sheet.user_id.name
                    ),
                    True,
                )
            ]
            for sheet in self
            if sheet.state == "shared"
        }

    def _gate_appeals(self):
        """An appeal is decided before the sheet is closed."""
        return {
            sheet: [
                Reason(
                    "appeal_open",
                    self.env._("The appeal of %s is not decided.", sheet.user_id.name),
                    False,
                )
            ]
            for sheet in self
            if "submitted" in sheet.sudo().appeal_ids.mapped("state")
        }

    # ------------------------------------------------------------
    # Business methods: opening
    # ------------------------------------------------------------

    @api.model
    def _open_period(self, period):
        """Open the sheets of everybody whom a template fits; one statement.

        Who has a sheet keeps it. Nothing is opened in a closed period.
        :return: the new sheets, still without points
        """
        company, day = period.company_id, period.date_to
        span = (company, period.date_from, day)
        if self.env["stm.period.closing"].sudo()._closed_spans(self._stm_area, [span]):
            return self.browse()
        people = self._people_of(company, day)
        Template = self.env["stm.appraisal.template"]
        found = Template._find(people, company, period.kind, day)
        rows = [
            (
                user.id,
                member.crm_team_id.id,
                found[user].id,
                "self" if found[user].has_self_assessment else "scoring",
            )
            for user, member in people
            if user in found
        ]
        if not rows:
            return self.browse()
        self.flush_model()
        users, teams, templates, states = map(list, zip(*rows, strict=True))
        ids = self.env.execute_query(
            SQL(
                """
                INSERT INTO stm_appraisal (
                    user_id, team_id, template_id, state, company_id, period_id,
                    date_from, date_to, has_score,
                    create_uid, create_date, write_uid, write_date)
                SELECT new.*, %(company)s, %(period)s, %(start)s, %(stop)s, FALSE,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM UNNEST(%(users)s, %(teams)s, %(templates)s,
                              %(states)s::varchar[]) new
                    ON CONFLICT DO NOTHING RETURNING id
                """,
                company=company.id,
                period=period.id,
                start=period.date_from,
                stop=period.date_to,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                users=users,
                teams=teams,
                templates=templates,
                states=states,
            )
        )
        self.invalidate_model()
        return self.browse(id_ for (id_,) in ids)

    @api.model
    def _people_of(self, company, day):
        """Pairs (person, membership) who stood in a team of the company on ``day``."""
        latest = self.env["crm.team.member"]._stm_latest_on(day)
        return [
            (user, member)
            for (user, where), member in latest.items()
            if where == company and user.active
        ]

    def _set_templates(self):
        """The template that fits each person; refuses whoever has none."""
        for (company, period), sheets in self._by_period().items():
            people = [
                (user, member)
                for user, member in self._people_of(company, period.date_to)
                if user in sheets.user_id
            ]
            found = self.env["stm.appraisal.template"]._find(
                people, company, period.kind, period.date_to
            )
            for sheet in sheets:
                template = found.get(sheet.user_id)
                if not template:
                    raise UserError(
                        self.env._(
                            "No appraisal template in force fits %(person)s in"
                            " %(period)s. Ask the department manager to release one.",
                            person=sheet.user_id.name,
                            period=period.name,
                        )
                    )
                sheet.template_id = template
                if template.has_self_assessment:
                    sheet.state = "self"

    def _open_duties(self):
        """Whoever has to score and send the sheets owes it by a day (APP-04)."""
        self.env["stm.duty.item"].sudo()._open_about(self)

    def _stm_duty_owner(self):
        """Who owes that the sheet gets to HR: the leader above the person."""
        self.ensure_one()
        superiors = self.team_id._stm_superiors(self.user_id)
        return superiors[0] if superiors else None

    # ------------------------------------------------------------
    # Business methods: filling in and scoring
    # ------------------------------------------------------------

    def _by_period(self):
        """{(company, period): sheets}"""
        return self.grouped(lambda sheet: (sheet.company_id, sheet.period_id))

    def _count_undecided_events(self):
        """{user id: number of events nobody has decided}, for sheets of one period."""
        return (
            self.env["stm.event"]
            .sudo()
            ._undecided(
                self.user_id,
                self.company_id,
                self[:1].date_from,
                self[:1].date_to,
            )
        )

    def _measure(self):
        """Measure the figures of the periods that the templates of the sheets need."""
        for (_company, period), sheets in self._by_period().items():
            indicators = sheets.template_id.section_ids.item_ids.indicator_id
            self.env["stm.measure"]._refresh(period, indicators)

    def _fill(self):
        """Take over the figures and events of the period, and score everything.

        As many statements for one sheet as for five hundred.
        """
        Line = self.env["stm.appraisal.line"].with_context(tracking_disable=True)
        for sheets in self._by_period().values():
            Line._fill(sheets)
        self._total()
        self._stm_start_checklist()
        self.write({"filled_at": fields.Datetime.now()})

    @api.model
    def _follow_events(self, events):
        """Sheets that are still being scored count what was just decided."""
        if not events:
            return
        live = self.search(
            Domain("state", "in", LIVE_STATES)
            & Domain("user_id", "in", events.user_id.ids)
            & Domain("date_from", "<=", max(events.mapped("date")))
            & Domain("date_to", ">=", min(events.mapped("date")))
        )
        concerned = live.filtered(
            lambda sheet: any(
                event.user_id == sheet.user_id
                and event.company_id == sheet.company_id
                and sheet.date_from <= event.date <= sheet.date_to
                for event in events
            )
        )
        if concerned:
            concerned._fill()

    def _total(self):
        """Add up sections and sheets, and say how."""
        self.env["stm.appraisal.part"]._fill(self)
        rows = []
        for sheet in self:
            template = sheet.template_id.with_context(lang=sheet.user_id.lang)
            parts = sheet.part_ids
            points = scoring.Points(None, "")
            if parts and all(part.has_points for part in parts):
                try:
                    points = scoring.sheet(
                        [scoring.Part(p.points, p.weight) for p in parts],
                        template.env,
                    )
                except scoring.Refused as refusal:
                    # One broken template stops neither the night nor the others.
                    points = scoring.Points(None, str(refusal))
            score, pivot = points.points, template.pivot
            known = score is not None
            rows.append(
                (
                    sheet.id,
                    known,
                    score if known else 0,
                    points.why or None,
                    scoring.coefficient(score, pivot) if known and pivot else 0,
                    template._result_of(float(score)) or None if known else None,
                )
            )
        self._store_scores(rows)

    def _store_scores(self, rows):
        """Store what came out for many sheets in one statement.

        Every row is written, also where nothing changes: two leaders who score two
        items at the same moment then meet here, and the second one adds up again.

        :param rows: tuples (sheet id, has_score, score, score_why, coefficient, result)
        """
        if not rows:
            return
        self.flush_model()
        ids, *columns = map(list, zip(*rows, strict=True))
        known, scores, reasons, coefficients, results = columns
        self.env.cr.execute(
            SQL(
                """
                UPDATE stm_appraisal sheet
                   SET (has_score, score, score_why, coefficient, result, write_date)
                     = (new.known, new.score, new.why, new.coefficient, new.result,
                        %(now)s)
                  FROM UNNEST(%(ids)s, %(known)s, %(scores)s::float8[],
                              %(reasons)s::varchar[], %(coefficients)s::numeric[],
                              %(results)s::varchar[])
                       new (id, known, score, why, coefficient, result)
                 WHERE sheet.id = new.id
                """,
                now=fields.Datetime.now(),
                ids=ids,
                known=known,
                scores=scores,
                reasons=reasons,
                coefficients=coefficients,
                results=results,
            )
        )
        names = ["has_score", "score", "score_why", "coefficient", "result"]
        self.browse(ids).invalidate_recordset([*names, "weak_reason"])

    def _score_text(self):
        self.ensure_one()
        return scoring.plain(self.score) if self.has_score else self.env._("no score")

    def _check_score_same(self, before):
        """Refuse to share what is not what the leader has seen and discussed.

        :param before: {sheet: score as it was shown}
        """
        lines = [
            self.env._(
                "• %(sheet)s: %(before)s became %(after)s",
                sheet=sheet.display_name,
                before=score,
                after=sheet._score_text(),
            )
            for sheet, score in before.items()
            if score != sheet._score_text()
        ]
        if lines:
            raise UserError(
                self.env._(
                    "The facts have changed since the sheet was scored:\n%s\n\nRefresh"
                    " the figures, look at the sheet again and share it then.",
                    "\n".join(lines),
                )
            )

    # ------------------------------------------------------------
    # Business methods: after the talk
    # ------------------------------------------------------------

    def _reopen(self):
        """Back to the leader, who corrects the sheet and holds the talk again.

        What was said the first time stays in the chatter (APP-06).
        """
        labels = {
            name: self._fields[name]._description_string(self.env) for name in TALK
        }
        for sheet in self:
            words = {
                "interview_date": format_date(self.env, sheet.interview_date),
                "interviewed_by_id": sheet.interviewed_by_id.name,
                "interview_comment": sheet.interview_comment,
                "answer": sheet.answer,
            }
            sheet.message_post(
                body=Markup("<br/>").join(
                    self.env._("%(what)s: %(words)s", what=labels[name], words=text)
                    for name, text in words.items()
                    if text
                ),
                author_id=self.env.user.partner_id.id,
            )
        self.write(
            {
                "state": "scoring",
                "reopened_on": fields.Date.context_today(self),
                "shared_at": False,
                "acknowledged_at": False,
                **dict.fromkeys(TALK, False),
            }
        )

    def _remind_persons(self):
        """Ask the people to read their sheets and to answer, in one batch."""
        sheets = self.sudo()
        activity = self.env.ref("sales_team_mgmt.mail_activity_appraisal")
        model_id = self.env["ir.model"]._get_id(self._name)
        summaries = {
            user: self.with_context(lang=user.lang).env._(
                "Read your appraisal and acknowledge it"
            )
            for user in sheets.user_id
        }
        Activity = self.env["mail.activity"].sudo()
        Activity.with_context(mail_activity_quick_update=True).create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": sheet.id,
                    "activity_type_id": activity.id,
                    "automated": True,
                    "user_id": sheet.user_id.id,
                    "date_deadline": fields.Date.context_today(self),
                    "summary": summaries[sheet.user_id],
                }
                for sheet in sheets
            ]
        )

    def _clear_reminders(self):
        self.sudo().activity_unlink(
            ["sales_team_mgmt.mail_activity_appraisal"], only_automated=True
        )

    def _stm_appeal_finished(self, upheld):
        """An appeal was decided: back to the leader, or the sheet stands."""
        if upheld:
            self._reopen()
        else:
            self.write(
                {"state": "acknowledged", "acknowledged_at": fields.Datetime.now()}
            )

    def _weak_reasons(self):
        """{sheet id: why the score calls for retraining} of monthly sheets (APP-08).

        Looks at the months right before, as far as the company's rule reaches.
        """
        monthly = self.filtered(
            lambda s: s.has_score and s.period_id.kind == "month" and s.date_from
        )
        if not monthly:
            return {}
        reach = max(monthly.company_id.mapped("stm_weak_score_months"))
        first = min(monthly.mapped("date_from"))
        earlier = self.search_fetch(
            [
                ("user_id", "in", monthly.user_id.ids),
                ("company_id", "in", monthly.company_id.ids),
                ("period_id.kind", "=", "month"),
                ("has_score", "=", True),
                ("state", "not in", LIVE_STATES),
                ("date_from", ">=", fields.Date.subtract(first, months=reach)),
            ],
            ["user_id", "company_id", "date_from", "score"],
        )
        known = {(s.user_id.id, s.company_id.id, s.date_from): s.score for s in earlier}
        reasons = {}
        for sheet in monthly:
            company = sheet.company_id
            months = company.stm_weak_score_months
            scores = [
                known.get(
                    (
                        sheet.user_id.id,
                        company.id,
                        fields.Date.subtract(sheet.date_from, months=n),
                    )
                )
                for n in range(months - 1, 0, -1)
            ]
            reason = scoring.weak_reason(
                [*scores, sheet.score],
                company.stm_weak_score_once,
                company.stm_weak_score_row,
                months,
                self.env,
            )
            if reason:
                reasons[sheet.id] = reason
        return reasons

    def _raise_weak_scores(self):
        """Propose retraining for weak scores, in the month they were found in.

        The months after a late sheet are looked at again: it may complete a row.
        """
        if not self:
            return
        reach = max(self.company_id.mapped("stm_weak_score_months"))
        later = self.search(
            [
                ("user_id", "in", self.user_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("state", "=", "closed"),
                ("date_from", ">=", min(self.mapped("date_from"))),
                (
                    "date_from",
                    "<=",
                    fields.Date.add(max(self.mapped("date_from")), months=reach),
                ),
            ]
        )
        sheets = self | later
        reasons = sheets._weak_reasons()
        today = fields.Date.context_today(self)
        self.env["stm.event"]._raise(
            [
                {
                    "key": f"weak_score:{sheet.id}",
                    "type": "weak_score",
                    "user_id": sheet.user_id.id,
                    "company_id": sheet.company_id.id,
                    "date": today,
                    "note": reasons[sheet.id],
                    "model": self._name,
                    "res_id": sheet.id,
                }
                for sheet in sheets
                if sheet.id in reasons
            ]
        )

    # ------------------------------------------------------------
    # Business methods: the sheet on paper and as a workbook
    # ------------------------------------------------------------

    def _get_sheet(self):
        """The sheet as plain rows, for the PDF and the workbook alike (FRM-24).

        :return: dict with ``title``, ``facts`` (pairs), ``tables``, each with
            ``title``, ``columns``, their ``widths`` on paper in percent, and
            ``rows``, and ``signatures``
        """
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        facts = [
            (self.env._("Person"), self.user_id.name),
            (self.env._("Sales Team"), self.team_id.name),
            (
                self.env._("Period"),
                f"{format_date(self.env, self.date_from)}"
                f" – {format_date(self.env, self.date_to)}",
            ),
            (self.env._("Template"), self.template_id.name),
            (self.env._("Status"), states[self.state]),
            (self.env._("Score"), self.score if self.has_score else ""),
        ]
        if self.has_score and self.pivot:
            facts.append((self.env._("Coefficient"), f"{self.coefficient:.5f}"))
        if self.result:
            facts.append((self.env._("Result"), self.result))
        tables = [
            {
                "title": part.section_id.name,
                "columns": [
                    self.env._("No."),
                    self.env._("Item"),
                    self.env._("Max."),
                    self.env._("Rule"),
                    self.env._("Events"),
                    self.env._("Points"),
                    self.env._("Explanation and Remarks"),
                ],
                "widths": [6, 17, 7, 31, 8, 8, 23],
                "rows": [
                    line._sheet_cells()
                    for line in self.line_ids
                    if line.section_id == part.section_id
                ],
            }
            for part in self.part_ids
        ]
        tables.append(
            {
                "title": self.env._("Score"),
                "columns": [
                    self.env._("Section"),
                    self.env._("Points"),
                    self.env._("Weight %"),
                    self.env._("Weighted"),
                    self.env._("Explanation"),
                ],
                "widths": [22, 11, 11, 11, 45],
                "rows": [
                    [
                        part.section_id.name,
                        part.points if part.has_points else "",
                        part.weight,
                        part.weighted if part.has_points else "",
                        part.why or "",
                    ]
                    for part in self.part_ids
                ]
                + [
                    [
                        self.env._("Total"),
                        self.score if self.has_score else "",
                        "",
                        "",
                        self.score_why or "",
                    ]
                ],
            }
        )
        talk = [
            (self.env._("Discussed on"), format_date(self.env, self.interview_date)),
            (self.env._("Discussed by"), self.interviewed_by_id.name or ""),
            (self.env._("What Was Said"), self.interview_comment or ""),
            (self.env._("Answer"), self.answer or ""),
        ]
        tables.append(
            {
                "title": self.env._("The Talk"),
                "columns": [self.env._("About"), self.env._("Words")],
                "widths": [22, 78],
                "rows": [list(pair) for pair in talk],
            }
        )
        return {
            "title": self.env._(
                "%(template)s: %(person)s",
                template=self.template_id.name,
                person=self.user_id.name,
            ),
            "facts": facts,
            "summary": "",
            "tables": tables,
            "review_title": "",
            "review": "",
            "reviewer": "",
            "signatures": [
                self.env._("Person, date"),
                self.env._("Leader, date"),
                self.env._("HR, date"),
            ],
        }

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_run(self, batch_size=100):
        """Open the sheets of the periods that are over, fill them in, keep them new.

        Restartable, and shared by as many workers as run it: whoever holds a period
        opens it, and each batch of sheets is filled in by whoever has locked it.
        """
        cron = self.env["ir.cron"]
        stale = fields.Datetime.now() - FRESH

        def fill_next():
            sheets = self._take_stale(stale, batch_size)
            sheets._fill()
            sheets._open_duties()
            return len(sheets)

        for period in self._periods_to_open():
            opened, seconds = cron._stm_do(partial(self._open_and_measure, period))
            if opened and not seconds:
                return
        if cron._stm_do_all(fill_next):
            cron._stm_finish()

    @api.model
    def _open_and_measure(self, period):
        """Open the sheets of a period, unless another worker does it right now.

        Whoever only refers to the period does not keep us from it, nor we them.
        :return: number of new sheets
        """
        if not period.try_lock_for_update(allow_referencing=True):
            return 0
        opened = self._open_period(period)
        opened._measure()
        return len(opened)

    @api.model
    def _periods_to_open(self):
        """Periods that ended in the last weeks and are still open for appraisal."""
        today = fields.Date.context_today(self)
        ended = (
            self.env["stm.period"]
            .sudo()
            .search(
                Domain("kind", "in", ("month", "quarter", "year"))
                & Domain("date_to", "<", today)
                & Domain("date_to", ">=", today - timedelta(days=45))
            )
        )
        closed = ended.closing_ids.filtered(lambda c: c.area == "appraisal").period_id
        return ended - closed

    @api.model
    def _take_stale(self, before, limit):
        """Lock sheets whose facts are older than ``before``, none that others hold."""
        self.flush_model()
        self.env["stm.period.closing"].flush_model()
        ids = self.env.execute_query(
            SQL(
                """
                SELECT sheet.id FROM stm_appraisal sheet
                 WHERE sheet.state IN %(live)s
                   AND (sheet.filled_at IS NULL OR sheet.filled_at < %(before)s)
                   AND NOT EXISTS (
                        SELECT FROM stm_period_closing closing
                         WHERE closing.company_id = sheet.company_id
                           AND closing.area = 'appraisal'
                           AND closing.date_from <= sheet.date_from
                           AND closing.date_to >= sheet.date_to)
                 ORDER BY sheet.id LIMIT %(limit)s
                   FOR UPDATE OF sheet SKIP LOCKED
                """,
                live=LIVE_STATES,
                before=before,
                limit=limit,
            )
        )
        return self.browse(id_ for (id_,) in ids)

    @api.model
    def _open_all(self, periods, batch_size=500):
        """Open and fill in the sheets of these periods at once, without a cron."""
        sheets = self.union(*map(self._open_period, periods))
        sheets._measure()
        for ids in split_every(batch_size, sheets.ids):
            batch = self.browse(ids)
            batch._fill()
            batch._open_duties()
        return sheets
