from odoo import api, fields, models
from odoo.exceptions import AccessError


class StmMeasureCorrection(models.Model):
    """What changed in a closed period after its figures were frozen.

    The frozen figure stays; figure and corrections together are what the records say
    now. It is booked in the open month that contains the day it was found.
    """

    _name = "stm.measure.correction"
    _description = "Correction of a Figure"
    _order = "date desc, id desc"
    _rec_name = "sentence"

    measure_id = fields.Many2one(
        "stm.measure",
        string="Figure",
        required=True,
        index=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="measure_id.company_id", store=True, index=True
    )
    period_id = fields.Many2one(
        "stm.period",
        string="Booked in",
        required=True,
        index=True,
        readonly=True,
        ondelete="restrict",
    )
    date = fields.Date(string="Found on", required=True, readonly=True)
    numerator = fields.Float(string="Difference", digits=0, readonly=True)
    denominator = fields.Float(string="Difference of the Base", digits=0, readonly=True)
    came = fields.Integer(string="Records That Came", readonly=True)
    gone = fields.Integer(string="Records Gone", readonly=True)
    changed = fields.Integer(string="Records Changed", readonly=True)
    sentence = fields.Char(string="Explanation", compute="_compute_sentence")

    _list_idx = models.Index("(date DESC, id DESC)")

    @api.depends("came", "gone", "changed", "numerator", "denominator")
    def _compute_sentence(self):
        for correction in self:
            counts = [
                (correction.came, self.env._("%s came later", correction.came)),
                (correction.gone, self.env._("%s gone", correction.gone)),
                (correction.changed, self.env._("%s changed", correction.changed)),
            ]
            records = ", ".join(text for count, text in counts if count)
            correction.sentence = self.env._(
                "Records after closing: %(records)s. The figure changes by"
                " %(difference)s.",
                records=records or self.env._("others than before"),
                difference=correction.measure_id._difference_text(correction),
            )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_system()
        return super().create(vals_list)

    def write(self, vals):
        self._check_system()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_system(self):
        self._check_system()

    def _check_system(self):
        if not self.env.su:
            raise AccessError(
                self.env._("Corrections are found by the system; they are only read.")
            )
