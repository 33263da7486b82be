from odoo import api, fields, models

ACTION_KINDS = [
    ("note", "Write Down What Came of It"),
    ("photo", "Take a Photo"),
    ("questions", "Answer the Checklist"),
    ("stock", "Count the Stock"),
    ("competitor", "Look at Competitors"),
    ("order", "Take an Order"),
    ("collection", "Agree on a Payment"),
    ("promise", "Make a Promise"),
    ("next_step", "Agree on the Next Step"),
]


class StmVisitTypeAction(models.Model):
    """One step of a visit: what to do, and whether the visit ends without it."""

    _name = "stm.visit.type.action"
    _description = "Step of a Visit"
    _inherit = ["stm.version.line.mixin"]
    _order = "type_id, sequence, id"
    _rec_name = "kind"

    _stm_version_field = "type_id"

    type_id = fields.Many2one(
        "stm.visit.type", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    kind = fields.Selection(ACTION_KINDS, string="Step", required=True)
    required = fields.Boolean(help="The visit cannot be finished without it.")
    hint = fields.Char(translate=True, help="Says how to do it well.")

    _list_idx = models.Index("(type_id, sequence, id)")
    _kind_uniq = models.UniqueIndex(
        "(type_id, kind)", "This type of visit has that step already."
    )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
