from odoo import fields, models


class StmWorkloadLine(models.TransientModel):
    """Customers of a class and the visits they ask for."""

    _name = "stm.workload.line"
    _description = "Workload of a Class"
    _order = "workload_id, id"

    workload_id = fields.Many2one(
        "stm.workload", required=True, index=True, ondelete="cascade"
    )
    customer_class_id = fields.Many2one("stm.customer.class", readonly=True)
    count = fields.Integer(string="Customers", readonly=True)
    frequency = fields.Float(string="Visits a Month Each", readonly=True)
    visits = fields.Float(string="Visits a Month", readonly=True)
