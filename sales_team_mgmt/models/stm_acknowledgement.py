from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class StmAcknowledgement(models.Model):
    """Somebody has read a version of the rules, with the date (SEC-09)."""

    _name = "stm.acknowledgement"
    _description = "Acknowledgement"
    _inherit = ["stm.system.mixin", "stm.scope.mixin"]
    _order = "date desc, id desc"
    _rec_name = "user_id"

    _stm_system_fields = frozenset({"date"})

    document_id = fields.Many2one(
        "stm.rule.document", required=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users", required=True, index=True, ondelete="cascade"
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)

    _uniq = models.UniqueIndex(
        "(document_id, user_id)", "This person has acknowledged it already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(
                self.env._("Use the button of the rules to acknowledge them.")
            )
        return super().create(vals_list)

    @api.model
    def _stm_scope_domain(self):
        """The team is the one of the rules."""
        scope = self.env["stm.access"]._stm_scope()
        return Domain("user_id", "in", scope.user_ids) | Domain(
            "document_id.team_id", "in", scope.team_ids
        )
