from odoo import fields, models


class StmCustomerClass(models.Model):
    """What kind of customer it is, and how important: A, B, C, distributor (VIS-04)."""

    _name = "stm.customer.class"
    _description = "Customer Class"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: the class exists in every company."
    )
    kind = fields.Selection(
        [("outlet", "Outlet"), ("distributor", "Distributor"), ("other", "Other")],
        required=True,
        default="outlet",
        help="Visits to outlets and to distributors are compared (VIS-26).",
    )
    color = fields.Integer()
    partner_ids = fields.One2many("res.partner", "stm_class_id", string="Customers")
    partner_count = fields.Integer(string="Count", compute="_compute_partner_count")

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))",
        "A customer class with this code exists already.",
    )

    def _compute_partner_count(self):
        counts = dict(
            self.env["res.partner"]._read_group(
                [("stm_class_id", "in", self.ids)], ["stm_class_id"], ["__count"]
            )
        )
        for customer_class in self:
            customer_class.partner_count = counts.get(customer_class._origin, 0)
