from odoo import api, fields, models


class StmJointVisitLine(models.Model):
    """How somebody did in one thing on a visit, on a scale of 1 to 5."""

    _name = "stm.joint.visit.line"
    _description = "Score of a Joint Visit"
    _order = "joint_id, sequence, id"

    joint_id = fields.Many2one(
        "stm.joint.visit", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Topic", required=True)
    score = fields.Selection(
        [(str(number), str(number)) for number in range(1, 6)],
        required=True,
        default="3",
        help="1: much to learn, 5: others can learn from it.",
    )
    note = fields.Char(string="Remark")

    # ------------------------------------------------------------
    # CRUD methods: the notes are those of whoever came along
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_notes()
        return lines

    def write(self, vals):
        self._check_notes()
        result = super().write(vals)
        self._check_notes()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_noted(self):
        self._check_notes()

    def _check_notes(self):
        if not self.env.su:
            self.joint_id._stm_check_editable({"line_ids": True})
