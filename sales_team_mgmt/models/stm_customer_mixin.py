from odoo import api, fields, models
from odoo.exceptions import ValidationError


class StmCustomerMixin(models.AbstractModel):
    """A document about a customer, made in a visit or a call.

    Without one it is written down by itself, and its customer is entered. With one it
    is by whoever was there, about the customer who was there.
    """

    _name = "stm.customer.mixin"
    _description = "Document about a Customer"
    _inherit = ["stm.document.mixin"]

    # Many2one fields to what it was made in; the first one that is set counts.
    _stm_source_fields = ("visit_id",)

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        compute="_compute_partner_id",
        store=True,
        precompute=True,
        readonly=False,
        domain="[('company_id', 'in', (company_id, False))]",
        tracking=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, index=True
    )
    visit_id = fields.Many2one(
        "stm.visit",
        string="Visit",
        index="btree_not_null",
        check_company=True,
        copy=False,
        domain="[('user_id', '=', uid)]",
    )

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.depends(lambda self: self._stm_source_fields)
    def _compute_partner_id(self):
        for document in self:
            source = document._stm_source()
            document.partner_id = source.partner_id or document.partner_id

    @api.constrains(lambda self: (*self._stm_source_fields, "partner_id", "user_id"))
    def _check_source(self):
        """It was made by whoever was there, about the customer who was there."""
        for document in self:
            for name in self._stm_source_fields:
                source = document[name]
                if source and (
                    source.user_id != document.user_id
                    or source.commercial_partner_id != document.commercial_partner_id
                ):
                    raise ValidationError(document._stm_foreign_source(source))

    @api.constrains("partner_id", "company_id")
    def _check_partner_company(self):
        for document in self:
            document.partner_id._stm_check_company(document.company_id)

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_source(self):
        """What the document was made in; an empty record if it stands by itself."""
        self.ensure_one()
        sources = [self[name] for name in self._stm_source_fields]
        return next(filter(None, sources), sources[-1])

    def _stm_foreign_source(self, source):
        """Hook: the sentence that refuses what somebody else did, or elsewhere."""
        raise NotImplementedError
