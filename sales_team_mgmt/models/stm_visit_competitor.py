from odoo import api, fields, models
from odoo.exceptions import ValidationError


class StmVisitCompetitor(models.Model):
    """What a competitor was doing at a customer on the day of a visit (MKT-01)."""

    _name = "stm.visit.competitor"
    _description = "Competitor Seen at a Visit"
    _inherit = ["stm.visit.part.mixin"]
    _order = "visit_id, id"

    _stm_system_fields = frozenset({"partner_id", "date"})

    partner_id = fields.Many2one(
        related="visit_id.commercial_partner_id",
        string="Customer",
        store=True,
        precompute=True,
        index=True,
    )
    date = fields.Date(related="visit_id.date", store=True, precompute=True, index=True)
    name = fields.Char(string="Competitor", required=True)
    product = fields.Char()
    currency_id = fields.Many2one(related="company_id.currency_id")
    price = fields.Monetary(aggregator="avg", help="What it is sold for there.")
    promotion = fields.Char()
    note = fields.Text()

    _list_idx = models.Index("(visit_id, id)")

    @api.constrains("price")
    def _check_price(self):
        if any(seen.price < 0 for seen in self):
            raise ValidationError(self.env._("A price is not negative."))
