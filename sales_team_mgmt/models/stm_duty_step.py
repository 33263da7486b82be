from odoo import api, fields, models
from odoo.exceptions import ValidationError


class StmDutyStep(models.Model):
    """A rung of the ladder: who is told what, how long before or after the deadline."""

    _name = "stm.duty.step"
    _description = "Step of a Duty's Ladder"
    _inherit = ["stm.version.line.mixin"]
    _order = "duty_id, sequence, id"

    _stm_version_field = "duty_id"

    duty_id = fields.Many2one("stm.duty", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    action = fields.Selection(
        [
            ("remind", "Remind the Person"),
            ("escalate", "Tell the Superior"),
            ("event", "Record an Event"),
        ],
        required=True,
        default="remind",
    )
    hours = fields.Float(
        help="Hours after the deadline; negative: before it.", default=-3.0
    )
    basis = fields.Selection(
        [("due", "Deadline"), ("last", "End of the Exception Window")],
        string="Counted From",
        required=True,
        default="due",
    )
    event_type_id = fields.Many2one(
        "stm.event.type",
        index="btree_not_null",
        ondelete="restrict",
        help="Recorded when something is handed in late, or not at all: it counts in"
        " the appraisal.",
    )
    level = fields.Integer(string="Level Above", default=1)

    _level_positive = models.Constraint(
        "CHECK (level > 0)", "The level above starts at 1."
    )
    _event_has_type = models.Constraint(
        "CHECK (action <> 'event' OR event_type_id IS NOT NULL)",
        "Choose the type of the event that is recorded.",
    )
    _event_is_over = models.Constraint(
        "CHECK (action <> 'event' OR hours >= 0)",
        "An event is recorded after the deadline, not before it.",
    )
    # The event of an item has one key.
    _one_event = models.UniqueIndex(
        "(duty_id) WHERE action = 'event'", "A duty records one event at most."
    )

    @api.constrains("event_type_id", "duty_id")
    def _check_event_type_company(self):
        for step in self:
            company = step.event_type_id.company_id
            if company and company != step.duty_id.company_id:
                raise ValidationError(
                    self.env._(
                        "“%(type)s” is recorded in %(company)s only. Choose a type that"
                        " exists in every company of the duty.",
                        type=step.event_type_id.name,
                        company=company.name,
                    )
                )

    @api.onchange("action")
    def _onchange_action(self):
        """An event comes after the deadline; a reminder mostly before it."""
        if self.action == "event":
            self.hours = max(self.hours, 0.0)
        else:
            self.event_type_id = False
