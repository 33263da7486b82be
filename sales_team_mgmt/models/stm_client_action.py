from odoo import api, fields, models
from odoo.tools import SQL

CLIENT_ACTION_KINDS = [
    ("create", "New Visit"),
    ("check_in", "Check-in"),
    ("check_out", "Check-out"),
    ("note", "Notes"),
    ("answer", "Answer"),
    ("photo", "Photo"),
    ("stock", "Stock Count"),
    ("competitor", "Competitor"),
    ("order", "Order"),
    ("collection", "Payment Agreed"),
    ("promise", "Promise"),
    ("next_visit", "Next Visit"),
    ("cancel", "Cancelled"),
    ("carry_over", "Carried Over"),
    ("call", "Call"),
    ("consent", "Consent"),
]


class StmClientAction(models.Model):
    """What a phone sent: when it was done there, when it came, what became of it.

    Its number is unique over all time, so that a queue that is sent twice is carried
    out once. What was refused may be sent again. Kept as long as positions are.
    """

    _name = "stm.client.action"
    _description = "Sent by a Phone"
    _inherit = ["stm.scope.mixin"]
    _order = "received_at desc, id desc"
    _rec_name = "uuid"

    uuid = fields.Char(string="Number", required=True, readonly=True)
    user_id = fields.Many2one("res.users", required=True, readonly=True, index=True)
    team_id = fields.Many2one("crm.team", readonly=True, index="btree_not_null")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    kind = fields.Selection(CLIENT_ACTION_KINDS, required=True, readonly=True)
    visit_id = fields.Many2one(
        "stm.visit", readonly=True, index="btree_not_null", ondelete="set null"
    )
    device_at = fields.Datetime(
        string="Done on the Phone", readonly=True, help="On the clock of the phone."
    )
    received_at = fields.Datetime(string="Arrived", required=True, readonly=True)
    late = fields.Integer(
        string="Minutes Late",
        readonly=True,
        aggregator="max",
        help="How long it waited in the phone.",
    )
    state = fields.Selection(
        [("done", "Done"), ("refused", "Refused")], required=True, readonly=True
    )
    message = fields.Char(string="Why Refused", readonly=True)

    _uuid_uniq = models.UniqueIndex("(uuid)", "This has arrived already.")
    _list_idx = models.Index("(received_at DESC, id DESC)")
    _purge_idx = models.Index("(company_id, received_at)")

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    @api.model
    def _stm_scope_domain(self):
        """When and how somebody works is for those who lead, not for assistants."""
        return self.env["stm.access"]._stm_proof_domain()

    @api.model
    def _stm_known(self, uuids):
        """{number: action} of what has arrived before, from whomever."""
        return {
            action.uuid: action
            for action in self.sudo().search([("uuid", "in", list(uuids))])
        }

    @api.model
    def _stm_enter(self, vals):
        """Write down an action, unless it is there as carried out.

        A transaction that enters the same number waits here for the other one and is
        then refused by PostgreSQL, so that Odoo makes the call anew and finds it.

        :return: its id, or None if it was carried out before
        """
        vals = {**vals, "create_uid": self.env.uid, "create_date": vals["received_at"]}
        names = list(vals)
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO stm_client_action (%(columns)s) VALUES (%(values)s)
                    ON CONFLICT (uuid) DO UPDATE SET %(updates)s
                 WHERE stm_client_action.state = 'refused'
                   AND stm_client_action.user_id = EXCLUDED.user_id
                RETURNING id
                """,
                columns=SQL(", ").join(map(SQL.identifier, names)),
                values=SQL(", ").join(SQL("%s", vals[name]) for name in names),
                updates=SQL(", ").join(
                    SQL("%s = EXCLUDED.%s", SQL.identifier(n), SQL.identifier(n))
                    for n in names
                ),
            )
        )
        self.invalidate_model(flush=False)
        return rows[0][0] if rows else None
