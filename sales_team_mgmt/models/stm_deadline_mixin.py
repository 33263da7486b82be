from odoo import api, fields, models


class StmDeadlineMixin(models.AbstractModel):
    """A document with deadlines of its own, counted from dates that it names.

    A promise to a customer is owed by its day, a customer's problem is solved so many
    days after it was found. How many, and what happens then, is a duty with the
    trigger "record": the document only says when what happened. Its deadlines follow
    every change of it at once.
    """

    _name = "stm.deadline.mixin"
    _description = "Document with Deadlines"
    _inherit = ["stm.document.mixin"]

    _stm_is_owed = True
    # Fields whose change moves a deadline, or meets it.
    _stm_duty_fields = frozenset({"user_id", "team_id", "company_id"})

    deadline_ids = fields.One2many(
        "stm.duty.item", compute="_compute_deadline_ids", string="Deadlines"
    )
    deadline = fields.Datetime(compute="_compute_deadline_ids")
    deadline_sentence = fields.Char(
        string="Deadline Explained", compute="_compute_deadline_ids"
    )

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends(lambda self: tuple(sorted(self._stm_get_duty_fields())))
    def _compute_deadline_ids(self):
        """The deadlines of each document; the next one that is open, in words."""
        Item = self.env["stm.duty.item"].sudo()
        items = Item._find_of_records(self._origin) if self._origin else Item
        found = items.grouped("res_id")
        for document in self:
            own = found.get(document._origin.id, Item).sorted("due_at")
            document.deadline_ids = own
            current = own.filtered(lambda i: i.state in ("open", "missing"))[:1]
            current = current or own[-1:]
            document.deadline = current.due_at
            document.deadline_sentence = (
                f"{current.duty_id.name}: {current.sentence}" if current else False
            )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create(vals_list)
        documents._stm_follow_deadlines()
        return documents

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & self._stm_get_duty_fields():
            self._stm_follow_deadlines()
        return result

    def unlink(self):
        items = self.env["stm.duty.item"].sudo()._find_of_records(self)
        result = super().unlink()
        items._withdraw_events()
        items.unlink()
        return result

    # ------------------------------------------------------------
    # Business methods: hooks of the document
    # ------------------------------------------------------------

    @api.model
    def _stm_duty_bases(self):
        """Hook: {code: label} of the dates that deadlines can count from."""
        return {}

    def _stm_duty_start(self, basis):
        """Hook: UTC moment from which the time runs; False as long as it does not."""
        self.ensure_one()
        return False

    def _stm_duty_done_at(self, basis):
        """Hook: UTC moment at which it was done; False as long as it was not."""
        self.ensure_one()
        return False

    def _stm_after_judged(self, items):
        """Hook: deadlines of the documents were judged or waived."""

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    @api.model
    def _stm_get_duty_fields(self):
        """The fields that the model and its mixins name."""
        named = (vars(base).get("_stm_duty_fields", ()) for base in type(self).__mro__)
        return frozenset().union(*named)

    def _stm_duty_owner(self):
        """Who owes it: the owner, or the leader above once the owner has left."""
        self.ensure_one()
        if not self.user_id.active:
            superiors = self.team_id._stm_superiors(self.user_id)
            if superiors:
                return superiors[0]
        return (self.user_id, self.team_id)

    def _stm_write_outcome(self, vals):
        result = super()._stm_write_outcome(vals)
        if vals.keys() & self._stm_get_duty_fields():
            self._stm_follow_deadlines()
        return result

    def _stm_follow_deadlines(self):
        self.env["stm.duty.item"].sudo()._follow_records(self.sudo())
        self.invalidate_recordset(["deadline_ids", "deadline", "deadline_sentence"])

    def _stm_led_by_me(self):
        """Those of people below the current user, who leads their team today.

        Deputies and stand-ins lead the team, but not the leader they act for; nobody
        leads oneself.
        """
        rows = self.env["stm.access"]._stm_leading(self.env.user)
        led = {(row.team_id.id, row.origin_team_id.user_id.id) for row in rows}
        return self.filtered(
            lambda d: (
                d.user_id != self.env.user
                and any(
                    team == d.team_id.id and head != d.user_id.id for team, head in led
                )
            )
        )
