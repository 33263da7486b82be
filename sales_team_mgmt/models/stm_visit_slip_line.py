from odoo import api, fields, models
from odoo.exceptions import ValidationError


class StmVisitSlipLine(models.Model):
    """Whom one visits on the way; becomes a visit when the slip is approved."""

    _name = "stm.visit.slip.line"
    _description = "Visit of a Slip"
    _inherit = ["stm.visit.line.mixin"]
    _order = "slip_id, start_at, id"

    _stm_document_field = "slip_id"

    slip_id = fields.Many2one(
        "stm.visit.slip", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="slip_id.company_id")
    phone = fields.Char(compute="_compute_phone")
    start_at = fields.Datetime(
        string="At",
        required=True,
        default=lambda self: self.env.context.get("stm_out_from"),
    )
    visit_ids = fields.One2many("stm.visit", "slip_line_id", string="Visit")

    _duration_positive = models.Constraint(
        "CHECK (duration > 0)", "A visit lasts longer than nothing."
    )

    @api.depends("contact_id.phone", "partner_id.phone")
    def _compute_phone(self):
        for line in self:
            line.phone = line.contact_id.phone or line.partner_id.phone

    @api.constrains("start_at", "slip_id")
    def _check_start_at(self):
        for line in self:
            slip = line.slip_id
            if not slip.out_from <= line.start_at <= slip.out_to:
                raise ValidationError(
                    self.env._(
                        "The visit to %s lies outside the time of the slip. Change its"
                        " time, or when you leave and return.",
                        line.partner_id.display_name,
                    )
                )

    def _approved_values(self):
        return [
            str(self.start_at),
            self.partner_id.id,
            self.contact_id.id or 0,
            round(self.duration * 60),
            self.purpose or "",
        ]

    def _day(self):
        """The day of the visit where the person is."""
        self.ensure_one()
        local = self.with_context(tz=self.slip_id.user_id._stm_tz())
        return fields.Datetime.context_timestamp(local, self.start_at).date()

    def _prepare_visit(self):
        """What the line leaves open, the slip says."""
        return super()._prepare_visit() | {
            "slip_line_id": self.id,
            "purpose": self.purpose or self.slip_id.purpose,
            "start_at": self.start_at,
        }
