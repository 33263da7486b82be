from odoo import api, fields, models
from odoo.tools import SQL

from ..models.stm_contact_log import CONTACT_WAYS


class StmCustomerLedger(models.Model):
    """Visits and contacts of customers in one list (VIS-17, FRM-03).

    Finished visits and everything in the register of contacts. Whoever may read the
    visit or the contact reads its row: the scope is the same.
    """

    _name = "stm.customer.ledger"
    _description = "Customer Visit Ledger"
    _inherit = ["stm.scope.mixin", "stm.form.mixin"]
    _auto = False
    _order = "date desc, moment desc, id desc"
    _rec_name = "partner_id"
    _depends = {
        "stm.visit": [
            "date",
            "start_at",
            "check_in_at",
            "partner_id",
            "commercial_partner_id",
            "contact_id",
            "user_id",
            "team_id",
            "company_id",
            "content",
            "result",
            "problem",
            "next_step",
            "state",
        ],
        "stm.contact.log": [
            "date",
            "contact_at",
            "partner_id",
            "commercial_partner_id",
            "contact_id",
            "user_id",
            "team_id",
            "company_id",
            "way",
            "content",
            "result",
            "wishes",
            "handling",
            "next_date",
        ],
    }

    date = fields.Date(readonly=True)
    moment = fields.Datetime(string="Date and Time", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    commercial_partner_id = fields.Many2one("res.partner", readonly=True)
    contact_id = fields.Many2one("res.partner", string="Person Visited", readonly=True)
    user_id = fields.Many2one("res.users", string="Visitor", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    way = fields.Selection([("visit", "Visit"), *CONTACT_WAYS], readonly=True)
    content = fields.Text(readonly=True)
    result = fields.Text(readonly=True)
    problem = fields.Text(readonly=True)
    handling = fields.Text(readonly=True)
    logged_next_date = fields.Date(readonly=True)
    next_date = fields.Date(string="Next Visit", compute="_compute_next_date")
    visit_id = fields.Many2one("stm.visit", string="Visit", readonly=True)
    contact_log_id = fields.Many2one(
        "stm.contact.log", string="Customer Contact", readonly=True
    )

    @property
    def _table_query(self) -> SQL:
        return SQL("%s UNION ALL %s", self._visits(), self._contacts())

    def _visits(self) -> SQL:
        # Two numbers that never meet make the ids of the rows.
        return SQL(
            """
            SELECT visit.id * 2 AS id, visit.date,
                   COALESCE(visit.check_in_at, visit.start_at) AS moment,
                   visit.partner_id, visit.commercial_partner_id, visit.contact_id,
                   visit.user_id, visit.team_id, visit.company_id,
                   'visit'::varchar AS way, visit.content, visit.result, visit.problem,
                   visit.next_step AS handling, NULL::date AS logged_next_date,
                   visit.id AS visit_id, NULL::int AS contact_log_id
              FROM stm_visit visit
             WHERE visit.state = 'done'
            """
        )

    def _contacts(self) -> SQL:
        return SQL(
            """
            SELECT log.id * 2 + 1 AS id, log.date, log.contact_at AS moment,
                   log.partner_id, log.commercial_partner_id, log.contact_id,
                   log.user_id, log.team_id, log.company_id,
                   log.way, log.content, log.result, log.wishes AS problem,
                   log.handling, log.next_date AS logged_next_date,
                   NULL::int AS visit_id, log.id AS contact_log_id
              FROM stm_contact_log log
            """
        )

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    def _compute_next_date(self):
        """The next visit to the customer that its visitor has planned, or the day
        that was agreed in the contact.
        """
        # Who may read the row may know when its visitor comes again.
        planned = (
            self.env["stm.visit"]
            .sudo()
            .search_fetch(
                [
                    (
                        "commercial_partner_id",
                        "in",
                        self.sudo().commercial_partner_id.ids,
                    ),
                    ("user_id", "in", self.sudo().user_id.ids),
                    ("company_id", "in", self.sudo().company_id.ids),
                    ("state", "in", ("planned", "started")),
                    ("date", ">=", min(self.mapped("date"), default=False)),
                ],
                ["commercial_partner_id", "user_id", "company_id", "date"],
                order="date, id",
            )
        )
        by_key = planned.grouped(
            lambda v: (v.commercial_partner_id.id, v.user_id.id, v.company_id.id)
        )
        for row in self:
            key = (row.commercial_partner_id.id, row.user_id.id, row.company_id.id)
            later = [
                visit.date for visit in by_key.get(key, ()) if visit.date > row.date
            ]
            row.next_date = row.logged_next_date or (later and later[0])

    @api.depends("partner_id", "date")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.partner_id.display_name} – {row.date}"

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_open_document(self):
        """Open the visit or the contact behind a row."""
        self.ensure_one()
        self.check_access("read")
        return self._stm_open_document(self.visit_id or self.contact_log_id)

    def action_xlsx(self):
        """Download the rows as a workbook, from the same rows as the PDF (FRM-03)."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": "/stm/customer_ledger.xlsx?ids=" + ",".join(map(str, self.ids)),
            "target": "download",
        }

    # ------------------------------------------------------------
    # Business methods: the ledger on paper and as a workbook
    # ------------------------------------------------------------

    @api.model
    def _stm_forms(self):
        return {"ledger": self.env._("Terminal Customer Visit Ledger")}

    def _get_form_sheets(self, form):
        self.check_access("read")
        labels = dict(self._fields["way"]._description_selection(self.env))
        rows = self.sorted(lambda row: (row.date, row.moment, row.id))
        columns = {
            self.env._("No."): (5, lambda row: None),
            self.env._("Date"): (10, lambda row: self._stm_day_in_words(row.date)),
            self.env._("Customer"): (12, lambda row: row.partner_id.display_name),
            self.env._("Person Visited"): (8, lambda row: row.contact_id.name),
            self.env._("Visitor"): (8, lambda row: row.user_id.name),
            self.env._("Way"): (7, lambda row: labels.get(row.way)),
            self.env._("Content"): (12, lambda row: row.content),
            self.env._("Result"): (10, lambda row: row.result),
            self.env._("Problem"): (9, lambda row: row.problem),
            self.env._("Handling"): (9, lambda row: row.handling),
            self.env._("Next Visit"): (
                10,
                lambda row: self._stm_day_in_words(row.next_date),
            ),
        }
        return [self._stm_register(form, rows, columns)]
