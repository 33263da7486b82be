from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class StmTransfer(models.TransientModel):
    """Move a person to another team, and the customers to whoever takes them over.

    Open documents go along; closed ones stay where they were (ORG-18).
    """

    _name = "stm.transfer"
    _description = "Transfer"

    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        required=True,
        domain=[("share", "=", False)],
    )
    from_team_id = fields.Many2one(
        "crm.team", string="Leaves", compute="_compute_from_team_id"
    )
    kind = fields.Selection(
        [
            ("move", "Move to Another Team"),
            ("customers", "Only Hand Over Customers"),
        ],
        required=True,
        default="move",
    )
    team_id = fields.Many2one("crm.team", string="Joins")
    post_id = fields.Many2one("stm.post", string="New Post")
    date = fields.Date(
        string="First Day",
        required=True,
        default=fields.Date.context_today,
        help="First day in the new team, and the day from which open visits move.",
    )
    customers = fields.Selection(
        string="Their Customers",
        selection=[
            ("keep", "Stay with the Person"),
            ("hand_over", "Go to a Colleague"),
        ],
        required=True,
        default="hand_over",
    )
    successor_id = fields.Many2one(
        "res.users",
        string="Successor",
        domain="[('share', '=', False), ('id', '!=', user_id)]",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Only These Customers",
        domain="[('user_id', '=', user_id)]",
        help="Empty: all customers of the person.",
    )
    note = fields.Text(string="Handover Note")
    customer_count = fields.Integer(compute="_compute_counts", string="Customers")
    visit_count = fields.Integer(compute="_compute_counts", string="Open Visits")
    document_count = fields.Integer(compute="_compute_counts", string="Open Documents")

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends("user_id", "date")
    def _compute_from_team_id(self):
        for wizard in self:
            teams = self.env["crm.team.member"]._stm_teams_of(
                wizard.user_id, (wizard.date or fields.Date.today()) - timedelta(days=1)
            )
            wizard.from_team_id = teams.get(wizard.user_id)

    @api.depends("user_id", "date", "partner_ids", "kind", "successor_id")
    def _compute_counts(self):
        for wizard in self:
            wizard.customer_count = len(wizard._get_customers())
            wizard.visit_count = len(wizard._get_open_visits())
            wizard.document_count = wizard._count_open_documents()

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_transfer(self):
        """Do it, write it down on the person and the teams, and open the person."""
        self.ensure_one()
        self._check_may_transfer()
        self._check_complete()
        visits = self._get_open_visits()
        customers = self._get_customers()
        moved = self.customers == "hand_over"
        if moved:
            self._hand_over_visits(visits)
            customers.write({"user_id": self.successor_id.id})
        if self.kind == "move":
            self._move_person()
        self._write_down(len(customers) if moved else 0, len(visits) if moved else 0)
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _check_may_transfer(self):
        """A superior of the person, or HR, transfers; nobody transfers oneself."""
        actor = self.env.user
        if actor.has_group("sales_team_mgmt.group_hr") and actor != self.user_id:
            return
        led = self.env["stm.access"]._stm_people_led_by(actor, self.user_id - actor)
        if not led:
            raise AccessError(
                self.env._(
                    "Only a superior of %s or HR can do this transfer.",
                    self.user_id.name,
                )
            )
        if self.kind == "move" and not actor.has_group(
            "sales_team_mgmt.group_department_manager"
        ):
            raise AccessError(
                self.env._(
                    "Moving a person to another team is up to the department manager."
                )
            )
        teams = self.env["stm.access"]._stm_leading(actor).team_id
        if self.kind == "move" and self.team_id and self.team_id.id not in teams.ids:
            raise AccessError(
                self.env._(
                    "You do not lead %s. Ask HR to move the person there.",
                    self.team_id.name,
                )
            )

    def _check_complete(self):
        if self.kind == "move":
            if not self.team_id:
                raise UserError(self.env._("Choose the team that the person joins."))
            if self.team_id == self.from_team_id and not self.post_id:
                raise UserError(
                    self.env._(
                        "%(person)s is in %(team)s already.",
                        person=self.user_id.name,
                        team=self.team_id.name,
                    )
                )
            if company := self.team_id.company_id:
                self.user_id._stm_check_works_in(company)
        if self.customers == "hand_over" and not self.successor_id:
            if self._get_customers() or self._get_open_visits():
                raise UserError(
                    self.env._("Choose who takes over the customers and visits.")
                )
        if self.kind == "customers" and self.customers == "keep":
            raise UserError(self.env._("Choose who takes over the customers."))
        if self.customers == "hand_over" and self.date > fields.Date.context_today(
            self
        ):
            if self._get_customers() or self._get_open_visits():
                raise UserError(
                    self.env._(
                        "Customers and visits change hands at once, not on a later"
                        " day. Plan the move ahead with “Stay with the Person”, and"
                        " hand the customers over on the first day."
                    )
                )
        if self.customers == "hand_over" and self.successor_id:
            teams = self.env["crm.team.member"]._stm_teams_of(
                self.successor_id, self.date
            )
            if self.successor_id not in teams:
                raise UserError(
                    self.env._(
                        "%s is not in a sales team on that day and cannot take over.",
                        self.successor_id.name,
                    )
                )

    def _get_companies(self):
        """What is handed over: of companies that actor and successor work in."""
        companies = self.env.companies
        if self.successor_id:
            companies &= self.successor_id.sudo().company_ids
        return companies

    def _get_customers(self):
        domain = Domain("user_id", "=", self.user_id.id)
        domain &= Domain("company_id", "in", [False, *self._get_companies().ids])
        if self.partner_ids:
            domain &= Domain("id", "in", self.partner_ids.ids)
        return self.env["res.partner"].sudo().search(domain)

    def _get_open_visits(self):
        """Visits still to be made from the first day on; one that was begun stays."""
        Visit = self.env["stm.visit"].sudo()
        domain = Domain("state", "=", "planned")
        domain &= Domain("user_id", "=", self.user_id.id)
        domain &= Domain("date", ">=", self.date)
        domain &= Domain("company_id", "in", self._get_companies().ids)
        if self.partner_ids:
            domain &= Domain("partner_id", "child_of", self.partner_ids.ids)
        return Visit.search(domain)

    def _count_open_documents(self):
        """Documents that will follow the person into the new team."""
        if self.kind != "move" or not self.user_id:
            return 0
        return sum(
            self.env[model]
            .sudo()
            .search_count(
                self.env[model]._stm_open_domain()
                & Domain("user_id", "=", self.user_id.id)
            )
            for model in self.env["stm.access"]._document_models()
            if model not in ("stm.visit", "stm.duty.item", "stm.contact.profile")
        )

    def _hand_over_visits(self, visits):
        visits.write({"user_id": self.successor_id.id})
        for visit in visits:
            visit.message_post(body=self.env._("Handed over by %s.", self.user_id.name))

    def _move_person(self):
        """End the old membership the day before and begin the new one."""
        Member = self.env["crm.team.member"].sudo()
        old = Member._stm_on(
            self.date - timedelta(days=1), Domain("user_id", "=", self.user_id.id)
        )
        post = self.post_id or old[:1].stm_post_id
        if self.post_id:
            self.env["res.users"]._stm_check_may_grant(self.post_id.group_id)
        old._stm_end(self.date - timedelta(days=1))
        today = fields.Date.context_today(self)
        if self.date <= today:
            old.filtered("active").write(
                {"active": False, "stm_date_to": self.date - timedelta(days=1)}
            )
        Member.create(
            {
                "user_id": self.user_id.id,
                "crm_team_id": self.team_id.id,
                "stm_post_id": post.id,
                "stm_date_from": self.date,
                "active": self.date <= today,
            }
        )

    def _write_down(self, customers, visits):
        lines = [self.env._("Transfer of %s", self.user_id.name)]
        if self.kind == "move":
            lines.append(
                self.env._(
                    "%(old)s → %(new)s from %(day)s",
                    old=self.from_team_id.name or "–",
                    new=self.team_id.name,
                    day=self.date,
                )
            )
        if self.successor_id:
            lines.append(
                self.env._(
                    "%(customers)s customers and %(visits)s visits to %(person)s",
                    customers=customers,
                    visits=visits,
                    person=self.successor_id.name,
                )
            )
        lines.append(self.note or "")
        body = "\n".join(filter(None, lines))
        for record in (self.user_id.partner_id, self.from_team_id, self.team_id):
            if record:
                record.sudo().message_post(
                    body=body, author_id=self.env.user.partner_id.id
                )
