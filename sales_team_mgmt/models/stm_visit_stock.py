from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, float_repr

#: Orders that the suggestion looks back on.
ORDERS = 3


class StmVisitStock(models.Model):
    """What was counted of a product at a customer on the day of a visit (VIS-10)."""

    _name = "stm.visit.stock"
    _description = "Stock Counted at a Visit"
    _inherit = ["stm.visit.part.mixin"]
    _order = "visit_id, id"
    _rec_name = "product_id"
    _check_company_auto = True

    _stm_system_fields = frozenset({"partner_id", "date"})

    partner_id = fields.Many2one(
        related="visit_id.commercial_partner_id",
        string="Customer",
        store=True,
        precompute=True,
        index=True,
    )
    date = fields.Date(related="visit_id.date", store=True, precompute=True, index=True)
    product_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        check_company=True,
        domain="[('sale_ok', '=', True)]",
    )
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    quantity = fields.Float(
        string="Counted",
        required=True,
        digits="Product Unit",
        help="On the shelf and in store.",
    )
    facings = fields.Integer(help="How many packs face the customer.")
    currency_id = fields.Many2one(related="company_id.currency_id")
    price = fields.Monetary(
        string="Shelf Price", aggregator="avg", help="What it is sold for there."
    )
    suggested = fields.Float(
        string="Suggested Order",
        compute="_compute_suggested",
        digits="Product Unit",
        help="What the customer orders at a time on average, less what is there.",
    )
    suggested_note = fields.Char(string="Why so Many", compute="_compute_suggested")

    _list_idx = models.Index("(visit_id, id)")
    _product_uniq = models.UniqueIndex(
        "(visit_id, product_id)", "Count each product once."
    )

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.depends("product_id", "quantity", "visit_id.commercial_partner_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_suggested(self):
        """Average of the last orders that the reader may see, less what is there."""
        usual = self._usual_orders()
        for line in self:
            partner = line.visit_id.commercial_partner_id
            average, count = usual.get(
                (partner._origin.id, line.product_id._origin.id), (0, 0)
            )
            line.suggested = max(0.0, average - line.quantity) if count else 0.0
            line.suggested_note = bool(count) and self.env._(
                "%(average)s on average in the last %(count)s orders, %(quantity)s are"
                " there.",
                average=float_repr(average, 1).removesuffix(".0"),
                count=count,
                quantity=float_repr(line.quantity, 1).removesuffix(".0"),
            )

    @api.constrains("quantity", "facings", "price")
    def _check_not_negative(self):
        for line in self:
            # NaN is not smaller than anything: ask for what is allowed.
            if not (line.quantity >= 0 and line.facings >= 0 and line.price >= 0):
                raise ValidationError(
                    self.env._(
                        "Quantities and prices of “%s” are not negative.",
                        line.product_id.display_name,
                    )
                )

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _usual_orders(self):
        """{(customer id, product id): (average, number)} of the last orders."""
        partners = self.visit_id.commercial_partner_id._origin
        products = self.product_id._origin
        if not partners or not products:
            return {}
        Line = self.env["sale.order.line"]
        Line.flush_model()
        self.env["sale.order"].flush_model()
        seen = Line._search(
            [
                ("product_id", "in", products.ids),
                ("order_id.partner_id", "child_of", partners.ids),
                ("order_id.state", "=", "sale"),
                ("product_uom_qty", ">", 0),
            ]
        )
        return {
            (partner_id, product_id): (average, count)
            for partner_id, product_id, average, count in self.env.execute_query(
                SQL(
                    """
                    SELECT partner_id, product_id, AVG(quantity)::float8, COUNT(*)
                      FROM (
                        SELECT customer.commercial_partner_id AS partner_id,
                               line.product_id,
                               SUM(line.product_uom_qty * unit.factor / own.factor)
                                   AS quantity,
                               ROW_NUMBER() OVER (
                                   PARTITION BY customer.commercial_partner_id,
                                                line.product_id
                                   ORDER BY sale.date_order DESC, sale.id DESC
                               ) AS number
                          FROM sale_order_line line
                          JOIN sale_order sale ON sale.id = line.order_id
                          JOIN res_partner customer ON customer.id = sale.partner_id
                          JOIN uom_uom unit ON unit.id = line.product_uom_id
                          JOIN product_product product ON product.id = line.product_id
                          JOIN product_template template
                            ON template.id = product.product_tmpl_id
                          JOIN uom_uom own ON own.id = template.uom_id
                         WHERE line.id IN (%(seen)s)
                         GROUP BY customer.commercial_partner_id, line.product_id,
                                  sale.id
                      ) ordered
                     WHERE number <= %(orders)s
                     GROUP BY partner_id, product_id
                    """,
                    seen=seen.select(),
                    orders=ORDERS,
                )
            )
        }
