from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..tools.deadlines import local_day

ISSUE_KINDS = [
    ("outlet", "Big Problem at an Outlet"),
    ("question", "Open Question"),
]

ISSUE_STATES = [
    ("new", "New"),
    ("reported", "Reported"),
    ("solved", "Solved"),
    ("told", "Customer Told"),
]

# Whoever leads the owner may say how it is solved, and nothing else.
LEADER_FIELDS = frozenset({"solution"})


class StmCustomerIssue(models.Model):
    """A problem of a customer that was found in a visit or a call.

    A bigger problem at an outlet has a written plan of action and is solved the next
    day, or the manager helps (VIS-12, VIS-13). A question that could not be answered
    on the spot is reported to the superior within two days, and the customer is told
    on the day the solution is received (FUP-04). The days are those of the duties.
    """

    _name = "stm.customer.issue"
    _description = "Customer Issue"
    _inherit = [
        "stm.deadline.mixin",
        "stm.customer.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "logged_at desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "partner_id.name"]

    _stm_source_fields = ("visit_id", "contact_log_id")
    _stm_system_fields = frozenset(
        {"state", "logged_at", "reported_at", "solved_at", "solved_by_id", "told_at"}
    )
    _stm_duty_fields = frozenset({"kind", "reported_at", "solved_at", "told_at"})

    name = fields.Char(string="Problem", required=True, tracking=True)
    kind = fields.Selection(
        ISSUE_KINDS, required=True, default="question", tracking=True
    )
    contact_log_id = fields.Many2one(
        "stm.contact.log",
        string="Customer Contact",
        index="btree_not_null",
        check_company=True,
        copy=False,
        domain="[('user_id', '=', uid)]",
    )
    description = fields.Text(tracking=True)
    action_plan = fields.Text(
        string="Plan of Action",
        tracking=True,
        help="Who does what so that it is solved in time (VIS-12).",
    )
    logged_at = fields.Datetime(
        string="Logged on",
        required=True,
        readonly=True,
        copy=False,
        default=fields.Datetime.now,
    )
    date = fields.Date(compute="_compute_date", store=True, precompute=True, index=True)
    date_due = fields.Date(
        string="Due",
        compute="_compute_date_due",
        store=True,
        help="The day by which it has to be solved, or reported to the superior.",
    )
    state = fields.Selection(
        ISSUE_STATES,
        string="Status",
        required=True,
        default="new",
        readonly=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    reported_at = fields.Datetime(string="Reported on", readonly=True, copy=False)
    solution = fields.Text(copy=False, tracking=True)
    solved_at = fields.Datetime(string="Solved on", readonly=True, copy=False)
    solved_by_id = fields.Many2one(
        "res.users", string="Solved by", readonly=True, copy=False, tracking=True
    )
    told_at = fields.Datetime(string="Customer Told on", readonly=True, copy=False)
    is_mine = fields.Boolean(compute="_compute_is_mine")
    can_solve = fields.Boolean(compute="_compute_is_mine")

    _solved_when = models.Constraint(
        "CHECK (state IN ('new', 'reported') OR (solved_at IS NOT NULL"
        " AND solution IS NOT NULL))",
        "A solved problem has its solution.",
    )
    _user_list_idx = models.Index(
        "(user_id, logged_at DESC, id DESC) INCLUDE (company_id)"
    )
    _list_idx = models.Index("(logged_at DESC, id DESC)")
    _open_idx = models.Index("(company_id, date_due) WHERE state <> 'told'")

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.depends("logged_at", "user_id")
    def _compute_date(self):
        """The day on which it was logged, where the salesperson is."""
        for issue in self:
            tz = issue.user_id._stm_tz()
            issue.date = issue.logged_at and local_day(issue.logged_at, tz)

    @api.depends("kind", "logged_at", "solved_at", "company_id", "user_id")
    def _compute_date_due(self):
        """The day of the deadline that runs now; of the last one in the end."""
        items = self.env["stm.duty.item"].sudo()
        if self._origin:
            items = items._find_of_records(self._origin)
        found = items.grouped("res_id")
        for issue in self:
            own = found.get(issue._origin.id, items.browse()).sorted("due_at")
            current = own.filtered(lambda item: not item.submitted_at)[:1] or own[-1:]
            issue.date_due = current.period_start

    @api.depends("user_id", "state")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        led = self._stm_led_by_me()
        for issue in self:
            issue.is_mine = issue.user_id == self.env.user
            issue.can_solve = issue.state in ("new", "reported") and (
                issue.is_mine or issue in led
            )

    @api.constrains("kind", "action_plan")
    def _check_action_plan(self):
        for issue in self:
            if issue.kind == "outlet" and not (issue.action_plan or "").strip():
                raise ValidationError(
                    self.env._(
                        "Write down the plan of action for “%s”: who does what, so"
                        " that it is solved in time?",
                        issue.name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        issues = super().create(vals_list)
        self.env["stm.period.closing"].sudo()._check_open(
            self._stm_area, [(issue.company_id, issue.date) for issue in issues]
        )
        issues._tell_leaders()
        return issues

    def write(self, vals):
        moving = vals.keys() & {"team_id", "user_id"}
        before = {issue: (issue.team_id, issue.user_id) for issue in self if moving}
        result = super().write(vals)
        moved = self.filtered(
            lambda i: i in before and before[i] != (i.team_id, i.user_id)
        )
        if moved:
            moved._tell_anew()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_logged(self):
        raise UserError(
            self.env._(
                "A problem of a customer stays on record. Solve it and say what became"
                " of it."
            )
        )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_report(self):
        """Report problems that one cannot solve to the superior (FUP-04)."""
        self._check_mine()
        if any(issue.state != "new" for issue in self):
            raise UserError(
                self.env._("Only a new problem can be reported: this one was already.")
            )
        issues = self.sudo()
        issues._stm_write_outcome(
            {"state": "reported", "reported_at": fields.Datetime.now()}
        )
        issues._tell_leaders(asked=True)
        return True

    def action_solve(self):
        """Solve problems, with the solution written down; the customer is told next."""
        self.check_access("write")
        led = self._stm_led_by_me()
        for issue in self:
            if issue.state not in ("new", "reported"):
                raise UserError(self.env._("“%s” is solved already.", issue.name))
            if issue.user_id != self.env.user and issue not in led:
                raise AccessError(
                    self.env._(
                        "Only %s and superiors can solve this problem.",
                        issue.user_id.name,
                    )
                )
            if not (issue.solution or "").strip():
                raise UserError(
                    self.env._("Write down the solution of “%s” first.", issue.name)
                )
        issues = self.sudo()
        issues._stm_write_outcome(
            {
                "state": "solved",
                "solved_at": fields.Datetime.now(),
                "solved_by_id": self.env.uid,
            }
        )
        issues._clear_activities()
        issues.filtered(lambda i: i.user_id != self.env.user)._tell_owners()
        return True

    def action_tell(self):
        """Write down that the customers were told the solution."""
        self._check_mine()
        for issue in self:
            if issue.state != "solved":
                raise UserError(
                    self.env._(
                        "“%s” has no solution yet, or the customer was told already.",
                        issue.name,
                    )
                )
        issues = self.sudo()
        issues._stm_write_outcome({"state": "told", "told_at": fields.Datetime.now()})
        issues._clear_activities()
        return True

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_foreign_source(self, source):
        return self.env._(
            "“%(issue)s” was not found in “%(where)s”: that was with another customer,"
            " or by somebody else.",
            issue=self.name,
            where=source.display_name,
        )

    def _check_mine(self):
        """The owner acts; in the place of one who has left, a superior."""
        self.check_access("write")
        led = self._stm_led_by_me()
        for issue in self:
            if issue.user_id != self.env.user and (
                issue.user_id.active or issue not in led
            ):
                raise AccessError(
                    self.env._(
                        "This is a problem that %s deals with.", issue.user_id.name
                    )
                )

    def _stm_check_editable(self, vals):
        super()._stm_check_editable(vals)
        if self.env.su:
            return
        led = self._stm_led_by_me()
        content = {name for name in vals if self._stm_touches_content({name: None})}
        for issue in self:
            if issue.state not in ("new", "reported"):
                raise UserError(
                    self.env._(
                        "“%s” is solved and cannot be changed any more.", issue.name
                    )
                )
            if issue.user_id == self.env.user:
                continue
            if issue not in led or not content or content - LEADER_FIELDS:
                raise AccessError(
                    self.env._(
                        "This is a problem that %s deals with. Superiors write down the"
                        " solution.",
                        issue.user_id.name,
                    )
                )

    def _stm_check_period(self):
        """A problem is dealt with until the customer was told, whatever was closed."""
        told = self.filtered(lambda issue: issue.state == "told")
        return super(StmCustomerIssue, told)._stm_check_period()

    def _stm_follow_deadlines(self):
        result = super()._stm_follow_deadlines()
        self.env.add_to_compute(self._fields["date_due"], self)
        return result

    @api.model
    def _stm_open_domain(self):
        return Domain("state", "!=", "told")

    @api.model
    def _stm_duty_bases(self):
        return {
            "outlet_problem": self.env._("Big problem at an outlet was logged"),
            "open_question": self.env._("Open question was logged"),
            "solution": self.env._("Solution was received"),
        }

    def _stm_duty_start(self, basis):
        self.ensure_one()
        return {
            "outlet_problem": self.kind == "outlet" and self.logged_at,
            "open_question": self.kind == "question" and self.logged_at,
            "solution": self.solved_at,
        }[basis]

    def _stm_duty_done_at(self, basis):
        self.ensure_one()
        return {
            "outlet_problem": self.solved_at,
            "open_question": self.reported_at or self.solved_at,
            "solution": self.told_at,
        }[basis]

    # ------------------------------------------------------------
    # Business methods: activities
    # ------------------------------------------------------------

    def _tell_leaders(self, asked=False):
        """Whoever leads the owner sees an unsolved problem at once (VIS-13)."""
        receivers = {}
        for issue in self.sudo():
            superiors = issue.team_id._stm_superiors(issue.user_id)
            if superiors:
                receivers[issue] = superiors[0][0]
        stand_ins = self.env["stm.substitution"]._stand_ins_of(
            self.env["res.users"].union(*receivers.values())
        )
        values = []
        for issue, leader in receivers.items():
            receiver = stand_ins.get(leader, leader)
            if receiver == issue.user_id:
                receiver = leader
            words = issue.with_context(lang=receiver.lang)
            summary = words.env._("Customer issue of %s", issue.user_id.name)
            if asked:
                summary = words.env._("%s asks for a solution", issue.user_id.name)
            values.append((issue, receiver, summary))
        self._add_activities(values)

    def _tell_anew(self):
        """To-dos go along with the problem, to those who deal with it now."""
        solved = self.filtered(lambda i: i.state == "solved" and i.sudo().activity_ids)
        self._clear_activities()
        self.filtered(lambda i: i.state == "new")._tell_leaders()
        self.filtered(lambda i: i.state == "reported")._tell_leaders(asked=True)
        solved._tell_owners()

    def _tell_owners(self):
        values = []
        for issue in self.sudo():
            words = issue.with_context(lang=issue.user_id.lang)
            summary = words.env._("Solved: tell the customer today")
            values.append((issue, issue._stm_duty_owner()[0], summary))
        self._add_activities(values)

    def _add_activities(self, values):
        """To-dos for the people; all in one go.

        :param values: list of (issue, person, summary)
        """
        kind = self.env.ref("sales_team_mgmt.mail_activity_customer_issue")
        model_id = self.env["ir.model"]._get_id(self._name)
        self.env["mail.activity"].sudo().with_context(
            mail_activity_quick_update=True
        ).create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": issue.id,
                    "activity_type_id": kind.id,
                    "automated": True,
                    "user_id": user.id,
                    "date_deadline": issue.date_due or issue.date,
                    "summary": summary,
                }
                for issue, user, summary in values
            ]
        )

    def _clear_activities(self):
        self.sudo().activity_unlink(
            ["sales_team_mgmt.mail_activity_customer_issue"], only_automated=True
        )
