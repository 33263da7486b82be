from odoo import fields, models


class StmVisit(models.Model):
    """What was promised in a visit, what was found, and who was called about it."""

    _inherit = "stm.visit"  # pylint: disable=consider-merging-classes-inherited

    promise_ids = fields.One2many("stm.promise", "visit_id", string="Promises")
    issue_ids = fields.One2many(
        "stm.customer.issue", "visit_id", string="Customer Issues"
    )
    contact_log_ids = fields.One2many("stm.contact.log", "visit_id", string="Contacts")

    def action_stm_log_call(self):
        """Write down a call about the visit."""
        self.ensure_one()
        action = self.partner_id.action_stm_log_call()
        action["context"] |= {
            "default_visit_id": self.id,
            "default_contact_id": self.contact_id.id,
        }
        return action
