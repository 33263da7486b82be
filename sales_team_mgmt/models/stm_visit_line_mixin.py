from odoo import api, fields, models


class StmVisitLineMixin(models.AbstractModel):
    """Whom one is going to visit; becomes a visit when its document is approved.

    The visit has a link to the document under the same name as the line.
    """

    _name = "stm.visit.line.mixin"
    _description = "Visit to Be Approved"
    _inherit = ["stm.approval.part.mixin"]

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        domain="[('company_id', 'in', (company_id, False))]",
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Person to Visit",
        domain="[('parent_id', '=', partner_id)]",
    )
    duration = fields.Float(string="Hours", default=1.0)
    purpose = fields.Char()

    # ------------------------------------------------------------
    # Constraint methods
    # ------------------------------------------------------------

    @api.constrains(lambda self: ("partner_id", self._stm_document_field))
    def _check_partner_company(self):
        for line in self:
            company = line[self._stm_document_field].company_id
            line.partner_id._stm_check_company(company)

    @api.constrains("partner_id", "contact_id")
    def _check_contact(self):
        for line in self:
            line.partner_id._stm_check_contact(line.contact_id)

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        if self.contact_id.commercial_partner_id != (
            self.partner_id.commercial_partner_id
        ):
            self.contact_id = False

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _prepare_visit(self):
        """Values of the planned visit, as the approved line says."""
        self.ensure_one()
        document = self[self._stm_document_field]
        return {
            self._stm_document_field: document.id,
            "user_id": document.user_id.id,
            "company_id": document.company_id.id,
            "partner_id": self.partner_id.id,
            "contact_id": self.contact_id.id,
            "purpose": self.purpose,
            "duration": self.duration,
        }
